"""A chapter's first cell, on Colab: it installs mamllib and what Colab lacks, from the repository's own address."""

import importlib.util
import sys
import tomllib
import types
from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from packaging.requirements import Requirement

from book._tools import colab, stamp
from book._tools.chapters import chapters

IMPORTS = "import importlib.util\nimport sys\n\n"
ADDRESS = "https://github.com/owner/name"


@pytest.mark.parametrize("chapter", chapters(), ids=lambda path: path.stem)
def test_every_chapter_has_the_same_installation(chapter: Path):
    assert colab.installation(chapter) == colab.install(stamp.address())


def test_what_colab_brings_and_what_is_named_are_all_that_mamllib_needs(pyproject_dependencies):
    named = colab.named(chapters()[0])
    direct = {requirement.name for requirement in pyproject_dependencies}
    assert direct <= set(colab.brought()) | set(named)
    assert not set(named) & set(colab.brought())


@pytest.mark.parametrize("never", ["jax", "jaxlib", "numpy"])
def test_colab_s_own_jax_and_numpy_are_new_enough_and_left_alone(pyproject_dependencies, never):
    (wanted,) = (requirement for requirement in pyproject_dependencies if requirement.name == never)
    assert wanted.specifier.contains(colab.brought()[never])
    assert never not in colab.missing()


@pytest.mark.parametrize(
    ("dependency", "missing"),
    [
        ("jaxtyping>=0.3", ["jaxtyping", "wadler-lindig"]),  # with what it needs itself
        ("numpy>=2.0", []),
        ("numpy>=99", ["numpy"]),  # there, but too old
        ("nbval>=0.1 ; python_version < '3'", []),
    ],
)
def test_what_is_missing_follows_the_dependencies(tmp_path, dependency, missing):
    (tmp_path / "pyproject.toml").write_text(f'[project]\ndependencies = ["{dependency}"]\n')
    assert colab.missing(tmp_path) == missing


def test_a_chapter_without_an_installation_is_named(tmp_path):
    chapter = tmp_path / "bare.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import sys\n\nx = 1")]), chapter)
    with pytest.raises(ValueError, match="bare: its first code cell does not install"):
        colab.installation(chapter)


def test_on_colab_it_installs_what_is_missing_and_no_dependency(run_on_colab):
    result, installed = run_on_colab(colab.install(ADDRESS))
    assert result.success
    assert installed == [f'install --quiet --no-deps jaxtyping wadler-lindig "mamllib @ git+{ADDRESS}"']


def test_on_colab_without_an_address_it_says_so_and_installs_nothing(run_on_colab):
    result, installed = run_on_colab(colab.install(stamp.PLACEHOLDER))
    assert isinstance(result.error_in_exec, RuntimeError)
    assert "does not know its repository" in str(result.error_in_exec)
    assert installed == []


def test_where_mamllib_is_there_it_installs_nothing(run_on_colab):
    result, installed = run_on_colab(colab.install(ADDRESS), absent=())
    assert result.success
    assert installed == []


def test_elsewhere_it_installs_nothing(run_on_colab, monkeypatch):
    monkeypatch.delitem(sys.modules, "google.colab")
    result, installed = run_on_colab(colab.install(ADDRESS))
    assert result.success
    assert installed == []


@pytest.fixture
def pyproject_dependencies() -> list[Requirement]:
    text = (colab.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return [Requirement(line) for line in tomllib.loads(text)["project"]["dependencies"]]


@pytest.fixture
def run_on_colab(monkeypatch):
    """Runs a cell in a shell that takes itself for Colab's; gives the result and what was asked of pip."""
    find = importlib.util.find_spec
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))

    def run(source: str, absent: tuple[str, ...] = ("mamllib",)):
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in absent else find(name))
        shell, installed = InteractiveShell(), []
        shell.register_magic_function(installed.append, magic_name="pip")
        return shell.run_cell(IMPORTS + source), installed

    return run
