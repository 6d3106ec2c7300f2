"""A loss in one dimension whose second derivative is a given broken line; exact on fractions."""

from functools import reduce
from itertools import pairwise

from jaxtyping import PyTree

from mamllib.arithmetic import absolute, larger, plain, smaller
from mamllib.tasks.knots import PiecewisePolynomial
from mamllib.tasks.task import Constants, register


@register
class BrokenLine(PiecewisePolynomial):
    """f'' joins ``curvatures`` at ``corners`` (increasing) by straight lines and is constant beyond; f'(0) = ``tilt``.

    L is the largest curvature in size and ρ the steepest slope, both attained. Two such tasks with the same outermost
    curvatures have gradients that differ by a bounded function: σ is certified at the corners of both.
    """

    corners: PyTree
    curvatures: PyTree
    tilt: PyTree

    @property
    def constants(self) -> Constants:
        """L = max |f''|, and ρ = its steepest slope."""
        L = _largest(self.curvatures)
        return Constants(L, _largest(self._slopes()), 0 * L, 0 * L)

    def knots(self):
        """The corners."""
        return tuple(self.corners)

    def check_data(self) -> None:
        """Raise ``ValueError`` unless there is one curvature a corner, and the corners increase."""
        if len(self.corners) < 2 or len(self.corners) != len(self.curvatures):
            raise ValueError(f"{len(self.curvatures)} curvatures for {len(self.corners)} corners; one each, 2 or more")
        if any(plain(x) >= plain(y) for x, y in pairwise(self.corners)):
            raise ValueError(f"corners = {self.corners} must increase")

    def loss(self, w):
        """∫₀^w f'."""
        return self.tilt * w + self._second_integral(w) - self._second_integral(0 * w) - self._integral(0 * w) * w

    def gradient(self, w):
        """f'(0) + ∫₀^w f''."""
        return self.tilt + self._integral(w) - self._integral(0 * w)

    def hessian_vector_product(self, w, v):
        """f''(w) v."""
        return (self.curvatures[0] + sum(slope * x for slope, _, x, _ in self._pieces(w))) * v

    def _slopes(self):
        return [(d - c) / (y - x) for (x, c), (y, d) in pairwise(zip(self.corners, self.curvatures, strict=True))]

    def _pieces(self, w):
        """(slope, curvature at the left end, how far w is in it, how far beyond) for each piece."""
        for slope, (left, right), curvature in zip(
            self._slopes(), pairwise(self.corners), self.curvatures[:-1], strict=True
        ):
            reached = smaller(larger(w, left), right)
            yield slope, curvature, reached - left, w - reached

    def _outside(self, w):
        """How far w is to the left of all corners (≤ 0), and to the right (≥ 0)."""
        return smaller(w - self.corners[0], 0 * w), larger(w - self.corners[-1], 0 * w)

    def _integral(self, w):
        """∫ f'' from the first corner to w."""
        left, right = self._outside(w)
        inside = sum(c * x + slope * x * x / 2 for slope, c, x, _ in self._pieces(w))
        return self.curvatures[0] * left + inside + self.curvatures[-1] * right

    def _second_integral(self, w):
        """∫ of that from the first corner to w."""
        left, right = self._outside(w)
        inside = sum(
            c * x * x / 2 + slope * x * x * x / 6 + (c * x + slope * x * x / 2) * beyond
            for slope, c, x, beyond in self._pieces(w)
        )
        return self.curvatures[0] * left * left / 2 + inside + self.curvatures[-1] * right * right / 2


def _largest(numbers):
    return reduce(larger, (plain(absolute(number)) for number in numbers))
