"""The library's files as definitions that mention each other, and a digest of those that what ran depends on.

What ran names what it reads: a function that ran mentions constants, classes and functions of its module and of those
it imports, and these mention others. All that is reached in this way is *needed*. Of what is needed everything counts
but comments, docstrings, names of local variables, and the insides of functions that never ran.
"""

import ast
import copy
import functools
import hashlib
import importlib.util
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import NamedTuple

from .marks import FUNCTION, Definition, definitions, is_text, without_docstring
from .places import ROOT
from .tracing import digest

PACKAGE = "mamllib"
MAIN = "__main__"
NEVER_EXECUTED = ("mamllib/yours/templates/",)  # files that are handed out as they are


class Piece(NamedTuple):
    """Of a definition, where some of its functions ran: its digest, the names it mentions, the modules it imports."""

    digest: str
    words: frozenset[str]
    imports: frozenset[str]


@dataclass(frozen=True)
class Module:
    """A module by its name: its definitions, by the names that they bind."""

    name: str
    parts: tuple[Definition, ...]

    @functools.cached_property
    def binding(self) -> dict[str, list[Definition]]:
        """Which definitions give a name its meaning."""
        found = defaultdict(list)
        for part in self.parts:
            for name in part.names:
                found[name].append(part)
        return dict(found)

    @functools.cached_property
    def stars(self) -> list[str]:
        """Modules of which everything is imported."""
        return [_absolute(part.tree, self.name) for part in self.binding.get("*", ())]


class Sources:
    """Every module of the library as it is on disk now."""

    def __init__(self, root: Path = ROOT):
        paths = sorted((root / PACKAGE).rglob("*.py"))
        self.texts = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
        self._modules: dict[str, Module | None] = {}
        self.names = {_dotted(file): file for file in self.texts}
        self._pieces: dict[tuple[Definition, frozenset[str]], Piece] = {}

    @functools.cached_property
    def digests(self) -> dict[str, str]:
        """Of every file as a whole."""
        return {file: digest(text) for file, text in self.texts.items()}

    @functools.cached_property
    def digest(self) -> str:
        """Of all files together: where it is the same, so is all that is needed."""
        return digest(*(f"{file} {known}".encode() for file, known in self.digests.items()))

    def module(self, name: str) -> Module | None:
        """The module of this name, if the library has it."""
        if name not in self._modules:
            file = self.names.get(name)
            self._modules[name] = file and Module(name, tuple(definitions(file, self.texts[file])))
        return self._modules[name]

    def needed(self, trace: Mapping, words: Collection[str] = ()) -> dict[str, str]:
        """The digest of every definition that a traced run depends on, by file and name.

        Args:
            trace: as ``tracing.Trace.record`` gives it.
            words: what the text that was run mentions of the package, or of any module with a class of that name.
        """
        return _Reach(self, trace, frozenset(words)).digests

    def effects(self) -> Iterator[Definition]:
        """What is executed wherever the library is imported, and need not be named to matter."""
        for name, file in self.names.items():
            if not name.endswith(MAIN) and not file.startswith(NEVER_EXECUTED):
                yield from (part for part in self.module(name).parts if _is_effect(part))

    def classes(self, names: Collection[str]) -> Iterator[Definition]:
        """The classes of these names, which may be handed out without being named in any module."""
        for module in filter(None, map(self.module, list(self.names))):
            yield from (
                part for part in module.parts if isinstance(part.tree, ast.ClassDef) and part.tree.name in names
            )

    def piece(self, part: Definition, ran: frozenset[str]) -> Piece:
        """What counts of a definition where these places of it ran."""
        if (part, ran) not in self._pieces:
            self._pieces[part, ran] = _piece(part, ran)
        return self._pieces[part, ran]


