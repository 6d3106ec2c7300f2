"""The closed forms of the four statements: divergence, sharp instances, limits and crossovers."""

from dataclasses import replace
from fractions import Fraction as Q

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib.statements import deviations, measure
from mamllib.statements.fallah2020 import lemma_4_8, lemma_4_10, theorem_4_11

A, B, KAPPA = 1.0, 0.5, 4.0
ALPHA = 0.9 / (A + B)
TASK = ml.Trigonometric(A, B, KAPPA)
FAMILY = ml.TaskFamily.of([TASK])


@jax.jit
def meta_curvature(w):
    return jax.grad(lambda x: ml.meta_gradient(FAMILY, ALPHA, x))(w)


@pytest.mark.parametrize(("n", "value"), [(10, 7.922), (100, 75.78), (1_000, 754.4), (10_000, 7540.2)])
def test_the_meta_curvature_grows_along_the_steepest_points(n, value):
    assert float(meta_curvature(TASK.steepest_point(n))) == pytest.approx(value, rel=1e-4)


def test_its_slope_is_the_predicted_one():
    near, far = (TASK.steepest_point(n) for n in (10_000, 20_000))
    slope = (meta_curvature(far) - meta_curvature(near)) / (far - near)
    assert float(slope) == pytest.approx(ALPHA * B * KAPPA * A * (1 - ALPHA * A), rel=1e-6)


def test_its_ratio_to_the_local_constant_has_the_predicted_limit():
    w = TASK.steepest_point(10**6)
    constant = ml.local_smoothness(FAMILY, A + B, B * KAPPA, ALPHA, w)
    assert float(meta_curvature(w) / constant) == pytest.approx((1 - ALPHA * A) / 2, rel=1e-5)


@pytest.mark.parametrize("exponent", [1, 2, 3, 4, 5, 6])
def test_no_constant_makes_the_meta_objective_smooth(exponent):
    C = 10.0**exponent
    pairs = lemma_4_8.not_smooth_witness(C)
    change = lemma_4_8.change(pairs) / np.abs(pairs.w - pairs.u)
    assert float(change[0]) > C
    assert ml.statement("lemma_4_8").check(pairs).verdict == ml.Verdict.HOLDS


@pytest.mark.parametrize(("alpha_L", "factor"), [(Q(1), 4), (Q(1, 2), Q(9, 4)), (Q(2), 9), (Q(0), 1)])
def test_a_concave_quadratic_has_meta_curvature_of_one_plus_alpha_L_squared_times_L(alpha_L, factor):
    pairs = lemma_4_8.concave_quadratic(alpha_L)
    change = lemma_4_8.change(pairs)[0] / abs(pairs.w[0] - pairs.u[0])
    assert change == factor * 3


SIGN_FACTORS = {1: 1, 2: np.sqrt(1 / 2), 3: np.sqrt(3) / 2, 4: Q(3, 4), 5: 0.8385}


@pytest.mark.parametrize("D", SIGN_FACTORS)
def test_the_bias_of_a_smoothed_absolute_value_has_the_rademacher_factors(D):
    problem = lemma_4_10.smoothed_absolute(Q(2 * 10**9, 10**18 - 1), 1)
    bias = lemma_4_10.bias(replace(problem, D_in=1))[0]
    assert float(bias) == pytest.approx(1, abs=1e-8)
    sampled = lemma_4_10.smoothed_absolute(jnp.asarray(1e-9), D, 1.0)
    ratio = float(lemma_4_10.bias(sampled)[0] / lemma_4_10.lipschitz_bound(sampled))
    assert ratio == pytest.approx(float(SIGN_FACTORS[D]), rel=1e-4)


