"""Ji et al. (2022): values by hand, one inner step against the other paper's rows, and how small the inner step is."""

import dataclasses
from fractions import Fraction as Q

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib.batches import NotEnumerableError
from mamllib.statements.ji2022 import (
    exact_descent,
    meta_gradient,
    noisy_paths,
    quarter_turn,
    second_moment,
    smoothness,
    threshold,
)
from mamllib.statements.ji2022.exact_descent import ExactDescent
from mamllib.statements.ji2022.outer_loop import FALL
from mamllib.statements.ji2022.sampled_path import SampledPath
from mamllib.statements.ji2022.split_pairs import SplitPair
from mamllib.statements.ji2022.task_gradient import Path


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (meta_gradient.product, (Q(-195, 256), Q(2717, 2048))),
        (meta_gradient.reversed_product, (Q(-6801, 8192), Q(5399, 4096))),
        (meta_gradient.first_order, (Q(-35, 256), Q(561, 512))),
        (meta_gradient.one_step_short, (Q(-81, 128), Q(151, 128))),
    ],
)
def test_the_instance_by_hand(formula, expected):
    path = meta_gradient.saddle()
    assert tuple(formula(path.family[0], path)) == expected


def test_the_derivative_is_that_of_the_objective():
    """An independent derivative: 𝓛 along a line is a polynomial in t, whose slope central differences extrapolate."""
    path, step = meta_gradient.saddle(), Q(1, 2**12)
    for coordinate in range(2):
        unit = np.array([Q(int(coordinate == each)) for each in range(2)])

        def slope(t, unit=unit):
            ahead, behind = (ml.meta_loss(path.family, path.alpha, path.w + s * t * unit, 2) for s in (1, -1))
            return (ahead - behind) / (2 * t)

        extrapolated = (4 * slope(step / 2) - slope(step)) / 3
        assert abs(float(extrapolated - meta_gradient.product(path.family[0], path)[coordinate])) < 1e-12


@pytest.mark.parametrize("case", ml.statement("lemma_4_8_any_alpha").cases, ids=lambda case: case.name)
def test_with_one_step_the_smoothness_is_lemma_4_8_for_every_alpha(case):
    pairs = case.build(0)
    there, here = (ml.statement(name).check(pairs) for name in ("lemma_4_8_any_alpha", "ji2022/smoothness"))
    assert there.verdict == here.verdict
    np.testing.assert_allclose(
        np.asarray(here.rhs.value, float),
        np.asarray(there.rhs.value, float),
        rtol=1e-12 * (here.grade != ml.Grade.EXACT),
    )


@pytest.mark.parametrize("case", ml.statement("auxiliary_inequality").cases, ids=lambda case: case.name)
def test_with_one_step_the_mean_task_gradient_is_the_auxiliary_inequality(case):
    point = case.build(0)
    path = Path.of(point.family, point.alpha, point.w, 1, point.sigma, point.constants)
    there = ml.statement("auxiliary_inequality").check(point)
    here = ml.statement("ji2022/mean_gradient").check(path)
    assert there.verdict == here.verdict
    np.testing.assert_allclose(
        [float(here.left), float(here.right)], [float(there.left), float(there.right)], rtol=1e-12
    )


@pytest.mark.parametrize(("c", "first"), [("0.35", 18), ("0.347", 141)])
def test_a_little_more_than_half_of_ln_2_is_too_much_at_some_number_of_steps(c, first):
    """(1 + c/N)^{2N} increases to e^{2c}: a scan up to N = 16 would let c = 0.35 pass."""
    beyond = [N for N in range(1, 400) if (1 + Q(c) / N) ** (2 * N) >= 2]
    assert beyond[0] == first
    assert beyond == list(range(first, 400))


def test_half_of_ln_2_is_never_too_much():
    below = Q("0.3465735902799726")  # of (ln 2)/2 = 0.34657359027997265…
    assert all((1 + below / N) ** (2 * N) < 2 for N in (1, 2, 16, 128, 1024))


@pytest.mark.parametrize("N", [1, 2, 4])
def test_nearly_all_of_the_smoothness_is_used_at_every_number_of_steps(N):
    check = ml.statement("ji2022/smoothness").check(smoothness.falling_path(N))
    assert check.grade == ml.Grade.EXACT
    assert check.ratio > 0.9998


@pytest.mark.parametrize("name", ["smoothness", "task_gradient", "mean_gradient"])
def test_without_an_inner_step_nothing_is_claimed(name):
    family = ml.quadratic_family(1.0, np.array([1.0, -1.0]))
    asked = ml.Pairs if name == "smoothness" else Path
    w = np.array([0.5])
    question = asked.of(family, 0.1, w, w + 0.1, steps=0) if asked is ml.Pairs else Path.of(family, 0.1, 0.5, 0)
    check = ml.statement(f"ji2022/{name}").check(question)
    assert check.verdict == ml.Verdict.SILENT
    assert check.smallest_margin[0] == "N ≥ 1"


def undefined(w, row):
    """NaN at one coordinate, which automatic differentiation takes for a constant."""
    return jnp.sum(jnp.where(w > 0.05, jnp.nan, row["x"] * w**2))


