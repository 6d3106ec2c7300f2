"""A reader's own task gives what the built-in family gives on the same data."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from tests.tasks.instances import LABELS, LOGISTIC, ROWS

W, V = jnp.array([0.3, -1.0, 0.7]), jnp.array([1.0, 0.5, -2.0])
ROW = jnp.asarray(7)
BUILT_IN = LOGISTIC["logistic"].task


def row_loss(w, row):
    x, y = row
    return jnp.log(1 + jnp.exp(-y * x @ w)) + 0.05 * w @ w


@pytest.fixture(scope="module")
def own():
    return ml.Empirical((ROWS, LABELS), BUILT_IN.constants, row_loss)


@pytest.mark.parametrize(
    "evaluate",
    [
        lambda task: task.loss(W),
        lambda task: task.gradient(W),
        lambda task: task.hessian_vector_product(W, V),
        lambda task: task.sample_loss(W, ROW),
        lambda task: task.sample_gradient(W, ROW),
        lambda task: task.sample_hessian_vector_product(W, ROW, V),
        lambda task: task.support(),
        lambda task: task.sample(jax.random.key(0), 9),
    ],
    ids=["f", "∇f", "∇²f v", "f(·, θ)", "∇f(·, θ)", "∇²f(·, θ) v", "support", "sample"],
)
def test_the_same_numbers(own, evaluate):
    np.testing.assert_allclose(evaluate(own), evaluate(BUILT_IN), rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "instance"),
    [
        ("lemma_4_10_bias", lambda family: ml.Adaptation.of(family, 0.5, W, 2)),
        ("theorem_4_11", lambda family: ml.Gap.of(family, 0.5, W, 2)),
        ("lemma_4_8", lambda family: ml.Pairs.of(family, 0.5, W[None], V[None])),
    ],
)
def test_the_same_verdict_and_sides(own, name, instance):
    checks = [ml.statement(name).check(instance(ml.TaskFamily.of([task]))) for task in (own, BUILT_IN)]
    assert checks[0].verdict == checks[1].verdict == ml.Verdict.HOLDS
    np.testing.assert_allclose(checks[0].left, checks[1].left, rtol=1e-9)
    np.testing.assert_allclose(checks[0].right, checks[1].right, rtol=1e-9)


def test_constants_are_those_declared(own):
    assert own.constants == BUILT_IN.constants
