"""Random edits of Python files: some change what is computed, wherever it is executed, and some change nothing.

They try what `make book` keeps: by their text all are changes.
"""

import ast
import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

OTHER_OPERATOR = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.Pow: ast.Mult}
OTHER_COMPARISON = {ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq}

NESTED = ast.Lambda | ast.FunctionDef | ast.comprehension | ast.Global


class Edit(NamedTuple):
    """A file, what is done to it, in which line, and its text afterwards."""

    file: str
    kind: str
    line: int
    text: str


def edits(texts: Mapping[str, str], count: int, seed: int) -> list[Edit]:
    """``count`` edits, or as many as there are: of each kind about as many, the files and places drawn at random."""
    rng = random.Random(seed)
    drawn = [_drawn(kind, texts, rng) for kind in KINDS]
    turns = itertools.chain.from_iterable(itertools.zip_longest(*drawn))
    return list(itertools.islice(filter(None, turns), count))


def _drawn(kind: str, texts: Mapping[str, str], rng: random.Random) -> Iterator[Edit]:
    """Every edit of a kind, in random order: a file, then one of its places, so that long files do not have most."""
    places = {file: list(KINDS[kind](text)) for file, text in sorted(texts.items())}
    while places := {file: left for file, left in places.items() if left}:
        file = rng.choice(list(places))
        node, new = places[file].pop(rng.randrange(len(places[file])))
        edited = _replaced(texts[file], node, new)
        if edited != texts[file]:
            yield Edit(file, kind, node.lineno, edited)


def _constants(text: str) -> Iterator[tuple[ast.AST, str]]:
    for node in _walk(text):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            yield node, repr(node.value + 1 if isinstance(node.value, int) else 1.5 * node.value + 0.25)


def _operators(text: str) -> Iterator[tuple[ast.AST, str]]:
    for node in _walk(text):
        if isinstance(node, ast.BinOp) and type(node.op) in OTHER_OPERATOR:
            yield node, f"({ast.unparse(ast.BinOp(node.left, OTHER_OPERATOR[type(node.op)](), node.right))})"


def _comparisons(text: str) -> Iterator[tuple[ast.AST, str]]:
    for node in _walk(text):
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in OTHER_COMPARISON:
            other = ast.Compare(node.left, [OTHER_COMPARISON[type(node.ops[0])]()], node.comparators)
            yield node, f"({ast.unparse(other)})"


def _results(text: str) -> Iterator[tuple[ast.AST, str]]:
    for node in _walk(text):
        if isinstance(node, ast.Return) and node.value:
            yield node.value, f"[{ast.unparse(node.value)}]"


def _texts(text: str) -> Iterator[tuple[ast.AST, str]]:
    said = {id(node.value) for node in _walk(text) if isinstance(node, ast.Expr)}
    for node in _walk(text):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node, repr(f"{node.value}_")


def _omissions(text: str) -> Iterator[tuple[ast.AST, str]]:
    for node in _walk(text):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.Return | ast.If | ast.Raise):
            yield node, "pass"


def _comments(text: str) -> Iterator[tuple[ast.AST, str]]:
    lines = text.split("\n")
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.Assign) and not getattr(node, "decorator_list", ()):
            yield node, "# a remark\n\n\n" + "\n".join(lines[node.lineno - 1 : node.end_lineno])


def _docstrings(text: str) -> Iterator[tuple[ast.AST, str]]:
    for node in _walk(text):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            yield node.body[0].value, '"""Said in other words."""'


def _locals(text: str) -> Iterator[tuple[ast.AST, str]]:
    """A function with one of its local variables called otherwise; it is laid out anew besides."""
    for node in _walk(text):
        if isinstance(node, ast.FunctionDef) and not node.decorator_list and node.col_offset == 0:
            own = list(ast.walk(node))
            if any(isinstance(each, NESTED) for each in own[1:]):
                continue
            stored = {each.id for each in own if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
            for name in sorted(stored):
                yield node, ast.unparse(_Rename(name).visit(ast.parse(ast.unparse(node))))


def _layouts(text: str) -> Iterator[tuple[ast.AST, str]]:
    """A definition laid out anew: other lines, quotes and brackets."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.Assign) and not getattr(node, "decorator_list", ()):
            yield node, ast.unparse(node)


KINDS: dict[str, Callable[[str], Iterator[tuple[ast.AST, str]]]] = {
    "another number": _constants,
    "a remark": _comments,
    "another operator": _operators,
    "another docstring": _docstrings,
    "another layout": _layouts,
    "another comparison": _comparisons,
    "another name of a local variable": _locals,
    "another text": _texts,
    "another result": _results,
    "a statement less": _omissions,
}


class _Rename(ast.NodeTransformer):
    def __init__(self, name: str):
        self.name = name

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(f"{node.id}_renamed", node.ctx) if node.id == self.name else node


def _walk(text: str) -> Iterator[ast.AST]:
    """Every node but those inside a text with blanks, whose places Python does not tell before 3.12."""
    waiting: list[ast.AST] = [ast.parse(text)]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.JoinedStr):
            yield node
            waiting += ast.iter_child_nodes(node)


def _replaced(text: str, node: ast.AST, new: str) -> str:
    lines = text.encode().split(b"\n")
    before = b"\n".join([*lines[: node.lineno - 1], lines[node.lineno - 1][: node.col_offset]])
    after = b"\n".join([lines[node.end_lineno - 1][node.end_col_offset :], *lines[node.end_lineno :]])
    return (before + new.encode() + after).decode()
