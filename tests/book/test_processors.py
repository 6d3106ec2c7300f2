"""What runs side by side shares the processors out, and gives nothing up where it runs alone."""

import os
import sys

import pytest

from book._tools import pool, processors

SAY = [sys.executable, "-c", "import os; print(*sorted(os.sched_getaffinity(0)))"]
chosen = pytest.mark.skipif(not processors.CAN_CHOOSE, reason="this system lets no process choose its processors")


@pytest.mark.parametrize(
    ("count", "usable", "shares"),
    [
        (1, (0, 1, 2), [(0, 1, 2)]),
        (2, (4, 7), [(4,), (7,)]),
        (2, (0, 1, 2, 3, 4), [(0, 1), (2, 3)]),
        (3, (0, 1), [(0,), (1,), (0,)]),
        (2, (5,), [(5,), (5,)]),
    ],
)
def test_shares_are_equal_and_apart_where_there_are_enough(count, usable, shares):
    assert processors.shares(count, usable) == shares


def where(at_once: int) -> list[str]:
    return sorted(pool.run([lambda group: group.run("where", 1, SAY).stdout.strip()] * at_once, at_once))


@chosen
def test_each_command_of_a_pool_keeps_to_its_share():
    assert where(2) == sorted(" ".join(map(str, share)) for share in processors.shares(2))


@chosen
def test_a_command_alone_has_what_this_process_has():
    assert where(1) == [" ".join(map(str, sorted(os.sched_getaffinity(0))))]


@chosen
def test_the_processes_of_a_run_of_tests_keep_to_theirs(request):
    inside = getattr(request.config, "workerinput", None)
    count = inside["workercount"] if inside else 1
    assert tuple(sorted(os.sched_getaffinity(0))) in processors.shares(count)
