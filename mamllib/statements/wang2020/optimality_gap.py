"""S1: how far from optimal a nearly stationary point of the meta-objective can be, for convex losses.

    𝓛(ω) − 𝓛(θ*) ≤ Rε + inf_{‖v‖≤R} (1/n) Σ_i ‖ℓ'(h_{i,ω}, y)‖_{D_i} ‖h_{i,ω} − h_{i,θ*} − φ_{i,ω}ᵀv‖_{D_i}
    ε = ‖∇𝓛(ω)‖, θ* any, R > 0 any,  φ_{i,ω} = ∇_ω h_{i,ω} = φ − ηE_{D_i}[ℓ''(h_ω, y)K(x, ·)φ]   (derived here)

Proof. R_i is convex, so 𝓛(ω) − 𝓛(θ*) ≤ (1/n)Σ E_{D_i}[ℓ'(h_{i,ω}, y)(h_{i,ω} − h_{i,θ*})]. By the chain rule
vᵀ∇𝓛(ω) = (1/n)Σ E_{D_i}[ℓ'(h_{i,ω}, y) φ_{i,ω}ᵀv]; it is at most Rε. Subtract it and use Cauchy–Schwarz.

S2: for the squared loss and fixed features 𝓛 is convex, h_{i,ω} − h_{i,θ*} = φ_{i,ω}ᵀ(ω − θ*),
and the representation term vanishes once R ≥ ‖ω − θ*‖. The theorem is then the inequality of a convex function; it is
kept apart as a case, and is evidence of nothing else.
"""

from collections.abc import Callable
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import validation
from mamllib.checking.margins import margin
from mamllib.checking.quantity import Quantity
from mamllib.checking.statement import Case, Mutant, Source, Statement
from mamllib.checking.verdict import Grade, Verdict
from mamllib.statements.instance import instance, relative_roundoff
from mamllib.statements.wang2020.problem import DOUBLE_WELL, LOGISTIC, SQUARED, Problem, adapted, mean_square, risk
from mamllib.statements.wang2020.representation import smallest_mean_of_norms
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


@jax.jit
def optimality_gap(case: Stationarity):
    """𝓛(ω) − 𝓛(θ*)."""
    return objective(case, case.omega) - objective(case, case.comparator)


@jax.jit
def stationarity(case: Stationarity):
    """ε = ‖∇𝓛(ω)‖."""
    return jnp.linalg.norm(jax.grad(objective, argnums=1)(case, case.omega))


def adapted_features(case: Stationarity, theta):
    """φ_{i,θ}, shape (n, N, p), as φ − ηE_{D_i}[ℓ''K φ]."""
    problem, h = case.problem, case.features @ theta
    pull = problem.shares * problem.loss.curvature(h[None], problem.labels)
    return case.features - problem.eta * jnp.einsum("xz,iz,zp->ixp", problem.kernel, pull, case.features)


def initial_features(case: Stationarity, theta):
    """φ for every task, which φ_{i,θ} is not where η > 0."""
    return jnp.broadcast_to(case.features, (len(case.problem.shares), *case.features.shape))


def nearest(case: Stationarity, features: Callable = adapted_features, slopes: bool = True):
    """The infimum over v (with ‖ℓ'‖ = 1 unless ``slopes``): its value at a feasible v, a lower bound, and v."""
    residuals, sizes, matrices = _pieces(case, features)
    weights = (np.asarray(sizes) if slopes else np.ones(len(sizes))) / len(sizes)
    return smallest_mean_of_norms(np.asarray(matrices), np.asarray(residuals), weights, float(case.radius))


def terms(case: Stationarity) -> dict[str, float]:
    """The gap and the two terms of its bound, by name: gap, stationarity Rε, representation."""
    return {
        "gap": float(optimality_gap(case)),
        "stationarity": _stationary_term(case),
        "representation": nearest(case)[0],
    }


