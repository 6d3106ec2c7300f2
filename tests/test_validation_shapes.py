"""Parameters that a task does not take, steps that no point has, and data in single precision are refused."""

import re
from fractions import Fraction as Q

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib import validation
from mamllib.tasks.task import register
from mamllib.validation import PrecisionError, ShapeError

TASK = ml.Noisy(ml.Quadratic(1.0, jnp.ones(2)), ml.RademacherNoise(jnp.ones(2)))
FAMILY = ml.TaskFamily.of([TASK])
W = jnp.array([0.5, -1.0])
SINGLE = jnp.ones(2, dtype=jnp.float32)
COSINE = ml.TaskFamily.of([ml.Trigonometric(1.0, 0.5, 4.0)])
TILTED = [ml.Trigonometric(1.0, 0.5, 4.0, jnp.ones(2)), ml.gaussian_logistic(jax.random.key(0), 2, 6)]
STACKED, MIXED = ml.TaskFamily.of(TILTED[:1] * 2), ml.TaskFamily.of([COSINE[0], TILTED[1]])
TAKES_W = {
    "Pairs": lambda family, w: ml.Pairs.of(family, 0.1, w[None], w[None]),
    "Step": lambda family, w: ml.Step.of(family, 0.1, w, 1, 1, 1.0),
    "Adaptation": lambda family, w: ml.Adaptation.of(family, 0.1, w, 1),
    "MamlMean": lambda family, w: ml.MamlMean.of(family, 0.1, w, 1, 1, 1),
    "Gap": lambda family, w: ml.Gap.of(family, 0.1, w, 1),
    "Probe": lambda family, w: ml.Probe.of(family[len(family) - 1], w[None], w[None], jnp.ones(1)),
    "Point": lambda family, w: ml.Point.of(family, 0.1, w),
    "Setting": lambda family, w: ml.Setting.of("MAML", family, 0.1, w, 1, ml.BatchSizes(1, 1, 1), 1.0, 0.1),
}
takes_w = pytest.mark.parametrize("call", TAKES_W.values(), ids=TAKES_W)


@takes_w
@pytest.mark.parametrize("family", [FAMILY, STACKED, MIXED], ids=["one task", "stacked", "mixed"])
@pytest.mark.parametrize("shape", [(3,), (), (1,)])
def test_parameters_have_the_shape_that_the_tasks_take(call, family, shape):
    call(family, W)
    with pytest.raises(ShapeError, match=rf"w has shape {re.escape(str(shape))}"):
        call(family, jnp.ones(shape))


@takes_w
def test_a_family_for_any_dimension_takes_any_shape(call):
    call(COSINE, jnp.ones(()))
    call(COSINE, jnp.ones((2, 3)))


ONE_DIMENSIONAL = {
    "ramp": (ml.OddRamp(1.0, 2.0), r"where the loss of OddRamp has shape \(3,\); it must be \(\)"),
    "scalar quadratic": (ml.Quadratic(1.0, 0.0), r"w has shape \(3,\), c has shape \(\); they must be equal"),
    "bump noise": (ml.Noisy(ml.Trigonometric(1.0, 0.5, 4.0), ml.BumpNoise(1.0, 0.5)), "sampled loss of Noisy"),
    "scalar noise": (
        ml.Noisy(ml.Trigonometric(1.0, 0.5, 4.0), ml.RademacherNoise(1.0)),
        r"∇f has shape \(3,\), ∇h has shape \(\); they must be equal",
    ),
}


@takes_w
@pytest.mark.parametrize(("task", "complaint"), ONE_DIMENSIONAL.values(), ids=ONE_DIMENSIONAL.keys())
def test_what_is_one_dimensional_is_not_broadcast(call, task, complaint):
    family = ml.TaskFamily.of([task])
    call(family, jnp.ones(()))
    with pytest.raises(ShapeError, match=rf"w has shape \(3,\).*{complaint}"):
        call(family, jnp.ones(3))


def row_loss(w, row):
    return (row["x"] @ w["slope"] + w["offset"] - row["y"]) ** 2 / 2


@takes_w
def test_parameters_have_the_structure_that_the_tasks_take(call):
    rows = {"x": jnp.ones((3, 2)), "y": jnp.ones(3)}
    family = ml.TaskFamily.of([ml.Empirical(rows, ml.Constants(1.0, 0.0, 1.0, 1.0), row_loss)])
    with pytest.raises(
        ShapeError, match=r"the loss of Empirical raises \w+ where w has shape \(2,\) and a row has shape"
    ):
        call(family, W)


@pytest.mark.parametrize(
    "call",
    [
        lambda family: ml.Pairs.of(family, 0.1, 1.0, 2.0),
        lambda family: ml.Probe.of(family[0], 1.0, 2.0, jnp.ones(1)),
    ],
)
def test_many_points_have_a_leading_axis(call):
    with pytest.raises(ShapeError, match=r"w has shape \(\); a leading axis, one entry a point, is missing"):
        call(COSINE)


def test_fractions_are_let_through():
    family = ml.TaskFamily.of([ml.Noisy(ml.Quadratic(Q(1), Q(0)), ml.RademacherNoise(Q(1)))])
    ml.Step.of(family, Q(1, 10), Q(1), 1, 1, 1)
    ml.Adaptation.of(family, Q(1, 10), Q(1), 1)
    ml.MamlMean.of(family, Q(1, 10), Q(1), 1, 1, 1)
    ml.Gap.of(family, Q(1, 10), Q(1), 1)
    ml.Pairs.of(family, Q(1), (Q(1), Q(2)), (Q(0), Q(0)))
    ml.Probe.of(family[0], (Q(1), Q(2)), (Q(1), Q(1)), (Q(1), Q(3)))


