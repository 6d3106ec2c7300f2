"""Where a hypothesis of Wang et al.'s statements fails, the statement is silent or the input refused; where it holds,
the statement speaks, whatever the input is called."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mamllib.statements import wang2020
from mamllib.statements.wang2020 import draws, linearisation, nearly_stationary, trained
from mamllib.statements.wang2020 import inner_step_too_large as inner
from mamllib.statements.wang2020 import small_balls as balls
from mamllib.tasks.two_layer import TwoLayer, sphere, two_layer
from mamllib.trials import ChangingFunctionError
from mamllib.validation import PrecisionError, ShapeError

DENT = 0.0  # what ``dented`` reads


def verdict(statement, case) -> str:
    return str(statement.check(case).verdict)


def unmet(statement, case) -> set[str]:
    return {name for name, hypothesis in statement.check(case).hypotheses.items() if not hypothesis.met}


def concave_kink(t, y):
    return t**2 / 4 - 2 * jnp.abs(t - 0.3) + 0 * y


def narrow_step(t, y):
    return t**2 / 2 - 9 * jax.nn.sigmoid(300 * (t - 0.41)) + 0 * y


def hinge(t, y):
    return jax.nn.relu(1 - y * t)


def far_hinge(t, y):
    return jax.nn.relu(t - 0.35) + t**2 / 2 + 0 * y


def huber(t, y):
    return jnp.where(jnp.abs(t - y) < 1, (t - y) ** 2 / 2, jnp.abs(t - y) - 0.5)


def explosive(t, y):
    return jnp.exp(300 * t**2) + 0 * y


@jax.custom_jvp
def wrong_slope(t, y):
    return (t - y) ** 2 / 2


@wrong_slope.defjvp
def _(primals, tangents):
    t, y = primals
    return wrong_slope(t, y), 0.05 * (t - y) * tangents[0]


def dented(t, y):
    return (t - y) ** 2 / 2 - DENT * jnp.exp(-4 * t**2)


def drawn(t, y):
    return (t - y) ** 2 / 2 + np.random.default_rng().normal() * t


BROKEN = [concave_kink, narrow_step, hinge, far_hinge, explosive, wrong_slope]


@pytest.mark.parametrize("value", BROKEN, ids=lambda value: value.__name__)
@pytest.mark.parametrize("ends", [(1.0, -1.7), (-1.7, 1.0)])
def test_a_loss_that_is_not_convex_and_c2_is_left_alone_whatever_it_is_called(value, ends):
    case = nearly_stationary.one_point(wang2020.Loss(value, convex=True), 0.0, *ends, 0.1, label=-1.0)
    assert verdict(wang2020.OPTIMALITY_GAP, case) == "silent"


@pytest.mark.parametrize("place", [2.0, -2.0])
def test_a_kink_where_the_inner_step_reads_the_curvature(place):
    """h_ω at the knot of Huber's loss, where φ_{i,ω} needs ℓ''."""
    case = nearly_stationary.one_point(wang2020.Loss(huber), 0.5, place, 0.2, 3.0, label=place - np.sign(place))
    assert "ℓ is C² in h" in unmet(wang2020.OPTIMALITY_GAP, case)


def test_wiggly_losses_are_never_said_to_refute_the_theorem():
    found = set()
    for k in range(60):
        rng = np.random.default_rng(k)
        shares, kernel = rng.dirichlet(np.ones(4), 2), np.eye(4) + 0.3
        problem = wang2020.Problem.of(shares, rng.normal(size=(2, 4)) * 0.6, kernel, rng.uniform(0, 2), WIGGLY)
        ends = rng.normal(size=(2, 2))
        case = wang2020.Stationarity.of(problem, rng.normal(size=(4, 2)), *ends, np.linalg.norm(ends[0] - ends[1]) / 9)
        found.add(verdict(wang2020.OPTIMALITY_GAP, case))
    assert found == {"silent", "holds"}


WIGGLY = wang2020.Loss(lambda t, y: t**2 / 2 + y * jnp.sin(2 * t))


