"""The table at the end of a run of tests adds up what was done for every test."""

from types import SimpleNamespace

from tests.where_time_goes import lines


def report(nodeid: str, duration: float) -> SimpleNamespace:
    return SimpleNamespace(nodeid=nodeid, duration=duration)


def test_folders_and_files_are_told_the_longest_first():
    told = lines(
        [
            report("tests/book/test_a.py::test_one[x::y]", 1.0),
            report("tests/book/test_b.py::test_two", 2.0),
            report("tests/test_c.py::test_three", 0.5),
            report("mamllib/statements/kit.py::mamllib.statements.kit", 0.25),
        ]
    )
    assert [line.split(maxsplit=2) for line in told] == [
        ["3.0", "s", "tests/book"],
        ["0.5", "s", "tests"],
        ["0.2", "s", "mamllib"],
        ["3.8", "s", "together; the longest files:"],
        ["2.0", "s", "tests/book/test_b.py"],
        ["1.0", "s", "tests/book/test_a.py"],
        ["0.5", "s", "tests/test_c.py"],
        ["0.2", "s", "mamllib/statements/kit.py"],
    ]
