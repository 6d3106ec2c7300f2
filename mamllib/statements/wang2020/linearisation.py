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
S4′: the number is at most #{|W_{0,r}ᵀx| ≤ t} + R²/t² for every t > 0; the mean of the first part over W₀ is at most
mκt, κ = √(2d/π)/‖x‖; take t = (2R²/(mκ))^{1/3}.
"""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import validation
from mamllib.tasks.two_layer import TwoLayer, network, sphere, tangent_product, two_layer

UNIFORM_ON_S2 = 1.0


@dataclass(frozen=True)
class Displaced:
    """A network, weights W in the ball of radius R about its start, and inputs (N, d) that stand for M."""

    net: TwoLayer
    weights: Any
    inputs: Any
    radius: float

    @classmethod
    def of(cls, net: TwoLayer, weights, inputs, radius: float) -> "Displaced":
        """Check the input.

        Raises:
            ValueError: R ≤ 0, inputs longer than 1. ShapeError: W of another shape than the start.
        """
        validation.require_positive("radius", radius)
        validation.require_same_shape("weights", weights, "start", net.start)
        longest = float(jnp.linalg.norm(inputs, axis=1).max())
        if longest > 1 + 1e-12:
            raise ValueError(f"inputs have norm up to {longest:.6g}; at most 1 is allowed")
        return cls(net, weights, inputs, radius)


def squared_error(case: Displaced):
    """‖f_W − φ_{W₀}ᵀW‖²_M, M uniform on the inputs."""
    exact = network(case.net, case.weights, case.inputs)
    linear = tangent_product(case.net, case.net.start, case.weights, case.inputs)
    return jnp.mean((exact - linear) ** 2)


def squared_feature_error(case: Displaced, V):
    """‖(φ_ω − φ_{W₀})ᵀV‖²_M with ω the case's weights; V = ω gives ``squared_error``."""
    moved = tangent_product(case.net, case.weights, V, case.inputs)
    return (moved - tangent_product(case.net, case.net.start, V, case.inputs)) ** 2


def mirrored(case: Displaced):
    """V = 2W₀ − ω, as far from ω as the ball allows: at a changed sign, V_rᵀx is longer than W_{0,r}ᵀx and ω_rᵀx."""
    return 2 * case.net.start - case.weights


def sure_bound(net: TwoLayer, radius: float, c: float = UNIFORM_ON_S2):
    """(cR³/m)(Σ_r ‖W_{0,r}‖⁻²)^{1/2}."""
    return c * radius**3 / net.width * jnp.sqrt(jnp.sum(1 / jnp.sum(net.start**2, axis=1)))


def mean_bound(m: int, d: int, radius: float, c: float = UNIFORM_ON_S2) -> float:
    """cR³ √(d/(d − 2)) m^{−1/2}.

    Raises:
        ValueError: d < 3, where E‖W_{0,r}‖⁻² is infinite.
    """
    if d < 3:
        raise ValueError(f"d = {d} is not allowed: E‖W₀‖⁻² = d/(d − 2) needs d ≥ 3")
    return c * radius**3 * np.sqrt(d / (d - 2)) / np.sqrt(m)


def atoms_bound(m: int, d: int, radius: float, inverse_norms: float = 1.0) -> float:
    """(3/2) 2^{1/3} (2d/π)^{1/3} R^{8/3} E_M‖x‖^{−2/3} m^{−1/3}; ``inverse_norms`` is E_M‖x‖^{−2/3}."""
    return 1.5 * 2 ** (1 / 3) * (2 * d / np.pi) ** (1 / 3) * radius ** (8 / 3) * inverse_norms * m ** (-1 / 3)


def random_direction(net: TwoLayer, key, radius: float):
    """W₀ plus a Gaussian direction of norm R: every neuron moves a little."""
    direction = jax.random.normal(key, net.start.shape)
    return net.start + radius * direction / jnp.linalg.norm(direction)


def common_direction(net: TwoLayer, key, radius: float):
    """W₀ with every neuron of positive sign moved by the same vector, of total norm R."""
    u = sphere(key, 1, net.start.shape[1])[0]
    moved = (net.signs > 0)[:, None] * u
    return net.start + radius * moved / jnp.linalg.norm(moved)


def cluster_direction(net: TwoLayer, key, radius: float):
    """W₀ with the k = ⌈m^{2/(d+1)}⌉ neurons of positive sign nearest to one axis u moved alike, across u: they change
    sign at the same inputs, those nearly orthogonal to u. Among what is tried here it errs most on a sphere.
    """
    m, d = net.start.shape
    u, v = jnp.linalg.qr(jax.random.normal(key, (d, 2)))[0].T
    cosines = jnp.abs(net.start @ u) / jnp.linalg.norm(net.start, axis=1)
    nearest = jnp.argsort(jnp.where(net.signs > 0, -cosines, 1.0))[: int(np.ceil(m ** (2 / (d + 1))))]
    return net.start.at[nearest].add(radius / np.sqrt(len(nearest)) * v)


def point_adversary(products, positive, radius: float, features: bool = False) -> float:
    """|f_W(x) − φ_{W₀}(x)ᵀW| at one unit input x, for the best k: the k neurons with b_r > 0 nearest to a sign change
    move by R/√k towards it and past it. With ``features``, |(φ_W − φ_{W₀})(x)ᵀV| at V = 2W₀ − W.

    Args:
        products: W_{0,r}ᵀx (m,). positive: b_r > 0 (m,). radius: R. features: which of the two.
    """
    distances = np.sort(np.abs(np.asarray(products)[np.asarray(positive)]))
    k = np.arange(1, len(distances) + 1)
    reach = radius / np.sqrt(k)
    flipped = np.minimum(np.searchsorted(distances, reach), k)
    travelled = np.concatenate([[0.0], np.cumsum(distances)])[flipped]
    gained = flipped * reach + (travelled if features else -travelled)
    return float(gained.max() / np.sqrt(len(products)))


def point_mass(key, m: int, d: int, radius: float, features: bool = False) -> float:
    """The adversary's error on a fresh network; only W_{0,r}ᵀx ~ N(0, 1/d) and the signs are drawn."""
    key_w, key_b = jax.random.split(key)
    products = jax.random.normal(key_w, (m,)) / jnp.sqrt(d)
    return point_adversary(products, jax.random.bernoulli(key_b, shape=(m,)), radius, features)


def displaced(seed: int, m: int, direction=common_direction, d: int = 3, radius: float = 1.0, points: int = 4096):
    """A fresh network moved along ``direction``, on uniform inputs."""
    keys = jax.random.split(jax.random.key(seed), 3)
    net = two_layer(keys[0], m, d)
    return Displaced.of(net, direction(net, keys[1], radius), sphere(keys[2], points, d), radius)
