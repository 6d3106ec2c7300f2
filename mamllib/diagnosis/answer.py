"""The answer to "Is my meta-gradient right?": for a reader, in a table, and for machines."""

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from mamllib.diagnosis.comparison import Agreement, rounding
from mamllib.diagnosis.row import Row
from mamllib.diagnosis.words import COLUMNS, advice, cells, headline, name_of
from mamllib.records import plain
from mamllib.report import Table


@dataclass(frozen=True)
class Diagnosis:
    """What ``mine`` was found to be.

    ``findings``: all that it agrees with on every draw of batches; more than one cannot be told apart here. ``rows``:
    every right estimator, whatever was found. ``draws``: of batches, and ``mean_draws`` for the means. ``dtype``: of
    what was returned; ``accuracy``: of the dtype up to whose rounding it agrees. ``wobble``: relative difference of two
    calls with the same batches. ``follows_batches``: what was returned changes with them. ``all_rows``: it was compared
    on all rows of the tasks. ``leaves``: where nothing agrees, how far each part of w is from the right estimator of
    which most parts agree. ``is_zero``: nothing but 0 was returned. ``untold``: right estimators that rounding moves so
    far that nothing can be said of them.
    """

    findings: tuple[Agreement, ...]
    rows: tuple[Row, ...]
    draws: int
    mean_draws: int
    dtype: str
    accuracy: str
    wobble: float
    follows_batches: bool
    all_rows: bool
    leaves: dict[str, float]
    untold: tuple[str, ...]
    is_zero: bool

    @property
    def agrees_with(self) -> tuple[str, ...]:
        """Algorithms that it is, without a slip: of MAML, FO-MAML, HF-MAML and Reptile."""
        return tuple(dict.fromkeys(found.candidate.algorithm for found in self.findings if not found.slips))

    @property
    def slips(self) -> tuple[str, ...]:
        """Names of the slips that make it what it is."""
        return tuple(dict.fromkeys(slip for found in self.findings for slip in found.slips))

    @property
    def remarks(self) -> tuple[str, ...]:
        """How it reads its batches, where more than one way is right."""
        return tuple(dict.fromkeys(remark for found in self.findings for remark in found.candidate.remarks))

    @property
    def in_the_mean(self) -> tuple[str, ...]:
        """Where nothing agrees on every draw: right estimators whose mean is not told apart from its mean, and is
        nearer than their own length and than any that is told apart."""
        refuted = [row.interval.upper for row in self.rows if row.interval.lower > 0]
        nearest = min([1.0, *refuted])
        near = [row.name for row in self.rows if row.interval.lower == 0 and row.interval.upper < nearest]
        return () if self.findings else tuple(near)

    @property
    def verdict(self) -> str:
        """``right``, ``slip``, ``cannot be told apart`` (a right estimator from a slip, or slips from each other),
        ``in the mean``, or ``none``."""
        if not self.findings:
            return "in the mean" if self.in_the_mean else "none"
        if not self.slips:
            return "right"
        one = len({found.slips for found in self.findings}) == 1 and len(self.findings[0].by_factor) < 2
        return "slip" if one else "cannot be told apart"

    @property
    def is_reproducible(self) -> bool:
        """Whether two calls with the same batches agree up to rounding."""
        return self.wobble <= rounding(np.dtype(self.dtype))

    @property
    def is_known(self) -> bool:
        """Whether what was found says what it returns for other batches too."""
        return bool(self.findings) and self.is_reproducible and not self.all_rows and self.findings[0].rank < 3

    @property
    def table(self) -> Table:
        """A row for every right estimator."""
        return Table(COLUMNS, [cells(row) for row in self.rows])

    def record(self) -> dict:
        """All of it as plain data."""
        return {
            "verdict": self.verdict,
            "agrees with": list(self.agrees_with),
            "slips": list(self.slips),
            "remarks": list(self.remarks),
            "in the mean": list(self.in_the_mean),
            "findings": [_finding(found) for found in self.findings],
            "rows": [_row(row) for row in self.rows],
            "draws": self.draws,
            "draws for the means": self.mean_draws,
            "dtype": self.dtype,
            "accuracy": self.accuracy,
            "two calls differ by": plain(self.wobble),
            "follows batches": self.follows_batches,
            "all rows": self.all_rows,
            "returns 0": self.is_zero,
            "moved too far by rounding": list(self.untold),
            "leaves": {name: plain(difference) for name, difference in self.leaves.items()},
            "advice": list(self._advice()),
        }

    def __repr__(self) -> str:
        """Sentences, and the table."""
        return "\n".join([headline(self), *(f"  {line}" for line in self._advice()), "", repr(self.table)])

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        first, *names = headline(self).split("\n")
        shown = f"<p>{html.escape(first)}</p>{_listed(names)}{_listed(self._advice())}{self.table.to_html()}"
        return {"text/plain": repr(self), "text/html": shown}

    def _advice(self) -> Iterator[str]:
        yield from advice(self)


def _listed(lines: Iterable[str]) -> str:
    """A list in HTML; nothing where there is nothing to list."""
    items = "".join(f"<li>{html.escape(line.strip())}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def _finding(found: Agreement) -> dict:
    return {
        "name": name_of(found),
        "algorithm": found.candidate.algorithm,
        "remarks": list(found.candidate.remarks),
        "slips": list(found.slips),
        "factor": plain(found.factor.value),
        "largest difference": plain(found.difference),
        "rounding allows": plain(found.allowed),
    }


def _row(row: Row) -> dict:
    return {
        "estimator": row.name,
        "agrees on": row.agreed,
        "draws": row.draws,
        "largest difference": plain(row.difference),
        "rounding allows": plain(row.allowed),
        "angle of the means in degrees": plain(row.angle),
        "means differ by at least": plain(row.interval.lower),
        "means differ by at most": plain(row.interval.upper),
    }
