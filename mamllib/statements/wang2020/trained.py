"""A two-layer network trained on a meta-learning problem: the instance of S3, and where it is tried."""

from dataclasses import replace
from functools import cache, cached_property, partial
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import validation
from mamllib.statements.wang2020.loss import LOGISTIC, SQUARED, readings
from mamllib.statements.wang2020.problem import (
    Problem,
    adapted,
    drawing,
    finite,
    functional_gradient,
    instance,
    on_host,
    risk,
    trials,
)
from mamllib.tasks import two_layer as layers
from mamllib.tasks.task import Parameters
from mamllib.tasks.two_layer import TwoLayer

CELLS = 32


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
            ValueError: R ≤ 0, a number that is not finite, signs of neurons other than ±1. ShapeError: ω of another
                shape than the network's weights, inputs or h* that do not fit. PrecisionError: float32.
        """
        validation.require_positive("radius", radius)
        net, inputs, omega = fitting(net, inputs, "omega", omega)
        comparator, N = finite("comparator", comparator), problem.shares.shape[1]
        if not len(inputs) == len(comparator) == comparator.size == N:
            raise validation.ShapeError(
                f"inputs and comparator have shapes {inputs.shape} and {comparator.shape}; the problem has {N} points"
            )
        return cls(problem, inputs, net, omega, float(radius), comparator)

    @cached_property
    def measured(self) -> SimpleNamespace:
        """All that the statements on this instance, their hypotheses and their wrong versions need, computed once."""
        found = on_host(_of_network(self.net, self.omega, self.inputs))
        return on_host(vars(found) | _in_function_space(self.problem.now(), found.h, self.comparator))

    trials = property(trials)


def fitting(net: TwoLayer, inputs, name: str, weights) -> tuple:
    """A network, inputs and weights as arrays that fit each other; see ``Trained.of``."""
    net = TwoLayer(finite("signs", net.signs), finite("start", net.start))
    inputs, weights = finite("inputs", inputs), finite(name, weights)
    validation.require_same_shape(name, weights, "weights", net.start)
    if not np.all(np.abs(net.signs) == 1):
        raise ValueError(f"signs of neurons are ±1; {net.signs[np.abs(net.signs) != 1][0]:.6g} is not")
    if net.signs.shape != net.start.shape[:1] or inputs.ndim != 2 or inputs.shape[1:] != net.start.shape[1:]:
        raise validation.ShapeError(
            f"inputs have shape {inputs.shape}, signs {net.signs.shape}; weights of shape {net.start.shape} need others"
        )
    return net, inputs, weights


@jax.jit
def _of_network(net: TwoLayer, omega, x) -> dict:
    """h_ω and φ_ωᵀω (N,); at ω and at W₀ the features' activity, φφᵀ and φᵀW₀; changed signs, and least |ω_rᵀx|."""
    before, after = x @ net.start.T, x @ omega.T
    features = {
        at: (layers.activity(net, W, x), layers.tangent_kernel(net, W, x), layers.tangent_product(net, W, net.start, x))
        for at, W in (("omega", omega), ("start", net.start))
    }
    return {
        "h": layers.network(net, omega, x),
        "product": layers.tangent_product(net, omega, omega, x),
        "features": features,
        "flips": jnp.sum((before > 0) != (after > 0), axis=1),
        "nearest": jnp.abs(after).min(axis=1),
    }


@jax.jit
def _in_function_space(problem: Problem, h, comparator) -> dict:
    """F from h to h*, g at h, and what is read of ℓ."""
    segment = h + (comparator - h) * jnp.linspace(0, 1, CELLS + 1)[:, None]
    here, there = jax.vmap(partial(adapted, problem))(jnp.stack([h, comparator]))
    found = {"risks": jax.vmap(partial(risk, problem))(segment), "g": functional_gradient(problem, h)}
    return found | readings(problem.loss, h, here, there, problem.labels)


def meta_gradient(case: Trained):
    """∇𝓛(ω) = E_M[gφ_ω], (m, d)."""
    slope = functional_gradient(case.problem, layers.network(case.net, case.omega, case.inputs))
    return layers.tangent_adjoint(case.net, case.omega, case.problem.mixture * slope, case.inputs)


def descended(case: Trained, steps, size):
    """The weights after ``steps`` of projected gradient."""
    start, radius = case.net.start, case.radius

    def project(W):
        shift = W - start
        return start + shift * jnp.minimum(1.0, radius / jnp.maximum(jnp.linalg.norm(shift), 1e-300))

    def step(k, state):
        W, ahead = state
        fresh = project(ahead - size * meta_gradient(replace(case, omega=ahead)))
        return fresh, fresh + k / (k + 3) * (fresh - W)

    return jax.lax.fori_loop(0, steps, step, (case.omega, case.omega))[0]