def test_these_factors_are_not_monotone_and_tend_to_that_of_a_gaussian():
    def factor(D):
        return float(np.sqrt(D)) * float(lemma_4_10.bias(lemma_4_10.smoothed_absolute(jnp.asarray(1e-12), D, 1.0))[0])

    assert factor(2) < factor(3) > factor(4)
    for D in (1_000, 4_000):
        assert factor(D) == pytest.approx(np.sqrt(2 / np.pi) * (1 - 1 / (4 * D)), rel=1e-6)


@pytest.mark.parametrize(("m", "n"), [(2, 1), (5, 2), (200, 1)])
def test_the_bias_ratio_at_one_sample_is_a_rational_function_of_t(m, n):
    t = Q(2 * m * n, m * m - n * n)
    problem = lemma_4_10.smoothed_absolute(t)
    assert lemma_4_10.bias(problem)[0] / lemma_4_10.lipschitz_bound(problem) == Q(m - n, m + n)


@pytest.mark.parametrize("root", [1, 3, 10])
def test_the_two_bias_bounds_cross_at_the_predicted_batch_size(root):
    alpha, s, L, rho = Q(1, 2), Q(3), Q(1), 4 * Q(root, 3)
    crossover = (rho * alpha * s / (2 * L)) ** 2
    assert crossover == root**2

    def bounds(D):
        family = ml.TaskFamily.of([ml.Noisy(ml.OddRamp(L, rho), ml.RademacherNoise(s))])
        problem = ml.Adaptation.of(family, alpha, Q(0), D)
        return lemma_4_10.lipschitz_bound(problem), lemma_4_10.taylor_bound(problem)

    lipschitz, taylor = bounds(int(crossover))
    assert lipschitz == taylor
    lipschitz, taylor = bounds(4 * int(crossover))
    assert taylor == lipschitz / 2


@pytest.mark.parametrize("D", [1, 2, 3, 8])
def test_the_taylor_bound_is_attained_at_every_batch_size(D):
    problem = lemma_4_10.odd_ramp(Q(1), D)
    assert lemma_4_10.bias(problem)[0] == lemma_4_10.taylor_bound(problem) == Q(1, 2 * D)


def test_maml_is_unbiased_on_quadratics_and_biased_when_a_batch_is_used_twice():
    problem = lemma_4_10.noisy_curvatures()
    assert list(lemma_4_10.maml_bias(problem)) == [0, 0]
    assert all(bias > 0 for bias in lemma_4_10.reused_batch_bias(problem))


def test_additive_gradient_noise_alone_does_not_show_a_batch_used_twice():
    tasks = [ml.Noisy(ml.Quadratic(Q(a), Q(0)), ml.RademacherNoise(Q(3))) for a in (1, -2)]
    problem = replace(lemma_4_10.noisy_curvatures(), family=ml.TaskFamily.of(tasks))
    assert list(lemma_4_10.reused_batch_bias(problem)) == [0, 0]


@pytest.mark.parametrize(("d", "ratio"), [(1e-1, 0.719), (1e-2, 0.967), (1e-3, 0.9967), (1e-4, 0.99967)])
def test_the_first_term_of_the_gap_is_approached(d, ratio):
    check = ml.statement("theorem_4_11").check(theorem_4_11.smoothed_absolute_float(d))
    assert check.ratio == pytest.approx(ratio, abs=5 * 10 ** (-len(str(ratio)) + 1))
    assert theorem_4_11.second_term(theorem_4_11.smoothed_absolute_float(d)) == 0


@pytest.mark.parametrize(("s", "eta", "D"), [(Q(3), Q(1, 10), 1), (Q(2), Q(1, 1000), 4), (Q(5), Q(1), 9)])
def test_the_second_term_of_the_gap_is_approached(s, eta, D):
    gap = theorem_4_11.bump(s, eta, D)
    assert theorem_4_11.lhs(gap) == s**2 / D
    assert theorem_4_11.lhs(gap) / theorem_4_11.second_term(gap) == 1 / (1 + eta / 2)


