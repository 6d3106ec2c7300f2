"""One-dimensional losses on which the bounds are attained or nearly so; exact on fractions."""

import jax.numpy as jnp
from jaxtyping import PyTree

from mamllib import arithmetic
from mamllib.arithmetic import plain
from mamllib.tasks.deviation import of_shifts
from mamllib.tasks.knots import PiecewisePolynomial, certify
from mamllib.tasks.task import Constants, Task, register


@register
class SmoothedAbsolute(Task):
    """f'(w) = L√(w² + d²) − s + bw, ``d`` > 0: the derivative of a smoothed |w|-shaped gradient, in a ``bowl`` b.

    f'' − b = Lw/√(w² + d²) lies in (−L, L) and f''' = Ld²/(w² + d²)^{3/2} in (0, L/d], so the constants are L + |b|
    and ρ = L/d. f is bounded below where b > L. The derivative is rational where w² + d² is the square of a fraction.
    """

    L: PyTree
    d: PyTree
    slope: PyTree
    bowl: PyTree = 0

    @property
    def constants(self) -> Constants:
        """L + |b| and ρ = L/d."""
        L, d, bowl = map(plain, (self.L, self.d, self.bowl))
        return Constants(L + abs(bowl), L / d, 0 * L, 0 * L)

    def certificate(self) -> Constants | None:
        """L + |b| and ρ = L/d, for L ≥ 0 and d > 0 alone."""
        return self.constants if plain(self.L) >= 0 and plain(self.d) > 0 else None

    @classmethod
    def certified_deviation(cls, tasks, probabilities):
        """σ² = Σ_i p_i (s_i − s̄)², of tasks that differ by their slopes."""
        return of_shifts(tasks, probabilities, "slope")

    def loss(self, w):
        """(L/2)(w√(w² + d²) + d² asinh(w/d)) − s w + b w²/2."""
        root = jnp.sqrt(w**2 + self.d**2)
        kinked = self.L / 2 * (w * root + self.d**2 * jnp.arcsinh(w / self.d))
        return kinked - self.slope * w + self.bowl * w**2 / 2

    def gradient(self, w):
        """L√(w² + d²) − s + b w."""
        return self.L * arithmetic.sqrt(w * w + self.d * self.d) - self.slope + self.bowl * w

    def hessian_vector_product(self, w, v):
        """(Lw/√(w² + d²) + b) v."""
        return (self.L * w / arithmetic.sqrt(w * w + self.d * self.d) + self.bowl) * v


@register
class EvenRamp(PiecewisePolynomial):
    """f''(w) = min(ρ|w|, L), f'(0) = ``tilt``: the curvature rises from 0 at rate ρ on both sides, then stays at L.

    The constants are L and ρ by construction. Attains ρδ‖v‖²/2 in equation (9) at w = 0.
    """

    L: PyTree
    rho: PyTree
    tilt: PyTree

    @property
    def constants(self) -> Constants:
        """L and ρ, as given."""
        L, rho = plain(self.L), plain(self.rho)
        return Constants(L, rho, 0 * L, 0 * L)

    def knots(self):
        """−L/ρ, 0 and L/ρ."""
        corners = _corners(self.L, self.rho)
        return (*corners, 0 * self.L) if corners else ()

    @classmethod
    def certified_deviation(cls, tasks, probabilities):
        """σ² = Σ_i p_i (t_i − t̄)², of tasks that differ by their tilts."""
        return of_shifts(tasks, probabilities, "tilt")

    def loss(self, w):
        """∫₀^w f'."""
        return _ramp_second_integral(arithmetic.absolute(w), self.L, self.rho) + self.tilt * w

    def gradient(self, w):
        """sgn(w) ∫₀^|w| min(ρx, L) dx + f'(0)."""
        return arithmetic.sign(w) * _ramp_integral(arithmetic.absolute(w), self.L, self.rho) + self.tilt

    def hessian_vector_product(self, w, v):
        """min(ρ|w|, L) v."""
        return _ramp(arithmetic.absolute(w), self.L, self.rho) * v


