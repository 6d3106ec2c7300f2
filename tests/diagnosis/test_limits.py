"""What cannot be told apart is said to be so; and what is neither right nor a usual slip gets no name."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib.diagnosis.candidates import SAME_BATCH
from mamllib.diagnosis.factors import SCALED, STRETCHED
from tests.diagnosis.by_hand import (
    ALPHA,
    DELTA,
    SIZES,
    UNKNOWN,
    adapted,
    by_differentiation,
    difference,
    factor,
    gradient,
    loss,
    maml,
    mean,
    total,
    world,
)

FAMILY, W = world(3)


def asked(mine, alpha=ALPHA, w=W, family=FAMILY, sizes=SIZES, draws=4, **more):
    return ml.diagnose(mine, family, alpha, w, sizes, draws=draws, **({"mean_draws": draws} | more))


def squared_error(w, row):
    return (row["x"] @ w - row["y"]) ** 2 / 2


def regression(w, task):
    """MAML of a squared error, whose Hessian is the same at every w."""

    def slope(w, rows):
        return (rows["x"] @ w - rows["y"]) @ rows["x"] / len(rows["y"])

    product = task.hessian["x"].T @ task.hessian["x"] / len(task.hessian["y"])
    return (np.eye(len(w)) - 0.2 * product) @ slope(w - 0.2 * slope(w, task.inner), task.outer)


def test_where_the_hessian_is_constant_its_place_is_not_seen():
    family = ml.TaskFamily.of([ml.Empirical(task.data, UNKNOWN, squared_error) for task in FAMILY])
    found = asked(mean(regression), 0.2, family=family, delta=DELTA)
    assert found.verdict == "cannot be told apart"
    assert found.agrees_with == ("MAML", "HF-MAML")
    assert found.slips == ("Hessian at w⁺", "one-sided difference")
    assert "cannot be told apart here" in repr(found)


def test_without_an_inner_step_all_that_adapts_is_one():
    found = asked(mean(lambda w, task: gradient(w, task.outer)), alpha=0.0, delta=DELTA)
    assert found.verdict == "cannot be told apart"
    assert found.agrees_with == ("MAML", "HF-MAML", "FO-MAML")
    assert {"+αH for −αH", "not adapted", "outer gradient at w", "Hessian at w⁺"} <= set(found.slips)
    assert "α missing" not in found.slips


def test_a_step_too_small_to_see_is_none():
    def found(alpha):
        def mine(w, task):
            return factor(w, task.hessian, alpha) @ gradient(adapted(w, task, alpha), task.outer)

        return asked(mean(mine), alpha)

    assert {"MAML", "FO-MAML"} <= set(found(1e-15).agrees_with)
    assert (found(1e-9).agrees_with, found(1e-9).slips) == (("MAML",), ("Hessian at w⁺",))


def test_without_noise_every_batch_is_the_same():
    curvatures, optima = (1.0, 0.5), (2.0, -1.0)
    family = ml.TaskFamily.of([ml.Quadratic(a, c) for a, c in zip(curvatures, optima, strict=True)])

    def mine(w, batches):
        each = [(1 - 0.5 * a) * a * (w - 0.5 * a * (w - c) - c) for a, c in zip(curvatures, optima, strict=True)]
        return np.mean(each)

    found = asked(mine, 0.5, 0.3, family, ml.BatchSizes(2, 2, 2))
    assert found.verdict == "cannot be told apart"
    assert found.agrees_with == ("MAML", "Reptile"), "in one dimension a displacement has a sign alone"
    assert "support set re-used as query" in found.slips
    assert found.follows_batches


def test_one_step_of_reptile_is_the_gradient_on_the_support_set():
    found = asked(mean(lambda w, task: 3.7 * gradient(w, task.inner)))
    assert found.agrees_with == ("Reptile",)
    assert found.slips == ()
    assert [row.agreed for row in found.rows] == [0, 0, 0, 4]
    found = asked(mean(lambda w, task: gradient(w, task.inner)))
    assert (found.agrees_with, found.slips) == (("Reptile",), ("not adapted, on the support set",))
    found = asked(mean(lambda w, task: -gradient(w, task.inner)))
    assert (found.agrees_with, found.slips) == ((), ("sign flipped", "not adapted, on the support set"))


def test_equal_numbers_have_all_their_reasons():
    found = asked(total(maml), sizes=ml.BatchSizes(4, 3, 5))
    assert found.verdict == "cannot be told apart"
    assert found.slips == ("sum for mean over tasks", "sum for mean over rows")
    assert " or " in repr(found)


FACTORS = {
    -1.0: ("sign flipped",),
    3.0: ("sum for mean over tasks",),
    8.0: ("sum for mean over rows",),
    24.0: ("sum for mean over tasks and rows",),
    -1 / 3: ("divided twice by the number of tasks", "sign flipped"),
    1 / 8: ("divided twice by the number of rows",),
    2.0: ("outer loss twice the family's",),
    0.5: ("outer loss half the family's",),
    ALPHA: ("multiplied by α",),
    -1 / ALPHA: ("divided by α", "sign flipped"),
    -0.01: (SCALED, "sign flipped"),
    5.3: (SCALED,),
}


@pytest.mark.parametrize("factor", FACTORS)
def test_a_factor_is_found_by_its_reason(factor):
    found = asked(lambda w, batches: factor * mean(by_differentiation)(w, batches))
    assert (found.verdict, found.slips, found.remarks) == ("slip", FACTORS[factor], (SAME_BATCH,))


def test_a_length_of_its_own_each_time_is_seen():
    def normalised(w, batches):
        direction = mean(maml)(w, batches)
        return direction / np.linalg.norm(direction)

    assert asked(normalised).slips == (STRETCHED,)
    assert asked(lambda w, batches: -normalised(w, batches)).slips == (STRETCHED, "sign flipped")
    signs = {}

    def of_either_sign(w, batches):
        return signs.setdefault(float(batches[0].inner["x"][0, 0]), (-1) ** len(signs)) * normalised(w, batches)

    assert asked(of_either_sign).findings == ()


def test_a_factor_that_is_none_on_some_draws_is_no_agreement():
    """A clipped direction whose bound is met now and then."""
    lengths = []

    def clipped(w, batches):
        direction = mean(maml)(w, batches)
        lengths.append(np.linalg.norm(direction))
        return direction * min(1.0, 0.3 / lengths[-1])

    found = asked(clipped, draws=16)
    assert min(lengths) < 0.3 < max(lengths)
    assert found.slips == (STRETCHED,)
    assert 0 < next(row for row in found.rows if row.name == "MAML").agreed < 16


def test_two_slips_at_once_are_found():
    def mine(w, task):
        return factor(adapted(w, task), task.hessian, -ALPHA) @ gradient(adapted(w, task), task.inner)

    assert asked(mean(lambda w, task: factor(w, task.inner, -1.0) @ gradient(adapted(w, task), task.inner))).slips == ()
    found = asked(mean(lambda w, task: factor(w, task.inner, -ALPHA) @ gradient(adapted(w, task), task.inner)))
    assert found.slips == ("+αH for −αH", "support set re-used as query")
    assert asked(mean(mine)).verdict == "none"


@pytest.mark.parametrize(
    ("step", "in_factor", "name"),
    [
        (0.3, 0.3, "0.3 α for α"),
        (1.0, 0.5, "0.5 α for α in the factor"),
        (4.0, 1.0, "4 α for α in the inner step"),
        (0.02, 0.2, "0.02 α for α in the inner step, 0.2 α in its factor"),
    ],
)
def test_another_step_size_is_measured(step, in_factor, name):
    def mine(w, task):
        point = adapted(w, task, step * ALPHA)
        return factor(w, task.inner, in_factor * ALPHA) @ gradient(point, task.outer)

    found = asked(mean(mine))
    assert (found.verdict, found.slips, found.remarks) == ("slip", (name,), (SAME_BATCH,))


def test_a_step_size_far_away_is_measured():
    found = asked(mean(maml), alpha=50.0)
    assert found.slips == ("0.014 α for α",)


def test_another_step_size_of_first_order_is_measured():
    found = asked(mean(lambda w, task: gradient(adapted(w, task, 0.6 * ALPHA), task.outer)))
    assert found.slips == ("0.6 α for α",)
    assert found.findings[0].candidate.algorithm == "FO-MAML"


def taught():
    """One task with something to learn, far from where it is learned: means stand out from noise."""
    x = np.random.default_rng(0).normal(size=(400, 4))
    family = ml.TaskFamily.of([ml.Empirical({"x": x, "y": np.sign(x[:, 0])}, UNKNOWN, loss)])
    return {"alpha": 2.0, "w": np.array([-2.0, 0, 0, 0]), "family": family, "sizes": ml.BatchSizes(40, 40, 40)}


def test_what_has_no_name_gets_none():
    """The Hessian times the inner gradient, three times: a slip that is not looked for."""

    def mine(w, task):
        product = (np.eye(4) - factor(w, task.inner, 6.0)) @ gradient(w, task.inner)
        return gradient(adapted(w, task, 2.0), task.outer) - product

    found = asked(mean(mine), **taught(), draws=16, mean_draws=64)
    assert (found.verdict, found.findings, found.agrees_with, found.slips) == ("none", (), (), ())
    assert found.draws == 64
    assert "none of the usual slips" in repr(found)
    nearest = min(found.rows, key=lambda row: row.interval.upper)
    assert 0 < nearest.interval.lower < nearest.interval.upper < 1


def test_single_precision_inside_is_seen_although_what_returns_is_double():
    def mine(w, batches):
        single = jax.tree.map(lambda leaf: np.float32(leaf) if np.asarray(leaf).dtype == float else leaf, (w, batches))
        return np.asarray(mean(maml)(*single), dtype=float)

    found = asked(mine)
    assert (found.verdict, found.agrees_with) == ("right", ("MAML",))
    assert (found.dtype, found.accuracy) == ("float64", "float32")
    assert "something inside it is float32" in repr(found)


def test_where_rounding_does_too_much_nothing_is_said():
    def single(w, batches):
        return mean(difference)(w.astype(np.float32), batches).astype(np.float32)

    found = asked(single, delta=1e-7)
    assert found.untold == ("HF-MAML", "HF-MAML (D_h = D_in)")
    assert "HF-MAML" not in found.agrees_with
    assert "rounding in float32 alone" in repr(found)
    assert asked(mean(difference), delta=DELTA).untold == ()


def test_half_of_the_query_set_has_the_right_mean():
    def mine(w, task):
        half = {name: rows[:20] for name, rows in task.outer.items()}
        return factor(w, task.hessian, 2.0) @ gradient(adapted(w, task, 2.0), half)

    found = asked(mean(mine), **taught(), draws=16, mean_draws=200)
    assert found.verdict == "in the mean"
    assert "MAML" in found.in_the_mean
    assert found.agrees_with == ()
    away = {row.name: row.interval for row in found.rows}
    assert away["MAML"].upper < 0.12
    assert away["FO-MAML"].lower > 0.05


def test_samples_of_its_own_are_seen_and_compared_in_the_mean():
    random = np.random.default_rng(0)

    def mine(w, batches):
        def drawn(task, size):
            rows = FAMILY[task.task].data
            return {name: np.asarray(leaf)[random.integers(0, len(leaf), size)] for name, leaf in rows.items()}

        own = [task._replace(inner=drawn(task, 6), outer=drawn(task, 8), hessian=drawn(task, 5)) for task in batches]
        return mean(maml)(w, own)

    found = asked(mine, mean_draws=64)
    assert not found.is_reproducible
    assert found.wobble > 0.01
    assert "two calls with the same batches differ" in repr(found)
    assert "MAML" in found.in_the_mean or found.verdict == "none"
    assert next(row for row in found.rows if row.name == "MAML").interval.lower == 0


def test_all_rows_in_place_of_batches_are_seen():
    def mine(w, batches):
        rows = [FAMILY[task.task].data for task in batches]
        whole = [task._replace(inner=data, outer=data, hessian=data) for task, data in zip(batches, rows, strict=True)]
        return mean(maml)(np.asarray(w), whole)

    found = asked(mine)
    assert (found.verdict, found.agrees_with, found.all_rows) == ("right", ("MAML",), True)
    assert not found.follows_batches
    assert "all rows of every task" in repr(found)
    exact = ml.meta_gradient(FAMILY, ALPHA, W)
    np.testing.assert_allclose(mine(W, ml.diagnosis.episodes.Draws(FAMILY, SIZES, None, 0)[0].episodes), exact)
    found = asked(lambda w, batches: 3 * np.asarray(mine(w, batches)))
    assert found.slips == ("sum for mean over tasks",)


def test_a_part_of_w_that_is_wrong_is_named():
    def of_parts(w, row):
        return loss(jnp.concatenate([w["body"], w["head"]]), row)

    family = ml.TaskFamily.of([ml.Empirical(task.data, UNKNOWN, of_parts) for task in FAMILY])

    def mine(w, batches):
        whole = mean(maml)(np.concatenate([w["body"], w["head"]]), batches)
        return {"body": whole[:3], "head": 0 * whole[3:]}

    found = asked(mine, w={"body": W[:3], "head": W[3:]}, family=family)
    assert found.verdict == "none"
    assert found.leaves["['body']"] == 0
    assert found.leaves["['head']"] == pytest.approx(1)
    assert "['body'] agree, and ['head'] (100 %) differ" in repr(found)


def test_a_function_that_returns_nothing_but_zero_is_told_so():
    found = asked(lambda w, batches: 0 * w)
    assert (found.verdict, found.is_zero) == ("none", True)
    assert "it returns 0 on every draw" in repr(found)
    family = ml.TaskFamily.of([ml.Quadratic(0.5, np.ones(2))])
    assert asked(lambda w, batches: 0 * w, w=np.zeros(2), family=family).verdict == "none"


def test_tasks_drawn_from_p_are_averaged_without_weights():
    family, w = world(4, probabilities=[0.6, 0.3, 0.1])
    found = asked(mean(maml), w=w, family=family, B=5)
    assert (found.verdict, found.agrees_with) == ("right", ("MAML",))

    def weighted(w, batches):
        return sum(family.probabilities[task.task] * maml(w, task) for task in batches)

    assert asked(weighted, w=w, family=family, B=5).findings == ()
