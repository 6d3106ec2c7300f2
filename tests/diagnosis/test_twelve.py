"""Ten wrong meta-gradients and the right ones, written without the library, get their names; over 100 seeds."""

import numpy as np
import pytest

import mamllib as ml
from tests.diagnosis.by_hand import (
    ALPHA,
    DELTA,
    SIZES,
    adapted,
    by_differentiation,
    difference,
    factor,
    gradient,
    hessian,
    maml,
    mean,
    total,
    world,
)

SEEDS = 100

RIGHT = {
    ("MAML",): mean(maml),
    ("HF-MAML",): mean(difference),
}
WRONG = {
    "+αH for −αH": mean(lambda w, task: factor(w, task.inner, -ALPHA) @ gradient(adapted(w, task), task.outer)),
    "Hessian at w⁺": mean(
        lambda w, task: factor(adapted(w, task), task.hessian) @ gradient(adapted(w, task), task.outer)
    ),
    "sum for mean over tasks": total(by_differentiation),
    "1/δ for 1/(2δ)": mean(lambda w, task: difference(w, task, over=1.0)),
    "support set re-used as query": mean(
        lambda w, task: factor(w, task.inner) @ gradient(adapted(w, task), task.inner)
    ),
    "not adapted": mean(lambda w, task: gradient(w, task.outer)),
    "α missing": mean(lambda w, task: factor(w, task.inner, 1.0) @ gradient(adapted(w, task, 1.0), task.outer)),
    "outer gradient at w": mean(lambda w, task: factor(w, task.inner) @ gradient(w, task.outer)),
}
# Not wrong, and not what the paper's MAML is.
DETACHED = mean(lambda w, task: gradient(adapted(w, task), task.outer))
SAME_BATCH = mean(by_differentiation)


def asked(mine, seed):
    family, w = world(seed)
    return ml.diagnose(mine, family, ALPHA, w, SIZES, delta=DELTA, draws=4, mean_draws=4, seed=seed)


@pytest.mark.parametrize(("names", "mine"), RIGHT.items(), ids=lambda x: "" if callable(x) else x[0])
def test_a_right_one_is_called_right(names, mine):
    found = [asked(mine, seed) for seed in range(SEEDS)]
    assert {(each.verdict, each.agrees_with, each.slips, each.remarks) for each in found} == {("right", names, (), ())}


@pytest.mark.parametrize(("slip", "mine"), WRONG.items(), ids=lambda x: "" if callable(x) else x)
def test_a_slip_is_called_by_its_name(slip, mine):
    found = [asked(mine, seed) for seed in range(SEEDS)]
    assert {(each.verdict, each.agrees_with, each.slips) for each in found} == {("slip", (), (slip,))}


def test_a_detached_inner_gradient_is_fo_maml():
    found = [asked(DETACHED, seed) for seed in range(SEEDS)]
    assert {(each.verdict, each.agrees_with, each.slips) for each in found} == {("right", ("FO-MAML",), ())}
    assert "detached" in repr(found[0])


def test_the_inner_batch_reused_for_the_hessian_is_said_to_be_everyones_code():
    found = [asked(SAME_BATCH, seed) for seed in range(SEEDS)]
    assert {(each.verdict, each.agrees_with, each.remarks) for each in found} == {("right", ("MAML",), ("D_h = D_in",))}
    assert "everyone's code and not the paper's" in repr(found[0])


def test_the_hand_written_derivatives_are_those_of_the_loss():
    family, w = world(0)
    rows = family[0].data
    np.testing.assert_allclose(gradient(w, rows), family[0].gradient(w), rtol=1e-12)
    columns = [family[0].hessian_vector_product(w, v) for v in np.eye(4)]
    np.testing.assert_allclose(hessian(w, rows), columns, rtol=1e-12)
