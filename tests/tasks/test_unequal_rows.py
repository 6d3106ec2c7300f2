"""Tasks with unequal numbers of rows are one program, and give the numbers that each gives by itself."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib.batches import expectation
from mamllib.tasks import padding
from mamllib.tasks.task import batch_gradient, draw

SIZES = (5, 2, 9, 1)
P = (0.1, 0.2, 0.3, 0.4)
W, ALPHA = jnp.array([0.3, -1.0, 0.7]), 0.2
CONSTANTS = ml.Constants(9.0, 1.0, 9.0, 9.0)


def wiggly(w, row):
    return jnp.log(jnp.cosh(row["x"] @ w - row["y"]))


def rows(n):
    keys = jax.random.split(jax.random.key(n))
    return {"x": jax.random.normal(keys[0], (n, 3)), "y": jax.random.normal(keys[1], (n,))}


OWN = [ml.Empirical(rows(n), CONSTANTS._replace(L=float(n)), wiggly) for n in SIZES]
LOGISTIC = [ml.gaussian_logistic(jax.random.key(n), 3, n) for n in SIZES]
NOISY = [ml.Noisy(task, ml.RademacherNoise(0.1 * W)) for task in LOGISTIC]
kinds = pytest.mark.parametrize("tasks", [OWN, LOGISTIC, NOISY], ids=["own", "logistic", "noisy"])


def close(left, right):
    np.testing.assert_allclose(left, right, rtol=1e-12, atol=1e-14)


def one_by_one(tasks, value):
    """E_i of what each task gives in a family by itself."""
    values = [value(ml.TaskFamily.of([task])) for task in tasks]
    return sum(p * np.asarray(v) for p, v in zip(P, values, strict=True))


VALUES = {
    "F": lambda family: ml.meta_loss(family, ALPHA, W),
    "∇F, two steps": lambda family: ml.meta_gradient(family, ALPHA, W, 2),
    "F̂, D = 1": lambda family: ml.sampled_meta_loss(family, ALPHA, W, 1),
    "∇F̂, D = 1": lambda family: ml.sampled_meta_gradient(family, ALPHA, W, 1),
    "∇F̂, D = 3": lambda family: ml.sampled_meta_gradient(family, ALPHA, W, 3),
    "∇²F w": lambda family: ml.meta_hessian_vector_product(family, ALPHA, W, W),
}


@kinds
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_the_numbers_are_those_of_each_task_by_itself(tasks, value):
    family = ml.TaskFamily.of(tasks, P)
    assert family.stacked
    close(value(family), one_by_one(tasks, value))


@kinds
def test_constants_and_certificates_too(tasks):
    family = ml.TaskFamily.of(tasks, P)
    close(family.constants, np.max([task.constants for task in tasks], axis=0))
    if tasks is OWN:
        assert family.certificate() is None
    else:
        close(family.certificate(), np.max([task.certificate() for task in tasks], axis=0))
    traced = jax.jit(lambda family: family.constants)(family)
    close(traced, family.constants)


@kinds
def test_the_tasks_come_back_as_they_were_given(tasks):
    family = ml.TaskFamily.of(tasks, P)
    for task, given in zip(family, tasks, strict=True):
        assert jax.tree.structure(task) == jax.tree.structure(given)
        jax.tree.map(np.testing.assert_array_equal, task, given)
    jax.tree.map(np.testing.assert_array_equal, family[-1], tasks[-1])


@pytest.mark.parametrize("tasks", [OWN, LOGISTIC], ids=["own", "logistic"])
def test_rows_that_were_added_are_never_drawn(tasks):
    family = ml.TaskFamily.of(tasks, P)
    for index, n in enumerate(SIZES):
        drawn = jax.jit(lambda k, index=index: family.apply(index, lambda task: task.sample(k, 400)))(jax.random.key(1))
        np.testing.assert_array_equal(drawn, tasks[index].sample(jax.random.key(1), 400))
        assert set(drawn.tolist()) == set(range(n))
        chances = jax.jit(lambda index: family.apply(index, lambda task: task.chances()))(index)
        close(chances, np.where(np.arange(max(SIZES)) < n, 1 / n, 0))


@kinds
def test_a_drawn_batch_gives_the_same_gradient(tasks):
    family = ml.TaskFamily.of(tasks, P)

    def drawn(task):
        return batch_gradient(task, W, draw(task, jax.random.key(3), 4))

    close(jax.jit(lambda: family.map(drawn))(), [drawn(task) for task in tasks])


def test_chances_of_added_rows_count_in_no_expectation():
    family = ml.TaskFamily.of(LOGISTIC, P)
    numbers = family.expect(lambda task: expectation(task, (2,), lambda batch: batch.weights @ (1.0 + batch.theta)))
    close(numbers, np.dot(P, [(n + 1) / 2 for n in SIZES]))


APART = {
    "another loss": [OWN[0], ml.Empirical(rows(2), CONSTANTS, lambda w, row: w @ w)],
    "another width": [LOGISTIC[0], ml.gaussian_logistic(jax.random.key(0), 4, 2)],
    "another kind": [OWN[0], LOGISTIC[0]],
    "other leaves": [OWN[0], ml.Empirical({**rows(2), "z": jnp.ones(2)}, CONSTANTS, wiggly)],
}


@pytest.mark.parametrize("tasks", APART.values(), ids=APART)
def test_tasks_that_differ_in_more_stay_apart(tasks):
    family = ml.TaskFamily.of(tasks)
    assert not family.stacked
    assert [task.row_count() for task in family] == [task.row_count() for task in tasks]


def test_memory_is_not_spent_on_rows_that_do_not_count(monkeypatch):
    monkeypatch.setattr(padding, "ALWAYS_HELD", 0)
    assert not ml.TaskFamily.of([LOGISTIC[3]] * 20 + [ml.gaussian_logistic(jax.random.key(0), 3, 500)]).stacked
    assert ml.TaskFamily.of(LOGISTIC).stacked


def test_numpy_rows_stay_usable_in_a_family_of_several_kinds():
    task = ml.Empirical(jax.tree.map(np.asarray, rows(4)), CONSTANTS, wiggly)
    close(
        ml.sampled_meta_gradient(ml.TaskFamily.of([task, LOGISTIC[0]], [1.0, 0.0]), ALPHA, W, 1),
        ml.sampled_meta_gradient(ml.TaskFamily.of([task]), ALPHA, W, 1),
    )
    close(task.sample_gradient(W, jnp.asarray(2)), ml.TaskFamily.of([task])[0].sample_gradient(W, jnp.asarray(2)))
