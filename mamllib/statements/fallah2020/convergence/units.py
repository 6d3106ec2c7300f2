"""A run in other units without running it again: its iterates are ν times as large, and all that was met follows.

With powers of two for μ and ν a run in floats is the same to the last bit but for exponents; a test runs one of each
theorem again and compares.
"""

from fractions import Fraction
from functools import cached_property

import numpy as np

from mamllib.statements.fallah2020.convergence.run import Met, Recording, Run
from mamllib.statements.rescaled import copied_in_units

# Powers of (μ, ν) of what is watched; σ, σ̃ and σ_H are watched as variances.
WATCHED = {"L": (1, -2), "rho": (1, -3), "sigma": (2, -2), "sigma_tilde": (2, -2), "sigma_H": (2, -4), "depth": (1, 0)}
GRADIENT = (1, -1)


class RecordingInUnits(Recording):
    """What a recording is where losses are μf(·/ν)."""

    def __init__(self, run: Run, mu: Fraction, nu: Fraction):
        super().__init__(run.setting.rescaled(mu, nu), run.recording.iterations, run.recording.seeds)
        self._known, self._units = run.recording, (mu, nu)

    @cached_property
    def met(self) -> Met:
        """The norms and what every step met, in the units asked for."""
        norms, watched, ends = self._known.met
        values = {name: self._times(WATCHED.get(name, (0, 0)), value) for name, value in watched.items()}
        return Met(self._times(GRADIENT, norms), values, ends)

    @property
    def _unwatched(self) -> Met:
        return self.met

    def _times(self, powers: tuple[int, int], value):
        (mu, nu), (p, q) = self._units, powers
        factor = mu**p * nu**q
        exact = isinstance(value, int | Fraction) or getattr(value, "dtype", None) == np.dtype(object)
        return value * (factor if exact else float(factor))


@copied_in_units.register
def _(run: Run, mu: Fraction, nu: Fraction) -> Run:
    """The run of losses μf(·/ν), from the run."""
    recording = RecordingInUnits(run, mu, nu)
    return Run(recording.setting, recording)
