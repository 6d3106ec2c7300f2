"""The outer loop: the same numbers as a loop written by hand, for a seed, after a cut, and in company."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import mamllib as ml
from mamllib import training, tree
from mamllib.iteration import iteration_numbers, seed_words
from mamllib.outer_step import adam, descent, optimizer
from mamllib.step_sizes import EstimatedStep, estimated_smoothness, local_smoothness
from mamllib.training import Algorithm, Problem, train
from mamllib.uniforms import key_from
from tests.programs import programs

FAMILY = ml.TaskFamily.of([ml.EvenRamp(1.0, 1.0, 3.0), ml.Quadratic(1.0, 3.795)])
PROBLEM = Problem(FAMILY, 1 / 6)
SIZES = ml.BatchSizes(1, 1, 1)


def maml(task, alpha, w, batches, *_):
    return ml.maml(task, alpha, w, batches)


def constant_step(problem, w, key):
    return 0.05


def gradient_norm(problem, w):
    return tree.norm(ml.meta_gradient(problem.family, problem.alpha, w))


ALGORITHM = Algorithm(maml, descent(constant_step), gradient_norm, 20, SIZES)


ADAM = Algorithm(maml, adam(0.05), gradient_norm, 20, SIZES)


def run(seeds, iterations, algorithm=ALGORITHM, **options):
    return train(algorithm, PROBLEM, jnp.asarray(0.0), seeds, iterations, **options)


def numbers_of(algorithm, seed, k, problem=PROBLEM):
    return iteration_numbers(algorithm, problem, seed_words([seed])[0], k)


def direction(algorithm, w, numbers):
    return ml.task_batch_direction(algorithm.estimator, FAMILY, 1 / 6, w, numbers.batch, 20, SIZES)


def test_the_run_follows_a_loop_written_by_hand():
    trace, w = run([3], 5), jnp.asarray(0.0)
    for k in range(5):
        assert trace.records[0, k] == pytest.approx(float(gradient_norm(PROBLEM, w)), rel=1e-12)
        w = w - 0.05 * direction(ALGORITHM, w, numbers_of(ALGORITHM, 3, k))
    assert float(trace.w[0]) == pytest.approx(float(w), rel=1e-12)


def test_adam_follows_a_loop_written_by_hand():
    trace = run([3], 5, ADAM)
    w, m, v = 0.0, 0.0, 0.0
    for k in range(5):
        assert trace.records[0, k] == pytest.approx(float(gradient_norm(PROBLEM, jnp.asarray(w))), rel=1e-9)
        g = float(direction(ADAM, jnp.asarray(w), numbers_of(ADAM, 3, k)))
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        w -= 0.05 * m / (1 - 0.9 ** (k + 1)) / (np.sqrt(v / (1 - 0.999 ** (k + 1))) + 1e-8)
    assert float(trace.w[0]) == pytest.approx(w, rel=1e-9)


def test_the_estimated_step_is_a_fraction_of_the_estimated_inverse_smoothness():
    constants = ml.Constants(L=1.3, rho=0.7, sigma_tilde=0.2, sigma_H=0.1)
    problem, w, key = Problem(FAMILY, 0.1, constants), jnp.asarray(0.4), jax.random.key(5)
    estimate = estimated_smoothness(FAMILY, 1.3, 0.7, 0.1, w, key, 4, 3)
    assert float(EstimatedStep(1 / 12, 4, 3)(problem, w, key)) == pytest.approx(float(1 / 12 / estimate), rel=1e-12)


def test_with_a_rate_a_coordinate_the_largest_stands_for_alpha():
    family, w, rates = lone_quadratics(), jnp.array([2.0, 0.5]), jnp.array([0.1, 0.3])
    norm = float(jnp.linalg.norm(family[0].gradient(w)))
    assert float(local_smoothness(family, 1.3, 0.7, rates, w)) == pytest.approx(
        4 * 1.3 + 2 * 0.7 * 0.3 * norm, rel=1e-12
    )
    estimate = estimated_smoothness(family, 1.3, 0.7, rates, w, jax.random.key(0), 4, 3)
    assert float(estimate) == pytest.approx(4 * 1.3 + 2 * 0.7 * 0.3 * norm, rel=1e-12)


def test_a_run_with_the_estimated_step_follows_a_loop_written_by_hand():
    rule, problem = EstimatedStep(1 / 12, 4, 1), PROBLEM._replace(parameters=FAMILY.constants)
    algorithm = Algorithm(maml, descent(rule), gradient_norm, 20, SIZES)
    trace, w = train(algorithm, problem, jnp.asarray(0.0), [7], 4), jnp.asarray(0.0)
    for k in range(4):
        numbers = numbers_of(algorithm, 7, k, problem)
        w = w - rule(problem, w, numbers.step) * direction(algorithm, w, numbers)
    assert float(trace.w[0]) == pytest.approx(float(w), rel=1e-12)


def random_step(problem, w, key):
    return 0.1 * jax.random.uniform(key)


def test_a_rule_that_asks_for_a_key_is_given_one():
    algorithm = Algorithm(maml, descent(random_step), gradient_norm, 20, SIZES)
    trace, w = run([7], 3, algorithm), jnp.asarray(0.0)
    for k in range(3):
        numbers = numbers_of(algorithm, 7, k)
        w = w - random_step(PROBLEM, w, key_from(numbers.step)) * direction(algorithm, w, numbers)
    assert float(trace.w[0]) == pytest.approx(float(w), rel=1e-12)


def test_equal_rules_make_equal_outer_steps_so_that_nothing_is_compiled_twice():
    assert descent(EstimatedStep(1 / 12, 4, 3)) == descent(EstimatedStep(1 / 12, 4, 3))
    assert hash(descent(EstimatedStep(1 / 12, 4, 3))) == hash(descent(EstimatedStep(1 / 12, 4, 3)))
    assert descent(EstimatedStep(1 / 12, 4, 3)) != descent(EstimatedStep(1 / 18, 4, 3))
    assert adam(1e-3) == adam(1e-3) != adam(1e-2)


def test_any_optimiser_steps_a_tree_of_parameters():
    outer = optimizer(optax.sgd(0.1, momentum=0.5))
    w = {"a": jnp.ones(2), "b": jnp.asarray(3.0)}
    direction = {"a": jnp.array([1.0, 2.0]), "b": jnp.asarray(-1.0)}
    moved, state = outer.update(PROBLEM, w, direction, outer.init(w), None)
    moved, _ = outer.update(PROBLEM, moved, direction, state, None)
    np.testing.assert_allclose(moved["a"], w["a"] - 0.1 * (1 + 1.5) * direction["a"], rtol=1e-12)
    np.testing.assert_allclose(moved["b"], w["b"] - 0.1 * (1 + 1.5) * direction["b"], rtol=1e-12)


def test_a_seed_gives_the_same_run_alone_and_in_company():
    together, alone = run([0, 1], 40), run([1], 40)
    np.testing.assert_allclose(together.records[1], alone.records[0], rtol=1e-12)
    assert not np.allclose(together.records[0], together.records[1])


def test_maml_comes_closer_to_stationarity():
    large_batches = Algorithm(maml, descent(constant_step), gradient_norm, 500, SIZES)
    records = train(large_batches, PROBLEM, jnp.asarray(3.0), range(4), 600).records
    assert records[:, -100:].mean() < 0.1 * records[:, 0].mean()


@pytest.mark.parametrize(("name", "value"), [("iterations", 0), ("iterations", -3)])
def test_a_count_that_is_none_is_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} = {value}"):
        run([0], value)


@pytest.mark.parametrize("seeds", [0, 3, [], np.arange(0), [0.5], ["a"], [[0, 1]], None, [True]])
def test_seeds_that_are_no_list_of_integers_are_refused(seeds):
    with pytest.raises(ValueError, match=r"seeds = .* is not allowed: seeds is a list of integers"):
        run(seeds, 5)


@pytest.mark.parametrize("seeds", [range(2), (0, 1), np.arange(2), jnp.arange(2)])
def test_seeds_may_be_any_list_of_integers(seeds):
    np.testing.assert_array_equal(run(seeds, 3).records, run([0, 1], 3).records)


def test_seeds_beyond_32_bits_and_below_zero_are_seeds_of_their_own():
    records = run([1, 1 + 2**32, -1, 2**32 - 1], 20).records
    assert len({tuple(row) for row in records}) == 4


def test_sizes_that_are_none_are_refused():
    algorithm = Algorithm(maml, descent(constant_step), gradient_norm, 20, SIZES)
    object.__setattr__(algorithm, "sizes", (1, 1, 1))
    with pytest.raises(TypeError, match="sizes is of type tuple; give BatchSizes"):
        run([0], 5, algorithm)


def test_a_family_that_is_none_is_refused():
    with pytest.raises(TypeError, match="family"):
        train(ALGORITHM, Problem(FAMILY[0], 0.1), jnp.asarray(0.0), [0], 5)


def test_a_task_batch_of_zero_is_refused():
    with pytest.raises(ValueError, match="B = 0"):
        train(Algorithm(maml, descent(constant_step), gradient_norm, 0, SIZES), PROBLEM, jnp.asarray(0.0), [0], 5)


def test_runs_of_any_length_from_any_start_share_one_program():
    algorithm = Algorithm(maml, descent(constant_step), gradient_norm, 19, SIZES)
    starts = 0.0, 1.0, jnp.asarray(0.0), np.float64(2.0), jnp.zeros(())
    rates = 1 / 6, np.float64(0.1), jnp.asarray(0.1), 0.0, 0.2
    with programs() as found:
        for start, alpha, iterations in zip(starts, rates, (1, 7, 999, 1000, 2345), strict=True):
            trace = train(algorithm, Problem(FAMILY, alpha), start, [0, 1], iterations)
            assert trace.records.shape == (2, iterations)
            assert np.all(trace.records > 0)
    assert len(found) == 1


def test_a_run_is_the_beginning_of_a_longer_one():
    longer = run([4], 1700).records
    for iterations in (1, 999, 1000, 1001):
        np.testing.assert_array_equal(run([4], iterations).records, longer[:, :iterations])


@pytest.mark.parametrize(
    "change",
    [
        lambda number: {"estimator": ml.HessianFree(number)},
        lambda number: {"estimator": ml.HessianFree(ml.Displacement(number))},
        lambda number: {"outer": descent(EstimatedStep(number, 2, 1))},
    ],
    ids=["δ", "displacement", "fraction of the estimated step"],
)
def test_another_number_compiles_nothing_new_and_counts(change):
    problem = PROBLEM._replace(parameters=FAMILY.constants)
    fields = {"estimator": maml, "outer": descent(constant_step), "record": gradient_norm, "B": 18, "sizes": SIZES}

    def end(number):
        return float(train(Algorithm(**(fields | change(number))), problem, jnp.asarray(0.0), [0], 9).w[0])

    first = end(0.1)
    with programs() as found:
        assert len({first, end(np.float64(2.0)), end(jnp.asarray(3.0)), end(0.2)}) == 4
    assert found == []


def test_a_large_record_is_held_in_shorter_segments(monkeypatch):
    whole = run([0, 1], 30)
    monkeypatch.setattr(training, "FLOATS_PER_SEGMENT", 14)
    np.testing.assert_array_equal(run([0, 1], 30).records, whole.records)
    assert training._rows(jax.ShapeDtypeStruct((10**9,), float), 2) == 1


def step_taken(problem, w, w_next, key):
    return {"length": jnp.abs(w_next - w), "end": w_next, "random": jax.random.uniform(key), "sign": w_next > w}


WATCHING = Algorithm(maml, descent(constant_step), lambda problem, w: w, 20, SIZES, step_taken)


def test_the_largest_of_what_is_watched_is_kept_for_every_seed():
    trace = run([0, 1, 2], 1100, WATCHING)
    points = np.concatenate([trace.records, trace.w[:, None]], axis=1)
    steps = np.diff(points, axis=1)
    np.testing.assert_array_equal(trace.watched["length"], np.abs(steps).max(axis=1))
    np.testing.assert_array_equal(trace.watched["end"], points[:, 1:].max(axis=1))
    np.testing.assert_array_equal(trace.watched["sign"], 1.0)
    assert np.all((trace.watched["random"] > 0.99) & (trace.watched["random"] < 1))
    assert len(set(trace.watched["random"].tolist())) == 3


def test_watching_changes_nothing_in_a_run_and_nothing_is_watched_unless_asked():
    plain = Algorithm(maml, descent(constant_step), WATCHING.record, 20, SIZES)
    np.testing.assert_array_equal(run([0], 50, WATCHING).records, run([0], 50, plain).records)
    assert run([0], 50, plain).watched == ()


def undefined_once(problem, w, w_next, key):
    return jnp.where(w_next == problem.parameters, jnp.nan, w_next)


def test_what_was_undefined_once_stays_undefined():
    watching = Algorithm(maml, descent(constant_step), lambda problem, w: w, 20, SIZES, undefined_once)
    never = PROBLEM._replace(parameters=np.inf)
    records = train(watching, never, jnp.asarray(0.0), [0], 40).records
    met = PROBLEM._replace(parameters=records[0, 21])
    assert np.isnan(train(watching, met, jnp.asarray(0.0), [0], 40).watched[0])
    assert not np.isnan(train(watching, met, jnp.asarray(0.0), [0], 20).watched[0])


def lone_quadratics():
    return ml.TaskFamily.of([ml.Quadratic(jnp.diag(jnp.array([1.0, 2.0])), jnp.array([1.0, -1.0]))])


def point(problem, w):
    return w


ONE_TASK = Algorithm(ml.maml, descent(constant_step), point, 1, SIZES)


def test_a_rate_a_coordinate_trains_as_each_coordinate_would_alone():
    rates, start = jnp.array([0.3, 0.1]), jnp.array([2.0, 2.0])
    trace = train(
        Algorithm(ml.maml, descent(constant_step), point, 1, SIZES), Problem(lone_quadratics(), rates), start, [0], 9
    )
    w, centre, curvature = np.array([2.0, 2.0]), np.array([1.0, -1.0]), np.array([1.0, 2.0])
    for k in range(9):
        np.testing.assert_allclose(trace.records[0, k], w, rtol=1e-12)
        w = w - 0.05 * (1 - np.asarray(rates) * curvature) ** 2 * curvature * (w - centre)


def test_rates_of_another_shape_are_refused():
    for rates in (jnp.ones(3), jnp.ones((2, 1)), {"a": jnp.ones(2)}, (0.1, 0.2)):
        with pytest.raises(ValueError, match=r"alpha has shape .*, w has shape"):
            train(
                Algorithm(ml.maml, descent(constant_step), point, 1, SIZES),
                Problem(lone_quadratics(), rates),
                jnp.ones(2),
                [0],
                9,
            )
