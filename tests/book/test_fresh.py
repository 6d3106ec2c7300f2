"""A result stands while nothing changed that it came from; the first that did is told."""

import nbformat
import pytest

from book._tools import fresh, tracing
from book._tools.sources import Sources

SOURCE = "FACTOR = 2\n\n\ndef f(x):\n    return FACTOR * x\n\n\ndef g(x):\n    return x\n"
OWN = {"the chapter": "1"}
AROUND = {"jax": "1.0"}
CITATION = "CITATION.cff"


@pytest.fixture
def results(tmp_path):
    """(source, around) → the results in a tree, seen when the library and all around is so."""

    def see(source: str = SOURCE, around=AROUND) -> fresh.Results:
        library = tmp_path / "mamllib"
        library.mkdir(exist_ok=True)
        (library / "__init__.py").write_text(source)
        return fresh.Results(tmp_path / "tree", around, Sources(tmp_path))

    return see


def trace(read=None) -> dict:
    files = {"mamllib/__init__.py": tracing.digest(SOURCE.encode())}
    ran = ["mamllib/__init__.py:f:0"]
    return {"ran": ran, "imported": [], "statements": [], "files": files, "read": read or {}}


def test_what_it_came_from_is_counted_and_it_stands(results):
    read = {CITATION: tracing.content(CITATION)}
    assert results().record("a/b", OWN, set(), trace(read)) == {"definitions": 2, "files": 1, "data": 1}
    assert results().why("a/b", OWN, set()) is None


@pytest.mark.parametrize(
    ("source", "own", "around", "why"),
    [
        ("FACTOR = 3", OWN, AROUND, "FACTOR in mamllib/__init__.py changed"),
        ("FACTOR = 2\nFACTOR = 3", OWN, AROUND, "FACTOR#2 in mamllib/__init__.py changed"),
        ("FACTOR = 2  # two", OWN, AROUND, None),
        ("FACTOR = 2", {"the chapter": "2"}, AROUND, "the chapter changed"),
        ("FACTOR = 2", OWN, {"jax": "2.0"}, "jax changed"),
        ("FACTOR = 2", OWN, {}, "jax changed"),
    ],
)
def test_the_first_that_changed_is_told(results, source, own, around, why):
    results().record("a", OWN, set(), trace())
    assert results(SOURCE.replace("FACTOR = 2", source), around).why("a", own, set()) == why


def test_a_file_that_was_read_counts(results):
    results().record("a", OWN, set(), trace({CITATION: "of another text"}))
    assert results().why("a", OWN, set()) == f"{CITATION} changed"


def test_what_changed_while_it_ran_does_not_stand(results):
    assert results(SOURCE + "\n").record("a", OWN, set(), trace()) == {}
    assert results().why("a", OWN, set()) == "there is no record of a run that ended well"


@pytest.mark.parametrize("record", ["", "{", "[]", "{}", '{"around": {"jax": "1.0"}, "own": 3, "trace": {"read": []}}'])
def test_a_broken_record_is_none(results, record):
    path = results().tree / fresh.FOLDER / "a.json"
    path.parent.mkdir(parents=True)
    path.write_text(record)
    assert results().why("a", OWN, set())


def test_what_is_forgotten_does_not_stand(results):
    results().record("a", OWN, set(), trace())
    results().forget("a")
    assert results().known("a") is None


def test_a_chapter_s_outputs_are_no_part_of_it_and_its_words_are_those_of_its_code(tmp_path):
    code, text = nbformat.v4.new_code_cell("ml.run(α_1)"), nbformat.v4.new_markdown_cell("prose")
    chapter = tmp_path / "a.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[code, text]), chapter)
    own = fresh.own(chapter, {"seed": 1})
    assert fresh.words(chapter) == {"ml", "run", "α_1"}
    code.outputs = [nbformat.v4.new_output("stream", text="3")]
    nbformat.write(nbformat.v4.new_notebook(cells=[code, text]), chapter)
    assert fresh.own(chapter, {"seed": 1}) == own
    assert fresh.own(chapter, {"seed": 2}) != own
    text.source = "other prose"
    nbformat.write(nbformat.v4.new_notebook(cells=[code, text]), chapter)
    assert fresh.own(chapter, {"seed": 1}) != own
