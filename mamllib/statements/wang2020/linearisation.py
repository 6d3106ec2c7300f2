"""S4 and S4′: how far a two-layer ReLU network is from its linearisation at the start, over a ball of weights.

    P_M(|uᵀx| ≤ ξ) ≤ cξ for unit u ⇒ sup_{W∈𝓑} ‖f_W − φ_{W₀}ᵀW‖²_M ≤ (cR³/m)(Σ_r ‖W_{0,r}‖⁻²)^{1/2}   surely
                                     E sup … ≤ cR³ √(d/(d − 2)) m^{−1/2}                                in mean
                                     ‖(φ_ω − φ_{W₀})ᵀV‖²_M: at most four times as much, V, ω ∈ 𝓑
    any M on ‖x‖ ≤ 1               ⇒ E sup … ≤ (3/2) 2^{1/3} (2d/π)^{1/3} R^{8/3} E_M‖x‖^{−2/3} m^{−1/3}  (S4′)
    𝓑 = {W: ‖W − W₀‖_F ≤ R}, W_{0,r} ~ N(0, I/d)                                              (derived here)

Proof. At x only neurons whose sign changes count:
f_W − φ_{W₀}ᵀW = m^{−1/2} Σ_r b_r(1[W_rᵀx > 0] − 1[W_{0,r}ᵀx > 0])W_rᵀx. With a_r = ‖W_r − W_{0,r}‖, a change of sign
means |W_rᵀx| ≤ a_r and |W_{0,r}ᵀx| ≤ a_r. By Cauchy–Schwarz the square is at most (R²/m)·#{r: |W_{0,r}ᵀx| ≤ a_r}.
S4: the mean of this number over M is at most cΣa_r/‖W_{0,r}‖ ≤ cR(Σ‖W_{0,r}‖⁻²)^{1/2}, and E‖W_{0,r}‖⁻² = d/(d − 2).
Features: for V, ω ∈ 𝓑 the same neurons give |V_rᵀx| ≤ a_r + ‖V_r − W_{0,r}‖, whose squares sum to at most 4R², so
‖(φ_ω − φ_{W₀})ᵀV‖²_M ≤ (4R²/m) E_M #{r: the sign of W_{0,r}ᵀx changes}: four times the bounds of S4 and S4′.
Of the small balls the proof uses E_M #{r: |W_{0,r}ᵀx| ≤ a_r} ≤ cΣa_r/‖W_{0,r}‖, of W₀ ~ N(0, I/d) the means of
(Σ‖W_{0,r}‖⁻²)^{1/2} and of #{|W_{0,r}ᵀx| ≤ t}: all are measured, and so is the condition itself (``small_balls``).
S4′ sharp (``sharp_bound``), for fair signs b_r: √m|f_W − φ_{W₀}ᵀW|(x)/‖x‖ ≤ max over the sign b of Σ_{b_r=b}(s_r −
z_r)₊ with z_r = |W_{0,r}ᵀx|/‖x‖ and Σs_r² ≤ R², for an error at x needs a change of sign and has the sign of b_r. For μ
> 0 (s − z)₊ ≤ (1/(2μ) − z)₊ + μs²/2, and z has a density ≤ κ = √(2d/π): the sum is at most X_b with EX_b ≤ mκ/(16μ²) +
μR²/2 = A at μ³ = mκ/(4R²), A = ¾R^{4/3}(mκ/4)^{1/3}, and Var X_b ≤ mκ/(48μ³) = R²/12. So E max_b X_b² ≤ (A + R/√6)² by
Minkowski's inequality, and E sup ‖…‖²_M ≤ E_M‖x‖²(A + R/√6)²/m, for an M that does not depend on W or W₀.
(max_b X_b = EX_b + (T − ET + |D|)/2 with a centred D, E|D| ≤ R/√6: so A² + AR/√6 + R²/6 serves as well, and is less.)
S4′: the number is at most #{|W_{0,r}ᵀx| ≤ t} + R²/t²
for every t > 0; the mean of the first part over W₀ is at most mκt, κ = √(2d/π)/‖x‖; take t = (2R²/(mκ))^{1/3}.
"""