def _pieces(case: Stationarity, features: Callable):
    """h_{i,ω} − h_{i,θ*} and φ_{i,ω}, both times √D_i, and ‖ℓ'(h_{i,ω})‖_{D_i}."""
    problem, root = case.problem, jnp.sqrt(case.problem.shares)
    here, there = (adapted(problem, case.features @ theta) for theta in (case.omega, case.comparator))
    sizes = jnp.sqrt(mean_square(problem.shares, problem.loss.slope(here, problem.labels)))
    return root * (here - there), sizes, root[:, :, None] * features(case, case.omega)


def bound(case: Stationarity) -> Quantity:
    """Rε + the infimum, with its duality gap as the error: the value at any feasible v is a valid right side."""
    return _sum(case, _stationary_term(case), nearest(case))


def without_stationarity(case: Stationarity) -> Quantity:
    """Wrong: Rε dropped."""
    return _sum(case, 0.0, nearest(case))


def with_initial_features(case: Stationarity) -> Quantity:
    """Wrong: φ in place of φ_{i,ω}, so what the inner step does to the features is forgotten."""
    return _sum(case, _stationary_term(case), nearest(case, initial_features))


def without_slopes(case: Stationarity) -> Quantity:
    """Wrong: the factors ‖ℓ'(h_{i,ω}, y)‖_{D_i} dropped."""
    return _sum(case, _stationary_term(case), nearest(case, slopes=False))


def _stationary_term(case: Stationarity) -> float:
    return float(case.radius) * float(stationarity(case))


def _sum(case: Stationarity, term: float, infimum) -> Quantity:
    value, lower, _ = infimum
    error = relative_roundoff(case) * (1 + value + term)
    return Quantity(
        np.asarray(term + value), np.asarray(term + lower - error), np.asarray(term + value + error), Grade.FLOAT
    )


def hypotheses(case: Stationarity) -> dict:
    """ℓ convex in its first argument, as measured between the adapted values of ω and θ*."""
    problem = case.problem
    ends = [adapted(problem, case.features @ theta) for theta in (case.omega, case.comparator)]
    between = jnp.stack([ends[0] + t * (ends[1] - ends[0]) for t in jnp.linspace(0, 1, 33)])
    lowest = float(problem.loss.curvature(between, problem.labels[None]).min())
    return {"ℓ is convex in h": min(lowest, 0.0) if lowest < -1e-12 else 0.0, "η ≥ 0": margin(1, 0 * problem.eta)}


def roundoff(case: Stationarity):
    """γ of both objectives."""
    return relative_roundoff(case) * (1 + abs(objective(case, case.omega)) + abs(objective(case, case.comparator)))


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


OPTIMALITY_GAP = Statement(
    id="wang2020/optimality_gap",
    title="Optimality gap of a stationary point (S1)",
    source=Source("wang2020", "the optimality gap in supervised learning", "D"),
    claim=r"\mathcal L(\omega)-\mathcal L(\theta^*)\le R\epsilon+\inf_{\|v\|\le R}\tfrac1n\sum_i"
    r"\|\ell'(h_{i,\omega})\|\,\|h_{i,\omega}-h_{i,\theta^*}-\phi_{i,\omega}^\top v\|",
    takes=Stationarity,
    hypotheses=hypotheses,
    lhs=optimality_gap,
    rhs=bound,
    roundoff=roundoff,
    cases=(
        Case("logistic, random ω", random_case),
        Case("logistic, ω after 20 steps of training", trained),
        Case("logistic at η = 6, spurious stationary point", lambda seed: spurious_logistic()),
        Case("squared loss, linear features (S2)", squared),
        Case("double well, spurious minimum", lambda seed: spurious_well(), Verdict.SILENT),
    ),
    mutants=(
        Mutant("non-convex loss", lambda seed: spurious_well(), drops=("ℓ is convex in h",)),
        Mutant("Rε dropped", uphill, rhs=without_stationarity),
        Mutant("features as if there were no inner step", lambda seed: spurious_logistic(), rhs=with_initial_features),
        Mutant("‖ℓ'‖ dropped", far_labels, rhs=without_slopes),
    ),
)
