"""What a convergence theorem speaks about: an algorithm, its batch sizes and step, tasks and their constants."""

import math
from fractions import Fraction
from typing import NamedTuple

from mamllib.batches import listed_values
from mamllib.estimators import Displacement, expected_direction
from mamllib.inner_loop import inner_step
from mamllib.objectives import meta_gradient
from mamllib.statements.fallah2020.convergence.printed import adapted, printed_estimator
from mamllib.statements.kit import (
    BatchSizes,
    Constants,
    Parameters,
    Places,
    Question,
    TaskFamily,
    each,
    expectation,
    fan,
    is_exact,
    join,
    join_segments,
    question,
    segments,
    smaller,
    stack,
    tree,
    where,
)

STEP_DIVISORS = {"MAML": 12, "FO-MAML": 18, "HF-MAML": 25}
SIDES = (1, -1)


class SettingParts(NamedTuple):
    """‖∇F(w)‖, ‖E G(w)‖, ‖∇F(w) − E G(w)‖, E‖g‖, E_i‖∇f_i(w⁺)‖ and ‖w‖."""

    accuracy: Parameters
    direction: Parameters
    hidden: Parameters
    sampled: Parameters
    adapted: Parameters
    norm: Parameters


@question
class Setting(Question):
    """``algorithm`` from ``w`` with task batches of B, sample batches D_in, D_o, D_h and β_k = ``fraction`` · β̃(w_k).

    ``sigma`` and ``constants`` are the σ, L, ρ, σ̃, σ_H to test; ``gap`` bounds Δ = F(w) − min F; ``epsilon`` is the
    accuracy asked for; ``displacement`` is the distance δ‖g‖ by which HF-MAML's probes move.
    """

    algorithm: str
    family: TaskFamily
    alpha: Parameters
    w: Parameters
    B: int
    sizes: BatchSizes
    gap: Parameters
    epsilon: Parameters
    sigma: Parameters
    constants: Constants
    fraction: Parameters
    displacement: Parameters

    @classmethod
    def complete(cls, given):
        """The theorem's own step fraction (1/12, 1/18, 1/25) and the displacement 1/(6ρα√B) of the repair."""
        number = Fraction if is_exact(given["w"]) else float
        if given["fraction"] is None:
            given["fraction"] = number(Fraction(1, STEP_DIVISORS[given["algorithm"]]))
        if given["displacement"] is None:
            given["displacement"] = repaired_displacement(given["alpha"], given["constants"].rho, given["B"])
        if number is float:
            given |= {name: float(given[name]) for name in ("gap", "epsilon", "sigma", "fraction", "displacement")}
        return given

    def places(self, task) -> Places:
        """w and w⁺, every w̃, every probe, its knee between, and where samples are drawn."""
        w, w_plus = self.w, inner_step(task, self.alpha, self.w)
        reached, gradients = self._listed(task)
        lengths = (self.displacement, knee(self)) if self.algorithm == "HF-MAML" else ()
        probes, knees = ([*probe_ends(w, gradients, r)] for r in lengths) if lengths else ((), ())
        adapted_by_samples = join_segments(segments((w, w_plus)), fan(w_plus, reached))
        return Places(
            points=stack(w),
            chords=join_segments(adapted_by_samples, *zip(knees, probes, strict=True)),
            tangents=join_segments(adapted_by_samples, *(fan(w, ends) for ends in (*probes, *knees))),
            draws=join(stack(w), reached),
            hessian_draws=stack(w),
            shakes=probes or None,
        )

    def common_places(self):
        """σ is used at w."""
        return stack(self.w)

    def parts(self) -> SettingParts:
        """What the sides of Table 1, and of the floor under HF-MAML, are made of."""
        slope, direction = meta_gradient(self.family, self.alpha, self.w), self.expected_direction()
        hidden = tree.subtract(slope, direction)
        sampled, after = self.family.expect(self._adapted_sizes)
        return SettingParts(*map(tree.norm, (slope, direction, hidden)), sampled, after, tree.norm(self.w))

    def expected_direction(self):
        """E G(w), the mean over tasks and batches of what one task contributes to the outer step."""
        estimator = printed_estimator(self.algorithm, self.displacement)
        return expected_direction(estimator, self.family, self.alpha, self.w, self.sizes)

    def _adapted_sizes(self, task):
        """(E‖g‖ over both batches, ‖∇f(w⁺)‖)."""

        def size(inner, outer):
            return tree.norm(adapted(task, self.alpha, self.w, inner, outer)[1])

        exactly = task.gradient(inner_step(task, self.alpha, self.w))
        return expectation(task, (self.sizes.D_in, self.sizes.D_o), size), tree.norm(exactly)

    def _listed(self, task):
        """Every w̃ and every g, stacked."""

        def pair(inner, outer):
            return adapted(task, self.alpha, self.w, inner, outer)

        values = listed_values(task, (self.sizes.D_in, self.sizes.D_o), pair)[0]
        return tuple(zip(*values, strict=True)) if is_exact(values) else values


def probe_end(w, g, displacement, side: int):
    """w ± δg with δ‖g‖ = ``displacement``: the end that lies on this ``side``."""
    return tree.step(w, -side * Displacement(displacement)(tree.norm(g)), g)


def probe_ends(w, gradients, displacement) -> tuple:
    """Both ends for each g of a stack."""
    return tuple(each(lambda g, side=side: probe_end(w, g, displacement, side), gradients) for side in SIDES)


def knee(setting: Setting):
    """min(r, 2L/ρ): how far along a probe of length r = δ‖g‖ a Hessian can have changed by ρ times the distance."""
    c, flat = setting.constants, setting.constants.rho == 0
    return smaller(setting.displacement, where(flat, setting.displacement, 2 * c.L / where(flat, 1, c.rho)))


def printed_displacement(alpha, rho):
    """δ‖g‖ = 1/(6ρα), as Theorem 4.17 prints it; 1 where α or ρ is 0, where every step is exact."""
    return 1 / (6 * rho * alpha) if rho * alpha else 1 + 0 * rho


def repaired_displacement(alpha, rho, B: int):
    """δ‖g‖ = 1/(6ρα√B), as Theorem 4.17′ has it; in fractions √B is the next integer if it is irrational."""
    if not is_exact((alpha, rho)):
        return printed_displacement(alpha, rho) / math.sqrt(B)
    return printed_displacement(alpha, rho) / (math.isqrt(B - 1) + 1)


def step_batches(setting: Setting) -> tuple[int, int]:
    """(B', D_β), the sizes behind β̃: the smallest that (18) allows."""
    x, deviation = relative_deviation(setting), relative_curvature(setting) * setting.constants.sigma_tilde
    needed = x**2 / 2, (2 * deviation) ** 2
    return tuple(max(1, math.ceil(number)) if math.isfinite(number) else 1 for number in needed)


def relative_curvature(setting: Setting):
    """ρα/L; ∞ where L = 0."""
    c = setting.constants
    return c.rho * setting.alpha / c.L if c.L else math.inf


def relative_deviation(setting: Setting):
    """x = ρασ/L."""
    return relative_curvature(setting) * setting.sigma
