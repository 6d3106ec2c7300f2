"""Wang et al., supervised: the pieces of S1, S3, S4 and S4′ against independent computations."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize

from mamllib.statements.wang2020 import draws, loss, nearly_stationary, problem, representation, trained
from mamllib.statements.wang2020 import inner_step_too_large as inner
from mamllib.statements.wang2020 import linearisation as line
from mamllib.statements.wang2020 import optimality_gap as s1
from mamllib.statements.wang2020 import two_layer_gap as s3
from mamllib.tasks import two_layer as layer

CASE = nearly_stationary.random_case(3)
TRAINED = s3.projected_gradient(s3.regression(0, 128), 300, 0.5)


def test_the_adapted_features_are_the_derivative_of_the_adapted_values():
    def values(theta):
        return problem.adapted(CASE.problem, CASE.features @ theta)

    np.testing.assert_allclose(s1.adapted_features(CASE, CASE.omega), jax.jacfwd(values)(CASE.omega), rtol=1e-10)


def test_the_functional_gradient_is_the_derivative_of_the_risk():
    h, u = jax.random.normal(jax.random.key(0), (2, len(CASE.problem.mixture)))
    slope = jax.jvp(lambda h: problem.risk(CASE.problem, h), (h,), (u,))[1]
    g = problem.functional_gradient(CASE.problem, h)
    assert float(jnp.sum(CASE.problem.mixture * g * u)) == pytest.approx(float(slope), rel=1e-10)


def test_the_mean_of_norms_is_the_one_that_a_general_optimiser_finds():
    rng = np.random.default_rng(0)
    A, b, weights, radius = rng.normal(size=(2, 5, 3)), rng.normal(size=(2, 5)), np.array([0.3, 0.7]), 0.4

    def cost(v):
        return weights @ np.linalg.norm(b - A @ v, axis=1)

    value, lower, v = representation.smallest_mean_of_norms(A, b, weights, radius)
    ball = {"type": "ineq", "fun": lambda v: radius**2 - v @ v}
    found = minimize(cost, np.zeros(3), constraints=[ball], tol=1e-12)
    assert np.linalg.norm(v) <= radius * (1 + 1e-12)
    assert value == pytest.approx(cost(v))
    assert lower <= value <= found.fun + 1e-7
    assert value - lower < 1e-7


@pytest.mark.parametrize("radius", [0.1, 1.0, 100.0])
def test_the_ball_least_squares_is_the_one_of_a_cone_program(radius):
    rng = np.random.default_rng(1)
    features, residual, weights = rng.normal(size=(6, 4)), rng.normal(size=6), rng.dirichlet(np.ones(6))
    found, _ = representation.ball_least_squares(features @ features.T, residual, weights, radius)
    root = np.sqrt(weights)
    value, _, _ = representation.smallest_mean_of_norms(
        (root[:, None] * features)[None], (root * residual)[None], np.ones(1), radius
    )
    assert found == pytest.approx(value, rel=1e-4, abs=1e-6)


def test_the_stated_minimiser_is_stationary():
    slope = problem.functional_gradient(TRAINED.problem, TRAINED.comparator)
    assert float(jnp.abs(slope).max()) < 1e-9


def test_the_meta_gradient_is_the_derivative_of_the_objective():
    def objective(W):
        return problem.risk(TRAINED.problem, layer.network(TRAINED.net, W, TRAINED.inputs))

    np.testing.assert_allclose(
        trained.meta_gradient(TRAINED), jax.grad(objective)(TRAINED.omega), rtol=1e-9, atol=1e-14
    )


def test_the_measured_gradient_is_the_one_that_training_follows():
    np.testing.assert_allclose(s3.tangent_gradient(TRAINED), trained.meta_gradient(TRAINED), rtol=1e-9, atol=1e-14)


def test_the_frank_wolfe_gap_is_the_largest_descent_over_the_ball():
    gradient = trained.meta_gradient(TRAINED)
    directions = jax.random.normal(jax.random.key(5), (200, *TRAINED.omega.shape))
    norms = jnp.sqrt(jnp.sum(directions**2, axis=(1, 2), keepdims=True))
    points = TRAINED.net.start + TRAINED.radius * directions / norms
    descents = jnp.sum(gradient * (TRAINED.omega - points), axis=(1, 2))
    best = TRAINED.net.start - TRAINED.radius * gradient / jnp.linalg.norm(gradient)
    epsilon = float(s3.frank_wolfe_gap(TRAINED))
    assert float(descents.max()) < epsilon
    assert float(jnp.sum(gradient * (TRAINED.omega - best))) == pytest.approx(epsilon, rel=1e-9)


@pytest.mark.parametrize("m", [16, 64, 256])
def test_for_quadratic_risk_the_bound_is_at_least_twice_the_gap(m):
    case = s3.projected_gradient(s3.regression(1, m), 500, 0.5)
    assert float(s3.bound(case).lower) >= 2 * s3.gap(case)


def test_the_adversary_at_a_point_is_a_network():
    net, x = layer.two_layer(jax.random.key(0), 256, 3), jnp.array([[1.0, 0.0, 0.0]])
    products, positive = np.asarray(net.start[:, 0]), np.asarray(net.signs > 0)
    order = np.argsort(np.where(positive, np.abs(products), np.inf))
    errors, features, _ = draws.point_adversary(products, positive, 1.0)
    for k in range(1, 60):
        W = np.array(net.start)
        W[order[:k], 0] -= np.sign(W[order[:k], 0]) / np.sqrt(k)
        assert np.linalg.norm(W - net.start) <= 1 + 1e-12
        found = line.Displaced.of(net, W, x, 1.0).measured
        assert errors[k - 1] ** 2 == pytest.approx(found.squares[0], rel=1e-9, abs=1e-20)
        assert features[k - 1] ** 2 == pytest.approx(found.features[0], rel=1e-9, abs=1e-20)


def test_the_adversary_has_the_rate_of_the_bound_for_atoms():
    small, large = (np.sqrt(draws.point_masses(1, m, 12).squares).mean() for m in (2**12, 2**18))
    assert np.log(small / large) / np.log(2**6) == pytest.approx(1 / 6, abs=0.02)


@pytest.mark.parametrize(
    ("direction", "slope"),
    [(line.random_direction, 0.75), (line.common_direction, 0.5), (line.cluster_direction, 0.375)],
)
def test_other_directions_fall_faster(direction, slope):
    errors = [np.sqrt(draws.networks(0, m, direction, draws=6).squares.mean()) for m in (64, 4096)]
    assert np.log(errors[0] / errors[1]) / np.log(64) == pytest.approx(slope, abs=0.08)


def test_the_spurious_points_are_where_the_closed_form_says():
    case = trained.one_point_logistic(6.0)
    assert float(case.omega[0, 0]) == pytest.approx(1.317, abs=1e-3)
    assert float(jnp.abs(trained.meta_gradient(case)).max()) < 1e-12
    well = nearly_stationary.spurious_well()
    assert float(s1.stationarity(well)) < 1e-12
    assert float(s1.optimality_gap(well)) == pytest.approx(0.5995, abs=2e-4)


@pytest.mark.parametrize("eta", [1.0, 3.9])
def test_below_eta_four_one_logistic_point_has_no_stationary_point(eta):
    assert float(jnp.abs(inner.slopes(jnp.array([eta]), jnp.linspace(-6, 6, 241))).min()) > 0


@pytest.mark.parametrize("eta", [4.0, 4.5, 6.0, 40.0])
def test_from_eta_four_on_the_slope_changes_sign_where_the_closed_form_says(eta):
    def slope(theta):
        return float(
            jax.grad(nearly_stationary.objective, argnums=1)(inner.logistic_point(eta, theta), jnp.array([theta]))[0]
        )

    points = inner.stationary_points(eta)
    assert len(points) == (1 if eta == 4 else 2)
    for point in points:
        assert slope(point) == pytest.approx(0, abs=1e-12)
    signs = [np.sign(slope(t)) for t in (points[0] - 0.5, points.mean() + 1e-3 * (eta == 4), points[-1] + 0.5)]
    assert signs == ([-1, -1, -1] if eta == 4 else [-1, 1, -1])


@pytest.mark.parametrize("eta", [0.5, 3.0, 3.999])
def test_no_stationary_point_below_eta_four(eta):
    assert len(inner.stationary_points(eta)) == 0


def test_changed_signs_are_counted():
    case = replace(TRAINED, omega=-TRAINED.net.start)
    np.testing.assert_array_equal(case.measured.flips, TRAINED.net.width)
    np.testing.assert_array_equal(replace(TRAINED, omega=TRAINED.net.start).measured.flips, 0)


def test_the_cost_of_the_features_covers_every_direction_in_the_ball():
    directions = jax.random.normal(jax.random.key(7), (50, *TRAINED.omega.shape))
    norms = jnp.sqrt(jnp.sum(directions**2, axis=(1, 2), keepdims=True))
    mixture, net, x = TRAINED.problem.mixture, TRAINED.net, TRAINED.inputs
    for V in net.start + TRAINED.radius * directions / norms:
        moved = layer.tangent_product(net, TRAINED.omega, V, x) - layer.tangent_product(net, net.start, V, x)
        assert float(problem.mean_square(mixture, moved)) ** 0.5 <= s3.feature_cost(TRAINED)


def test_a_dead_neuron_is_stationary_and_not_optimal():
    case = trained.dead_neuron()
    assert float(s3.frank_wolfe_gap(case)) == 0
    assert float(s3.gap(case)) == 0.5
    assert s3.representation(case) == pytest.approx(1)
    assert s3.representation(case, at="start") == pytest.approx(0, abs=1e-9)


def test_features_at_v_equal_to_omega_are_the_linearisation():
    case = line.displaced(3, 64)
    found = line.squared_feature_error(case, case.weights)
    np.testing.assert_allclose(found, line.squared_error(case), rtol=1e-9, atol=1e-20)


@pytest.mark.parametrize("direction", [line.random_direction, line.common_direction, line.cluster_direction])
def test_directions_have_the_length_they_say_and_their_mirror_is_in_the_ball(direction):
    case = line.displaced(0, 200, direction, radius=0.7)
    for W in (case.weights, line.mirrored(case)):
        assert float(jnp.linalg.norm(W - case.net.start)) == pytest.approx(0.7)


def test_the_start_is_in_the_ball_of_digits_and_labels_are_signs():
    case = trained.digits(0, 8)
    assert set(np.unique(case.problem.labels)) == {-1.0, 1.0}
    np.testing.assert_allclose(jnp.linalg.norm(case.inputs, axis=1), 1.0)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"labels": jnp.array([[0.0, 1.0]])}, ValueError, "labels 1 and −1"),
        ({"kernel": jnp.eye(3)}, ValueError, r"kernel has shape \(3, 3\); with 2 inputs it is \(2, 2\)"),
        ({"kernel": jnp.array([[1.0, 0.5], [0.0, 1.0]])}, ValueError, "differ by up to 0.5"),
        ({"loss": "logistic"}, TypeError, "loss is a str; give LOGISTIC"),
    ],
)
def test_a_problem_that_makes_no_sense_is_refused(changed, error, message):
    sound = {"shares": jnp.full((1, 2), 0.5), "labels": jnp.array([[1.0, -1.0]]), "kernel": jnp.eye(2), "eta": 0.1}
    given = sound | {"loss": loss.LOGISTIC} | changed
    with pytest.raises(error, match=message):
        problem.Problem.of(**given)


def test_features_that_do_not_fit_are_refused():
    case = nearly_stationary.two_points(loss.LOGISTIC, 0.5, 0.0, 1.0, 1.0)
    with pytest.raises(ValueError, match=r"features have shape \(3, 1\); these inputs and this ω need \(2, 1\)"):
        nearly_stationary.Stationarity.of(case.problem, jnp.ones((3, 1)), case.omega, case.comparator, 1.0)


def test_input_outside_the_hypotheses_is_refused():
    net = layer.two_layer(jax.random.key(0), 4, 3)
    with pytest.raises(ValueError, match="inputs have norm up to 2"):
        line.Displaced.of(net, net.start, 2 * jnp.eye(3), 1.0)
    with pytest.raises(ValueError, match="d = 2 is not allowed"):
        line.mean_bound(4, 2, 1.0)
    with pytest.raises(ValueError, match="radius = 0"):
        trained.Trained.of(TRAINED.problem, TRAINED.inputs, TRAINED.net, TRAINED.omega, 0.0, TRAINED.comparator)
