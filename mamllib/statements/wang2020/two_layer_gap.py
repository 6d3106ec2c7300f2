"""S3: stationary points of MAML over a two-layer network are nearly optimal, as far as the network can represent.

    gap = F(h_ω) − F(h*) ≤ ε + ‖g‖_M inf_{V∈𝓑} ‖h* − φ_ωᵀV‖_M                                    (derived here)
    F convex in h, h_ω = f_ω = φ_ωᵀω, g = δF/δh(h_ω), 𝓑 = {V: ‖V − W₀‖_F ≤ R}, ω ∈ 𝓑,
    ε = max_{V∈𝓑} ⟨∇𝓛(ω), ω − V⟩ = ⟨∇𝓛(ω), ω − W₀⟩ + R‖∇𝓛(ω)‖_F   (the Frank–Wolfe gap)

Proof. F is convex: gap ≤ ⟨g, h_ω − h*⟩_M. For V ∈ 𝓑, h_ω = φ_ωᵀω and ∇𝓛(ω) = E_M[gφ_ω] give
⟨g, h_ω − h*⟩ = ⟨∇𝓛(ω), ω − V⟩ + ⟨g, φ_ωᵀV − h*⟩ ≤ ε + ‖g‖ ‖φ_ωᵀV − h*‖. If F is quadratic and h* is its minimiser,
gap = ½⟨g, h_ω − h*⟩ exactly, so the right side is at least 2·gap at every width: half of it is a bound as well. It is
2·gap where η = 0 and ε = 0: then g = h_ω − h*, and ω itself is the nearest point h* has in φ_ωᵀ𝓑.

With the features at the start the bound pays for the neurons whose sign changes on the way (``linearisation``):
    gap ≤ ε + ‖g‖_M (inf_{V∈𝓑} ‖h* − φ_{W₀}ᵀV‖_M + 2R (E_M #{r: W_{0,r}ᵀx and ω_rᵀx differ in sign} / m)^{1/2}).
"""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import validation
from mamllib.checking.quantity import Quantity
from mamllib.checking.verdict import Grade
from mamllib.statements.instance import instance, relative_roundoff
from mamllib.statements.wang2020.problem import LOGISTIC, SQUARED, Problem, functional_gradient, mean_square, risk
from mamllib.statements.wang2020.representation import ball_least_squares
from mamllib.tasks.task import Parameters
from mamllib.tasks.two_layer import (
    TwoLayer,
    arc_cosine_kernel,
    digits_on_sphere,
    network,
    sphere,
    tangent_adjoint,
    tangent_kernel,
    tangent_product,
    two_layer,
)


@instance()
class Trained:
    """A problem on inputs (N, d), a network with weights ω (m, d), the radius R, and the comparator h* (N,)."""

    problem: Problem
    inputs: Parameters
    net: TwoLayer
    omega: Parameters
    radius: Parameters
    comparator: Parameters

    @classmethod
    def of(cls, problem: Problem, inputs, net: TwoLayer, omega, radius, comparator) -> "Trained":
        """Check the input.

        Raises:
            ValueError: R ≤ 0, ω not finite. ShapeError: ω of another shape than the network's weights.
        """
        validation.require_positive("radius", radius)
        validation.require_parameters("omega", omega)
        validation.require_same_shape("omega", omega, "weights", net.start)
        return cls(problem, inputs, net, omega, radius, comparator)


@jax.jit
def values(case: Trained):
    """h_ω at the inputs."""
    return network(case.net, case.omega, case.inputs)


@jax.jit
def gap(case: Trained):
    """F(h_ω) − F(h*)."""
    return risk(case.problem, values(case)) - risk(case.problem, case.comparator)


@jax.jit
def slope_norm(case: Trained):
    """‖g‖_M."""
    return jnp.sqrt(mean_square(case.problem.mixture, functional_gradient(case.problem, values(case))))


@jax.jit
def meta_gradient(case: Trained):
    """∇𝓛(ω) = E_M[g φ_ω], shape (m, d)."""
    weighted = case.problem.mixture * functional_gradient(case.problem, values(case))
    return tangent_adjoint(case.net, case.omega, weighted, case.inputs)


@jax.jit
def frank_wolfe_gap(case: Trained):
    """ε."""
    gradient = meta_gradient(case)
    return jnp.sum(gradient * (case.omega - case.net.start)) + case.radius * jnp.linalg.norm(gradient)


def representation(case: Trained, at=None, ball: bool = True) -> float:
    """inf_{V∈𝓑} ‖h* − φᵀV‖_M with the features at ω, or at the weights ``at``; over all V where ``ball`` is false."""
    weights = case.omega if at is None else at
    gram, offset = _features(case, weights)
    residual = np.asarray(case.comparator - offset)
    radius = float(case.radius) if ball else 1e12
    return ball_least_squares(np.asarray(gram), residual, np.asarray(case.problem.mixture), radius)[0]


@jax.jit
def _features(case: Trained, weights):
    gram = tangent_kernel(case.net, weights, case.inputs)
    return gram, tangent_product(case.net, weights, case.net.start, case.inputs)


def bound(case: Trained, ball: bool = True) -> Quantity:
    """ε + ‖g‖_M inf_{V∈𝓑} ‖h* − φ_ωᵀV‖_M."""
    return _sum(case, float(slope_norm(case)) * representation(case, ball=ball))


