"""What a function computes now: globals, randomness, and programs that JAX remembers."""

import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib import trials
from mamllib.tasks.task import register

W = jnp.array([1.0, -0.5])
ROWS = jnp.array([[1.0, 0.0], [0.6, 0.8]])
KNOWN = ml.Constants(1.0, 0.0, 2.0, 1.0)
ridge = 0.0


def loss(w, row):
    return (row @ w) ** 2 / 2 + ridge * w @ w / 2


def captured(w, row):
    return jnp.sum(ridge * (row - w)) ** 2


def looped(w, row):
    return jax.lax.fori_loop(0, 2, body, w @ w)


def body(_, x):
    return x + ridge * x


@jax.jit
def compiled(w, row):
    return ridge * jnp.sum((row - w) ** 2)


@register
class Global(ml.Task):
    """f(w) = (1 + ridge)‖w − c‖²/2, with a method that reads a global."""

    c: object
    constants = property(lambda self: KNOWN)

    def loss(self, w):
        return (1 + ridge) * jnp.sum((w - self.c) ** 2) / 2


@pytest.fixture(autouse=True)
def restored():
    global ridge
    ridge = 0.0
    yield
    ridge = 0.0


def set_ridge(value):
    global ridge
    ridge = value


def empirical(function):
    return ml.TaskFamily.of([ml.Empirical(ROWS, KNOWN, function)] * 2)


FAMILIES = {name.__name__: empirical(name) for name in (loss, captured, looped, compiled)} | {
    "a task": ml.TaskFamily.of([Global(jnp.ones(2))]),
    "unequal tasks": ml.TaskFamily.of([Global(jnp.ones(2)), ml.Quadratic(1.0, jnp.ones(2))]),
}
every_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())


@every_family
def test_the_fingerprint_follows_the_global(family):
    first = trials.fingerprint(family, W)
    assert first == trials.fingerprint(family, W)
    set_ridge(jnp.array([1.0, 2.0]) if "captured" in str(family) else 50.0)
    assert trials.fingerprint(family, W) != first
    set_ridge(0.0)
    assert trials.fingerprint(family, W) == first


def test_captured_arrays_count_by_value():
    family, values = empirical(captured), np.linspace(0, 1, 2)
    found = []
    for last in (1.0, 2.0, 1.0):
        set_ridge(jnp.asarray(values).at[1].set(last))
        found.append(trials.fingerprint(family, W))
    assert found[0] == found[2] != found[1]


def test_the_numbers_of_a_task_do_not_count_and_the_shape_of_w_does():
    one, other = (ml.TaskFamily.of([ml.Empirical(rows, KNOWN, loss)]) for rows in (ROWS, 2 * ROWS))
    assert trials.fingerprint(one, W) == trials.fingerprint(other, W)
    wide = ml.TaskFamily.of([Global(jnp.asarray(1.0))])
    assert trials.fingerprint(wide, W) != trials.fingerprint(wide, jnp.ones(3))


@jax.jit
def meta_loss(family, w):
    return ml.meta_loss(family, 0.1, w)


@jax.jit
def first_loss(task, w):
    return task.loss(w)


def losses(family):
    return float(meta_loss(family, W)), float(first_loss(family[0], W))


@every_family
def test_nothing_older_than_the_current_fingerprint_is_served(family):
    found = []
    for value in (0.0, 3.0):
        set_ridge(value)
        with trials.current(trials.fingerprint(family, W)):
            found.append(losses(family))
    assert all(after > before for before, after in zip(*found, strict=True))


@pytest.mark.parametrize("name", ["loss", "captured", "a task", "unequal tasks"])
def test_a_fresh_family_is_not_served_an_older_program(name):
    before = losses(trials.fresh(FAMILIES[name], W))
    set_ridge(3.0)
    after = losses(trials.fresh(FAMILIES[name], W))
    assert after[0] > before[0]
    assert after[1] > before[1]


def test_a_family_that_is_not_fresh_is_served_an_older_program():
    """Why all this is needed."""
    family = FAMILIES["loss"]
    first = float(meta_loss(family, W))
    set_ridge(3.0)
    assert float(meta_loss(family, W)) == first


def test_a_fresh_task_is_what_it_was_but_for_its_type():
    family = ml.TaskFamily.of([Global(jnp.ones(2)), ml.Logistic(ROWS, jnp.array([1.0, -1.0]), jnp.asarray(0.1))])
    fresh = trials.fresh(family, W)
    assert [type(task).__name__ for task in fresh] == ["Global", "Logistic"]
    assert isinstance(fresh[0], Global)
    assert jax.tree.structure(fresh) == jax.tree.structure(trials.fresh(fresh, W)) != jax.tree.structure(family)
    np.testing.assert_array_equal(jax.tree.map(lambda leaf: 2 * leaf, fresh)[0].c, [2.0, 2.0])
    assert jax.tree.structure(pickle.loads(pickle.dumps(fresh))) == jax.tree.structure(fresh)
    assert float(ml.meta_loss(fresh, 0.1, W)) == float(ml.meta_loss(family, 0.1, W))


def test_try_family_sees_the_function_of_today():
    @register
    class Written(Global):
        def gradient(self, w):
            return w - self.c

    family = ml.TaskFamily.of([Written(jnp.ones(2))])
    assert min(trials.try_family(family, W).values()) >= 0
    set_ridge(3.0)
    assert min(trials.try_family(family, W).values()) < 0


def test_a_loss_that_draws_numpy_randomness_or_counts_its_calls_is_refused():
    calls = []

    def random(w, row):
        return np.random.default_rng().normal() * w @ row

    def counting(w, row):
        calls.append(1)
        return len(calls) * w @ row

    for changing in (random, counting, jax.jit(random)):
        with pytest.raises(trials.ChangingFunctionError, match="the loss of Empirical changed between two readings"):
            trials.require_deterministic(empirical(changing), W)


def test_a_loss_that_draws_from_a_fixed_key_passes():
    def dropped(w, row):
        return jnp.sum(w * row * jax.random.bernoulli(jax.random.key(3), 0.5, (2,)))

    trials.require_deterministic(empirical(dropped), W)


def test_a_sampler_that_draws_numpy_randomness_is_named():
    @register
    class Sampled(Global):
        def sample(self, key, size):
            return jnp.asarray(np.random.default_rng().integers(2, size=size))

    with pytest.raises(trials.ChangingFunctionError, match="the sampler of Sampled"):
        trials.examine(ml.TaskFamily.of([Sampled(jnp.ones(2))]), W)
