"""The chart of an explorer as a Vega specification: marks bound to data that the page fills in, and no formula."""

import math

CURRENT = dict.fromkeys(("labelColor", "titleColor", "domainColor", "tickColor", "gridColor"), "currentColor")
HEIGHT = 280
ARMS = {"circle": "circle", "square": "square", "triangle": "triangle-up", "diamond": "diamond"}


def specification(explorer) -> dict:
    """What Vega draws; the data sets ``lines``, ``points`` and ``here`` have fields s (series), x and y."""
    series = [one.y for one in explorer.series]
    return {
        "description": explorer.title,
        "height": HEIGHT,
        "width": 560,
        "padding": 2,
        "autosize": {"type": "fit", "contains": "padding"},
        "config": {"axis": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "font": "inherit"}},
        "signals": [_drop()] if explorer.dropped is not None else [],
        "data": [{"name": name} for name in ("backdrop", "lines", "points", "here")],
        "scales": [
            _scale("x", explorer.x, "width"),
            _scale("y", explorer.y, "height"),
            _ordinal("colour", series, [f"var(--explorer-{one.colour})" for one in explorer.series]),
            _ordinal("shape", series, [ARMS[one.shape] for one in explorer.series]),
            _ordinal("dash", series, [[5, 4] if one.dashed else [1, 0] for one in explorer.series]),
        ],
        "axes": [_axis("x", "bottom", explorer.x), _axis("y", "left", explorer.y)],
        "marks": _marks(explorer),
    }


def ticks(axis) -> list:
    """The axis' own ticks, or the powers of ten within its ends."""
    if axis.ticks or not axis.log:
        return list(axis.ticks)
    low, high = (math.log10(end) for end in axis.ends)
    return [10.0**k for k in range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)]


def _drop() -> dict:
    """Where the reader clicks or drags on the chart, in the units of the x axis."""
    events = "pointerdown, [pointerdown, window:pointerup] > window:pointermove"
    return {"name": "drop", "value": None, "on": [{"events": events, "update": "invert('x', x())"}]}


def _scale(name: str, axis, across: str) -> dict:
    kind = "log" if axis.log else "linear"
    return {"name": name, "type": kind, "domain": list(axis.ends), "range": across, "zero": False, "nice": False}


def _ordinal(name: str, domain: list, values: list) -> dict:
    return {"name": name, "type": "ordinal", "domain": domain, "range": values}


def _axis(name: str, side: str, axis) -> dict:
    shown = {"values": ticks(axis)} if ticks(axis) else {"tickCount": 6}
    looks = {"grid": True, "gridOpacity": 0.15, "format": "~g", "labelOverlap": "greedy", "labelSeparation": 6}
    return {"orient": side, "scale": name, "title": axis.title, **shown, **looks, **CURRENT}


def _marks(explorer) -> list[dict]:
    rule = {"type": "rule", "clip": True, "from": {"data": "here"}, "encode": {"update": _rule()}}
    marks = [_line("backdrop", {"value": "var(--explorer-reference)"}), _lines()]
    if explorer.dropped is None:
        marks.insert(0, rule)
    return [*marks, _symbols("points", 30, 0.75), _symbols("here", 130, 1.0)]


def _rule() -> dict:
    return {
        "x": {"scale": "x", "field": "x"},
        "y": {"value": 0},
        "y2": {"signal": "height"},
        "stroke": {"value": "currentColor"},
        "strokeOpacity": {"value": 0.12},
    }


def _place() -> dict:
    return {"x": {"scale": "x", "field": "x"}, "y": {"scale": "y", "field": "y"}}


def _line(data: str, stroke: dict, **more) -> dict:
    looks = {"stroke": stroke, "strokeWidth": {"value": 2}, **more}
    return {
        "type": "line",
        "name": f"drawn-{data}",
        "clip": True,
        "from": {"data": data},
        "encode": {"update": _place() | looks},
    }


def _lines() -> dict:
    one = _line("one", {"scale": "colour", "field": "s"}, strokeDash={"scale": "dash", "field": "s"})
    facet = {"facet": {"name": "one", "data": "lines", "groupby": "s"}}
    frame = {"update": {"width": {"signal": "width"}, "height": {"signal": "height"}}}  # what the lines are clipped to
    return {"type": "group", "name": "drawn-lines", "from": facet, "encode": frame, "marks": [one]}


def _symbols(data: str, size: int, opacity: float) -> dict:
    looks = {
        "fill": {"scale": "colour", "field": "s"},
        "shape": {"scale": "shape", "field": "s"},
        "size": {"value": size},
        "opacity": {"value": opacity},
    }
    return {
        "type": "symbol",
        "name": f"drawn-{data}",
        "clip": True,
        "from": {"data": data},
        "encode": {"update": _place() | looks},
    }