def test_a_loss_that_reads_a_global_is_what_it_is_now(monkeypatch):
    loss = wang2020.Loss(dented)
    before = nearly_stationary.one_point(loss, 0.0, 1.0, -0.5, 2.0)
    first = wang2020.OPTIMALITY_GAP.check(before)
    monkeypatch.setitem(globals(), "DENT", 30.0)
    assert "ℓ computes what it did" in unmet(wang2020.OPTIMALITY_GAP, before)
    after = nearly_stationary.one_point(loss, 0.0, 1.0, -0.5, 2.0)
    assert float(wang2020.OPTIMALITY_GAP.check(after).left) != pytest.approx(float(first.left))
    assert "ℓ is convex in h" in unmet(wang2020.OPTIMALITY_GAP, after)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (drawn, ChangingFunctionError, "another one each time"),
        (lambda t, y: ((t - y).astype(jnp.float32) ** 2).astype(float), PrecisionError, "computes in float32"),
        (lambda t, y: t if t > y else y, ValueError, "use jnp.where"),
        (lambda t, y: jnp.array([t, y]), ValueError, r"shape is \(2,\)"),
        (lambda t, y: t * {}["scale"], ValueError, "the loss raised KeyError: 'scale'"),
    ],
)
def test_a_loss_that_cannot_be_used_is_refused_as_the_loss(value, error, message):
    with pytest.raises(error, match=message):
        nearly_stationary.one_point(wang2020.Loss(value), 0.2, 1.0, -1.0, 2.0)


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize("name", ["labels", "kernel", "features", "omega", "comparator"])
@pytest.mark.parametrize("wrong", [NAN, INF])
def test_a_number_that_is_not_finite_is_named_wherever_it_stands(name, wrong):
    one = np.full((1, 2), 0.5)
    given = {"labels": np.array([[1.0, -1.0]]), "kernel": np.eye(2), "features": np.eye(2)}
    given |= {"omega": np.zeros(2), "comparator": np.ones(2)}
    given[name] = given[name].copy()
    given[name].ravel()[-1] = wrong

    def make():
        problem = wang2020.Problem.of(one, given["labels"], given["kernel"], 0.1, wang2020.SQUARED)
        return wang2020.Stationarity.of(problem, given["features"], given["omega"], given["comparator"], 1.0)

    with pytest.raises(ValueError, match=f"{name} holds a non-finite value"):
        make()


@pytest.mark.parametrize("radius", [0.0, -1.0, NAN, INF])
def test_radii_are_positive_and_finite(radius):
    case = nearly_stationary.random_case(0)
    with pytest.raises(ValueError, match="radius = "):
        wang2020.Stationarity.of(case.problem, case.features, case.omega, case.comparator, radius)
    net = two_layer(jax.random.key(0), 4, 3)
    with pytest.raises(ValueError, match="radius = "):
        wang2020.Displaced.of(net, net.start, np.eye(3), radius)


def test_one_logistic_point_is_known_by_its_numbers():
    copy = wang2020.Loss(lambda t, y: jnp.log1p(jnp.exp(-y * t)))
    assert verdict(wang2020.INNER_STEP, nearly_stationary.one_point(copy, 3.0, 0.01, 6.0, 1.0)) == "holds"
    weaker = wang2020.Loss(lambda t, y: 0.9 * jax.nn.softplus(-y * t))
    assert inner.ONE_POINT in unmet(wang2020.INNER_STEP, nearly_stationary.one_point(weaker, 3.0, 0.01, 6.0, 1.0))


@pytest.mark.parametrize("scale", [0.1, -0.5, 2.0])
def test_the_inner_step_needs_h_to_be_the_parameter(scale):
    case = inner.logistic_point(1.0, 0.5)
    assert inner.ONE_POINT in unmet(wang2020.INNER_STEP, replace(case, features=scale * case.features))


def neuron(loss, omega, comparator, x=1.0, start=0.1, radius=1.5, label=1.0, eta=0.0):
    one = np.ones((1, 1))
    problem = wang2020.Problem.of(one, label * one, one, eta, loss)
    net = TwoLayer(np.ones(1), start * one)
    return wang2020.Trained.of(problem, x * one, net, omega * one, radius, np.array([comparator]))


S3 = [wang2020.TWO_LAYER_GAP, wang2020.TWO_LAYER_GAP_HALVED, wang2020.FEATURES_AT_START]


@pytest.mark.parametrize("statement", S3, ids=lambda statement: statement.id)
@pytest.mark.parametrize("value", BROKEN, ids=lambda value: value.__name__)
def test_s3_leaves_a_loss_alone_that_is_not_convex_and_c2(statement, value):
    assert verdict(statement, neuron(wang2020.Loss(value, convex=True), 1.0, -1.7, label=-1.0)) == "silent"


