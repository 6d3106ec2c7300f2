"""Of a small library edited at random nothing is kept that comes out otherwise, and little is run for nothing."""

from pathlib import Path

import pytest

from benchmarks.edits import Copy
from benchmarks.random_edits import edits
from tests.book.small_library import CHAPTERS, LIBRARY


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    folder = tmp_path_factory.mktemp("small")
    for file, text in LIBRARY.items():
        path: Path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Copy(folder, CHAPTERS, options=("-B", "-S"))


def test_of_forty_edits_none_that_changes_a_result_is_missed_and_few_others_count(small):
    texts = {file: text for file, text in LIBRARY.items() if file.endswith(".py") and text}
    tried = [(edit, *small.tried(edit)) for edit in edits(texts, 40, seed=0)]
    assert [(edit[:3], wrong - stale) for edit, stale, wrong in tried if wrong - stale] == []
    assert sum(len(wrong) for *_, wrong in tried) >= 30
    assert (
        sum(len(stale - wrong) for _, stale, wrong in tried)
        <= sum(len(CHAPTERS) - len(wrong) for *_, wrong in tried) / 4
    )
