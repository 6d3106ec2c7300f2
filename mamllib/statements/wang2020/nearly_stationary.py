"""A nearly stationary point of the meta-objective against a comparator: the instance of S1, and where it is tried."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import validation
from mamllib.statements.instance import instance
from mamllib.statements.wang2020.problem import DOUBLE_WELL, LOGISTIC, SQUARED, Problem, risk
from mamllib.tasks.task import Parameters


@instance()
class Stationarity:
    """A problem, linear features (N, p), a point ω and a comparator θ* (p,), and the radius R of the ball for v."""

    problem: Problem
    features: Parameters
    omega: Parameters
    comparator: Parameters
    radius: Parameters

    @classmethod
    def of(cls, problem: Problem, features, omega, comparator, radius) -> "Stationarity":
        """Check the input.

        Raises:
            ValueError: R ≤ 0, or ω or θ* not finite. ShapeError: ω and θ* of different shapes, features not (N, p).
        """
        validation.require_positive("radius", radius)
        validation.require_parameters("omega", omega)
        validation.require_same_shape("omega", omega, "comparator", comparator)
        features, wanted = jnp.asarray(features), (problem.shares.shape[1], *np.shape(omega))
        if features.shape != wanted:
            raise validation.ShapeError(f"features have shape {features.shape}; these inputs and this ω need {wanted}")
        return cls(problem, features, omega, comparator, radius)


def objective(case: Stationarity, theta):
    """𝓛(θ) = F(Φθ)."""
    return risk(case.problem, case.features @ theta)


def descend(case: Stationarity, steps: int, size: float) -> Stationarity:
    """The case with ω after ``steps`` of gradient descent on 𝓛."""
    slope = jax.grad(objective, argnums=1)
    omega = jax.jit(lambda w: jax.lax.fori_loop(0, steps, lambda _, u: u - size * slope(case, u), w))(case.omega)
    return Stationarity(case.problem, case.features, omega, case.comparator, case.radius)


def random_case(seed: int, loss=LOGISTIC, eta: float = 0.5, radius: float = 3.0, p: int = 3) -> Stationarity:
    """Three tasks on twelve shared points with random labels, Gaussian kernel, p random features, random ω and θ*."""
    keys = jax.random.split(jax.random.key(seed), 5)
    x = jax.random.normal(keys[0], (12, 2))
    kernel = jnp.exp(-jnp.sum((x[:, None] - x[None]) ** 2, axis=-1))
    labels = jax.random.rademacher(keys[1], (3, 12), dtype=float)
    shares = jax.random.dirichlet(keys[2], jnp.ones(12), (3,))
    features = jnp.concatenate([jnp.ones((12, 1)), x], axis=1)[:, :p]
    omega, comparator = jax.random.normal(keys[3], (2, features.shape[1]))
    problem = Problem.of(shares, labels, kernel, eta, loss)
    return Stationarity.of(problem, features, omega, comparator, radius)


def trained(seed: int) -> Stationarity:
    """The random case with ω after 20 steps of gradient descent, against θ* after 4000 more."""
    early = descend(random_case(seed), 20, 0.5)
    late = descend(early, 4000, 0.5).omega
    distance = jnp.linalg.norm(early.omega - late)
    return Stationarity.of(early.problem, early.features, early.omega, late, float(distance))


def two_points(loss, eta: float, omega: float, comparator: float, radius: float, features=(1.0, 0.4)) -> Stationarity:
    """One task on two points with labels 1 and −1 and kernel value ½ between them: functions are points of a plane."""
    problem = Problem.of(
        jnp.full((1, 2), 0.5), jnp.array([[1.0, -1.0]]), jnp.array([[1.0, 0.5], [0.5, 1.0]]), eta, loss
    )
    ends = jnp.array([omega]), jnp.array([comparator])
    return Stationarity.of(problem, jnp.array(features)[:, None], *ends, radius)


def squared(seed: int) -> Stationarity:
    """S2: squared loss and R = ‖ω − θ*‖, where the representation term vanishes."""
    case = random_case(seed, SQUARED)
    radius = float(jnp.linalg.norm(case.omega - case.comparator))
    return Stationarity.of(case.problem, case.features, case.omega, case.comparator, radius)


def one_point(loss, eta: float, omega: float, comparator: float, radius: float, label: float = 1.0) -> Stationarity:
    """One task, one point, K ≡ 1, h_θ = θ."""
    problem = Problem.of(jnp.ones((1, 1)), jnp.full((1, 1), label), jnp.ones((1, 1)), eta, loss)
    return Stationarity.of(problem, jnp.ones((1, 1)), jnp.array([omega]), jnp.array([comparator]), radius)


def spurious_logistic(eta: float = 6.0) -> Stationarity:
    """The one-point logistic task beyond η = 4: a stationary point where φ_ω = 0, against the comparator 6."""
    s = (1 + np.sqrt(1 - 4 / eta)) / (1 - np.sqrt(1 - 4 / eta))
    return one_point(LOGISTIC, eta, float(-np.log(s)), 6.0, 10.0)


def spurious_well() -> Stationarity:
    """ℓ = (t² − 1)² + 0.3t at η = 0.02 from its spurious minimum, against the global one."""
    roots = np.sort(np.roots([4, 0, -4, 0.3]).real)
    eta = 0.02

    def preimage(target):
        start = target
        for _ in range(100):
            start = target + eta * (4 * start**3 - 4 * start + 0.3)
        return float(start)

    return one_point(DOUBLE_WELL, eta, preimage(roots[2]), preimage(roots[0]), 3.0)


def uphill(seed: int) -> Stationarity:
    """The random case with ω a step against the gradient from θ*, and R = ‖ω − θ*‖: Rε carries the whole gap."""
    case = random_case(seed)
    step = jax.grad(objective, argnums=1)(case, case.comparator)
    omega = case.comparator + step / jnp.linalg.norm(step)
    return Stationarity.of(case.problem, case.features, omega, case.comparator, 1.0)


def far_labels(seed: int) -> Stationarity:
    """Squared loss with labels ±20 and R = 0.01: the slopes are large, and v can do nothing about it."""
    case = random_case(seed, SQUARED, radius=0.01)
    problem = Problem.of(case.problem.shares, 20 * case.problem.labels, case.problem.kernel, case.problem.eta, SQUARED)
    ahead = jax.grad(objective, argnums=1)(replace(case, problem=problem), case.omega)
    comparator = case.omega - ahead / jnp.linalg.norm(ahead)
    return Stationarity.of(problem, case.features, case.omega, comparator, case.radius)