@pytest.mark.parametrize("name", ["ji2022/task_gradient", "ji2022/mean_gradient", "ji2022/meta_gradient"])
def test_a_loss_that_is_no_number_where_its_gradient_is_one_decides_nothing(name):
    rows = {"x": np.ones((2, 3))}
    family = ml.TaskFamily.of([ml.Empirical(rows, ml.Constants(2.0, 0.0, 0.0, 0.0), undefined)], sigma=1.0)
    check = ml.statement(name).check(Path.of(family, 0.02, np.array([0.4, -0.2, 0.9]), 2))
    assert check.verdict == ml.Verdict.SILENT
    assert check.smallest_margin[0] == "the gradient is that of the loss"


def test_a_gradient_is_turned_by_a_quarter_in_fractions():
    """‖H_0‖ = 4/5, ‖H_1‖ = 3/5, and 4/5 > sin(π/4)."""
    first, second = quarter_turn.HESSIANS[::-1]
    identity = np.array([[Q(1), Q(0)], [Q(0), Q(1)]])
    once = (identity - first) @ np.array([Q(1), Q(0)])
    assert tuple(once) == (Q(16, 25), Q(12, 25))
    assert tuple((identity - second) @ once) == (0, Q(12, 25))
    for hessian, norm in zip(quarter_turn.HESSIANS, (Q(4, 5), Q(3, 5)), strict=True):
        assert (hessian @ hessian == norm**2 * identity).all()


def test_the_mirrored_tasks_have_no_larger_curvature_than_they_say():
    task = quarter_turn.QuarterTurn(300.0, 1.0)
    points = np.random.default_rng(0).uniform(-3, 3, (20_000, 2))
    curvature = jax.jit(jax.vmap(lambda w: jnp.linalg.norm(jax.hessian(task.loss)(w), 2)))(points).max()
    assert 0.799 < curvature < task.constants.L < 0.83


@pytest.mark.parametrize("kappa", [1e2, 1e4])
def test_what_two_mirrored_tasks_hide_grows_with_their_ripples(kappa):
    parts = threshold.turning(kappa).answer.parts
    assert parts.mean_size / (parts.meta_gradient + parts.deviation) > 0.6 * kappa
    assert abs(parts.mean_size - 1) < 10 / kappa


@pytest.mark.parametrize(("rarity", "ratio"), [(Q(1), 0.80), (Q(1, 4), 0.88), (Q(1, 100), 3.5)])
def test_a_batch_shared_with_the_hessian_is_a_matter_of_rare_noise(rarity, ratio):
    asked = noisy_paths.heavy_tails(rarity)
    shared = second_moment.shared_batches(asked)[0] / second_moment.bound(asked)[0]
    assert abs(float(shared) - ratio) < 0.03
    assert asked.second_moment[0] <= second_moment.bound(asked)[0]


@pytest.mark.parametrize("N", [1, 2, 4])
def test_on_data_that_is_not_split_the_smoothness_is_that_of_one_loss(N):
    pairs = smoothness.falling_path(N)
    (wave,) = pairs.family
    family = ml.TaskFamily.of([ml.Split(wave, wave)])
    pair = SplitPair.of(family, pairs.alpha, pairs.w[0], pairs.u[0], Q(0), steps=N)
    split, whole = ml.statement("ji2022/split_smoothness").check(pair), ml.statement("ji2022/smoothness").check(pairs)
    assert split.left == whole.left
    assert split.right >= whole.right  # the other takes the smaller of the two gradients


def test_with_one_step_the_bias_is_that_of_the_inner_step_times_the_factor():
    asked = noisy_paths.turned_up()
    problem = ml.Adaptation.of(asked.family, asked.alpha, asked.w, asked.D_in)
    one_step = ml.statement("lemma_4_10_bias").check(problem)
    several = ml.statement("ji2022/bias").check(asked)
    assert several.left == 2 * one_step.left  # I − α∇²l(w) = 2 at the corner
    assert several.right == 2 * one_step.right


def test_a_family_that_is_not_split_is_refused():
    family = ml.quadratic_family(1.0, np.array([1.0, -1.0]))
    with pytest.raises(TypeError, match=r"Split\(inner, outer\)"):
        SplitPair.of(family, 0.1, 0.5, 0.6, 0.0)


@pytest.mark.parametrize("share", [0.9, 0.1, 0.0])
def test_a_gap_declared_too_small_refutes_nothing_even_after_one_step(share):
    asked = exact_descent.parabola()
    declared = dataclasses.replace(asked, gap=share * asked.gap)
    check = ml.statement("ji2022/exact_descent").check(declared)
    assert check.verdict == ml.Verdict.SILENT
    assert check.margins[FALL] < 0


def test_without_an_inner_step_there_is_no_run_and_no_sampled_path():
    family = ml.quadratic_family(1.0, np.array([1.0, -1.0]))
    with pytest.raises(ValueError, match="steps = 0"):
        ExactDescent.of(family, 0.1, 0.5, 1.0, 3, 0)
    with pytest.raises(ValueError, match="steps = 0"):
        SampledPath.of(family, 0.1, 0.5, 1, 0)


def test_paths_that_cannot_be_listed_say_so():
    family = ml.TaskFamily.of([ml.Noisy(ml.Quadratic(1.0, 0.0), ml.GaussianNoise(0.5, 0.0, np.zeros(())))])
    with pytest.raises(NotEnumerableError):
        SampledPath.of(family, 0.1, 0.5, 1, 3)
