"""A reader's own task gives what the built-in family gives on the same data."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib.errors import LossError, PrecisionError
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


CONSTANTS = ml.Constants(1.0, 0.0, 1.0, 1.0)
PAIRS = {"x": jnp.eye(3), "y": jnp.array([1.0, -1.0, 1.0])}
WRONG_DATA = {
    "no rows": (
        {"x": jnp.zeros((0, 3)), "y": jnp.zeros(0)},
        r"data has leaves of shapes .*; a task has at least one row",
    ),
    "words": ({"x": jnp.eye(2), "y": np.array(["a", "b"])}, r"data\['y'\] holds text; a loss is given numbers alone"),
    "a list of words": ({"y": ["a", "b"]}, r"data\['y'\]\[0\] holds text; a loss is given numbers alone"),
    "objects": ((np.array([None, 1.0], dtype=object),), r"data\[0\] holds objects"),
    "dates": (np.array(["2020-01-01"], dtype="datetime64[D]"), "data holds dates"),
    "numbers without rows": ({"x": 1.0}, r"data has leaves of shapes \[\(\)\]; they must have as many rows"),
    "nothing": ({}, r"data has leaves of shapes \[\]"),
}


@pytest.mark.parametrize(("data", "complaint"), WRONG_DATA.values(), ids=WRONG_DATA)
def test_data_are_rows_of_numbers(data, complaint):
    with pytest.raises((TypeError, ValueError), match=complaint):
        ml.TaskFamily.of([ml.Empirical(data, CONSTANTS, lambda w, row: w @ w)])


def decides(w, row):
    return w @ w if row["y"] > 0 else 0.0


def misspells(w, row):
    return row["z"] @ w


def uses_numpy(w, row):
    return np.sum(np.abs(w))


def counts(w, row):
    return float(w[0])


WRONG_LOSSES = {
    "an if": (decides, r"raises TracerBoolConversionError where w .*: .*; where it decides by `if`.* give jnp\.where"),
    "a missing key": (misspells, r"raises KeyError where w has shape \(3,\) and a row has shape .*'x': \(3,\).*: 'z'"),
    "NumPy's functions": (uses_numpy, "raises TracerArrayConversionError .* give functions of jax.numpy"),
    "a Python number": (counts, r"raises ConcretizationTypeError .* without float"),
    "a name that is not there": (lambda w, row: undefined @ w, "raises NameError .*: name 'undefined'"),  # noqa: F821
    "a vector": (lambda w, row: row["x"] * w, r"gives an array of shape \(3,\) for one row, not one number"),
    "a vector of one": (lambda w, row: (row["x"] @ w)[None], r"gives an array of shape \(1,\) for one row"),
    "nothing": (lambda w, row: None, "gives something of type NoneType; it must give a number"),
    "two numbers": (lambda w, row: (w @ w, 1.0), "gives something of type tuple; it must give a number"),
}
ASKED = {
    "Gap": lambda family: ml.Gap.of(family, 0.5, W, 1),
    "∇F": lambda family: ml.meta_gradient(family, 0.5, W),
    "a sample": lambda family: family[0].sample_loss(W, ROW - 5),
}


@pytest.mark.parametrize(("loss", "complaint"), WRONG_LOSSES.values(), ids=WRONG_LOSSES)
@pytest.mark.parametrize("ask", [ASKED["Gap"], ASKED["∇F"]], ids=["Gap", "∇F"])
def test_what_the_loss_raises_is_reported_as_the_loss_s(loss, complaint, ask):
    with pytest.raises(LossError, match=f"the loss of Empirical {complaint}") as raised:
        ask(ml.TaskFamily.of([ml.Empirical(PAIRS, CONSTANTS, loss)]))
    assert "does not take" not in str(raised.value)


def test_a_loss_is_a_function():
    with pytest.raises(TypeError, match=r"the loss is of type float; give a function \(w, row\)"):
        ml.TaskFamily.of([ml.Empirical(PAIRS, CONSTANTS, 0.5)])


def test_a_loss_that_leaves_double_precision_says_so():
    task = ml.Empirical(PAIRS, CONSTANTS, lambda w, row: (row["x"] @ w).astype(jnp.float32))
    for ask in ASKED.values():
        with pytest.raises(PrecisionError, match="the loss of Empirical gives float32 where w is float64"):
            ask(ml.TaskFamily.of([task]))
    single = jnp.ones(3, dtype=jnp.float32)
    assert task.sample_loss(single, ROW - 5) == 1.0  # training in single precision is the reader's to choose


def test_a_whole_number_is_a_loss():
    assert ml.Empirical(PAIRS, CONSTANTS, lambda w, row: 3).loss(W) == 3


def test_data_of_whole_numbers_and_of_numpy_are_data():
    rows = {"x": np.eye(3), "y": np.array([1, -1, 1])}
    family = ml.TaskFamily.of([ml.Empirical(rows, CONSTANTS, lambda w, row: (row["x"] @ w - row["y"]) ** 2)])
    assert float(family[0].loss(jnp.zeros(3))) == 1.0
