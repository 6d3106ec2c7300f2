"""A chapter that runs alone has what a reader has and no more, and its parameters and verdicts count."""

import os
import sys
from pathlib import Path

import pytest

from book._tools import alone, colab, verdicts
from book._tools.execute import ChapterFailed

WRONG = """\
from IPython.display import display
verdict = {"statement": "lemma_0", "instance": "unit", "verdict": "violated" if seed else "holds", "expected": "holds"}
display({"text/plain": "lemma_0", "application/vnd.mamllib.verdicts+json": [verdict]}, raw=True)"""


as_on_colab = pytest.mark.skipif(not os.environ.get("COLAB"), reason="needs Colab's versions: make colab")


def run(runs, chapter: Path, folder: Path, **parameters):
    return alone.run(runs.python(), chapter, folder / "alone", parameters)


def printed(executed) -> str:
    """What the cell `summary` printed; where a busy machine cuts it in two is chance."""
    return "".join(output.text for cell in executed.cells if cell.id == "summary" for output in cell.outputs)


@as_on_colab
def test_it_runs_with_the_parameters_given_by_the_environment_s_own_python(runs, unexecuted, tmp_path):
    whose = "import sys\nprint(seed, sys.prefix, os.listdir(), os.environ.get('MAMLLIB_FIGURES'))"
    executed = run(runs, unexecuted(summary=whose), tmp_path, seed=5)
    assert printed(executed) == f"5 {runs.python().parents[1]} ['figures'] None\n"
    assert [str(verdict) for verdict in verdicts.read(executed)] == ["lemma_0 on unit: holds, expected holds"]


INSTALLED = """\
import importlib.metadata
import sys
print(".".join(map(str, sys.version_info[:2])))
for each in importlib.metadata.distributions():
    print(each.name.lower().replace("_", "-") + "==" + each.version)"""


@as_on_colab
def test_it_has_colab_s_versions(runs, unexecuted, tmp_path):
    executed = run(runs, unexecuted(summary=INSTALLED), tmp_path)
    python, *installed = printed(executed).split()
    versions = dict(line.split("==") for line in installed)
    added = {"mamllib", "pip", *colab.missing()}
    assert {name: version for name, version in versions.items() if name not in added} == colab.brought()
    assert added <= set(versions)
    assert python in {alone.COLAB_PYTHON, ".".join(map(str, sys.version_info[:2]))}


@pytest.mark.parametrize(
    ("script", "found"),
    [("echo /there/python3.13", "/there/python3.13"), ("exit 127", sys.executable), (None, sys.executable)],
    ids=["starts", "does not start", "is not there"],
)
def test_colab_s_python_is_taken_where_it_starts(monkeypatch, tmp_path, script, found):
    if script:
        fake = tmp_path / "python3.13"
        fake.write_text(f"#!/bin/sh\n{script}\n")
        fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert alone.find_interpreter("3.13") == found


@as_on_colab
@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import papermill", "No module named 'papermill'"),
        ("import book", "No module named 'book'"),
        ("open('tiny.ipynb')", "No such file or directory: 'tiny.ipynb'"),
    ],
)
def test_what_only_the_repository_has_is_missing(runs, unexecuted, tmp_path, source, problem):
    with pytest.raises(ChapterFailed, match=problem):
        run(runs, unexecuted(summary=source), tmp_path)


@as_on_colab
def test_a_verdict_that_is_unexpected_with_another_seed_fails(runs, unexecuted, tmp_path):
    chapter = unexecuted(verdict=WRONG)
    with pytest.raises(ChapterFailed, match="tiny, cell 5: lemma_0 on unit: violated, expected holds"):
        run(runs, chapter, tmp_path, seed=1)


@as_on_colab
def test_a_mistyped_parameter_is_refused(runs, unexecuted, tmp_path):
    with pytest.raises(ChapterFailed, match="tiny: no parameter named sede; it has profile, seed"):
        run(runs, unexecuted(), tmp_path, sede=1)