from dataclasses import replace
from functools import cached_property, partial
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import validation
from mamllib.statements.wang2020.problem import drawing, instance, on_host
from mamllib.statements.wang2020.trained import fitting, fresh_network
from mamllib.tasks.task import Parameters
from mamllib.tasks.two_layer import TwoLayer, network, sphere, tangent_product

UNIFORM_ON_S2 = 1.0
AT_ONCE = 64


@instance()
class Displaced:
    """A network, weights W in the ball of radius R about its start, inputs (N, d) drawn from M, and the c of S4."""

    net: TwoLayer
    weights: Parameters
    inputs: Parameters
    radius: Parameters
    c: Parameters = UNIFORM_ON_S2

    @classmethod
    def of(cls, net: TwoLayer, weights, inputs, radius: float, c: float = UNIFORM_ON_S2) -> "Displaced":
        """Check the input.

        Raises:
            ValueError: R ≤ 0, c ≤ 0, a number that is not finite, inputs longer than 1, signs of neurons other than
                ±1. ShapeError: W of another shape than the start, inputs that do not fit. PrecisionError: float32.
        """
        validation.require_positive("radius", radius)
        validation.require_positive("c", c)
        net, inputs, weights = fitting(net, inputs, "weights", weights)
        longest = float(np.linalg.norm(inputs, axis=1).max())
        if longest > 1 + 1e-12:
            raise ValueError(f"inputs have norm up to {longest:.6g}; at most 1 is allowed")
        return cls(net, weights, inputs, float(radius), float(c))

    @cached_property
    def measured(self) -> SimpleNamespace:
        """At each input (N,): squares, features, crowd and near, all computed once; see ``at_inputs``."""
        return on_host(_measured(self))

    @property
    def moves(self) -> np.ndarray:
        """a_r = ‖W_r − W_{0,r}‖, (m,)."""
        return np.linalg.norm(self.weights - self.net.start, axis=1)

    @property
    def lengths(self) -> np.ndarray:
        """‖W_{0,r}‖, (m,)."""
        return np.linalg.norm(self.net.start, axis=1)


def squared_error(case: Displaced):
    """(f_W − φ_{W₀}ᵀW)² at the inputs."""
    linear = tangent_product(case.net, case.net.start, case.weights, case.inputs)
    return (network(case.net, case.weights, case.inputs) - linear) ** 2


def squared_feature_error(case: Displaced, V):
    """((φ_ω − φ_{W₀})ᵀV)² at the inputs, with ω the case's weights; V = ω gives ``squared_error``."""
    moved = tangent_product(case.net, case.weights, V, case.inputs)
    return (moved - tangent_product(case.net, case.net.start, V, case.inputs)) ** 2


def mirrored(case: Displaced):
    """V = 2W₀ − ω, as far from ω as the ball allows: at a changed sign, V_rᵀx is longer than W_{0,r}ᵀx and ω_rᵀx."""
    return 2 * case.net.start - case.weights


def threshold(norms, m: int, d: int, radius):
    """t = (2R²/(mκ))^{1/3}, κ = √(2d/π)/‖x‖, where the proof of S4′ cuts; ``norms`` are ‖x‖."""
    return (2 * radius**2 * norms / (m * np.sqrt(2 * d / np.pi))) ** (1 / 3)


@jax.jit
def _measured(case: Displaced) -> dict:
    """Squared errors of f_W and of the features at V = 2W₀ − ω; #{|W_{0,r}ᵀx| ≤ a_r}; #{|W_{0,r}ᵀx| ≤ t}."""
    moves = jnp.linalg.norm(case.weights - case.net.start, axis=1)
    m, d = case.net.start.shape

    def at(x):
        here, before = replace(case, inputs=x[None]), jnp.abs(case.net.start @ x)
        cut = threshold(jnp.linalg.norm(x), m, d, case.radius)
        errors = {"squares": squared_error(here)[0], "features": squared_feature_error(here, mirrored(here))[0]}
        return errors | {"crowd": jnp.sum(before <= moves), "near": jnp.sum(before <= cut)}

    return jax.lax.map(at, case.inputs, batch_size=min(AT_ONCE, len(case.inputs)))


