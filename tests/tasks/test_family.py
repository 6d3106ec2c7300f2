"""A family is a distribution: expectations are weighted means, whether the tasks are stacked, mixed or exact."""

from fractions import Fraction as Q

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from tests.programs import programs

SAME = [ml.Quadratic(a, c) for a, c in ((1.0, 0.0), (-2.0, 3.0), (0.5, 1.0))]
MIXED = [ml.Quadratic(1.0, 0.0), ml.Trigonometric(-2.0, 0.5, 3.0), ml.OddRamp(1.0, 2.0)]
EXACT = [ml.Quadratic(Q(1), Q(0)), ml.OddRamp(Q(-2), Q(3)), ml.Quadratic(Q(1, 2), Q(1))]


@pytest.mark.parametrize(("tasks", "w"), [(SAME, 0.7), (MIXED, 0.7), (EXACT, Q(7, 10))], ids=["same", "mixed", "exact"])
@pytest.mark.parametrize("weights", [(1, 1, 1), (3, 1, 2)])
def test_expectation_is_the_weighted_mean(tasks, w, weights):
    share = Q if tasks is EXACT else (lambda a, b: a / b)
    family = ml.TaskFamily.of(tasks, [share(weight, sum(weights)) for weight in weights])
    mean = sum(float(task.gradient(w)) * weight for task, weight in zip(tasks, weights, strict=True)) / sum(weights)
    np.testing.assert_allclose(float(family.expect(lambda task: task.gradient(w))), mean, rtol=1e-12)


def test_expectation_of_a_pytree_is_taken_leaf_by_leaf():
    value = ml.TaskFamily.of(SAME).expect(lambda task: {"loss": task.loss(1.0), "gradient": task.gradient(1.0)})
    np.testing.assert_allclose(value["loss"], np.mean([task.loss(1.0) for task in SAME]))
    np.testing.assert_allclose(value["gradient"], np.mean([task.gradient(1.0) for task in SAME]))


@pytest.mark.parametrize(("tasks", "stacked"), [(SAME, True), (MIXED, False), (EXACT, False)])
def test_only_float_tasks_of_one_shape_are_stacked(tasks, stacked):
    assert ml.TaskFamily.of(tasks).stacked is stacked


@pytest.mark.parametrize("tasks", [SAME, MIXED, EXACT], ids=["same", "mixed", "exact"])
def test_iteration_gives_the_tasks_back_in_order(tasks):
    family = ml.TaskFamily.of(tasks)
    w = Q(3, 10) if tasks is EXACT else 0.3
    assert len(family) == 3
    np.testing.assert_allclose([float(t.gradient(w)) for t in family], [float(t.gradient(w)) for t in tasks])


def test_constants_are_the_largest_of_the_tasks():
    tasks = [ml.Trigonometric(1.0, 0.1, 9.0), ml.Trigonometric(-1.0, 0.5, 1.0)]
    constants = ml.TaskFamily.of(tasks).constants
    np.testing.assert_allclose(constants, (1.5, 0.9, 0.0, 0.0))
    assert ml.TaskFamily.of(EXACT[::2]).constants == (Q(1), Q(0), Q(0), Q(0))


def test_more_tasks_than_a_chunk_are_all_counted():
    family = ml.TaskFamily.of([ml.Quadratic(1.0, float(c)) for c in range(19)])
    np.testing.assert_allclose(family.expect(lambda task: task.gradient(jnp.asarray(0.0))), -9.0)


def test_constants_are_plain_numbers_computed_once():
    family = ml.TaskFamily.of([ml.gaussian_logistic(jax.random.key(k), 3, 8) for k in range(3)])
    with programs() as compiled:
        first = family.constants
    assert compiled == []
    assert all(type(constant) is float for constant in first)
    assert family.constants is first
    assert isinstance(ml.TaskFamily.of(EXACT[::2]).constants.L, Q)


def test_what_is_remembered_is_not_what_was_traced():
    family = ml.TaskFamily.of(MIXED)
    assert len(jax.jit(lambda family: family.constants)(family)) == 4
    jax.jit(lambda w: w * family.constants.L)(1.0)
    assert family.constants.L == 2.5
    doubled = jax.tree.map(lambda leaf: 2 * leaf, ml.TaskFamily.of(SAME))
    assert doubled.constants.L == 2 * ml.TaskFamily.of(SAME).constants.L


@pytest.mark.parametrize("count", [1, 7, 9, 10, 19, 23, 45])
def test_every_task_is_mapped_once_and_in_order(count):
    family = ml.TaskFamily.of([ml.Quadratic(1.0, float(c)) for c in range(count)])
    np.testing.assert_array_equal(jax.jit(lambda: family.map(lambda task: task.c))(), np.arange(count))


def test_the_body_of_a_loop_over_tasks_is_traced_once():
    traced = []
    family = ml.TaskFamily.of([ml.Quadratic(1.0, float(c)) for c in range(19)])
    jax.make_jaxpr(lambda: family.map(lambda task: traced.append(1) or task.c))()
    assert len(traced) == 1


def test_there_is_no_task_beyond_the_last():
    with pytest.raises(IndexError):
        ml.TaskFamily.of(SAME)[3]
    assert float(ml.TaskFamily.of(SAME)[-1].c) == 1.0


@pytest.mark.parametrize(
    ("A", "complaint"),
    [
        (jnp.array([[1.0, 2.0], [0.0, 1.0]]), "A is not symmetric: an entry and its mirror image differ by 2"),
        (jnp.eye(3), r"A has shape \(3, 3\), c has shape \(2,\); A is a number or \(d, d\)"),
    ],
)
def test_the_matrix_of_a_quadratic_is_symmetric_and_fits(A, complaint):
    with pytest.raises(ValueError, match=complaint):
        ml.TaskFamily.of([ml.Quadratic(A, jnp.zeros(2))])


@pytest.mark.parametrize(
    ("task", "complaint"),
    [
        (ml.Logistic(jnp.eye(2), jnp.array([0.0, 1.0]), 0.1), "data y holds the labels .*; labels are −1 and 1"),
        (ml.Logistic(jnp.eye(2), jnp.ones(3), 0.1), r"data x has shape \(2, 2\), y \(3,\); they must be \(n, d\)"),
        (ml.Noisy(ml.Logistic(jnp.zeros((0, 2)), jnp.ones(0), 0.1), ml.RademacherNoise(1.0)), "they must be"),
    ],
)
def test_logistic_data_are_labelled_rows(task, complaint):
    with pytest.raises(ValueError, match=complaint):
        ml.TaskFamily.of([task])


@pytest.mark.parametrize("wrap", [lambda task: task, lambda task: ml.Noisy(task, ml.RademacherNoise(1.0))])
def test_kinds_with_the_same_fields_are_not_stacked(wrap):
    """JAX calls the structures of an even and an odd ramp equal."""
    kinds = ml.tasks.EvenRamp(1.0, 1.0, 0.5), ml.tasks.OddRamp(1.0, 1.0, 0.5)
    family = ml.TaskFamily.of([wrap(kind) for kind in kinds])
    assert not family.stacked
    assert float(ml.meta_loss(family, 0.1, 1.0)) == pytest.approx(
        sum(float(ml.task_meta_loss(wrap(kind), 0.1, 1.0)) for kind in kinds) / 2
    )
