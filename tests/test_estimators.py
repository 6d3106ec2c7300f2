"""MAML, FO-MAML and HF-MAML: their exact means, what they share, and how HF-MAML approaches MAML."""

import itertools
from fractions import Fraction as Q

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib.batches import expectation
from mamllib.errors import ShapeError
from mamllib.estimators import adapted_gradient, central_difference, expected_direction

ALPHA = 0.6
POINT = jnp.array([0.3, -1.0])
SIZES = ml.BatchSizes(3, 2, 4)
CURVATURE = jnp.array([[1.0, 0.4], [0.4, -0.5]])
NOISE = ml.SinusoidalNoise(0.7, 2.0, 3, 2)


def trigonometric(tilt=0.2):
    return ml.Noisy(ml.Trigonometric(0.5, 0.5, 3.0, jnp.full(2, tilt)), NOISE)


def noisy_quadratic():
    atoms = jnp.array([[1.0, 0.0], [-0.5, 2.0], [-0.5, -2.0]])
    return ml.Noisy(ml.Quadratic(CURVATURE, jnp.array([1.0, 2.0])), ml.AtomicNoise(atoms))


@pytest.fixture(scope="module")
def drawn():
    return ml.draw_batches(trigonometric(), jax.random.key(0), SIZES)


def mean(estimator, task, sizes=(2, 1, 2)):
    """E of an estimator over its three independent batches, by enumeration."""
    return jax.jit(lambda: expectation(task, sizes, lambda *b: estimator(task, ALPHA, POINT, ml.Batches(*b))))()


def test_the_mean_of_maml_is_the_hessian_factor_times_the_mean_adapted_gradient():
    task = trigonometric()
    adapted = expectation(task, (2, 1), lambda inner, outer: adapted_gradient(task, ALPHA, POINT, inner, outer))
    expected = adapted - ALPHA * task.hessian_vector_product(POINT, adapted)
    np.testing.assert_allclose(mean(ml.maml, task), expected, rtol=1e-12)
    np.testing.assert_allclose(mean(ml.fo_maml, task), adapted, rtol=1e-12)
    biased = ml.task_meta_gradient(task, ALPHA, POINT)
    assert np.linalg.norm(expected - biased) > 1e-3


def test_hessian_free_maml_averages_the_same_noise_away():
    task, delta = trigonometric(), 0.05
    expected = expectation(
        task, (2, 1), lambda *b: hessian_free_on_the_loss(task, adapted_gradient(task, ALPHA, POINT, *b), delta)
    )
    measured = mean(lambda *arguments: ml.hf_maml(*arguments, delta), task)
    np.testing.assert_allclose(measured, expected, rtol=1e-12)


def hessian_free_on_the_loss(task, g, delta):
    ahead, behind = task.gradient(POINT + delta * g), task.gradient(POINT - delta * g)
    return g - ALPHA * (ahead - behind) / (2 * delta)


def test_on_quadratics_all_means_are_written_by_hand():
    task = noisy_quadratic()
    adapted = CURVATURE @ (jnp.eye(2) - ALPHA * CURVATURE) @ (POINT - jnp.array([1.0, 2.0]))
    full = adapted - ALPHA * CURVATURE @ adapted
    np.testing.assert_allclose(mean(ml.fo_maml, task), adapted, rtol=1e-12)
    np.testing.assert_allclose(mean(ml.maml, task), full, rtol=1e-12)
    np.testing.assert_allclose(full, ml.task_meta_gradient(task, ALPHA, POINT), rtol=1e-12)
    for delta in (1e-3, 1.0, 10.0):
        np.testing.assert_allclose(mean(lambda *a, delta=delta: ml.hf_maml(*a, delta), task), full, rtol=1e-9)


def test_each_estimator_uses_each_batch_where_the_paper_says(drawn):
    task = trigonometric()

    def means(batch, function):
        return jnp.mean(jnp.stack([function(theta) for theta in batch.theta]), axis=0)

    inner = POINT - ALPHA * means(drawn.inner, lambda theta: task.sample_gradient(POINT, theta))
    g = means(drawn.outer, lambda theta: task.sample_gradient(inner, theta))
    product = means(drawn.hessian, lambda theta: task.sample_hessian_vector_product(POINT, theta, g))
    np.testing.assert_allclose(ml.fo_maml(task, ALPHA, POINT, drawn), g, rtol=1e-12)
    np.testing.assert_allclose(ml.maml(task, ALPHA, POINT, drawn), g - ALPHA * product, rtol=1e-12)


def test_hessian_free_maml_approaches_maml_at_the_rate_of_delta_squared(drawn):
    deltas = np.logspace(-3, -1, 9)
    maml = ml.maml(trigonometric(), ALPHA, POINT, drawn)
    distance = jax.jit(lambda delta: jnp.linalg.norm(ml.hf_maml(trigonometric(), ALPHA, POINT, drawn, delta) - maml))
    slope = np.polyfit(np.log(deltas), np.log([distance(delta) for delta in deltas]), 1)[0]
    assert slope == pytest.approx(2.0, abs=0.01)


