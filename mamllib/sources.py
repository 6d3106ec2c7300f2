"""In which file of the package a statement is declared."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache
from types import ModuleType

from mamllib import statements
from mamllib.checking.statement import Statement


def path_of(statement: Statement) -> str:
    """The file, as ``mamllib/statements/…/printed.py``; empty for a statement declared outside the package."""
    return _paths().get(statement.id, "")


@cache
def _paths() -> dict[str, str]:
    return {statement.id: _path(module) for module in _modules(statements) for statement in _declared_in(module)}


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        yield importlib.import_module(found.name)


def _declared_in(module: ModuleType) -> Iterator[Statement]:
    """The statements that the module assigns to a name; those it imports belong to another."""
    for node in ast.parse(inspect.getsource(module)).body:
        names = [target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)]
        yield from (value for name in names if isinstance(value := getattr(module, name), Statement))


def _path(module: ModuleType) -> str:
    return module.__file__[module.__file__.rindex("/mamllib/") + 1 :]