@pytest.mark.parametrize("delta", [jnp.ones(3), jnp.ones(1), jnp.ones((2, 1)), jnp.asarray(1.0)])
def test_a_probe_has_one_step_a_point(delta):
    with pytest.raises(ShapeError, match=rf"delta has shape {re.escape(str(delta.shape))}, w has 2 points"):
        ml.Probe.of(TASK, jnp.ones((2, 2)), jnp.ones((2, 2)), delta)


def test_a_probe_in_fractions_has_one_step_a_point():
    with pytest.raises(ShapeError, match=r"delta has shape \(1,\), w has 2 points"):
        ml.Probe.of(ml.OddRamp(Q(1), Q(2)), (Q(1), Q(2)), (Q(1), Q(2)), (Q(1),))


SINGLE_ROWS = {"x": jnp.ones((3, 2), dtype=jnp.float32), "y": jnp.ones(3)}


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        (ml.Quadratic(1.0, SINGLE), "Quadratic"),
        (ml.Noisy(ml.Quadratic(1.0, W), ml.RademacherNoise(SINGLE)), "Noisy"),
        (ml.Empirical(SINGLE_ROWS, ml.Constants(1.0, 0.0, 1.0, 1.0), row_loss), "Empirical"),
        (ml.Quadratic(np.float32(1.0), W), "Quadratic"),
        (ml.Quadratic(1.0, W.astype(jnp.bfloat16)), "Quadratic"),
    ],
)
def test_the_data_of_a_task_are_double_precision(task, kind):
    with pytest.raises(PrecisionError, match=rf"tasks\[1\], of type {kind}, has dtype (b?float)(32|16)"):
        ml.TaskFamily.of([TASK, task])
    with pytest.raises(PrecisionError, match=rf"task, of type {kind}, has dtype"):
        ml.Probe.of(task, W[None], W[None], jnp.ones(1))


def test_single_precision_is_named_with_its_place_and_what_to_do():
    task = ml.Empirical(SINGLE_ROWS, ml.Constants(1.0, 0.0, 1.0, 1.0), row_loss)
    with pytest.raises(PrecisionError, match=r"has dtype float32 in data\['x'\]; .* give data\['x'\].astype\(float\)"):
        ml.TaskFamily.of([task])
    with pytest.raises(
        PrecisionError, match=r"w has dtype float32; float64 is required: give w\['a'\].astype\(float\)"
    ):
        validation.require_parameters("w", {"a": SINGLE, "b": W})


@register
class Halting(ml.Task):
    """A task that raises what nobody expects."""

    def loss(self, w):
        return jnp.sum(w)

    def gradient(self, w):
        raise ZeroDivisionError("there is no gradient today")


def test_whatever_a_task_raises_is_told_of_the_function_that_raised_it():
    complaint = r"w has shape \(2,\), which the gradient of Halting does not take: there is no gradient today"
    with pytest.raises(ShapeError, match=complaint):
        validation.require_fits("w", W, [Halting()])


def test_one_tree_in_another_is_another_shape():
    with pytest.raises(ShapeError, match="they must be equal"):
        validation.require_same_shape("w", (W, W), "u", [W, W])
    with pytest.raises(ShapeError, match="they must be equal"):
        validation.require_same_shape("w", W, "u", (jnp.ones(()), jnp.ones(())))
    validation.require_same_shape("w", {"a": W}, "u", {"a": -W})


def test_whole_numbers_in_a_task_are_let_through():
    rows = {"x": jnp.ones((3, 2)), "y": jnp.arange(3)}
    ml.TaskFamily.of([ml.Empirical(rows, ml.Constants(1, 0, 1, 1), row_loss), ml.Quadratic(1, jnp.arange(2))])


def test_a_task_in_place_of_a_family_and_the_other_way_round_are_refused():
    with pytest.raises(TypeError, match=r"family is of type Noisy; give a task family: TaskFamily.of\(\[task, …\]\)"):
        ml.Gap.of(TASK, 0.1, W, 1)
    with pytest.raises(TypeError, match=r"task is of type TaskFamily; give a task \(of a family, one: family\[0\]\)"):
        ml.Probe.of(FAMILY, W[None], W[None], jnp.ones(1))
    with pytest.raises(TypeError, match="tasks is one Noisy; give a list of tasks"):
        ml.TaskFamily.of(TASK)
    with pytest.raises(TypeError, match=r"tasks\[1\] is of type TaskFamily"):
        ml.TaskFamily.of([TASK, FAMILY])


@pytest.mark.parametrize("name", [name for name in TAKES_W if name != "Probe"])
def test_every_instance_refuses_what_is_no_family(name):
    with pytest.raises(TypeError, match="family is of type tuple"):
        TAKES_W[name]((TASK,), W)


def test_data_with_unequal_rows_are_named_and_not_w():
    task = ml.Empirical((jnp.ones((20, 2)), jnp.ones(19)), ml.Constants(1.0, 0.0, 1.0, 1.0), lambda w, row: row[0] @ w)
    with pytest.raises(
        ShapeError, match=r"data has leaves of shapes \[\(20, 2\), \(19,\)\]; they must have as many rows"
    ):
        ml.TaskFamily.of([task])
