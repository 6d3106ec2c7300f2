"""What is cited: this companion as ``CITATION.cff`` describes it, the papers, and the names of its figures."""

import functools
import importlib.resources
import re
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from mamllib.figures.provenance import PACKAGE


def citation() -> dict:
    """The fields of ``CITATION.cff``; without its repository while that is the placeholder, which leads nowhere."""
    fields = yaml.safe_load(_text("CITATION.cff"))
    if urlsplit(fields.get("repository-code", "")).hostname in (None, "repository-not-set.invalid"):
        fields.pop("repository-code", None)
    return fields


def site() -> str | None:
    """The address at which GitHub Pages serves the book of this repository, or leads on to a domain of its own.

    Nothing while the repository has no address, or lies elsewhere.
    """
    parts = urlsplit(citation().get("repository-code", ""))
    if parts.hostname != "github.com":
        return None
    owner, name = parts.path.strip("/").split("/")
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def paper(key: str) -> str:
    """The BibTeX entry of a paper, as the book's bibliography has it.

    Raises:
        LookupError: no paper has this key.
    """
    found = re.search(rf"^@\w+\{{{re.escape(key)},.*?^\}}", _text("book/references.bib"), re.MULTILINE | re.DOTALL)
    if not found:
        raise LookupError(f"no paper in references.bib has the key {key!r}")
    return found.group() + "\n"


@functools.cache
def figures() -> tuple[str, ...]:
    """The permanent name of every figure ever published."""
    return tuple((importlib.resources.files("mamllib.figures") / "published.txt").read_text(encoding="utf-8").split())


def _text(name: str) -> str:
    """A file of the repository: a wheel carries it in the package, a checkout has it in its place."""
    carried, kept = PACKAGE / Path(name).name, PACKAGE.parent / name
    return (carried if carried.is_file() else kept).read_text(encoding="utf-8")
