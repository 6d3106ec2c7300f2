"""The right candidates are the library's estimators; slips are what they are called; each estimator is listed once."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib import tree
from mamllib.diagnosis.candidates import (
    FO_MAML,
    HF_MAML,
    MAML,
    PARTED,
    REPTILE,
    SAME_BATCH,
    right,
    with_one_slip,
    with_two_slips,
)
from mamllib.diagnosis.episodes import Draws
from mamllib.diagnosis.ours import Ours
from mamllib.n_step import PathBatches, n_step_maml, parted
from mamllib.tasks.task import Batch, batch_gradient, register
from mamllib.trials.roundoff import MOVE
from tests.diagnosis.by_hand import DELTA, UNKNOWN, world

SIZES = ml.BatchSizes(9, 4, 6)


def squared(w, row):
    hidden = jnp.tanh(row["x"] @ w["in"] + w["bias"])
    return (hidden @ w["out"] - row["y"]) ** 2 / 2


def network(seed=0):
    """A small network as a dict, on unequal tasks; and a rate a coordinate."""
    random = np.random.default_rng(seed)
    data = [{"x": random.normal(size=(n, 3)), "y": random.normal(size=n)} for n in (9, 12, 14)]
    family = ml.TaskFamily.of([ml.Empirical(one, UNKNOWN, squared) for one in data])
    w = {"in": random.normal(size=(3, 2)), "bias": random.normal(size=2), "out": random.normal(size=2)}
    return family, w, jax.tree.map(lambda leaf: random.uniform(0.1, 0.4, leaf.shape), w)


FAMILY, W, RATES = network()


def directions(candidates, alpha, steps, delta=DELTA, family=FAMILY, w=W, sizes=SIZES, move=0.0):
    draw = Draws(family, sizes, None, 3)[0]
    point = jax.tree.map(jnp.asarray, w)
    ours = Ours(jax.tree.map(jnp.asarray, alpha), point, delta, sizes, steps)
    return draw, ours([candidate.recipe for candidate in candidates], draw, move)


def mean(estimator, draw, alpha, family=FAMILY, w=W):
    each = [estimator(family[one.task], alpha, w, jax.tree.map(jnp.asarray, one.drawn)) for one in draw.episodes]
    return np.mean([tree.ravel(direction) for direction in each], axis=0)


def alike(found, expected):
    """Equal but for rounding, of the direction's length: a small coordinate of w − w̃ is a difference of larger ones."""
    return np.linalg.norm(found - expected) <= 1e-12 * np.linalg.norm(expected)


def of_several_steps(read, same_batch, task, alpha, w, batches):
    """N = 3 steps by the library, with all of a batch at every step or parted."""
    inner, hessian = (read(batch) for batch in (batches.inner, batches.hessian))
    return n_step_maml(task, alpha, w, PathBatches(inner, inner if same_batch else hessian, batches.outer))


def repeated(batch):
    return jax.tree.map(lambda leaf: jnp.stack([leaf] * 3), batch)


def shared_out(batch):
    return parted(Batch(batch.theta, batch.weights), 3)


def displacement(read, task, alpha, w, batches):
    inner, point = read(batches.inner), w
    for j in range(len(inner.weights)):
        point = tree.step(point, alpha, batch_gradient(task, point, jax.tree.map(lambda leaf, j=j: leaf[j], inner)))
    return tree.subtract(w, point)


def same_batch(task, alpha, w, batches):
    return ml.maml(task, alpha, w, batches._replace(hessian=batches.inner))


@pytest.mark.parametrize("alpha", [0.3, RATES], ids=["one rate", "a rate a coordinate"])
def test_with_one_step_the_right_ones_are_those_of_the_library(alpha):
    candidates = right(SIZES, 1, differences=True)
    draw, ours = directions(candidates, alpha, 1)
    theirs = {
        (MAML, ()): ml.maml,
        (MAML, (SAME_BATCH,)): same_batch,
        (HF_MAML, ()): ml.HessianFree(DELTA),
        (FO_MAML, ()): ml.fo_maml,
        (REPTILE, ()): partial(displacement, lambda batch: jax.tree.map(lambda leaf: leaf[None], batch)),
    }
    found = {(one.algorithm, one.remarks): direction for one, direction in zip(candidates, ours, strict=True)}
    for name, estimator in theirs.items():
        assert alike(found[name], mean(estimator, draw, alpha)), name


