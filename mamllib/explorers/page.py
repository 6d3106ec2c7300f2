"""An explorer as HTML: sliders, a chart, a sentence, a picture for where no script runs, and the table."""

import base64
import json
from functools import cache
from html import escape
from importlib import resources

import numpy as np

from mamllib.explorers import chart, picture

_SWATCHES = {
    "circle": '<circle cx="12" cy="6" r="4.5" fill="{0}"/>',
    "square": '<rect x="7.5" y="1.5" width="9" height="9" fill="{0}"/>',
    "triangle": '<path d="M12 1l5.5 10h-11z" fill="{0}"/>',
    "diamond": '<path d="M12 0l5 6-5 6-5-6z" fill="{0}"/>',
    "line": '<path d="M0 6h24" stroke="{0}" stroke-width="2.5"/>',
    "dashed": '<path d="M0 6h24" stroke="{0}" stroke-width="2.5" stroke-dasharray="5 4"/>',
}


@cache
def asset(name: str) -> str:
    """A file of ``assets``; outside the website an output has to bring its style and script along."""
    return resources.files("mamllib.explorers").joinpath("assets", name).read_text(encoding="utf-8")


def html(explorer, table: dict) -> str:
    """The explorer's element, the same for the same table."""
    name = f"explorer-{explorer.name}"
    backdrop = explorer.backdrop() if explorer.backdrop else None
    drawn = picture.svg(explorer, table, backdrop)
    return (
        f'<div class="explorer" id="{name}" role="group" aria-label="{escape(explorer.title)}">\n'
        f"<style>{asset('explorer.css')}</style>\n"
        f'<p class="explorer-title">{escape(explorer.title)}</p>\n'
        f'<div class="explorer-sliders" hidden>{_sliders(explorer, name)}</div>\n'
        f'<ul class="explorer-key">{_key(explorer)}</ul>\n'
        f'<div class="explorer-chart" aria-hidden="true"></div>\n'
        f'<img alt="{escape(explorer.title)}, drawn for one position of the sliders" src="{_address(drawn)}">\n'
        f'<p class="explorer-said" aria-live="polite">{escape(explorer.say(table, explorer.start))}</p>\n'
        f'<script type="application/json">{_json(_record(explorer, table, backdrop))}</script>\n'
        f"<script>{asset('explorer.js')}</script>\n"
        "</div>"
    )


def _sliders(explorer, name: str) -> str:
    rows = (_slider(slider, f"{name}-{place}") for place, slider in enumerate(explorer.sliders))
    play = '<button type="button" class="explorer-play">Play</button>' if explorer.dropped is not None else ""
    return "".join(rows) + play


def _slider(slider, name: str) -> str:
    label = f"<b>{escape(slider.symbol)}</b> {escape(slider.meaning)}"
    text = slider.texts[slider.start]
    return (
        f'<div class="explorer-slider"><label for="{name}">{label}</label>'
        f'<input type="range" id="{name}" min="0" max="{len(slider.values) - 1}" step="1" value="{slider.start}" '
        f'aria-valuetext="{escape(text)}"><span aria-hidden="true">{escape(text)}</span></div>'
    )


def _key(explorer) -> str:
    entries = [(one.label, one.colour, _swatch(one)) for one in explorer.series]
    if explorer.backdrop_label:
        entries.insert(0, (explorer.backdrop_label, "reference", "line"))
    return "".join(f"<li>{_drawn_swatch(shape, colour)} {escape(label)}</li>" for label, colour, shape in entries)


def _swatch(series) -> str:
    if series.kind == "line":
        return "dashed" if series.dashed else "line"
    return series.shape


def _drawn_swatch(shape: str, colour: str) -> str:
    inside = _SWATCHES[shape].format(f"var(--explorer-{colour})")
    return f'<svg width="24" height="12" aria-hidden="true">{inside}</svg>'


def _record(explorer, table: dict, backdrop: tuple | None) -> dict:
    """What the script reads."""
    return {
        "sliders": [
            {"symbol": slider.symbol, "texts": slider.texts, "values": list(slider.values)}
            for slider in explorer.sliders
        ],
        "series": [{"x": one.x, "y": one.y, "kind": one.kind} for one in explorer.series],
        "sentence": explorer.sentence,
        "dropped": explorer.dropped,
        "backdrop": [list(part) for part in backdrop] if backdrop else [[], []],
        "chart": chart.specification(explorer),
        "columns": {name: column.tolist() for name, column in table.items()},
    }


def _json(record: dict) -> str:
    """Compact, whole numbers without a point, and nothing that could end the script element."""
    text = json.dumps(_short(record), ensure_ascii=False, separators=(",", ":"))
    return text.replace("</", "<\\/")


def _short(value):
    if isinstance(value, dict):
        return {key: _short(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_short(inner) for inner in value]
    if isinstance(value, float | np.floating):
        return int(value) if float(value).is_integer() and abs(value) < 1e9 else float(value)
    return value


def _address(drawn: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.encode()).decode()
