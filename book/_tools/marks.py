"""What a file of Python is made of: definitions, the functions inside each, and a mark that says that one has run.

Nothing but the standard library is imported here: a process that is traced reads this before it reads the library.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
MARK = "__ran__"  # a name of the builtins: fingerprints of functions do not look there


@dataclass(frozen=True)
class Definition:
    """A statement at the top of a file: what it is called there, the names it binds, and its tree.

    An import that brings several names is one definition for each.
    """

    file: str
    key: str
    names: tuple[str, ...]
    tree: ast.stmt

    @cached_property
    def functions(self) -> dict[str, FUNCTION]:
        """Functions and lambdas by their place: the second within the first is ``0.1``."""
        return dict(_functions(ast.Module([self.tree], []), ""))

    def mark(self, place: str) -> str:
        """What is noted where the function in this place runs."""
        return f"{self.file}:{self.key}:{place}"


def definitions(file: str, source: bytes | str) -> list[Definition]:
    """What stands at the top of a file, in its order; a second definition of a name is told from the first."""
    seen: Counter[str] = Counter()
    found = []
    for tree in _single(ast.parse(source).body):
        names = bound(tree)
        key = ",".join(names) or type(tree).__name__
        seen[key] += 1
        found.append(Definition(file, key if seen[key] == 1 else f"{key}#{seen[key]}", names, tree))
    return found


def marked(file: str, source: bytes) -> ast.Module:
    """The file's tree, in which every function notes first of all that it runs."""
    parts = definitions(file, source)
    for part in parts:
        for place, function in part.functions.items():
            _insert(part.mark(place), function)
    return ast.fix_missing_locations(ast.Module([part.tree for part in parts], []))


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of a suite, from the first that does something."""
    return body[1:] if body and is_text(body[0]) else body


def is_text(tree: ast.stmt) -> bool:
    """Whether the statement is a text, which nobody reads."""
    return isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Constant) and isinstance(tree.value.value, str)


def bound(tree: ast.stmt) -> tuple[str, ...]:
    """The names that a statement at the top of a file gives a meaning."""
    if isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return (tree.name,)
    if isinstance(tree, ast.Import):
        return tuple(alias.asname or alias.name.split(".")[0] for alias in tree.names)
    if isinstance(tree, ast.ImportFrom):
        return tuple(alias.asname or alias.name for alias in tree.names)
    return tuple(dict.fromkeys(_stored(tree)))


def _stored(tree: ast.AST) -> Iterator[str]:
    """Names assigned to, defined or imported; not those inside a function, a class or a comprehension."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store | ast.Del):
            yield child.id
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
            yield from bound(child)
        elif isinstance(child, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            yield from (each.target.id for each in ast.walk(child) if isinstance(each, ast.NamedExpr))
        elif not isinstance(child, ast.Lambda):
            yield from _stored(child)


def _single(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for tree in body:
        if isinstance(tree, ast.ImportFrom) and tree.module != "__future__":
            yield from (_at(tree, ast.ImportFrom(tree.module, [alias], tree.level)) for alias in tree.names)
        elif isinstance(tree, ast.Import):
            yield from (_at(tree, ast.Import([alias])) for alias in tree.names)
        else:
            yield tree


def _at(tree: ast.stmt, part: ast.stmt) -> ast.stmt:
    return ast.copy_location(part, tree)


def _functions(tree: ast.AST, above: str) -> Iterator[tuple[str, FUNCTION]]:
    for count, function in enumerate(_nearest(tree)):
        place = f"{above}{count}"
        yield place, function
        yield from _functions(function, f"{place}.")


def _nearest(tree: ast.AST) -> Iterator[FUNCTION]:
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, FUNCTION):
            yield child
        else:
            yield from _nearest(child)


def _insert(mark: str, function: FUNCTION) -> None:
    call = ast.Call(ast.Name(MARK, ast.Load()), [ast.Constant(mark)], [])
    if isinstance(function, ast.Lambda):
        function.body = ast.copy_location(ast.BoolOp(ast.Or(), [call, function.body]), function.body)
    else:
        start = len(function.body) - len(without_docstring(function.body))
        place = function.body[min(start, len(function.body) - 1)]
        function.body.insert(start, ast.copy_location(ast.Expr(call), place))
