"""The status page: on what, when and how long the chapters were executed that the site shows."""

from collections.abc import Mapping
from pathlib import Path

from . import execution
from .chapters import chapters, title
from .places import ROOT
from .templates import rendered

NOT_RECORDED = "not recorded"
PARAMETERS = ("profile", "seed")


def write(executed: Path, pages: Path, root: Path = ROOT) -> None:
    """Write what `book/status.md` includes."""
    titles = {chapter.relative_to(root).with_suffix("").as_posix(): title(chapter) for chapter in chapters(root)}
    pages.mkdir(parents=True, exist_ok=True)
    (pages / "status.html").write_text(page(titles, execution.read(executed)), encoding="utf-8")


def page(titles: Mapping[str, str], runs: Mapping[str, Mapping]) -> str:
    """Two tables: what all runs had in common, and the run of each chapter, given by its name and title."""
    shown = {name: runs.get(name, {}) for name in titles}
    facts = {fact: _values(run["environment"].get(fact) for run in shown.values() if run) for fact in execution.FACTS}
    dates = sorted(run["date"] for run in shown.values() if run)
    facts["executed (UTC)"] = _span(dates)
    total = sum(run["seconds"] for run in shown.values() if run)
    rows = [_row(name, titles[name], run) for name, run in shown.items()]
    return rendered(
        "status.html", facts=facts, parameters=PARAMETERS, rows=rows, total=_time(total) if dates else NOT_RECORDED
    )


def _row(name: str, title: str, run: Mapping) -> dict:
    parameters = run.get("parameters", {})
    return {
        "title": title,
        "paper": name.split("/")[-2],
        "href": name.removeprefix("book/") + ".html",
        "time": _time(run["seconds"]) if run else NOT_RECORDED,
        "date": run.get("date", NOT_RECORDED),
        "why": run.get("why", NOT_RECORDED),
        "parameters": [parameters.get(parameter, NOT_RECORDED) for parameter in PARAMETERS],
    }


def _values(found) -> str:
    """The one value of all runs, or each of several."""
    return ", ".join(dict.fromkeys(str(value or NOT_RECORDED) for value in found)) or NOT_RECORDED


def _span(dates: list[str]) -> str:
    return " to ".join(dict.fromkeys((dates[0], dates[-1]))) if dates else NOT_RECORDED


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.1f} min"