class _Reach:
    """What is reached from what ran."""

    def __init__(self, sources: Sources, trace: Mapping, words: frozenset[str]):
        self.sources, self.digests = sources, {}
        self.ran = _places([*trace["ran"], *trace["imported"]])
        self._mention(PACKAGE, words, frozenset())
        for part in (*sources.effects(), *sources.classes(words), *self._roots(trace)):
            self._add(part)

    def _roots(self, trace: Mapping) -> Iterator[Definition]:
        """Definitions of which something ran, and statements that were read; what is gone is noted as gone."""
        known = {file: name for name, file in self.sources.names.items()}
        for file, key in dict.fromkeys([*_places(trace["ran"]), *map(tuple, trace["statements"])]):
            module = self.sources.module(known.get(file, ""))
            found = [part for part in (module.parts if module else ()) if key == part.key or key in part.names]
            yield from found
            if not found:
                self.digests[f"{file}:{key}"] = "gone"

    def _add(self, part: Definition) -> None:
        name = f"{part.file}:{part.key}"
        if name in self.digests:
            return
        piece = self.sources.piece(part, self.ran.get((part.file, part.key), frozenset()))
        self.digests[name] = piece.digest
        self._mention(_dotted(part.file), piece.words, piece.imports)

    def _mention(self, module: str, words: frozenset[str], imports: Iterable[str]) -> None:
        """Reach what these words are in the module, and in every module that is one of them."""
        waiting: list[tuple[str, frozenset[str]]] = [(name, words) for name in (module, *imports)]
        seen: set[tuple[str, frozenset[str]]] = set()
        while waiting:
            asked = waiting.pop()
            if asked not in seen and (found := self.sources.module(asked[0])):
                waiting += self._look_up(found, asked[1], words)
            seen.add(asked)

    def _look_up(self, module: Module, names: frozenset[str], words: frozenset[str]) -> Iterator:
        """Reach what these names are in the module; where they come from, and which of them are modules with words."""
        yield from ((star, names | {"__all__"}) for star in module.stars)
        yield from ((f"{module.name}.{name}", words) for name in names)
        for part in (part for name in names for part in module.binding.get(name, ())):
            self._add(part)
            if isinstance(part.tree, ast.Import):
                yield from ((imported.name if imported.asname else PACKAGE, words) for imported in part.tree.names)
            elif isinstance(part.tree, ast.ImportFrom):
                origin, name = _absolute(part.tree, module.name), part.tree.names[0].name
                yield from ((origin, frozenset({name})), (f"{origin}.{name}", words))


def _places(marks: Iterable[str]) -> dict[tuple[str, str], frozenset[str]]:
    """The places that ran, by file and definition."""
    found = defaultdict(set)
    for mark in marks:
        file, key, place = mark.rsplit(":", 2)
        found[file, key].add(place)
    return {definition: frozenset(places) for definition, places in found.items()}


def _piece(part: Definition, ran: frozenset[str]) -> Piece:
    if isinstance(part.tree, ast.Import | ast.ImportFrom):
        return Piece(hashlib.sha256(ast.dump(part.tree).encode()).hexdigest(), frozenset(), frozenset())
    tree = copy.deepcopy(part.tree)
    for place, function in Definition(part.file, part.key, part.names, tree).functions.items():
        if place not in ran:
            _empty(function)
    _strip(tree)
    code = compile(ast.fix_missing_locations(ast.Module([tree], [])), "", "exec", dont_inherit=True)
    digest = hashlib.sha256()
    words = frozenset(_read(code, digest))
    return Piece(digest.hexdigest(), words, frozenset(_imported(tree, _dotted(part.file))))


def _empty(function: FUNCTION) -> None:
    """Take out what never ran. Whether calling it gives a generator is known before it runs, so that stays."""
    if isinstance(function, ast.Lambda):
        function.body = ast.Constant(None)
        return
    yields = any(isinstance(each, ast.Yield | ast.YieldFrom) for each in _own(function.body))
    function.body = [ast.Expr(ast.Yield())] if yields else [ast.Pass()]


def _own(trees: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All of these trees, without the functions inside."""
    for tree in trees:
        yield tree
        if not isinstance(tree, FUNCTION):
            yield from _own(ast.iter_child_nodes(tree))


def _strip(tree: ast.AST) -> None:
    """Take docstrings out."""
    for each in ast.walk(tree):
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            each.body = without_docstring(each.body) or [ast.Pass()]


def _read(code: CodeType, digest) -> Iterator[str]:
    """Digest what a code object does, with the code inside it, and give the names it looks up.

    Local variables count by their number, arguments by their name.
    """
    arguments = code.co_varnames[
        : code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
    ]
    shape = (
        code.co_name,
        arguments,
        code.co_flags,
        code.co_posonlyargcount,
        len(code.co_cellvars),
        len(code.co_freevars),
    )
    for said in (code.co_code, code.co_exceptiontable, repr((code.co_names, shape)).encode()):
        digest.update(len(said).to_bytes(8, "little") + said)
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _read(constant, digest)
        else:
            digest.update(_constant(constant).encode() + b"\0")


def _constant(value) -> str:
    """As ``repr``, but a set in one order in every process."""
    return f"{{{sorted(map(repr, value))}}}" if isinstance(value, frozenset) else repr(value)


def _imported(tree: ast.AST, module: str) -> Iterator[str]:
    """Modules that functions import as they run."""
    for each in ast.walk(tree):
        if isinstance(each, ast.Import):
            yield from (alias.name for alias in each.names)
        elif isinstance(each, ast.ImportFrom):
            yield _absolute(each, module)


def _absolute(tree: ast.ImportFrom, module: str) -> str:
    """The module that ``from … import`` names; in a package's own file dots count from the package."""
    return importlib.util.resolve_name("." * tree.level + (tree.module or ""), module) if tree.level else tree.module


def _is_effect(part: Definition) -> bool:
    """Whether a definition binds no name and does something, or is registered for a type without being named."""
    decorators = getattr(part.tree, "decorator_list", ())
    registered = any(isinstance(each, ast.Attribute) and each.attr == "register" for each in decorators)
    return registered or (not part.names and not is_text(part.tree))


def _dotted(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
