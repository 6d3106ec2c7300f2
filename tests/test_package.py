"""The package as a whole: a public name exists and says why; nothing imports upward, and nothing in a circle."""

import ast
import graphlib
import inspect
from pathlib import Path

import pytest

import mamllib as ml

PACKAGE = Path(ml.__file__).parent
GROUND = {
    f"mamllib.{name}"
    for name in (
        "arithmetic",
        "chunks",
        "copies",
        "devices",
        "environment",
        "errors",
        "fingerprint",
        "formatting",
        "leaves",
        "precision",
        "shapes",
        "tree",
        "uniforms",
        "validation",
    )
}
ROOMS = ("checking", "figures", "tasks", "statements")
STOREYS = [
    "tasks",
    "batches",
    "objectives",
    "task_batches",
    "estimators",
    "step_sizes",
    "outer_step",
    "iteration",
    "identity",
    "checkpoint",
    "training",
    "diagnosis",
    "statements",
    "explorers",
    "ledger",
    "cli",
]


def documentation(thing) -> str:
    """What is written about a name itself: neither inherited nor made up by ``dataclass`` or ``NamedTuple``."""
    if inspect.isclass(thing):
        text = thing.__dict__.get("__doc__") or ""
        return "" if text.startswith(f"{thing.__name__}(") else text
    return (inspect.getdoc(thing) if callable(thing) or inspect.ismodule(thing) else documentation(type(thing))) or ""


@pytest.mark.parametrize("name", ml.__all__)
def test_a_public_name_exists_and_is_documented(name):
    thing = getattr(ml, name)
    if isinstance(thing, ml.Statement):
        assert thing.title
        assert thing.claim
    elif not isinstance(thing, tuple):
        assert len(documentation(thing)) > 10


def test_public_names_are_listed_once():
    assert len(set(ml.__all__)) == len(ml.__all__)


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imported(name: str, text: str | None = None) -> set[str]:
    """The modules of the package that a module's source imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8") if text is None else text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "mamllib":
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES.keys()
            found |= inner if inner else {node.module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] == "mamllib"}
    return found - {name}


def room(name: str) -> str:
    """The part of the package that a module lies in."""
    return name.split(".")[1] if name.count(".") else ""


def of(*rooms: str) -> list[str]:
    return [name for name in MODULES if room(name) in rooms]


@pytest.mark.parametrize("name", sorted(GROUND & MODULES.keys()))
def test_the_ground_floor_stands_on_itself(name):
    assert imported(name) <= GROUND


@pytest.mark.parametrize("name", of("checking", "figures"))
def test_checking_and_figures_know_nothing_of_meta_learning(name):
    assert all(other in GROUND or room(other) == room(name) for other in imported(name))


@pytest.mark.parametrize("name", of("tasks"))
def test_tasks_know_nothing_of_what_is_done_with_them(name):
    assert all(other in GROUND or room(other) == "tasks" for other in imported(name))


@pytest.mark.parametrize("name", [name for name in MODULES if room(name) in STOREYS])
def test_nothing_imports_upward(name):
    above = STOREYS[STOREYS.index(room(name)) + 1 :]
    assert [other for other in imported(name) if room(other) in above] == []


@pytest.mark.parametrize(
    "name", [name for name in MODULES if name not in ("mamllib", "mamllib.__main__") and "templates" not in name]
)
def test_nothing_but_the_front_door_imports_the_front_door(name):
    assert "mamllib" not in imported(name)


def test_there_is_no_circle():
    graph = {name: imported(name) for name in MODULES if name != "mamllib"}
    order = list(graphlib.TopologicalSorter(graph).static_order())
    assert order.index("mamllib.tree") < order.index("mamllib.ledger")


def test_an_import_that_points_upward_would_be_seen():
    assert imported("mamllib.tree", "def late():\n    from mamllib import ledger, tree") == {"mamllib.ledger"}
    assert imported("mamllib.tree", "from mamllib.tasks.task import Task") == {"mamllib.tasks.task"}
    assert imported("mamllib.tree", "from mamllib.tasks import Task") == {"mamllib.tasks"}
    assert imported("mamllib.tree", "import mamllib.statements.instance") == {"mamllib.statements.instance"}
    with pytest.raises(graphlib.CycleError):
        list(graphlib.TopologicalSorter({"a": {"b"}, "b": {"a"}}).static_order())


def test_everything_is_double_precision():
    import jax
    import jax.numpy as jnp

    assert jnp.ones(1).dtype == jnp.float64
    assert jax.config.jax_default_matmul_precision == "highest"
    assert "float64" in ml.describe_environment()