def test_a_rule_for_delta_is_asked_as_hf_maml_asks_it():
    for rule in (ml.Displacement(0.2), lambda norm: 0.2 / norm):
        candidates = [one for one in right(SIZES, 1, differences=True) if one.algorithm == HF_MAML][:1]
        draw, (ours,) = directions(candidates, RATES, 1, rule)
        assert alike(ours, mean(ml.HessianFree(rule), draw, RATES))


def test_with_several_steps_they_read_their_batches_in_every_right_way():
    candidates = right(SIZES, 3, differences=False)
    draw, ours = directions(candidates, 0.3, 3)
    found = {(one.algorithm, one.remarks): direction for one, direction in zip(candidates, ours, strict=True)}
    for read, remarks in ((repeated, ()), (shared_out, (PARTED,))):
        theirs = {
            (MAML, remarks): partial(of_several_steps, read, False),
            (MAML, (*remarks, SAME_BATCH)): partial(of_several_steps, read, True),
            (REPTILE, remarks): partial(displacement, read),
        }
        for name, estimator in theirs.items():
            assert alike(found[name], mean(estimator, draw, 0.3)), name


def test_tasks_of_different_kinds_are_averaged_too():
    x = np.linspace(-1, 1, 6)
    logistic = ml.Empirical({"x": x}, UNKNOWN, lambda w, row: jnp.logaddexp(0.0, row["x"] * w[0]) + w[1] ** 2)
    family = ml.TaskFamily.of([logistic, ml.Noisy(ml.Quadratic(1.0, jnp.ones(2)), ml.RademacherNoise(jnp.ones(2)))])
    assert not family.stacked
    w = np.array([0.3, -0.4])
    draw, (ours, *_) = directions(right(SIZES, 1, differences=False), 0.3, 1, None, family, w)
    assert alike(ours, mean(ml.maml, draw, 0.3, family, w))


@register
class Doubled(ml.Empirical):
    """Its samples' gradient is not that of their loss."""

    data: Any
    declared: Any
    sample_function: Any
    rows: Any = None

    def sample_gradient(self, w, theta):
        return jax.tree.map(lambda leaf: 2 * leaf, super().sample_gradient(w, theta))


def test_a_class_that_writes_its_own_gradient_is_asked_for_it():
    lengths = []
    for kind in (ml.Empirical, Doubled):
        family = ml.TaskFamily.of([kind(FAMILY[0].data, UNKNOWN, squared)])
        candidates = [one for one in right(SIZES, 1, differences=False) if one.algorithm == REPTILE]
        draw, (ours,) = directions(candidates, 0.3, 1, None, family)
        one_step = partial(displacement, lambda batch: jax.tree.map(lambda leaf: leaf[None], batch))
        assert alike(ours, mean(one_step, draw, 0.3, family))
        lengths.append(np.linalg.norm(ours))
    assert lengths[1] == pytest.approx(2 * lengths[0])


def test_moving_every_value_moves_the_direction_and_most_where_it_is_a_small_difference():
    candidates = [one for one in right(SIZES, 1, differences=True) if not one.remarks]
    moves = {}
    for delta in (1e-1, 1e-4):
        _, still = directions(candidates, 0.3, 1, delta)
        _, moved = directions(candidates, 0.3, 1, delta, move=MOVE)
        sizes = np.linalg.norm(moved - still, axis=1) / MOVE / np.linalg.norm(still, axis=1)
        moves[delta] = dict(zip((one.algorithm for one in candidates), sizes, strict=True))
    assert 0.1 < moves[1e-1][MAML] < 100
    assert moves[1e-4][HF_MAML] > 100 * moves[1e-1][HF_MAML]
    assert moves[1e-4][MAML] == pytest.approx(moves[1e-1][MAML])


