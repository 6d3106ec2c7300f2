"""Links within the site: each leads to a file that is there, and to a place in it that is there."""

from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


def dead_links(site: Path, pages: list[Path]) -> list[str]:
    """Every link of the pages, and everything they load, that leads nowhere."""
    read = cache(_read)
    return [problem for page in pages for problem in _dead(page, site, read)]


def _dead(page: Path, site: Path, read: Callable[[Path], "_Tags"]) -> list[str]:
    problems = []
    for link in sorted(read(page.resolve()).links):
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page.resolve()
        where = f"{page.relative_to(site)} links to {link}"
        if not target.exists():
            problems.append(f"{where}, which is not there")
        elif parts.fragment and target.suffix == ".html" and unquote(parts.fragment) not in read(target).places:
            problems.append(f"{where}, a place that is not in it")
    return problems


class _Tags(HTMLParser):
    """What a page links to, and the places in it that a fragment can name; `#top` leads to the top of any page."""

    def __init__(self):
        super().__init__()
        self.links: set[str] = set()
        self.places = {"top"}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.links |= {given[name] or "" for name in ("href", "src") if name in given}
        self.places |= {given[name] or "" for name in ("id", *(["name"] if tag == "a" else [])) if name in given}


def _read(page: Path) -> _Tags:
    tags = _Tags()
    tags.feed(page.read_text(encoding="utf-8"))
    return tags
