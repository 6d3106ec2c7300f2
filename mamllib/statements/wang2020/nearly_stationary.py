"""A nearly stationary point of the meta-objective against a comparator: the instance of S1, and where it is tried."""

from dataclasses import replace
from functools import cached_property, partial
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import validation
from mamllib.statements.wang2020.loss import DOUBLE_WELL, LOGISTIC, SQUARED, readings
from mamllib.statements.wang2020.problem import Problem, adapted, drawing, finite, instance, on_host, risk, trials
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
            ValueError: R ≤ 0, or a number that is not finite. ShapeError: ω and θ* of different shapes, features not
                (N, p). PrecisionError: float32.
        """
        validation.require_positive("radius", radius)
        validation.require_same_shape("omega", omega, "comparator", comparator)
        omega, comparator = finite("omega", omega), finite("comparator", comparator)
        features, wanted = finite("features", features), (problem.shares.shape[1], *omega.shape)
        if features.shape != wanted or omega.ndim != 1:
            raise validation.ShapeError(f"features have shape {features.shape}; these inputs and this ω need {wanted}")
        return cls(problem, features, omega, comparator, float(radius))

    @cached_property
    def measured(self) -> SimpleNamespace:
        """All that the statements on this instance, their hypotheses and their wrong versions need, computed once."""
        return on_host(_measured(replace(self, problem=self.problem.now())))

    trials = property(trials)


def objective(case: Stationarity, theta):
    """𝓛(θ) = F(Φθ)."""
    return risk(case.problem, case.features @ theta)


def adapted_features(case: Stationarity, theta):
    """φ_{i,θ}, shape (n, N, p), as φ − ηE_{D_i}[ℓ''K φ]."""
    problem, h = case.problem, case.features @ theta
    pull = problem.shares * problem.loss.curvature(h[None], problem.labels)
    return case.features - problem.eta * jnp.einsum("xz,iz,zp->ixp", problem.kernel, pull, case.features)


@jax.jit
def _measured(case: Stationarity) -> dict:
    """h_ω (N,), the adapted values of ω and θ* (n, N), what is read of ℓ there, ∇𝓛(ω) and φ_{i,ω} (n, N, p)."""
    problem, start = case.problem, case.features @ case.omega
    here, there = jax.vmap(partial(adapted, problem))(jnp.stack([start, case.features @ case.comparator]))
    slope = jax.grad(objective, argnums=1)(case, case.omega)
    found = {"start": start, "here": here, "there": there, "gradient": slope}
    found["features"] = adapted_features(case, case.omega)
    return found | readings(problem.loss, start, here, there, problem.labels)


def gradient(case: Stationarity, theta) -> np.ndarray:
    """∇𝓛(θ)."""
    return replace(case, omega=theta).measured.gradient


@jax.jit
def _descended(case: Stationarity, steps, size):
    slope = jax.grad(objective, argnums=1)
    return jax.lax.fori_loop(0, steps, lambda _, theta: theta - size * slope(case, theta), case.omega)


def descend(case: Stationarity, steps: int, size: float) -> Stationarity:
    """The case with ω after ``steps`` of gradient descent on 𝓛."""
    return replace(case, omega=jax.device_get(_descended(case, steps, size)))


@drawing
def _drawn(seed):
    keys = jax.random.split(jax.random.key(seed), 5)
    x = jax.random.normal(keys[0], (12, 2))
    kernel = jnp.exp(-jnp.sum((x[:, None] - x[None]) ** 2, axis=-1))
    labels = jax.random.rademacher(keys[1], (3, 12), dtype=float)
    shares = jax.random.dirichlet(keys[2], jnp.ones(12), (3,))
    features = jnp.concatenate([jnp.ones((12, 1)), x], axis=1)
    return shares, labels, kernel, features, jax.random.normal(keys[3], (2, 3))


def random_case(seed: int, loss=LOGISTIC, eta: float = 0.5, radius: float = 3.0) -> Stationarity:
    """Three tasks on twelve shared points with random labels, Gaussian kernel, random features, random ω and θ*."""
    shares, labels, kernel, features, ends = jax.device_get(_drawn(seed))
    return Stationarity.of(Problem.of(shares, labels, kernel, eta, loss), features, *ends, radius)


def trained(seed: int) -> Stationarity:
    """The random case with ω after 20 steps of gradient descent, against θ* after 4000 more."""
    early = descend(random_case(seed), 20, 0.5)
    return _between(early, early.omega, descend(early, 4000, 0.5).omega)


def _between(case: Stationarity, omega, comparator) -> Stationarity:
    """With R = ‖ω − θ*‖."""
    distance = float(np.linalg.norm(omega - comparator))
    return Stationarity.of(case.problem, case.features, omega, comparator, distance)


def two_points(loss, eta: float, omega: float, comparator: float, radius: float, features=(1.0, 0.4)) -> Stationarity:
    """One task on two points with labels 1 and −1 and kernel value ½ between them: functions are points of a plane."""
    problem = Problem.of(np.full((1, 2), 0.5), [[1.0, -1.0]], [[1.0, 0.5], [0.5, 1.0]], eta, loss)
    return Stationarity.of(problem, np.array(features)[:, None], np.array([omega]), np.array([comparator]), radius)


def squared(seed: int) -> Stationarity:
    """S2: squared loss and R = ‖ω − θ*‖, where the representation term vanishes."""
    case = random_case(seed, SQUARED)
    return _between(case, case.omega, case.comparator)


def one_point(loss, eta: float, omega: float, comparator: float, radius: float, label: float = 1.0) -> Stationarity:
    """One task, one point, K ≡ 1, h_θ = θ."""
    one = np.ones((1, 1))
    problem = Problem.of(one, label * one, one, eta, loss)
    return Stationarity.of(problem, one, np.array([omega]), np.array([comparator]), radius)


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
    step = gradient(case, case.comparator)
    return _between(case, case.comparator + step / np.linalg.norm(step), case.comparator)


def far_labels(seed: int) -> Stationarity:
    """Squared loss with labels ±20 and R = 0.01: the slopes are large, and v can do nothing about it."""
    case = random_case(seed, SQUARED, radius=0.01)
    case = replace(case, problem=replace(case.problem, labels=20 * case.problem.labels))
    ahead = gradient(case, case.omega)
    return replace(case, comparator=case.omega - ahead / np.linalg.norm(ahead))
