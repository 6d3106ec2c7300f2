"""Linearisation errors of independent networks: the instance of S4 in mean and of S4′, and where it is tried."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import validation
from mamllib.statements.wang2020.linearisation import UNIFORM_ON_S2, Displaced, moved_along, threshold
from mamllib.statements.wang2020.problem import drawing
from mamllib.statements.wang2020.small_balls import excess


@dataclass(frozen=True)
class Widths:
    """What was measured on independent networks of width m in dimension d, moved by at most R: a row of draws.

    Made by ``of``, from networks and inputs, or by ``point_masses``. Each array has an entry for each network:

    Args:
        squares: ‖f_W − φ_{W₀}ᵀW‖²_M. features: ‖(φ_ω − φ_{W₀})ᵀV‖²_M at V = 2W₀ − ω.
        distances: ‖W − W₀‖_F. crowd: E_M #{r: |W_{0,r}ᵀx| ≤ a_r}. allowed: cΣ_r a_r/‖W_{0,r}‖, which small balls leave.
        atoms: by how much P_M(|uᵀx| ≤ ξ) > cξ somewhere, beyond chance. starts: (Σ_r ‖W_{0,r}‖⁻²)^{1/2}.
        near: E_M #{r: |W_{0,r}ᵀx| ≤ t}. near_allowed: E_M[mκt], its bound for W_{0,r} ~ N(0, I/d).
        inverse_norms: E_M‖x‖^{−2/3}. square_norms: E_M‖x‖². balance: (Σ_r b_r)²/m, which is 1 on average for fair
        signs. m, d: width, dimension. radius: R. c: that of S4.

    Raises:
        ValueError: a measurement that is not finite, or a negative square; m, d, R or c that are not positive.
        ShapeError: fewer than two draws, or arrays of different lengths.
    """

    recipe = "Widths.of(networks)"
    squares: np.ndarray
    features: np.ndarray
    distances: np.ndarray
    crowd: np.ndarray
    allowed: np.ndarray
    atoms: np.ndarray
    starts: np.ndarray
    near: np.ndarray
    near_allowed: np.ndarray
    inverse_norms: np.ndarray
    square_norms: np.ndarray
    balance: np.ndarray
    m: int
    d: int
    radius: float
    c: float = UNIFORM_ON_S2

    def __post_init__(self):
        for name in ("squares", "features"):
            validation.require_nonnegative(name, getattr(self, name))
        for name in ("radius", "c"):
            validation.require_positive(name, getattr(self, name))
        for name in ("m", "d"):
            validation.require_batch_size(name, getattr(self, name))
        for field in fields(self):
            array = getattr(self, field.name)
            if isinstance(array, np.ndarray) and (array.shape != self.squares.shape or array.size < 2):
                raise validation.ShapeError(
                    f"{field.name} has shape {array.shape}; each of at least two draws needs one entry"
                )

    @classmethod
    def of(cls, networks: Sequence[Displaced]) -> "Widths":
        """Measure independent networks of one shape, radius and c, each on its own inputs or all on the same.

        Raises:
            ValueError: networks of different shapes, radii or c.
        """
        kinds = {(*case.net.start.shape, case.radius, case.c) for case in networks}
        if len(kinds) != 1:
            raise ValueError(f"networks have widths, dimensions, radii and c {sorted(kinds)}; these must be the same")
        rows = [_summary(case) for case in networks]
        return cls(*np.array(rows).T, *kinds.pop())


def _summary(case: Displaced):
    found, norms = case.measured, np.linalg.norm(case.inputs, axis=1)
    moves, lengths, (m, d) = case.moves, case.lengths, case.net.start.shape
    with np.errstate(divide="ignore", invalid="ignore"):
        near_allowed = m * np.sqrt(2 * d / np.pi) * np.mean(threshold(norms, m, d, case.radius) / norms)
        return (
            found.squares.mean(),
            found.features.mean(),
            np.linalg.norm(moves),
            found.crowd.mean(),
            case.c * np.sum(moves / lengths),
            excess(case.inputs, case.net.start, case.c),
            np.sqrt(np.sum(lengths**-2)),
            found.near.mean(),
            near_allowed,
            np.mean(norms ** (-2 / 3)),
            np.mean(norms**2),
            np.sum(np.asarray(case.net.signs)) ** 2 / m,
        )


def networks(
    seed: int, m: int, direction, draws: int = 32, points: int = 4096, d: int = 3, radius: float = 1.0
) -> Widths:
    """``draws`` fresh networks moved along ``direction``, each on its own uniform inputs of the sphere of R^d."""
    keys = jax.random.split(jax.random.key(seed), draws)
    return Widths.of([moved_along(key, m, direction, d, radius, points) for key in keys])


def point_adversary(products, positive, radius: float):
    """|f_W(x) − φ_{W₀}(x)ᵀW| at one unit input x when, for k = 1, 2, …, the k neurons with b_r > 0 nearest to a sign
    change move by R/√k towards it and past it; |(φ_W − φ_{W₀})(x)ᵀV| at V = 2W₀ − W; and how many change.

    Args:
        products: W_{0,r}ᵀx (m,). positive: b_r > 0 (m,). radius: R.

    Returns:
        errors, feature errors and changes, an entry for each k.
    """
    distances = np.sort(np.abs(np.asarray(products)[np.asarray(positive)]))
    k = np.arange(1, len(distances) + 1)
    reach = radius / np.sqrt(k)
    flipped = np.minimum(np.searchsorted(distances, reach), k)
    travelled = np.concatenate([[0.0], np.cumsum(distances)])[flipped]
    root = np.sqrt(len(products))
    return (flipped * reach - travelled) / root, (flipped * reach + travelled) / root, flipped


@partial(drawing, static_argnames=("m", "draws"))
def _products(seed, m: int, draws: int, d):
    def one(key):
        key_w, key_b = jax.random.split(key)
        return jax.random.normal(key_w, (m,)) / jnp.sqrt(d), jax.random.bernoulli(key_b, shape=(m,))

    return jax.lax.map(one, jax.random.split(jax.random.key(seed), draws))


def point_masses(seed: int, m: int, draws: int = 16, d: int = 3, radius: float = 1.0) -> Widths:
    """``draws`` networks, each against the adversary at one unit input, for the best k: one for the error of f_W, one
    for that of the features. Of W₀ only W_{0,r}ᵀx ~ N(0, 1/d), the lengths and the signs are drawn.
    """
    drawn = zip(*jax.device_get(_products(seed, m, draws, float(d))), strict=True)
    rest = np.random.default_rng(seed)
    return Widths(*np.array([_at_a_point(*one, rest, d, radius) for one in drawn]).T, m, d, radius)


def _at_a_point(products, positive, rest, d: int, radius: float):
    errors, features, _ = point_adversary(products, positive, radius)
    k, m = int(errors.argmax()) + 1, len(products)
    lengths = np.sqrt(products**2 + (rest.chisquare(d - 1, m) / d if d > 1 else 0.0))
    moved = np.argsort(np.where(positive, np.abs(products), np.inf))[:k]
    crowd = np.sum(np.abs(products[moved]) <= radius / np.sqrt(k))
    cut = threshold(1.0, m, d, radius)
    return (
        errors.max() ** 2,
        features.max() ** 2,
        radius,
        crowd,
        UNIFORM_ON_S2 * np.sum(radius / np.sqrt(k) / lengths[moved]),
        1.0 if d > 1 else 0.0,  # of u ⟂ x; on a line there is none, and c = 1 holds
        np.sqrt(np.sum(lengths**-2)),
        np.sum(np.abs(products) <= cut),
        m * np.sqrt(2 * d / np.pi) * cut,
        1.0,
        1.0,
        (2 * np.sum(positive) - m) ** 2 / m,
    )
