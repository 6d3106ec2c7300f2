"""The picture that stands for an explorer where no script runs: the chart at the sliders' first position."""

import io

import matplotlib.style
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from mamllib.explorers import chart

COLOURS = {"bound": "#222222", "measured": "#0173b2", "second": "#00785a", "wrong": "#b54a00", "reference": "#777777"}
MARKERS = {"circle": "o", "square": "s", "triangle": "^", "diamond": "D"}
LOOK = {"svg.fonttype": "none", "svg.hashsalt": "mamllib", "font.size": 9, "font.family": "sans-serif"}


def svg(explorer, columns: dict, backdrop: tuple | None) -> str:
    """The chart as SVG, the same on every machine: its text is text, and its margins are fixed."""
    with matplotlib.style.context(["default", LOOK]):  # whatever the chapter has set for its own figures
        figure = Figure(figsize=(6.4, 3.4))
        axes = figure.add_axes((0.12, 0.15, 0.84, 0.7))
        if backdrop:
            axes.plot(*backdrop, color=COLOURS["reference"], label=explorer.backdrop_label)
        for series in explorer.series:
            _draw(axes, explorer, series, columns)
        for axis, set_scale, set_limits in (
            (explorer.x, axes.set_xscale, axes.set_xlim),
            (explorer.y, axes.set_yscale, axes.set_ylim),
        ):
            set_scale("log" if axis.log else "linear")
            set_limits(*axis.ends)
        axes.set_xticks(chart.ticks(explorer.x), [f"{tick:g}" for tick in chart.ticks(explorer.x)])
        axes.set_yticks(chart.ticks(explorer.y), [f"{tick:g}" for tick in chart.ticks(explorer.y)])
        axes.minorticks_off()
        axes.set(xlabel=explorer.x.title, ylabel=explorer.y.title)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=8)
        buffer = io.BytesIO()
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None})
    return buffer.getvalue().decode("utf-8")


def _draw(axes, explorer, series, columns: dict) -> None:
    *row, here = explorer.start
    y = columns[series.y][tuple(row)]
    x = columns[series.x][tuple(row)] if series.x else list(explorer.sliders[-1].values)
    color, marker = COLOURS[series.colour], MARKERS[series.shape]
    if series.kind == "mark":
        axes.plot(x[here], y[here], marker, color=color, label=series.label)
        return
    style = {"line": "--" if series.dashed else "-", "points": marker}[series.kind]
    axes.plot(x, y, style, color=color, label=series.label, markersize=4)
    axes.plot(x[here], y[here], marker, color=color, markersize=8)