def sure_bound(net: TwoLayer, radius: float, c: float = UNIFORM_ON_S2) -> float:
    """(cR³/m)(Σ_r ‖W_{0,r}‖⁻²)^{1/2}."""
    return float(c * radius**3 / net.width * np.sqrt(np.sum(1 / np.sum(net.start**2, axis=1))))


def mean_bound(m: int, d: int, radius: float, c: float = UNIFORM_ON_S2) -> float:
    """cR³ √(d/(d − 2)) m^{−1/2}.

    Raises:
        ValueError: d < 3, where E‖W_{0,r}‖⁻² is infinite.
    """
    if d < 3:
        raise ValueError(f"d = {d} is not allowed: E‖W₀‖⁻² = d/(d − 2) needs d ≥ 3")
    return c * radius**3 * np.sqrt(d / (d - 2)) / np.sqrt(m)


def atoms_bound(m: int, d: int, radius: float, inverse_norms=1.0):
    """(3/2) 2^{1/3} (2d/π)^{1/3} R^{8/3} E_M‖x‖^{−2/3} m^{−1/3}; ``inverse_norms`` is E_M‖x‖^{−2/3}."""
    return 1.5 * 2 ** (1 / 3) * (2 * d / np.pi) ** (1 / 3) * radius ** (8 / 3) * inverse_norms * m ** (-1 / 3)


def sharp_bound(m: int, d: int, radius: float, square_norms=1.0, share: float = 1.0):
    """E_M‖x‖²(A + R/√6)²/m, A = ¾R^{4/3}(mκ/4)^{1/3}, κ = √(2d/π); A times ``share``."""
    A = 0.75 * radius ** (4 / 3) * (m * np.sqrt(2 * d / np.pi) / 4) ** (1 / 3)
    return square_norms * (share * A + radius / np.sqrt(6)) ** 2 / m


def random_direction(net: TwoLayer, key, radius):
    """W₀ plus a Gaussian direction of norm R: every neuron moves a little."""
    direction = jax.random.normal(key, net.start.shape)
    return net.start + radius * direction / jnp.linalg.norm(direction)


def common_direction(net: TwoLayer, key, radius):
    """W₀ with every neuron of positive sign moved by the same vector, of total norm R."""
    u = sphere(key, 1, net.start.shape[1])[0]
    moved = (net.signs > 0)[:, None] * u
    return net.start + radius * moved / jnp.linalg.norm(moved)


def cluster_direction(net: TwoLayer, key, radius):
    """W₀ with the k = ⌈m^{2/(d+1)}⌉ neurons of positive sign nearest to one axis u moved alike, across u: they change
    sign at the same inputs, those nearly orthogonal to u. Among what is tried here it errs most on a sphere.
    """
    m, d = net.start.shape
    u, v = jnp.linalg.qr(jax.random.normal(key, (d, 2)))[0].T
    cosines = jnp.abs(net.start @ u) / jnp.linalg.norm(net.start, axis=1)
    nearest = jnp.argsort(jnp.where(net.signs > 0, -cosines, 1.0))[: int(np.ceil(m ** (2 / (d + 1))))]
    return net.start.at[nearest].add(radius / np.sqrt(len(nearest)) * v)


_moved = partial(drawing, static_argnums=0)(lambda direction, net, key, radius: direction(net, key, radius))
_sphere = partial(drawing, static_argnums=(1, 2))(sphere)


def moved_along(key, m: int, direction, d: int = 3, radius: float = 1.0, points: int = 4096) -> Displaced:
    """A fresh network moved along ``direction``, on uniform inputs."""
    keys = jax.random.split(key, 3)
    net = fresh_network(keys[0], m, d)
    weights, inputs = _moved(direction, net, keys[1], radius), _sphere(keys[2], points, d)
    return Displaced.of(*jax.device_get((net, weights, inputs)), radius)


def displaced(seed: int, m: int, direction=common_direction, d: int = 3, radius: float = 1.0, points: int = 4096):
    """``moved_along`` with a seed."""
    return moved_along(jax.random.key(seed), m, direction, d, radius, points)
