"""What a convergence theorem speaks about: an algorithm, its batch sizes and step, tasks and their constants."""

import math
from fractions import Fraction

import jax

from mamllib import arithmetic, validation
from mamllib.estimators import BatchSizes
from mamllib.statements.instance import instance
from mamllib.tasks import Constants, TaskFamily
from mamllib.tasks.family import require_family
from mamllib.tasks.task import Parameters

STEP_DIVISORS = {"MAML": 12, "FO-MAML": 18, "HF-MAML": 25}


@instance("algorithm", "B", "sizes")
class Setting:
    """``algorithm`` from ``w`` with task batches of B, sample batches D_in, D_o, D_h and β_k = ``fraction`` · β̃(w_k).

    ``sigma`` and ``constants`` are the σ, L, ρ, σ̃, σ_H to test; ``gap`` bounds Δ = F(w) − min F; ``epsilon`` is the
    accuracy asked for; ``displacement`` is the distance δ‖g‖ by which HF-MAML's probes move.
    """

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    sigma: Parameters
    constants: Constants
    gap: Parameters
    epsilon: Parameters
    fraction: Parameters
    displacement: Parameters
    algorithm: str
    B: int
    sizes: BatchSizes

    @classmethod
    def of(
        cls,
        algorithm: str,
        family,
        alpha,
        w,
        B: int,
        sizes: BatchSizes,
        gap,
        epsilon,
        sigma=None,
        constants: Constants | None = None,
        fraction=None,
        displacement=None,
    ) -> "Setting":
        """Check the input; σ and the constants are the family's where none are given.

        The step fraction is the theorem's own (1/12, 1/18, 1/25) and the displacement that of the repair,
        1/(6ρα√B), unless they are given.

        Raises:
            ValueError: an unknown algorithm, α < 0, Δ < 0, ε ≤ 0, σ < 0, a batch size that is not an integer ≥ 1.
            ShapeError: w does not fit a task.
        """
        if algorithm not in STEP_DIVISORS:
            raise ValueError(f"algorithm = {algorithm!r} is not allowed: it is one of {', '.join(STEP_DIVISORS)}")
        require_family(family)
        validation.require_point(alpha, w)
        validation.require_fits("w", w, family.kinds)
        validation.require_nonnegative("gap", gap)
        validation.require_positive("epsilon", epsilon)
        for name, size in (("B", B), *sizes._asdict().items()):
            validation.require_batch_size(name, size)
        constants = Constants(*map(_plain, constants or family.constants))
        validation.require_constants(constants)
        if sigma is not None:
            validation.require_constant("sigma", sigma)
        sigma = _plain(family.sigma if sigma is None else sigma)
        own = Fraction(1, STEP_DIVISORS[algorithm])
        fraction = (own if arithmetic.is_exact(w) else float(own)) if fraction is None else fraction
        displacement = repaired_displacement(alpha, constants.rho, B) if displacement is None else displacement
        return cls(
            family, alpha, w, sigma, constants, _plain(gap), epsilon, fraction, displacement, algorithm, B, sizes
        )


def printed_displacement(alpha, rho):
    """δ‖g‖ = 1/(6ρα), as Theorem 4.17 prints it; 1 where α or ρ is 0, where every step is exact."""
    return 1 / (6 * rho * alpha) if rho * alpha else 1 + 0 * rho


def repaired_displacement(alpha, rho, B: int):
    """δ‖g‖ = 1/(6ρα√B), as Theorem 4.17′ has it; in fractions √B is the next integer if it is irrational."""
    if not arithmetic.is_exact((alpha, rho)):
        return printed_displacement(alpha, rho) / math.sqrt(B)
    return printed_displacement(alpha, rho) / (math.isqrt(B - 1) + 1)


def step_batches(setting: Setting) -> tuple[int, int]:
    """(B', D_β), the sizes behind β̃: the smallest that (18) allows."""
    c = setting.constants
    ratio = c.rho * setting.alpha / c.L
    needed = (ratio * setting.sigma) ** 2 / 2, (2 * ratio * c.sigma_tilde) ** 2
    return tuple(max(1, math.ceil(number)) if math.isfinite(number) else 1 for number in needed)


def _plain(value):
    """Python floats for what JAX computed, fractions as they are."""
    return value if isinstance(value, Fraction) else float(jax.numpy.asarray(value))