@pytest.mark.parametrize("steps", [1, 3])
def test_no_estimator_has_two_names_but_for_slips_that_are_one(steps):
    found = right(SIZES, steps, differences=True)
    once = with_one_slip(found, SIZES, steps)
    twice = with_two_slips(found[:2], SIZES, steps)
    recipes = [one.recipe for one in (*found, *once)]
    assert len(set(recipes)) == len(recipes)
    assert not {one.recipe for one in twice} & {one.recipe for one in found[:2]}
    assert all(len(one.slips) == 2 for one in twice)


def test_all_candidates_differ_on_tasks_that_are_neither_flat_nor_alike():
    """What the recipes say is not what they are called: each pair is told apart by numbers."""
    found = right(SIZES, 3, differences=True)
    everything = [*found, *with_one_slip(found, SIZES, 3)]
    _, ours = directions(everything, 0.3, 3)
    ours /= np.linalg.norm(ours, axis=1, keepdims=True)
    nearest = np.abs(ours @ ours.T - np.eye(len(ours))).max(axis=1)
    assert nearest.max() < 1 - 1e-12


def test_a_sum_over_two_rows_has_two_names():
    sizes = ml.BatchSizes(2, 3, 2)
    found = with_one_slip(right(sizes, 1, differences=False), sizes, 1)
    names = {one.slips[0].name for one in found if one.recipe.step_rate.times == 2}
    assert names == {"sum for mean over rows in the inner step", "inner loss twice the family's"}


def test_batches_are_what_draw_batches_makes_and_no_row_is_drawn_that_is_not_there():
    family, _ = world(0)
    for number in range(20):
        for episode in Draws(family, SIZES, None, 5)[number].episodes:
            data = family[episode.task].data
            for rows, batch in zip(episode[1:4], episode.drawn, strict=True):
                np.testing.assert_array_equal(rows["x"], data["x"][batch.theta])
                np.testing.assert_array_equal(batch.weights, 1 / len(batch.theta))
    sizes = [len(batch.theta) for batch in episode.drawn]
    assert sizes == list(SIZES)


def test_tasks_are_drawn_from_p_where_they_are_not_equally_likely():
    family, _ = world(0, probabilities=[0.6, 0.3, 0.1])
    draws = [Draws(family, SIZES, 5, 0)[number].episodes for number in range(400)]
    drawn = np.bincount([one.task for episodes in draws for one in episodes]) / 2000
    np.testing.assert_allclose(drawn, [0.6, 0.3, 0.1], atol=0.05)
    assert {len(episodes) for episodes in draws} == {5}


def test_slip_directions_are_those_that_a_function_is_compared_with():
    found = ml.slip_directions(FAMILY, 0.3, W, SIZES, steps=1, draws=3, seed=3)
    assert {"MAML", "MAML (D_h = D_in)", "FO-MAML", "Reptile", "not adapted", "+αH for −αH", "α missing"} <= set(found)
    draw = Draws(FAMILY, SIZES, None, 3)[0]
    assert alike(found["MAML"][0], mean(ml.maml, draw, 0.3))
    assert alike(found["MAML (D_h = D_in)"][0], mean(same_batch, draw, 0.3))
    gradient = mean(lambda task, alpha, w, batches: batch_gradient(task, w, batches.outer), draw, 0.3)
    assert alike(found["not adapted"][0], gradient)
    upwards = 2 * found["FO-MAML"][0] - found["MAML (D_h = D_in)"][0]
    assert alike(found["+αH for −αH"][0], upwards)
    with pytest.raises(LookupError, match="no right estimator is called 'MAMML'; there are MAML, "):
        ml.slip_directions(FAMILY, 0.3, W, SIZES, of="MAMML")
