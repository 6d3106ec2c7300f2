"""What all tests share: compiled programs that are kept, and work that is done once, whoever asks for it first.

`make test` runs two processes (pytest-xdist), each of which takes a group of tests at a time.
"""

import fcntl
import hashlib
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import jax
import pytest

import mamllib as ml

jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group what must not be split over the processes, and begin with what waits longest for others: the website."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: ("site" not in _fixtures(item), "runs" not in _fixtures(item)))


def _group(item: pytest.Item) -> str:
    """The chapters' runs exist once; tests of one statement, and else tests of one file, compile the same programs."""
    if "runs" in _fixtures(item):
        return "chapters"
    callspec = getattr(item, "callspec", None)
    statement = callspec and callspec.params.get("statement")
    return str(getattr(statement, "id", statement) or item.path)


def _fixtures(item: pytest.Item) -> list[str]:
    return getattr(item, "fixturenames", [])


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable:
    """(name, job) → what the job gives, computed by the process that asks first and kept in a file for the others."""
    folder = tmp_path_factory.getbasetemp()
    folder = Path(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "once"
    folder.mkdir(exist_ok=True)

    def compute(name: str, job: Callable):
        kept = folder / hashlib.sha256(name.encode()).hexdigest()
        with open(kept.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                kept.write_bytes(pickle.dumps(job()))
        return pickle.loads(kept.read_bytes())

    return compute


@pytest.fixture(scope="session")
def case_check(once: Callable) -> Callable:
    """(statement id, case name) → its check."""

    def check(statement: str, case: str) -> ml.Check:
        known = ml.statement(statement)
        return once(f"{known.id}, case {case}", lambda: known.check_case(case))

    return check


@pytest.fixture(scope="session")
def mutant_check(once: Callable) -> Callable:
    """(statement, mutant) → the check of the wrong version at its witness."""

    def check(statement: ml.Statement, mutant: ml.Mutant) -> ml.Check:
        return once(f"{statement.id}, wrong {mutant.name}", lambda: statement.check_mutant(mutant))

    return check
