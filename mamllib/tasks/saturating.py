"""A one-dimensional loss with a valley and straight slopes, on which descent is slow; exact on fractions."""

from jaxtyping import PyTree

from mamllib import arithmetic
from mamllib.arithmetic import plain
from mamllib.tasks.deviation import of_shifts
from mamllib.tasks.knots import PiecewisePolynomial
from mamllib.tasks.task import Constants, register


@register
class Saturating(PiecewisePolynomial):
    """f''(w) = h max(0, 1 − |w|/b) with b = 2s/h, f'(0) = ``tilt`` t: a curvature h at 0 that fades, so that f' − t
    rises from −s to s and stays there. A Huber loss whose Hessian is Lipschitz.

    ``curvature`` h and ``slope`` s are > 0; L = h and ρ = h/b = h²/(2s). Beyond b all gradient steps are equally long.
    """

    curvature: PyTree
    slope: PyTree
    tilt: PyTree = 0

    @property
    def constants(self) -> Constants:
        """L = h and ρ = h²/(2s)."""
        h, s = plain(self.curvature), plain(self.slope)
        return Constants(h, h * h / (2 * s), 0 * h, 0 * h)

    @property
    def reach(self):
        """b, beyond which f is straight."""
        return 2 * self.slope / self.curvature

    def knots(self):
        """−b, 0 and b."""
        return -self.reach, 0 * self.reach, self.reach

    @classmethod
    def certified_deviation(cls, tasks, probabilities):
        """σ² = Σ_i p_i (t_i − t̄)², of tasks that differ by their tilts."""
        return of_shifts(tasks, probabilities, "tilt")

    def loss(self, w):
        """h|w|²/2 − h|w|³/(6b) within b, that at b and s(|w| − b) beyond; and tw."""
        x, b = arithmetic.absolute(w), self.reach
        near = self.curvature * x * x / 2 - self.curvature * x * x * x / (6 * b)
        far = self.curvature * b * b / 3 + self.slope * (x - b)
        return arithmetic.where(x <= b, near, far) + self.tilt * w

    def gradient(self, w):
        """sgn(w) (h|w| − h|w|²/(2b)) within b, sgn(w) s beyond; and t."""
        x, b = arithmetic.absolute(w), self.reach
        rise = arithmetic.where(x <= b, self.curvature * (x - x * x / (2 * b)), self.slope)
        return arithmetic.sign(w) * rise + self.tilt

    def hessian_vector_product(self, w, v):
        """h max(0, 1 − |w|/b) v."""
        x, b = arithmetic.absolute(w), self.reach
        return arithmetic.where(x <= b, self.curvature * (1 - x / b), 0 * x) * v
