"""Links within the site: each leads to a file that is there, and to a place in it that is there."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup


def dead_links(site: Path, pages: list[Path]) -> list[str]:
    """Every link of the pages, and everything they load, that leads nowhere."""
    places = cache(_places)
    return [problem for page in pages for problem in _dead(page, site, places)]


def _dead(page: Path, site: Path, places: Callable[[Path], set[str]]) -> list[str]:
    problems = []
    for link in sorted(set(_links(page))):
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page.resolve()
        where = f"{page.relative_to(site)} links to {link}"
        if not target.exists():
            problems.append(f"{where}, which is not there")
        elif parts.fragment and target.suffix == ".html" and unquote(parts.fragment) not in places(target):
            problems.append(f"{where}, a place that is not in it")
    return problems


def _links(page: Path) -> list[str]:
    return [tag.get("href") or tag.get("src") or "" for tag in _source(page).select("[href], [src]")]


def _places(page: Path) -> set[str]:
    """What a fragment can name; `#top` leads to the top of any page."""
    source = _source(page)
    return {tag["id"] for tag in source.find_all(id=True)} | {tag["name"] for tag in source.select("a[name]")} | {"top"}


def _source(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