_descended = jax.jit(descended)


def projected_gradient(case: Trained, steps: int, size: float) -> Trained:
    """ω after ``steps`` of projected gradient on 𝓑, accelerated (Nesterov) with restarts left out."""
    return replace(case, omega=jax.device_get(_descended(case, steps, size)))


def squared_minimiser(problem: Problem):
    """The h that minimises F for the squared loss: F is quadratic, ∇F = Hh − c, and H is inverted where it can be."""
    H, c = jax.device_get(_quadratic(problem))
    return np.linalg.lstsq(H, c)[0]


@jax.jit
def _quadratic(problem: Problem):
    zero = jnp.zeros(len(problem.mixture))
    slope = jax.grad(partial(risk, problem))
    return jax.jacfwd(slope)(zero), -slope(zero)


fresh_network = partial(drawing, static_argnums=(1, 2))(layers.two_layer)
kernel_of = jax.jit(layers.arc_cosine_kernel)


def untrained(problem: Problem, inputs, key, m: int, radius: float, comparator) -> Trained:
    """A fresh network of width m, at its start."""
    net = TwoLayer(*jax.device_get(fresh_network(key, m, inputs.shape[1])))
    return Trained.of(problem, inputs, net, net.start, radius, comparator)


@partial(drawing, static_argnums=(1, 2))
def _tasks_on_the_sphere(seed, points: int, d: int):
    keys = jax.random.split(jax.random.key(seed), 4)
    x = layers.sphere(keys[0], points, d)
    labels = jnp.sin(3 * x @ layers.sphere(keys[1], 3, d).T).T
    shares = jax.random.dirichlet(keys[2], jnp.ones(points), (3,))
    return (shares, labels, layers.arc_cosine_kernel(x)), x, jax.random.key_data(keys[3])


@cache
def _regression(seed: int, eta: float, points: int, d: int):
    tasks, x, key = jax.device_get(_tasks_on_the_sphere(seed, points, d))
    problem = Problem.of(*tasks, eta, SQUARED)
    return problem, x, key, squared_minimiser(problem)


def regression(seed: int, m: int, eta: float = 0.5, radius: float = 4.0, points: int = 24, d: int = 3) -> Trained:
    """Three regression tasks on points of the sphere, labels a linear function of x with a ripple, NTK as kernel."""
    problem, x, key, minimiser = _regression(seed, eta, points, d)
    return untrained(problem, x, jax.random.wrap_key_data(key), m, radius, minimiser)


def digits(seed: int, m: int, eta: float = 0.5, radius: float = 8.0, points: int = 60) -> Trained:
    """Three tasks on handwritten digits scaled to the sphere S⁶³: is it a 0, is it odd, is it at least 5?"""
    x, classes = layers.digits_on_sphere(points)
    labels = np.where([classes == 0, classes % 2 == 1, classes >= 5], 1.0, -1.0)
    problem = Problem.of(np.full((3, points), 1 / points), labels, kernel_of(x), eta, SQUARED)
    return untrained(problem, x, jax.random.key(seed), m, radius, squared_minimiser(problem))


def trained(seed: int, m: int, steps: int = 2000, eta: float = 0.5) -> Trained:
    """The regression problem after projected gradient."""
    return projected_gradient(regression(seed, m, eta), steps, 0.5)


def no_inner_step(seed: int) -> Trained:
    """η = 0, where the right side is 2·gap as soon as ε = 0."""
    return trained(seed, 4096, 500, 0.0)


def trained_digits(seed: int, m: int, steps: int = 1000) -> Trained:
    """The digits after projected gradient."""
    return projected_gradient(digits(seed, m), steps, 0.5)


def _one_neuron(loss, eta: float, sign: float, start: float, omega: float, radius: float, comparator: float) -> Trained:
    """One neuron, one task, one point x = 1 with label 1, K ≡ 1."""
    one = np.ones((1, 1))
    net = TwoLayer(np.array([sign]), start * one)
    return Trained.of(Problem.of(one, one, one, eta, loss), one, net, omega * one, radius, np.array([comparator]))


def dead_neuron() -> Trained:
    """One neuron that starts active and was moved past zero: no gradient reaches it, and h* = 1 is in its reach."""
    return _one_neuron(SQUARED, 0.0, 1.0, 0.1, -1.0, 1.5, 1.0)


def one_point_logistic(eta: float = 6.0) -> Trained:
    """One neuron that computes h = −ω at x = 1: beyond η = 4 the adapted risk is not convex in h."""
    s = (1 + np.sqrt(1 - 4 / eta)) / (1 - np.sqrt(1 - 4 / eta))
    return _one_neuron(LOGISTIC, eta, -1.0, 2.0, float(np.log(s)), 8.0, 6.0)
