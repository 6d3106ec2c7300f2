"""Why what was computed before still stands, or why it is computed anew.

A result stands while nothing that it came from has changed: what is true of every run (``around``), its own text and
parameters (``own``), the files it read, and the definitions of the library that it needs (see ``sources``). A record
of all this lies beside the result. A record that is broken, or of another form, is none.
"""

import importlib.metadata
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from .sources import Sources
from .tracing import content, digest, write

FOLDER = "fresh"
LOCK = "requirements.lock"
# What executes chapters and statements; the rest of these tools reads what came of them.
TOOLS = ("execute", "verdicts", "judging", "tracing", "marks", "sources", "fresh")
_PLACES_OF_CACHES = ("JAX_COMPILATION_CACHE_DIR", "JAX_PERSISTENT_CACHE", "JAX_ENABLE_COMPILATION_CACHE")
_SETTING = re.compile(r"(XLA|JAX|NVIDIA|CUDA|OMP|OPENBLAS|MKL|PYTHONHASH)_?")
_WORD = re.compile(r"[^\W\d]\w*")


def around(environment: Mapping[str, object], statements: Sequence) -> dict[str, str]:
    """What is true of every run made now, by what a reader calls it.

    Args:
        environment: versions and device; the commit does not count, for most of what it changes is seen better.
        statements: ids and files of all there are, in their order.
    """
    installed = sorted({f"{each.name} {each.version}" for each in importlib.metadata.distributions()})
    settings = {name: value for name, value in sorted(os.environ.items()) if _SETTING.match(name)}
    settings = {name: value for name, value in settings.items() if not name.startswith(_PLACES_OF_CACHES)}
    tools = [Path(__file__).with_name(f"{name}.py").read_bytes() for name in TOOLS]
    return {fact: str(value) for fact, value in environment.items() if fact != "commit"} | {
        LOCK: content(LOCK),
        "what is installed": digest(*map(str.encode, installed)),
        "the environment's variables": json.dumps(settings),
        "what executes": digest(*tools),
        "the list of statements": digest(json.dumps(statements).encode()),
    }


def own(chapter: Path, parameters: Mapping[str, object]) -> dict[str, str]:
    """What a chapter itself says: its cells, without what came of them, and the parameters that it is run with."""
    notebook = nbformat.read(chapter, as_version=4)
    cells = [[cell.cell_type, cell.source, cell.metadata] for cell in notebook.cells]
    return {
        "the chapter": digest(json.dumps([cells, notebook.metadata], sort_keys=True).encode()),
        "a parameter": json.dumps(dict(parameters), sort_keys=True),
    }


def words(chapter: Path) -> set[str]:
    """Every word in a chapter's code: one may be the name of anything in the library."""
    cells = nbformat.read(chapter, as_version=4).cells
    return {word for cell in cells if cell.cell_type == "code" for word in _WORD.findall(cell.source)}


@dataclass
class Results:
    """The results in a tree, each by its name, and the sources as they are now."""

    tree: Path
    around: Mapping[str, str]
    sources: Sources = field(default_factory=Sources)

    def why(self, name: str, own: Mapping[str, str], words: set[str]) -> str | None:
        """Why the result is to be computed; nothing where it still stands."""
        known = self.known(name)
        if known is None:
            return "there is no record of a run that ended well"
        try:
            return self._changed(known, own, words)
        except (KeyError, TypeError, ValueError, AttributeError):
            return "its record is broken"

    def known(self, name: str) -> dict | None:
        """The record of a result, if there is one."""
        try:
            return json.loads(self._path(name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def forget(self, name: str) -> None:
        """Let the result not stand, whatever comes."""
        self._path(name).unlink(missing_ok=True)

    def record(self, name: str, own: Mapping[str, str], words: set[str], trace: Mapping) -> dict[str, int]:
        """Say what the result came from, and how much that is; neither where a file of code changed meanwhile."""
        if any(self.sources.digests.get(file) != known for file, known in trace["files"].items()):
            return {}
        needed = self.sources.needed(trace, words)
        known = {"around": dict(self.around), "own": dict(own), "trace": dict(trace), "needed": needed}
        known |= {"library": self.sources.digest}
        write(self._path(name), json.dumps(known).encode())
        files = {part.split(":")[0] for part in needed}
        return {"definitions": len(needed), "files": len(files), "data": len(trace["read"])}

    def _path(self, name: str) -> Path:
        return self.tree / FOLDER / f"{name}.json"

    def _changed(self, known: Mapping, own: Mapping[str, str], words: set[str]) -> str | None:
        trace = known["trace"]
        read = {path: content(path) for path in trace["read"]}
        for before, now in ((known["around"], self.around), (known["own"], own), (trace["read"], read)):
            if before != now:
                return f"{_first(before, now)} changed"
        if known["library"] == self.sources.digest:
            return None
        now = self.sources.needed(trace, words)
        return None if now == known["needed"] else f"{_readable(_first(known['needed'], now))} changed"


def _first(before: Mapping, now: Mapping) -> str:
    """The first of what differs; what was there before comes before what is new."""
    return next(name for name in {**before, **now} if before.get(name) != now.get(name))


def _readable(definition: str) -> str:
    file, _, name = definition.partition(":")
    return f"{name} in {file}"
