"""What all tests share: compiled programs that are kept, work that is done once, and how two processes share it.

`make test` runs two processes (pytest-xdist).
"""

import contextlib
import fcntl
import gc
import hashlib
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import jax
import pytest
from xdist.scheduler import LoadScopeScheduling

import mamllib as ml
from book._tools import processors
from mamllib import ledger
from mamllib.costs import counted
from tests import where_time_goes
from tests.limits import limit

# Every chapter is run once, for all tests of these files: one process takes them, and in this order, for the site is
# built and opened while chapters still run.
RUN_CHAPTERS = ("test_site.py", "test_chapters.py", "test_alone.py")
CHAPTERS = "chapters"

# A test may take so long, and so long where it waits for chapters; both are several times what a slow machine takes.
MINUTES = 10
MINUTES_WITH_CHAPTERS = 90

# Every compiled program takes some seven memory maps, and Linux gives a process 65,530; beyond them it crashes.
MAPS = Path("/proc/self/maps")
MOST_MAPS = 10_000

jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
jax.config.update("jax_persistent_cache_enable_xla_caches", "none")  # as in the Makefile

# Tests compile more than they compute: a sixth to a third of their processor time is what optimising costs.
jax.config.update("jax_disable_most_optimizations", True)


class ByFile(LoadScopeScheduling):
    """A process takes a file of tests at a time, whose tests compile the same programs.

    (The marks of `--dist loadgroup` are lost on the way between pytest 9.2 and pytest-xdist 3.8.)
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        return CHAPTERS if Path(file).name in RUN_CHAPTERS else file


def pytest_configure(config: pytest.Config) -> None:
    """Let each of the processes that tests run in keep to its share of the processors."""
    inside = getattr(config, "workerinput", None)
    if inside and processors.CAN_CHOOSE:
        number = int(inside["workerid"].removeprefix("gw"))
        processors.keep_to(processors.shares(inside["workercount"])[number])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log) -> ByFile:
    """Let `ByFile` distribute the tests."""
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that wait longest for others."""
    order = {name: place for place, name in enumerate(RUN_CHAPTERS)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


def pytest_terminal_summary(terminalreporter) -> None:
    """Say at the end where the time went."""
    reports = [
        each for found in terminalreporter.stats.values() for each in found if isinstance(each, pytest.TestReport)
    ]
    terminalreporter.section("where the time went")
    for line in where_time_goes.lines(reports):
        terminalreporter.line(line)


def limited(item: pytest.Item) -> Iterator[None]:
    """Let a test's preparation, the test, or what comes after it fail where it takes too long."""
    with limit(item.nodeid, MINUTES_WITH_CHAPTERS if item.path.name in RUN_CHAPTERS else MINUTES):
        return (yield)


pytest_runtest_setup = pytest.hookimpl(wrapper=True)(limited)
pytest_runtest_call = pytest.hookimpl(wrapper=True)(limited)
pytest_runtest_teardown = pytest.hookimpl(wrapper=True)(limited)


@pytest.fixture(scope="module", autouse=True)
def few_programs() -> Iterator[None]:
    """Let go of compiled programs after a file of tests, where there are many."""
    yield
    if MAPS.exists() and len(MAPS.read_bytes().splitlines()) > MOST_MAPS:
        jax.clear_caches()
        gc.collect()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run have in common."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def once(shared: Path) -> Callable:
    """(name, job) → what the job gives, computed by the process that asks first and kept in a file for the others."""
    folder = shared / "once"
    folder.mkdir(exist_ok=True)

    def compute(name: str, job: Callable):
        kept = folder / hashlib.sha256(name.encode()).hexdigest()
        with open(kept.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                kept.write_bytes(pickle.dumps(job()))
        return pickle.loads(kept.read_bytes())

    return compute


class Judged(NamedTuple):
    """A statement's row of the ledger, the true statement where each of its wrong versions is caught, and its cost."""

    entry: ledger.Entry
    truths: tuple[ml.Check, ...]
    programs: int


@contextlib.contextmanager
def compiled_as_chapters_are() -> Iterator[None]:
    """Compile with the chapters' options, so that what they and the statements share is compiled once."""
    jax.config.update("jax_disable_most_optimizations", False)
    try:
        yield
    finally:
        jax.config.update("jax_disable_most_optimizations", True)


def judge(statement: ml.Statement) -> tuple[dict, tuple, int]:
    """All by one process, for cases, witnesses and what is made of them share instances and programs."""
    with counted() as costs, compiled_as_chapters_are():
        entry = ledger.judge(statement, power=True)
        truths = tuple(statement.check(mutant.witness(0)) for mutant in statement.mutants)
    # A statement's functions cannot be written down.
    return {name: value for name, value in vars(entry).items() if name != "statement"}, truths, costs.compiled


@pytest.fixture(scope="session")
def judged(once: Callable) -> Callable:
    """(statement) → what was computed of it, once for all tests and the site."""
    read: dict[str, Judged] = {}

    def judgement(statement: ml.Statement) -> Judged:
        if statement.id not in read:
            entry, *rest = once(statement.id, lambda: judge(statement))
            read[statement.id] = Judged(ledger.Entry(statement, **entry), *rest)
        return read[statement.id]

    return judgement


@pytest.fixture(scope="session")
def case_check(judged: Callable) -> Callable:
    """(statement id, case name) → its check."""

    def check(statement: str, case: str) -> ml.Check:
        known = ml.statement(statement)
        return judged(known).entry.checks[[each.name for each in known.cases].index(case)]

    return check


@pytest.fixture(scope="session")
def mutant_check(judged: Callable) -> Callable:
    """(statement, mutant) → the check of the wrong version at its witness."""
    return lambda statement, mutant: judged(statement).entry.mutants[statement.mutants.index(mutant)]


@pytest.fixture(scope="session")
def true_check(judged: Callable) -> Callable:
    """(statement, mutant) → the check of the true statement at the witness of its wrong version."""
    return lambda statement, mutant: judged(statement).truths[statement.mutants.index(mutant)]