def _sum(case: Trained, term: float) -> Quantity:
    epsilon, error = float(frank_wolfe_gap(case)), roundoff(case) + 1e-9 * term
    return Quantity(
        np.asarray(epsilon + term), np.asarray(epsilon + term - error), np.asarray(epsilon + term + error), Grade.FLOAT
    )


@jax.jit
def changed_signs(case: Trained):
    """E_M #{r: 1[W_{0,r}ᵀx > 0] ≠ 1[ω_rᵀx > 0]}."""
    changed = (case.inputs @ case.net.start.T > 0) != (case.inputs @ case.omega.T > 0)
    return jnp.sum(case.problem.mixture * jnp.sum(changed, axis=1))


def feature_cost(case: Trained) -> float:
    """2R (E_M #{changed signs}/m)^{1/2} ≥ sup_{V∈𝓑} ‖(φ_ω − φ_{W₀})ᵀV‖_M."""
    return 2 * float(case.radius) * float(jnp.sqrt(changed_signs(case) / case.net.width))


def bound_at_start(case: Trained, cost: bool = True) -> Quantity:
    """ε + ‖g‖_M (inf_{V∈𝓑} ‖h* − φ_{W₀}ᵀV‖_M + the cost of the features); wrong without the cost."""
    term = representation(case, at=case.net.start) + cost * feature_cost(case)
    return _sum(case, float(slope_norm(case)) * term)


def roundoff(case: Trained) -> float:
    """γ of both risks, of the gradient and of the outputs."""
    size = 1 + float(risk(case.problem, values(case))) + float(risk(case.problem, case.comparator))
    return relative_roundoff(case) * 100 * size * (1 + float(case.radius))


def squared_minimiser(problem: Problem):
    """The h that minimises F for the squared loss: F is quadratic, ∇F = Hh − c, and H is inverted where it can be."""
    zero = jnp.zeros(len(problem.mixture))
    slope = jax.grad(risk, argnums=1)
    c = -slope(problem, zero)
    H = jax.jacfwd(lambda h: slope(problem, h))(zero)
    return jnp.linalg.lstsq(H, c)[0]


def projected_gradient(case: Trained, steps: int, size: float) -> Trained:
    """ω after ``steps`` of projected gradient on 𝓑, accelerated (Nesterov) with restarts left out."""

    def project(W):
        shift = W - case.net.start
        norm = jnp.linalg.norm(shift)
        return case.net.start + shift * jnp.minimum(1.0, case.radius / jnp.maximum(norm, 1e-300))

    def step(k, state):
        W, ahead = state
        fresh = project(ahead - size * meta_gradient(replace(case, omega=ahead)))
        return fresh, fresh + k / (k + 3) * (fresh - W)

    run = jax.jit(lambda W: jax.lax.fori_loop(0, steps, step, (W, W))[0])
    return replace(case, omega=run(case.omega))


def regression(seed: int, m: int, eta: float = 0.5, radius: float = 4.0, points: int = 24, d: int = 3) -> Trained:
    """Three regression tasks on points of the sphere, labels a linear function of x with a ripple, NTK as kernel."""
    keys = jax.random.split(jax.random.key(seed), 4)
    x = sphere(keys[0], points, d)
    directions = sphere(keys[1], 3, d)
    labels = jnp.sin(3 * x @ directions.T).T
    shares = jax.random.dirichlet(keys[2], jnp.ones(points), (3,))
    problem = Problem.of(shares, labels, arc_cosine_kernel(x), eta, SQUARED)
    net = two_layer(keys[3], m, d)
    return Trained.of(problem, x, net, net.start, radius, squared_minimiser(problem))


def digits(seed: int, m: int, eta: float = 0.5, radius: float = 8.0, points: int = 60) -> Trained:
    """Three tasks on handwritten digits scaled to the sphere S⁶³: is it a 0, is it odd, is it at least 5?"""
    x, classes = digits_on_sphere(points)
    labels = jnp.where(jnp.stack([classes == 0, classes % 2 == 1, classes >= 5]), 1.0, -1.0)
    problem = Problem.of(jnp.full((3, points), 1 / points), labels, arc_cosine_kernel(x), eta, SQUARED)
    net = two_layer(jax.random.key(seed), m, x.shape[1])
    return Trained.of(problem, x, net, net.start, radius, squared_minimiser(problem))


def dead_neuron() -> Trained:
    """One neuron that starts active and was moved past zero: no gradient reaches it, and h* = 1 is in its reach."""
    problem = Problem.of(jnp.ones((1, 1)), jnp.ones((1, 1)), jnp.ones((1, 1)), 0.0, SQUARED)
    net = TwoLayer(jnp.array([1.0]), jnp.array([[0.1]]))
    return Trained.of(problem, jnp.ones((1, 1)), net, jnp.array([[-1.0]]), 1.5, jnp.array([1.0]))


def one_point_logistic(eta: float = 6.0) -> Trained:
    """One neuron that computes h = ω at x = 1: beyond η = 4 the adapted risk is not convex in h."""
    s = (1 + np.sqrt(1 - 4 / eta)) / (1 - np.sqrt(1 - 4 / eta))
    problem = Problem.of(jnp.ones((1, 1)), jnp.ones((1, 1)), jnp.ones((1, 1)), eta, LOGISTIC)
    net = TwoLayer(jnp.array([-1.0]), jnp.array([[2.0]]))
    return Trained.of(problem, jnp.ones((1, 1)), net, jnp.array([[float(np.log(s))]]), 8.0, jnp.array([6.0]))