def test_the_half_needs_a_quadratic_risk_and_its_minimiser_by_value():
    halved, quadratic = wang2020.TWO_LAYER_GAP_HALVED, "F is quadratic, h* its minimiser"
    own = wang2020.Loss(lambda t, y: t * t / 2 - t * y + y * y / 2)
    assert verdict(halved, neuron(own, 0.4, 1.0)) == "holds"
    assert quadratic in unmet(halved, neuron(wang2020.SQUARED, 0.4, 0.99))
    assert quadratic in unmet(halved, neuron(wang2020.LOGISTIC, 0.4, 1.0))
    quartic = wang2020.Loss(lambda t, y: (t - y) ** 4)
    assert quadratic in unmet(halved, neuron(quartic, 0.4, 1.0))


def test_a_neuron_at_its_kink_has_no_gradient():
    assert unmet(wang2020.TWO_LAYER_GAP, neuron(wang2020.SQUARED, 0.0, 1.0)) == {"ω_rᵀx ≠ 0"}


def test_inputs_longer_than_one_cost_more_features_than_s3_counts():
    case = neuron(wang2020.SQUARED, -0.1, 6.0, x=10.0, radius=0.5, label=6.0)
    assert unmet(wang2020.FEATURES_AT_START, case) == {"‖x‖ ≤ 1"}
    assert verdict(wang2020.TWO_LAYER_GAP, case) == "holds"


@pytest.mark.parametrize("name", ["inputs", "omega", "comparator", "start"])
def test_a_trained_network_is_finite(name):
    case = trained.regression(0, 8)
    given = {"inputs": case.inputs, "omega": case.omega, "comparator": case.comparator, "start": case.net.start}
    given[name] = given[name].copy()
    given[name].ravel()[-1] = NAN
    net = TwoLayer(case.net.signs, given["start"])
    with pytest.raises(ValueError, match=f"{name} holds a non-finite value"):
        wang2020.Trained.of(case.problem, given["inputs"], net, given["omega"], 1.0, given["comparator"])


def test_what_does_not_fit_a_network_is_refused():
    case = trained.regression(0, 8)
    with pytest.raises(ShapeError, match=r"comparator have shapes \(24, 3\) and \(23,\); the problem has 24 points"):
        wang2020.Trained.of(case.problem, case.inputs, case.net, case.omega, 1.0, case.comparator[1:])
    net = TwoLayer(0.5 * np.abs(case.net.signs), case.net.start)
    with pytest.raises(ValueError, match=r"signs of neurons are ±1; 0\.5 is not"):
        wang2020.Trained.of(case.problem, case.inputs, net, case.omega, 1.0, case.comparator)


SMALL_BALLS = "P_M(|uᵀx| ≤ ξ) ≤ cξ"
UNIT = np.array([[0.6, 0.0, 0.8]])


def on_sphere(d: int, points: int = 4096) -> np.ndarray:
    return np.asarray(sphere(jax.random.key(7), points, d))


def cap(width: float) -> np.ndarray:
    x = UNIT + width * on_sphere(3)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


CROWDED = {
    "64 copies": np.repeat(UNIT, 64, axis=0),
    "a point and its opposite": np.repeat(np.concatenate([UNIT, -UNIT]), 200, axis=0),
    "half a point": np.concatenate([on_sphere(3)[:2048], np.repeat(UNIT, 2048, axis=0)]),
    "a cap": cap(0.5),
    "a circle": np.pad(on_sphere(2), ((0, 0), (0, 1))),
    "five points": np.repeat(on_sphere(3, 5), 100, axis=0),
    "S³": on_sphere(4),
    "a short sphere": 0.5 * on_sphere(3),
    "too few": on_sphere(3, 24),
}


def moved(inputs, direction=linearisation.random_direction, m: int = 64, seed: int = 0, radius: float = 1.0, c=1.0):
    keys = jax.random.split(jax.random.key(seed))
    net = two_layer(keys[0], m, inputs.shape[1])
    return wang2020.Displaced.of(net, direction(net, keys[1], radius), inputs, radius, c)