def test_first_order_maml_is_maml_without_an_inner_step(drawn):
    arguments = (trigonometric(), 0.0, POINT, drawn)
    np.testing.assert_array_equal(ml.fo_maml(*arguments), ml.maml(*arguments))
    np.testing.assert_array_equal(ml.fo_maml(*arguments), ml.hf_maml(*arguments, 0.1))
    assert not np.allclose(
        ml.fo_maml(trigonometric(), ALPHA, POINT, drawn), ml.maml(trigonometric(), ALPHA, POINT, drawn)
    )


def test_a_central_difference_is_exact_on_quadratics_and_of_any_pytree():
    w = {"a": jnp.array([1.0, -2.0]), "b": jnp.array(0.5)}
    v = {"a": jnp.array([0.3, 1.0]), "b": jnp.array(-1.0)}
    product = central_difference(lambda x: {"a": 3 * x["a"], "b": x["b"] ** 2}, w, v, 0.1)
    np.testing.assert_allclose(product["a"], 3 * v["a"], rtol=1e-12)
    np.testing.assert_allclose(product["b"], 2 * w["b"] * v["b"], rtol=1e-12)


def test_drawn_batches_have_the_sizes_asked_for(drawn):
    assert tuple(len(batch.weights) for batch in drawn) == tuple(SIZES)
    assert tuple(len(batch.theta) for batch in drawn) == tuple(SIZES)


def test_drawn_batches_are_independent():
    task, draws = ml.Noisy(ml.Quadratic(1.0, 0.0), ml.RademacherNoise(1.0)), 10_000
    batches = jax.vmap(lambda key: ml.draw_batches(task, key, ml.BatchSizes(1, 1, 1)))(
        jax.random.split(jax.random.key(0), draws)
    )
    signs = np.stack([batch.theta[:, 0] for batch in batches])
    within_five_errors = 5 / np.sqrt(draws)
    assert np.all(np.abs(signs.mean(axis=1)) <= within_five_errors)
    assert np.all(np.abs(np.corrcoef(signs) - np.eye(3)) <= within_five_errors)
    assert abs(np.mean(np.prod(signs, axis=0))) <= within_five_errors


FAMILY = ml.TaskFamily.of([trigonometric(tilt) for tilt in (-1.0, 0.2, 3.0)], [0.5, 0.2, 0.3])


def one_task_batch(estimator, key):
    return ml.task_batch_direction(estimator, FAMILY, ALPHA, POINT, key, 2, ml.BatchSizes(2, 1, 2))


@pytest.mark.parametrize("estimator", [ml.maml, ml.fo_maml])
def test_the_direction_of_a_task_batch_averages_to_the_mean_over_tasks(estimator):
    exact = FAMILY.probabilities @ jnp.stack([mean(estimator, task) for task in FAMILY])
    draws = 20_000
    keys = jax.random.split(jax.random.key(3), draws)
    directions = jax.jit(jax.vmap(lambda key: one_task_batch(estimator, key)))(keys)
    error = directions.std(axis=0) / np.sqrt(draws)
    assert np.all(np.abs(directions.mean(axis=0) - exact) <= 4 * error)
    uniform = jnp.mean(jnp.stack([mean(estimator, task) for task in FAMILY]), axis=0)
    assert np.any(np.abs(directions.mean(axis=0) - uniform) > 20 * error), "a wrong task distribution must show"


def test_tasks_of_different_kinds_are_drawn_like_any_others():
    tasks = [trigonometric(), noisy_quadratic()]
    family = ml.TaskFamily.of(tasks, [0.3, 0.7])
    assert not family.stacked
    exact = 0.3 * mean(ml.fo_maml, tasks[0]) + 0.7 * mean(ml.fo_maml, tasks[1])
    draws, sizes = 4_000, ml.BatchSizes(2, 1, 1)
    directions = jax.jit(
        jax.vmap(lambda key: ml.task_batch_direction(ml.fo_maml, family, ALPHA, POINT, key, 2, sizes))
    )(jax.random.split(jax.random.key(5), draws))
    error = directions.std(axis=0) / np.sqrt(draws)
    assert np.all(np.abs(directions.mean(axis=0) - exact) <= 4 * error)


def test_a_larger_task_batch_divides_the_variance():
    keys = jax.random.split(jax.random.key(4), 4_000)

    def variance(B):
        one = jax.vmap(
            lambda key: ml.task_batch_direction(ml.fo_maml, FAMILY, ALPHA, POINT, key, B, ml.BatchSizes(2, 1, 1))
        )
        return float(jnp.sum(jnp.var(jax.jit(one)(keys), axis=0)))

    assert variance(1) / variance(4) == pytest.approx(4.0, rel=0.15)