@pytest.mark.parametrize("D", [1, 2, 5])
def test_on_quadratics_with_additive_noise_the_gap_is_exactly_zero(D):
    assert theorem_4_11.lhs(theorem_4_11.quadratics(D)) == 0


@pytest.mark.parametrize("D", [1, 2, 7])
def test_curvature_noise_about_a_common_centre_has_the_predicted_gap(D):
    gap = theorem_4_11.common_centre(D)
    assert theorem_4_11.lhs(gap) == Q(1, 2) ** 2 * 1 * Q(1, 2) ** 2 / D


WRONG = [
    ("lemma_4_8", lemma_4_8.wave_pair, "L"),
    ("lemma_4_8", lemma_4_8.wave_pair, "rho"),
    ("lemma_4_8_any_alpha", lemma_4_8.wave_pair, "L"),
    ("lemma_4_10_bias", lemma_4_10.smoothed_absolute, "sigma_tilde"),
    ("lemma_4_10_bias", lambda: lemma_4_10.smoothed_absolute(Q(3, 4)), "sigma_tilde"),
    ("lemma_4_10_second_moment", lemma_4_10.noisy_quadratic, "sigma_tilde"),
    ("lemma_4_10_second_moment", lemma_4_10.noisy_quadratic, "L"),
    ("lemma_4_10_taylor", lemma_4_10.odd_ramp, "rho"),
    ("lemma_4_10_taylor", lemma_4_10.odd_ramp, "sigma_tilde"),
    ("theorem_4_11", theorem_4_11.bump, "sigma_H"),
    ("theorem_4_11", theorem_4_11.bump, "sigma_tilde"),
    ("theorem_4_11", theorem_4_11.quadratics, "L"),
]


@pytest.mark.parametrize(("name", "build", "constant"), WRONG)
def test_a_constant_declared_too_small_silences_the_statement(name, build, constant):
    statement, true = ml.statement(name), build()
    assert statement.check(true).verdict == ml.Verdict.HOLDS
    too_small = true.constants._replace(**{constant: getattr(true.constants, constant) * Q(9, 10)})
    check = statement.check(replace(true, constants=too_small))
    assert check.verdict == ml.Verdict.SILENT
    assert check.smallest_margin[1] < 0


def test_a_lipschitz_constant_that_fails_only_where_samples_lead_silences_the_bias_bound():
    problem = lemma_4_10.odd_ramp(Q(1000))
    too_small = problem.constants._replace(L=problem.constants.L / 2)
    check = ml.statement("lemma_4_10_bias").check(replace(problem, constants=too_small))
    assert check.verdict == ml.Verdict.SILENT, "a wrong constant must not refute the lemma"


def test_the_proof_of_the_bias_bound_climbs_step_by_step():
    noise = ml.SinusoidalNoise(0.7, 2.0, 3, 2)
    tasks = [ml.Noisy(ml.Trigonometric(0.5, 0.5, 3.0, t), noise) for t in jnp.array([[1.0, 0.0], [-2.0, 0.5]])]
    problem = ml.Adaptation.of(ml.TaskFamily.of(tasks), 0.9, jnp.array([0.4, -1.0]), 3)
    chain = lemma_4_10.proof_chain(problem)
    assert np.all(np.diff(np.stack([np.asarray(step) for step in chain]), axis=0) >= -1e-12)
    np.testing.assert_allclose(chain.bias, lemma_4_10.bias(problem), rtol=1e-12)
    np.testing.assert_allclose(chain.bound, lemma_4_10.lipschitz_bound(problem), rtol=1e-12)


TASKS = [ml.gaussian_logistic(key, 3, 12) for key in jax.random.split(jax.random.key(0), 2)]
POINT = jnp.array([0.3, -1.0, 0.5])


