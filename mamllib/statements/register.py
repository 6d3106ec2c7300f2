"""Statements are found, not listed: what a module of a paper's folder assigns to a name is in the ledger."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from types import ModuleType

from mamllib import statements
from mamllib.checking.statement import Statement

LAST = (99, 0)


@cache
def paths() -> dict[str, str]:
    """The file of every statement by id, as ``mamllib/statements/…/printed.py``."""
    return {statement.id: path for statement, path in _found()}


@cache
def all_statements() -> tuple[Statement, ...]:
    """Every statement, paper by paper, in the order of the numbers that items have in their paper.

    Raises:
        ValueError: two statements have one id.
    """
    found = [statement for statement, _ in _found()]
    ids = [statement.id for statement in found]
    if doubled := sorted({each for each in ids if ids.count(each) > 1}):
        raise ValueError(f"more than one statement is called {', '.join(doubled)}")
    return tuple(sorted(found, key=_place))


@cache
def questions() -> dict[str, type]:
    """What statements are asked about, by the name of the class."""
    return {statement.takes.__name__: statement.takes for statement in all_statements()}


@cache
def items() -> dict[str, tuple]:
    """The numbered items of each paper whose folder lists them in ``items.py``."""
    modules = {module.__name__.split(".")[2]: module for module in _modules() if module.__name__.endswith(".items")}
    return {paper: module.ITEMS for paper, module in modules.items()}


def path_of(statement: Statement) -> str:
    """The file of a statement; empty for one declared outside the package."""
    return paths().get(statement.id, "")


def _place(statement: Statement):
    """Paper, number of the item, verbatim before derived, id."""
    number = _number(statement.source.item) or _number(statement.title) or LAST
    return statement.id.split("/")[0], number, "VND".index(statement.source.tag), statement.id


def _number(text: str) -> tuple[int, int] | None:
    """(4, 8) of "Lemma 4.8", (0, 9) of "equation (9)", (0, 3) of "(S3)"."""
    if found := re.search(r"(\d+)\.(\d+)", text):
        return int(found[1]), int(found[2])
    found = re.search(r"\([A-Z]?(\d+)", text)
    return (0, int(found[1])) if found else None


def _found() -> list[tuple[Statement, str]]:
    return [(statement, _path(module)) for module in _modules() for statement in _declared_in(module)]


@cache
def _modules() -> tuple[ModuleType, ...]:
    folders = [found for found in pkgutil.iter_modules(statements.__path__, statements.__name__ + ".") if found.ispkg]
    return tuple(module for folder in folders for module in _walk(importlib.import_module(folder.name)))


def _walk(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        yield importlib.import_module(found.name)


def _declared_in(module: ModuleType) -> Iterator[Statement]:
    """The statements that the module assigns to a name; those it imports belong to another."""
    for node in ast.parse(inspect.getsource(module)).body:
        names = [target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)]
        yield from (value for name in names if isinstance(value := getattr(module, name), Statement))


def _path(module: ModuleType) -> str:
    return module.__file__[module.__file__.rindex("/mamllib/") + 1 :]
