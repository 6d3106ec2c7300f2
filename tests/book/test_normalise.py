"""Storing a chapter twice changes no byte, and nothing of the run but its results is kept."""

import nbformat

from book._tools.normalise import normalise, store


def test_storing_again_changes_no_byte(tiny, tmp_path):
    before = tiny.path.read_bytes()
    store(tiny.path, tmp_path)
    assert tiny.path.read_bytes() == before


def test_a_chapter_that_fails_is_not_stored(unexecuted, tmp_path):
    import pytest

    from book._tools.execute import ChapterFailed

    path = unexecuted(summary="1 / 0")
    before = path.read_bytes()
    with pytest.raises(ChapterFailed):
        store(path, tmp_path / "figures")
    assert path.read_bytes() == before


def test_what_differs_between_runs_is_left_out(tiny):
    notebook = tiny.notebook
    notebook.metadata.papermill = {"start_time": "today"}
    notebook.metadata.accelerator = "GPU"
    notebook.cells[1].metadata.papermill = {"duration": 1.0}
    notebook.cells[1].execution_count = 12
    notebook.cells[3].outputs = [nbformat.v4.new_output("stream", name="stdout", text=text) for text in ("a\n", "b\n")]
    normalise(notebook)
    assert set(notebook.metadata) == {"accelerator", "kernelspec", "language_info"}
    assert notebook.cells[1].metadata == {"tags": ["parameters"]}
    assert [cell.execution_count for cell in notebook.cells[1:]] == [1, 2, 3, 4]
    assert [output.text for output in notebook.cells[3].outputs] == ["a\nb\n"]