BUMPY = [
    ml.Noisy(ml.EvenRamp(Q(1), Q(1), Q(1, 2)), ml.BumpNoise(Q(1, 3), Q(1, 2))),
    ml.Noisy(ml.EvenRamp(Q(1), Q(1), Q(-2)), ml.BumpNoise(Q(1), Q(1, 2))),
]


def by_hand(task, alpha, w, D_in, D_o, D_h):
    """E (1 − α∇̃²f(w, 𝒟_h)) ∇̃f(w − α∇̃f(w, 𝒟_in), 𝒟_o) over every row of signs, one draw at a time."""
    signs = [list(itertools.product((Q(1), Q(-1)), repeat=size)) for size in (D_in, D_o, D_h)]
    total = Q(0)
    for inner, outer, hessian in itertools.product(*signs):
        u = w - alpha * sum(task.sample_gradient(w, theta) for theta in inner) / D_in
        g = sum(task.sample_gradient(u, theta) for theta in outer) / D_o
        total += g - alpha * sum(task.sample_hessian_vector_product(w, theta, g) for theta in hessian) / D_h
    return total / 2 ** (D_in + D_o + D_h)


def test_the_expected_direction_is_what_every_row_of_signs_gives_by_hand():
    family, alpha, w = ml.TaskFamily.of(BUMPY, [Q(1, 4), Q(3, 4)]), Q(1, 3), Q(1, 5)
    value = expected_direction(ml.maml, family, alpha, w, ml.BatchSizes(3, 2, 2))
    one, other = (by_hand(task, alpha, w, 3, 2, 2) for task in BUMPY)
    assert isinstance(value, Q)
    assert value == one / 4 + 3 * other / 4
    assert value != one / 2 + other / 2
    assert value != expected_direction(ml.maml, family, alpha, w, ml.BatchSizes(1, 2, 2))


def test_fractions_and_floats_have_the_same_expected_direction():
    def expected(number):
        tasks = [
            ml.Noisy(ml.EvenRamp(number(1), number(1), number(c)), ml.BumpNoise(number(Q(1, 3)), number(Q(1, 2))))
            for c in (Q(1, 2), Q(-2))
        ]
        probabilities = [number(Q(1, 4)), number(Q(3, 4))]
        family = ml.TaskFamily.of(tasks, probabilities)
        return expected_direction(ml.maml, family, number(Q(1, 3)), number(Q(1, 5)), ml.BatchSizes(3, 2, 2))

    assert float(expected(float)) == pytest.approx(float(expected(Q)), rel=1e-14)


def test_a_noiseless_task_costs_one_evaluation():
    evaluated = []

    def counting(task, alpha, w, batches):
        evaluated.append(task)
        return ml.maml(task, alpha, w, batches)

    tasks = [ml.Quadratic(Q(1), Q(2)), ml.Quadratic(Q(1, 2), Q(-1))]
    value = expected_direction(counting, ml.TaskFamily.of(tasks), Q(1, 2), Q(0), ml.BatchSizes(50, 60, 70))
    assert evaluated == tasks
    assert value == (Q(1, 4) * Q(-2) + Q(9, 16) * Q(1, 2)) / 2


@pytest.mark.parametrize("estimator", [ml.maml, ml.fo_maml])
def test_the_expected_direction_is_the_mean_over_tasks_of_the_mean_over_batches(estimator):
    value = jax.jit(lambda: expected_direction(estimator, FAMILY, ALPHA, POINT, ml.BatchSizes(2, 1, 2)))()
    exact = FAMILY.probabilities @ jnp.stack([mean(estimator, task) for task in FAMILY])
    np.testing.assert_allclose(value, exact, rtol=1e-12)


@pytest.mark.parametrize("size", ml.BatchSizes._fields)
def test_an_empty_batch_has_no_expected_direction(size):
    with pytest.raises(ValueError, match=f"{size} = 0"):
        expected_direction(ml.maml, FAMILY, ALPHA, POINT, SIZES._replace(**{size: 0}))


RATES = jnp.array([0.7, 0.2])


def adapted_loss(task, rates, w):
    return task.loss(w - rates * task.gradient(w))


def test_with_a_rate_a_coordinate_maml_is_the_gradient_of_the_adapted_loss():
    task = ml.Quadratic(CURVATURE, jnp.array([1.0, 2.0]))
    batches = ml.draw_batches(task, jax.random.key(0), SIZES)
    exact = jax.grad(lambda w: adapted_loss(task, RATES, w))(POINT)
    np.testing.assert_allclose(ml.maml(task, RATES, POINT, batches), exact, rtol=1e-12)
    np.testing.assert_allclose(ml.hf_maml(task, RATES, POINT, batches, 0.3), exact, rtol=1e-12)
    g = task.gradient(POINT - RATES * task.gradient(POINT))
    np.testing.assert_allclose(ml.fo_maml(task, RATES, POINT, batches), g, rtol=1e-12)
    wrong_side = g - RATES * (CURVATURE @ g)
    assert np.linalg.norm(wrong_side - exact) > 0.1


