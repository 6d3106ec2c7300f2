"""Two mirrored tasks whose two inner steps turn one and the same gradient by +90° and by −90°."""

import math

import numpy as np

from mamllib.statements.kit import Parameters, Q, jnp
from mamllib.tasks.task import Constants, Task, register

# At the two points of the inner path, so that (I − H_0)(I − H_1)(1, 0) = (0, 12/25); their norms are 4/5 and 3/5.
HESSIANS = np.array([[[Q(16), Q(12)], [Q(12), Q(-16)]], [[Q(9), Q(-12)], [Q(-12), Q(-9)]]]) / 25
SIZES = (0.8, 0.6)
POINTS = np.array([[0.0, 0.0], [-1.0, 0.0]])


def _axes(hessian):
    """Unit eigenvectors of the positive and of the negative eigenvalue, as rows."""
    return np.linalg.eigh(hessian.astype(float))[1].T[::-1]


AXES = np.stack([_axes(hessian) for hessian in HESSIANS])


@register
class QuarterTurn(Task):
    """l = w_1 + cos²(πw_1/2) p_0 + sin²(πw_1/2) p_1 in the plane; ``side`` = −1 mirrors the second coordinate.

    p_j = (h_j/κ²)[cos κe_j'·(w − z_j) − cos κe_j·(w − z_j)] at z_0 = 0, z_1 = (−1, 0), with the eigenvectors e_j (for
    h_j) and e_j' (for −h_j) of H_j. So two steps of α = 1 from 0 go through z_0 and z_1, up to O(1/κ), where the
    Hessians are H_0 and H_1 up to O(1/κ²). ‖∇²l‖ ≤ 4/5 + O(1/κ) everywhere, for the second derivatives of p_j are h_j
    at most, and what the two weights add has a factor 1/κ.
    """

    kappa: Parameters
    side: Parameters

    @property
    def constants(self) -> Constants:
        """L = h_0 + √2π(h_0 + h_1)/κ + π²(h_0 + h_1)/κ²; ρ, which no statement on it reads, is given as ∞."""
        kappa, both = float(self.kappa), sum(SIZES)
        bent = math.sqrt(2) * math.pi * both / kappa + math.pi**2 * both / kappa**2
        return Constants(SIZES[0] + bent, math.inf, 0.0, 0.0)

    def loss(self, w):
        """l(w)."""
        x = jnp.stack([w[0], self.side * w[1]])
        share = jnp.sin(jnp.pi * x[0] / 2) ** 2
        return x[0] + (1 - share) * self._ripple(0, x) + share * self._ripple(1, x)

    def _ripple(self, j: int, x):
        """p_j."""
        along, across = jnp.asarray(AXES[j]) @ (x - jnp.asarray(POINTS[j]))
        return SIZES[j] / self.kappa**2 * (jnp.cos(self.kappa * across) - jnp.cos(self.kappa * along))
