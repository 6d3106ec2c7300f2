"""What a process runs and reads of this repository, noted in the process itself before it imports the library.

Which functions run, apart from those that run while a module is imported; of which statements anything but the id is
read; which files are read that are no code. A module is loaded with a mark in every function, so what is compiled
differs from what is on disk by a call of ``set.add`` a function, and nothing waits for a tracer.
"""

import hashlib
import importlib.machinery
import json
import marshal
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from . import marks
from .places import BUILD, ROOT

PACKAGE = "mamllib"
STATEMENT = f"{PACKAGE}.checking.statement"
RECORD_VARIABLE = "MAMLLIB_TRACE"  # names the file that a traced kernel writes
COMPILED = BUILD / "marked"
OURS = ("mamllib", "book", "CITATION.cff", "requirements.lock", "pyproject.toml")  # what may be read of the repository


class Trace:
    """What has been noted so far; marks are strings as ``marks.Definition.mark`` gives them."""

    def __init__(self):
        self.imported: set[str] = set()
        self.ran: set[str] = set()
        self.files: dict[str, str] = {}
        self.statements: set[str] = set()
        self.read: dict[str, str | None] = {}
        self._marked: set[str] = set()
        self._depth = 0
        self.add = self._marked.add

    @property
    def importing(self) -> bool:
        """Whether a module of the library is being imported."""
        return self._depth > 0

    def enter(self, depth: int) -> None:
        """Tell what runs while modules are imported from the rest."""
        marked = self._marked.copy()
        (self.imported if self._depth else self.ran).update(marked)
        self._marked -= marked  # and not what another thread adds meanwhile
        self._depth += depth

    def restart(self) -> None:
        """Forget what has run; what ran while modules were imported is not forgotten."""
        self.enter(0)
        self.ran.clear()
        self.statements.clear()

    def record(self) -> dict:
        """All of it as plain data."""
        self.enter(0)
        self.read = {path: known or content(path) for path, known in self.read.items()}
        return {
            "ran": sorted(self.ran),
            "imported": sorted(self.imported),
            "statements": sorted(self._named()),
            "files": self.files,
            "read": dict(sorted(self.read.items())),
            "cpu": round(time.process_time(), 1),
        }

    def _named(self) -> Iterator[tuple[str, str]]:
        """File and name of every statement that was read, wherever a module has it."""
        kind = getattr(sys.modules.get(STATEMENT), "Statement", ())
        for module in [module for name, module in sys.modules.items() if name.startswith(f"{PACKAGE}.")]:
            for name, value in list(vars(module).items()):
                if isinstance(value, kind) and object.__getattribute__(value, "id") in self.statements:
                    yield relative(module.__file__), name


class Loader(importlib.machinery.SourceFileLoader):
    """Loads a module with a mark in every function."""

    trace: Trace

    def get_code(self, fullname: str):
        """The module's code with marks, which is compiled once."""
        source = Path(self.path).read_bytes()
        file = relative(self.path)
        self.trace.files[file] = digest(source)
        kept = COMPILED / digest(_VERSION.encode(), self.path.encode(), source)
        if not kept.is_file():
            write(kept, marshal.dumps(compile(marks.marked(file, source), self.path, "exec", dont_inherit=True)))
        return marshal.loads(kept.read_bytes())

    def exec_module(self, module) -> None:
        """Run the module, as one that is imported."""
        self.trace.enter(+1)
        try:
            super().exec_module(module)
        finally:
            self.trace.enter(-1)
        if module.__name__ == STATEMENT:
            _watch(module.Statement, self.trace)


class Finder:
    """Finds the library's modules for `Loader`."""

    def __init__(self, trace: Trace):
        self.loader = type("Loader", (Loader,), {"trace": trace})

    def find_spec(self, name: str, path=None, target=None):
        """Where the module is, if it is one of the library."""
        if name.partition(".")[0] != PACKAGE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = self.loader(spec.loader.name, spec.loader.path)
        return spec


def begin() -> Trace:
    """Note what this process does from now on.

    Raises:
        RuntimeError: the library is imported already.
    """
    if PACKAGE in sys.modules:
        raise RuntimeError(f"{PACKAGE} is imported already: what it ran is not known")
    trace = Trace()
    vars(sys.modules["builtins"])[marks.MARK] = trace.add
    sys.meta_path.insert(0, Finder(trace))
    sys.addaudithook(lambda event, arguments: event == "open" and _note(trace, *arguments))
    return trace


def load_ipython_extension(shell) -> None:
    """Trace a kernel, and write what is known after every cell to the file that the environment names."""
    trace, path = begin(), Path(os.environ[RECORD_VARIABLE])
    shell.events.register("post_run_cell", lambda result: save(trace, path))


def save(trace: Trace, path: Path) -> None:
    """Write the record."""
    write(path, json.dumps(trace.record()).encode())


def digest(*parts: bytes) -> str:
    """A digest of all parts."""
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "little") + part for part in parts)).hexdigest()


def content(path: str, root: Path = ROOT) -> str:
    """A digest of what a file of the repository holds; of a file that is not there, a word."""
    return digest((root / path).read_bytes()) if (root / path).is_file() else "no file"


def relative(path: str) -> str:
    """A file's place in the repository."""
    return os.path.relpath(path, ROOT)


def _note(trace: Trace, path, mode, flags) -> None:
    """Note a file of the repository that is opened for reading, unless it is code that is being imported."""
    if not isinstance(path, str | bytes | os.PathLike) or flags & (os.O_WRONLY | os.O_RDWR):
        return
    place = relative(os.path.abspath(os.fsdecode(path)))
    if place.split(os.sep)[0] in OURS and not place.endswith(".pyc") and not _is_import(trace, place):
        trace.read.setdefault(place, None)


def _is_import(trace: Trace, place: str) -> bool:
    """Whether a file of code is read because it, or the module that lists it, is being imported."""
    return place.endswith(".py") and (trace.importing or not place.startswith(PACKAGE))


def _watch(statement: type, trace: Trace) -> None:
    """Note which statements are read for anything but their id."""
    read = statement.__getattribute__

    def reading(self, name):
        if name != "id" and not trace.importing:
            trace.statements.add(read(self, "id"))
        return read(self, name)

    statement.__getattribute__ = reading


def write(path: Path, content: bytes) -> None:
    """Write a file that nobody sees half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(path)


_VERSION = digest(sys.version.encode(), Path(marks.__file__).read_bytes(), Path(__file__).read_bytes())