def estimators_at(delta):
    return [ml.maml, ml.fo_maml, ml.HessianFree(delta), ml.HessianFree(ml.Displacement(delta))]


def test_equal_rates_are_one_number(drawn):
    for estimator in estimators_at(0.1):
        one = estimator(trigonometric(), ALPHA, POINT, drawn)
        np.testing.assert_allclose(estimator(trigonometric(), jnp.full(2, ALPHA), POINT, drawn), one, rtol=1e-12)


def test_with_rates_the_probes_move_along_the_scaled_gradient_and_as_far_as_before(drawn):
    task, probes = trigonometric(), []

    class Recording(ml.Task):
        def batch_gradient(self, w, batch):
            probes.append(w)
            return task.batch_gradient(w, batch)

    ml.hf_maml(Recording(), RATES, POINT, drawn, ml.Displacement(0.25))
    g = ml.fo_maml(task, RATES, POINT, drawn)
    moved = np.asarray(probes[2:]) - POINT
    along = RATES * g / jnp.linalg.norm(RATES * g)
    np.testing.assert_allclose(moved, np.outer([1.0, -1.0], 0.25 * along), rtol=1e-12)


def test_with_rates_of_zero_nothing_is_adapted(drawn):
    for estimator in estimators_at(0.1):
        value = estimator(trigonometric(), jnp.zeros(2), POINT, drawn)
        np.testing.assert_array_equal(value, estimator(trigonometric(), 0.0, POINT, drawn))


def test_rates_may_be_a_tree():
    def product(point, row):
        return jnp.prod(point - row["x"]) ** 2

    def of_leaves(w, row):
        return product(jnp.array([w["a"], w["b"][0]]), row)

    flat, split = (
        ml.Empirical({"x": jnp.array([[0.5, 2.0]])}, ml.Constants(1.0, 0.0, 0.0, 0.0), loss)
        for loss in (product, of_leaves)
    )
    batches = ml.draw_batches(flat, jax.random.key(0), ml.BatchSizes(1, 1, 1))
    w, rates = {"a": POINT[0], "b": POINT[1:]}, {"a": RATES[0], "b": RATES[1:]}
    for estimator in estimators_at(0.1):
        value = estimator(split, rates, w, batches)
        both = jnp.concatenate([value["a"][None], value["b"]])
        np.testing.assert_allclose(both, estimator(flat, RATES, POINT, batches), rtol=1e-9)


@pytest.mark.parametrize("rates", [jnp.ones(3), jnp.ones((1, 2)), (0.1, 0.2), jnp.ones(1)])
@pytest.mark.parametrize("estimator", estimators_at(0.1))
def test_rates_of_another_shape_are_refused(estimator, rates, drawn):
    with pytest.raises(ShapeError, match=r"alpha has shape .* w has shape .*one number or shaped like w"):
        estimator(trigonometric(), rates, POINT, drawn)


def test_an_estimator_knows_its_parameters(drawn):
    task = trigonometric()
    one, rule = (
        ml.hf_maml(task, ALPHA, POINT, drawn, 0.3),
        ml.hf_maml(task, ALPHA, POINT, drawn, lambda norm: 0.3 / norm),
    )
    np.testing.assert_array_equal(ml.HessianFree(0.3)(task, ALPHA, POINT, drawn), one)
    np.testing.assert_array_equal(ml.HessianFree(ml.Displacement(0.3))(task, ALPHA, POINT, drawn), rule)
    assert jax.tree.leaves(ml.HessianFree(ml.Displacement(0.3))) == [0.3]
    assert ml.HessianFree(0.3) == ml.HessianFree(0.3) != ml.HessianFree(0.4)


def test_where_the_gradient_is_zero_any_displacement_serves():
    task = ml.Quadratic(Q(1), Q(2))
    batches = ml.Batches(*[ml.tasks.task.Batch(task.support(), (Q(1),))] * 3)
    assert ml.HessianFree(ml.Displacement(Q(1, 3)))(task, Q(1, 2), Q(2), batches) == 0
    task = ml.Quadratic(1.0, jnp.array([2.0, 1.0]))
    batches = ml.draw_batches(task, jax.random.key(0), SIZES)
    for alpha in (0.5, jnp.array([0.5, 0.1])):
        value = ml.HessianFree(ml.Displacement(0.3))(task, alpha, jnp.array([2.0, 1.0]), batches)
        np.testing.assert_array_equal(value, 0)
