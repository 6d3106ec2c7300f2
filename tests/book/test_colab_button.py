"""A chapter's page offers Colab once the repository has an address, and not before."""

import re
import warnings
from pathlib import Path

import nbformat
import pytest
from sphinx.application import Sphinx

from book._tools.places import ROOT


@pytest.fixture
def page(tmp_path: Path, monkeypatch):
    """Builds a site of one chapter with this address of the repository, and gives the chapter's page."""
    chapter = tmp_path / "book" / "paper" / "chapter.ipynb"
    chapter.parent.mkdir(parents=True)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells = [nbformat.v4.new_markdown_cell("# A chapter")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), chapter)
    monkeypatch.syspath_prepend(str(ROOT / "book" / "_ext"))
    settings = {
        "extensions": ["myst_nb", "sphinx_book_theme", "colab_button"],
        "html_theme": "sphinx_book_theme",
        "html_theme_options": {"launch_buttons": {"thebe": False}},
        "master_doc": "book/paper/chapter",
        "nb_execution_mode": "off",
    }

    def build(address: str) -> str:
        monkeypatch.setenv("MAMLLIB_REPOSITORY", address)
        html = tmp_path / "_build"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the themes' own
            Sphinx(str(tmp_path), None, str(html), str(html / "doctrees"), "html", settings, status=None).build()
        return (html / "book" / "paper" / "chapter.html").read_text(encoding="utf-8")

    return build


def test_its_button_opens_the_stamped_chapter(page):
    (link,) = re.findall(r'href="(https://colab[^"]*)"', page("https://github.com/owner/name"))
    assert link == "https://colab.research.google.com/github/owner/name/blob/colab/book/paper/chapter.ipynb"


def test_without_an_address_there_is_no_button(page):
    html = page("")
    assert "A chapter" in html
    assert "colab" not in html
    assert "Launch" not in html