def test_measured_hypotheses_are_those_of_the_dense_hessian():
    task, u = TASKS[0], POINT + jnp.array([0.2, 0.1, -0.3])
    hessian = jax.hessian(task.loss)
    np.testing.assert_allclose(measure.hessian(task, POINT), hessian(POINT), rtol=1e-11)
    np.testing.assert_allclose(measure.hessian_norm(task, POINT), np.linalg.norm(hessian(POINT), 2), rtol=1e-11)
    expected = np.linalg.norm(hessian(POINT) - hessian(u), 2) / np.linalg.norm(POINT - u)
    np.testing.assert_allclose(measure.hessian_change(task, POINT, u), expected, rtol=1e-9)
    assert measure.hessian_change(task, POINT, POINT) == 0


def test_measured_variances_are_those_over_all_rows():
    task = TASKS[0]
    rows = [jnp.asarray(row) for row in range(12)]
    gradients = np.stack([task.sample_gradient(POINT, row) for row in rows])
    hessians = np.stack([jax.hessian(lambda w, row=row: task.sample_loss(w, row))(POINT) for row in rows])
    np.testing.assert_allclose(deviations.gradient_variance(task, POINT), np.sum(gradients.var(axis=0)), rtol=1e-11)
    np.testing.assert_allclose(deviations.hessian_samples(task, POINT)[0], np.sum(hessians.var(axis=0)), rtol=1e-10)


OF_OWN_TASKS = [
    ("lemma_4_8", lambda family: ml.Pairs.of(family, 0.1, POINT[None], -POINT[None])),
    ("lemma_4_10_bias", lambda family: ml.Adaptation.of(family, 0.1, POINT, 1)),
    ("lemma_4_10_second_moment", lambda family: ml.Adaptation.of(family, 0.1, POINT, 1)),
    ("lemma_4_10_taylor", lambda family: ml.Adaptation.of(family, 0.1, POINT, 1)),
    ("theorem_4_11", lambda family: ml.Gap.of(family, 0.1, POINT, 1)),
]


@pytest.mark.parametrize(("name", "instance"), OF_OWN_TASKS, ids=[name for name, _ in OF_OWN_TASKS])
def test_tasks_with_different_numbers_of_rows_are_checked_like_any_others(name, instance):
    unequal = ml.TaskFamily.of([TASKS[0], ml.gaussian_logistic(jax.random.key(1), 3, 9)])
    assert unequal.stacked, "padded to one shape"
    assert ml.statement(name).check(instance(unequal)).verdict == ml.Verdict.HOLDS


def test_quadratics_in_floats_are_not_silenced():
    family = ml.TaskFamily.of([ml.Quadratic(1.0, 0.0), ml.Quadratic(-1.0, 1.0)])
    pairs = ml.Pairs.of(family, 0.5, jnp.array([1.0, 2.0]), jnp.array([3.0, 4.0]))
    assert ml.statement("lemma_4_8").check(pairs).verdict == ml.Verdict.HOLDS


@pytest.mark.parametrize("d", [5, 8])
def test_gaussian_noise_of_the_declared_size_does_not_silence_a_statement(d):
    task = ml.Noisy(ml.Trigonometric(1.0, 0.5, 2.0), ml.GaussianNoise(1.0, 0.0, jnp.zeros(d)))
    problem = ml.Adaptation.of(ml.TaskFamily.of([task]), 0.1, jnp.ones(d), 2, samples=2048)
    assert ml.statement("lemma_4_10_bias").check(problem).verdict == ml.Verdict.HOLDS


@pytest.mark.parametrize("make", [ml.Gap.of, ml.Adaptation.of])
def test_a_question_whose_batches_cannot_be_listed_is_refused_when_it_is_made(make):
    task = ml.Noisy(ml.Trigonometric(1.0, 0.5, 2.0), ml.GaussianNoise(1.0, 0.0, jnp.zeros(2)))
    with pytest.raises(ValueError, match="give samples="):
        make(ml.TaskFamily.of([task]), 0.1, jnp.ones(2), 2)
    assert make(ml.TaskFamily.of([task]), 0.1, jnp.ones(2), 2, samples=64).samples == 64