@pytest.mark.parametrize("name", CROWDED)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_inputs_in_which_balls_are_not_small(name, seed):
    case = moved(CROWDED[name], seed=seed)
    for statement in (wang2020.SURE, wang2020.FEATURES):
        assert SMALL_BALLS in unmet(statement, case)
    widths = wang2020.Widths.of([case, moved(CROWDED[name], seed=seed + 9)])
    assert SMALL_BALLS in unmet(wang2020.IN_MEAN, widths)


@pytest.mark.parametrize("seed", range(8))
def test_the_sphere_is_not_taken_for_crowded(seed):
    case = linearisation.displaced(seed, 64, linearisation.common_direction, 3, 1.0, 1024)
    assert verdict(wang2020.SURE, case) == verdict(wang2020.FEATURES, case) == "holds"


def test_c_is_the_measure_s():
    """On S³ the density of uᵀx is at most 2/π: c = 4/π is enough, and 1 is not; on S², half of 1 is not."""
    right = moved(on_sphere(4), c=4 / np.pi)
    assert verdict(wang2020.SURE, right) == "holds"
    assert float(wang2020.SURE.check(right).right) == pytest.approx(
        4 / np.pi * linearisation.sure_bound(right.net, 1.0)
    )
    assert SMALL_BALLS in unmet(wang2020.SURE, moved(on_sphere(3), c=0.5))


@pytest.mark.parametrize("radius", [0.3, 3.0])
def test_the_ball_is_measured(radius):
    case = moved(on_sphere(3))
    shrunk = replace(case, radius=radius)
    assert ("W is in the ball" in unmet(wang2020.SURE, shrunk)) == (radius < 1)


def test_a_start_that_is_not_gaussian_is_found_out():
    """Starts a thousandth as long: every neuron is near a sign change, and S4′'s mean over W₀ says nothing."""
    inputs = on_sphere(3, 256)
    cases = []
    for seed in range(6):
        net = two_layer(jax.random.key(seed), 64, 3)
        net = TwoLayer(net.signs, 1e-3 * net.start)
        weights = linearisation.common_direction(net, jax.random.key(seed + 50), 1.0)
        cases.append(wang2020.Displaced.of(net, weights, inputs, 1.0))
    widths = wang2020.Widths.of(cases)
    for statement in (wang2020.IN_MEAN, wang2020.ATOMS, wang2020.FEATURES_AT_ATOMS):
        assert "W₀ ~ N(0, I/d)" in unmet(statement, widths)


def test_the_norms_of_the_inputs_are_read():
    unit, short = (wang2020.Widths.of([moved(x, seed=k) for k in range(4)]) for x in (cap(0.5), 0.1 * cap(0.5)))
    longer, shorter = (float(wang2020.ATOMS.check(widths).right) for widths in (unit, short))
    assert shorter == pytest.approx(10 ** (2 / 3) * longer)


def test_a_zero_input_leaves_no_bound_to_tick():
    inputs = np.concatenate([on_sphere(3, 255), np.zeros((1, 3))])
    assert verdict(wang2020.ATOMS, wang2020.Widths.of([moved(inputs, seed=k) for k in range(4)])) == "silent"


@pytest.mark.parametrize("wrong", [NAN, INF, -1.0])
def test_squares_are_finite_and_not_negative(wrong):
    widths = draws.point_masses(0, 64, 4)
    squares = widths.squares.copy()
    squares[2] = wrong
    with pytest.raises(ValueError, match="squares = "):
        replace(widths, squares=squares)
    with pytest.raises(ShapeError, match="features has shape"):
        replace(widths, features=widths.features[:2])


def test_draws_of_different_kinds_are_not_averaged():
    with pytest.raises(ValueError, match="must be the same"):
        wang2020.Widths.of([moved(on_sphere(3, 64)), moved(on_sphere(3, 64), m=32)])


def test_two_dimensions_leave_s4_in_mean_silent():
    widths = wang2020.Widths.of([moved(on_sphere(2, 256), seed=k) for k in range(4)])
    assert "d ≥ 3" in unmet(wang2020.IN_MEAN, widths)
    assert verdict(wang2020.ATOMS, widths) == "holds"


def test_a_condition_that_holds_with_equality_is_refuted_as_rarely_as_said():
    """On S², F(ξ) = ξ: over 200 samples the largest excess stays below 0."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        x = rng.normal(size=(400, 3))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        assert balls.excess(x, rng.normal(size=(9, 3)), 1.0) < 0