@register
class OddRamp(PiecewisePolynomial):
    """f''(w) = clip(ρw, −L, L), f'(0) = ``tilt``: a gradient that rises by ρw²/2 near 0, by L|w| − L²/(2ρ) beyond.

    The constants are L and ρ by construction. With noise at w = 0 it attains the Taylor bound ρα²σ̃²/(2D) of
    the inner-step bias while αs ≤ L/ρ, and approaches the first bound αLσ̃/√D beyond.
    """

    L: PyTree
    rho: PyTree
    tilt: PyTree = 0

    @property
    def constants(self) -> Constants:
        """L and ρ, as given."""
        L, rho = plain(self.L), plain(self.rho)
        return Constants(L, rho, 0 * L, 0 * L)

    def knots(self):
        """±L/ρ."""
        return _corners(self.L, self.rho)

    @classmethod
    def certified_deviation(cls, tasks, probabilities):
        """σ² = Σ_i p_i (t_i − t̄)², of tasks that differ by their tilts."""
        return of_shifts(tasks, probabilities, "tilt")

    def loss(self, w):
        """∫₀^w f'."""
        return arithmetic.sign(w) * _ramp_second_integral(arithmetic.absolute(w), self.L, self.rho) + self.tilt * w

    def gradient(self, w):
        """∫₀^|w| min(ρx, L) dx + f'(0)."""
        return _ramp_integral(arithmetic.absolute(w), self.L, self.rho) + self.tilt

    def hessian_vector_product(self, w, v):
        """clip(ρw, −L, L) v."""
        return arithmetic.sign(w) * _ramp(arithmetic.absolute(w), self.L, self.rho) * v


@register
class TriangularWave(PiecewisePolynomial):
    """f''(w) = a + b T(w/P), f'(0) = ``tilt``, with T the triangular wave 0, 1, 0, −1, 0 at phases 0, ¼, ½, ¾, 1.

    The rational cousin of ``Trigonometric``: L = |a| + b and ρ = 4b/P, both attained. Where the wave falls through
    zero, at w = (n + ½)P, its slope is −ρ, and |F''(w)| grows like αρ|a(1 − αa)|w without bound.
    """

    a: PyTree
    b: PyTree
    period: PyTree
    tilt: PyTree = 0

    @property
    def constants(self) -> Constants:
        """L = |a| + b, ρ = 4b/P."""
        a, b, period = map(plain, (self.a, self.b, self.period))
        L = abs(a) + b
        return Constants(L, 4 * b / period, 0 * L, 0 * L)

    def certificate(self) -> Constants | None:
        """L and ρ, computed from the knots of one period: f'' repeats itself."""
        return certify(self, TriangularWave.knots_of_a_period)

    def knots_of_a_period(self):
        """0, P/4, P/2, 3P/4 and P."""
        return [quarter * self.period / 4 for quarter in range(5)]

    def loss(self, w):
        """aw²/2 + bP² ∫₀^{w/P} ∫₀^x T + f'(0)w; a whole period adds 1/8 to the double integral."""
        turns, phase = self._turns_and_phase(w)
        one = 0 * phase + 1
        rising, falling = 2 * phase**3 / 3, phase**2 - 2 * phase**3 / 3 - phase / 4 + one / 48
        integral = _by_phase(phase, rising, falling, one / 8 - 2 * (1 - phase) ** 3 / 3)
        wave = self.b * self.period**2 * (turns * one / 8 + integral)
        return self.a * w * w / 2 + wave + self.tilt * w

    def gradient(self, w):
        """aw + bP ∫₀^{w/P} T + f'(0)."""
        _, phase = self._turns_and_phase(w)
        falling = 2 * phase * (1 - phase) - (0 * phase + 1) / 4
        wave = self.b * self.period * _by_phase(phase, 2 * phase**2, falling, 2 * (1 - phase) ** 2)
        return self.a * w + wave + self.tilt

    def hessian_vector_product(self, w, v):
        """(a + b T(w/P)) v."""
        _, phase = self._turns_and_phase(w)
        return (self.a + self.b * _by_phase(phase, 4 * phase, 2 - 4 * phase, 4 * phase - 4)) * v

    def falling_zero(self, n: int):
        """w = (n + ½)P, where T falls through 0."""
        return n * self.period + self.period / 2

    def _turns_and_phase(self, w):
        turns = w / self.period // 1
        return turns, w / self.period - turns


def _by_phase(phase, rising, falling, last):
    return arithmetic.where(4 * phase <= 1, rising, arithmetic.where(4 * phase <= 3, falling, last))


def _corners(L, rho):
    """±L/ρ; none where f'' vanishes everywhere."""
    if L < 0 or rho < 0:
        raise ValueError(f"L = {L} and rho = {rho} must be ≥ 0")
    return (-L / rho, L / rho) if rho else ()


def _ramp(x, L, rho):
    return arithmetic.where(rho * x <= L, rho * x, L)


def _ramp_integral(x, L, rho):
    return arithmetic.where(rho * x <= L, rho * x * x / 2, L * x - L * L / (2 * _unless_flat(rho)))


def _ramp_second_integral(x, L, rho):
    corner = L / _unless_flat(rho)
    beyond = rho * corner**3 / 6 + L * (x * x - corner**2) / 2 - L * corner / 2 * (x - corner)
    return arithmetic.where(rho * x <= L, rho * x * x * x / 6, beyond)


def _unless_flat(rho):
    """ρ, and 1 where it is 0: no corner is ever reached then."""
    return arithmetic.where(rho > 0, rho, 0 * rho + 1)
