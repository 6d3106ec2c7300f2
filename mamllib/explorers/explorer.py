"""What an explorer is: sliders, the table over all their positions, and how a row of it is drawn and said.

The page only looks numbers up: every one was computed here, for every position of every slider.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import jax
import numpy as np

from mamllib.explorers import page
from mamllib.formatting import number

SHOWN_DIGITS, SURE_DIGITS = 4, 7
NEGLIGIBLE = 1e-12


@dataclass(frozen=True)
class Slider:
    """A quantity with the few values that it may take; ``start`` is the position at which the page opens."""

    symbol: str
    meaning: str
    values: Sequence[float | int]
    start: int

    @property
    def texts(self) -> list[str]:
        """The values as a reader sees them."""
        return [number(value) for value in self.values]


@dataclass(frozen=True)
class Series:
    """What is drawn: the column ``y`` against ``x`` (the last slider where none is named).

    ``kind``: a "line" through all positions of the last slider with a mark at the present one, "points" at all of
    them, or the present "mark" alone. ``colour`` is the style sheet's name: bound, measured,
    second, wrong or reference.
    """

    y: str
    label: str
    colour: str
    kind: str = "line"
    shape: str = "circle"
    dashed: bool = False
    x: str | None = None


@dataclass(frozen=True)
class Axis:
    """An axis with fixed ends, so that what moves is the data."""

    title: str
    ends: tuple[float | int, float | int]
    log: bool = True
    ticks: Sequence[float | int] = ()


@dataclass(frozen=True)
class Explorer:
    """Sliders and the table behind them.

    Args:
        name: permanent; the page's element is ``explorer-<name>``.
        title: what it shows, in a few words.
        sliders: the last one moves along the curves, the others choose them.
        columns: gives every column of the table, numbers or words of the shape of the sliders' grid.
        series: what is drawn of it.
        sentence: what a screen reader is told; ``{symbol}`` and ``{column}`` stand for what is shown.
        backdrop: gives a line that no slider moves, (x, y), where there is one; ``backdrop_label`` names it.
        dropped: the slider that a click on the chart sets, where there is one; the last slider can then be played.
    """

    name: str
    title: str
    sliders: tuple[Slider, ...]
    columns: Callable[[], Mapping[str, np.ndarray]]
    series: tuple[Series, ...]
    x: Axis
    y: Axis
    sentence: str
    backdrop: Callable[[], tuple] | None = None
    backdrop_label: str = ""
    dropped: int | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of positions of each slider."""
        return tuple(len(slider.values) for slider in self.sliders)

    @property
    def start(self) -> tuple[int, ...]:
        """Where the sliders stand when the page opens."""
        return tuple(slider.start for slider in self.sliders)

    def table(self) -> dict[str, np.ndarray]:
        """Every column over the sliders' grid, its numbers rounded to the four digits that are shown."""
        return {name: rounded(np.broadcast_to(column, self.shape)) for name, column in self.columns().items()}

    def say(self, table: Mapping[str, np.ndarray], position: tuple[int, ...]) -> str:
        """The sentence for the sliders at ``position``."""
        shown = {slider.symbol: slider.texts[place] for slider, place in zip(self.sliders, position, strict=True)}
        for name, column in table.items():
            value = column[position]
            shown[name] = str(value) if isinstance(value, str) else number(value)
        return self.sentence.format(**shown)


class Shown:
    """An explorer with its table computed; what a chapter's cell displays."""

    def __init__(self, explorer: Explorer):
        self.explorer, self.table = explorer, explorer.table()

    def __repr__(self) -> str:
        """One line that says what the page shows."""
        sliders = ", ".join(f"{s.symbol} ({len(s.values)})" for s in self.explorer.sliders)
        return f"explorer {self.explorer.name}: {sliders}"

    def _repr_html_(self) -> str:
        return page.html(self.explorer, self.table)


def rounded(column: np.ndarray) -> np.ndarray:
    """Numbers to four significant digits, and 0 for what is 10⁻¹² of the column's largest.

    Rounded to seven digits first: a number like 0.015625, which stands between two of four digits, comes out alike on
    every machine.
    """
    if column.dtype.kind not in "fiu":
        return column
    least = NEGLIGIBLE * np.max(np.abs(column))
    once = np.where(np.abs(column) <= least, 0.0, column)
    return np.vectorize(lambda value: float(f"{float(f'{value:.{SURE_DIGITS}g}'):.{SHOWN_DIGITS}g}"))(once)


def over(sliders: Sequence[Slider], row: Callable[..., Mapping]) -> dict[str, np.ndarray]:
    """``row(*values)``, numbers under fixed names, at every position of ``sliders``: one compiled program for all."""
    values = np.meshgrid(*(np.asarray(slider.values, dtype=float) for slider in sliders), indexing="ij")
    shape = values[0].shape
    found = jax.jit(jax.vmap(row))(*(grid.ravel() for grid in values))
    return {name: np.asarray(cells).reshape(shape + cells.shape[1:]) for name, cells in found.items()}


def over_sizes(sliders: Sequence[Slider], row: Callable[..., Mapping]) -> dict[str, np.ndarray]:
    """The same where the last slider is a batch size, which a program cannot take as data: one program for each."""
    *others, sizes = sliders
    found = [over(others, lambda *values, size=size: row(*values, size)) for size in sizes.values]
    return {name: np.stack([one[name] for one in found], axis=-1) for name in found[0]}
