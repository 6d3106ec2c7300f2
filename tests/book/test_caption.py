"""A caption in LaTeX, for a paper: every figure's has its message, and none leads back into the book."""

import re

import nbformat
import pytest
from pylatexenc.latexwalker import LatexWalker

from book._tools import caption, figures
from book._tools.chapters import chapters
from book._tools.places import STORED_FIGURES


@pytest.mark.parametrize("text", ["No bold message.", "Late **bold** message."])
def test_a_caption_without_message_is_refused(text):
    with pytest.raises(ValueError, match="begins with its message in bold"):
        caption.message(text)


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("**A.** √D and 10⁻⁵ → 0", r"\ensuremath{\surd}D"),
        ("**A.** αLσ̃, F̂", r"\ensuremath{\tilde{\sigma}}, \ensuremath{\hat{F}}"),
        ("**A.** 5 % of w_n", r"5 \% of w\_n"),
    ],
)
def test_a_caption_becomes_latex(text, tex):
    assert tex in caption.latex(text)


def test_a_symbol_that_latex_does_not_have_is_refused():
    with pytest.raises(ValueError, match="U\\+E000"):
        caption.latex("**A.** \ue000")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("**A.** The proof of (20).", "(20) (an equation's number)"),
        ("**A (21).** B", "(21) (an equation's number)"),
        ("**A.** Below S4′, dashed.", "S4′ (a statement's label)"),
        ("**A.** As in Fig. 3.", "Fig. 3 (a figure's number)"),
        ("**A.** See chapter 7.", "chapter (a part of the book)"),
        ("**A.** See {eq}`bound`.", "{eq}` (a link)"),
        ("**A.** See [there](there.md).", "]( (a link)"),
    ],
)
def test_a_caption_that_leads_back_into_the_book_is_refused(text: str, found: str):
    assert caption.of_the_book(text) == [found]
    with pytest.raises(ValueError, match=re.escape(found)):
        caption.latex(text)


def test_numbers_that_are_values_are_let_through():
    assert caption.of_the_book("**A.** (1 − αa)/2 at 1/(4N), Theorem 4.17 (2020), 14 × 14, w = (¾, 3), B = 400.") == []


def captions() -> list[tuple[str, dict]]:
    """Every figure that a stored chapter publishes."""
    return [found for chapter in chapters() for found in figures.published(nbformat.read(chapter, as_version=4))]


@pytest.mark.parametrize(("name", "shown"), captions(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_caption_of_the_book_has_a_message_and_compiles_to_latex(name: str, shown: dict):
    assert caption.message(shown["figure"]["caption"])
    assert caption.of_the_book(shown["figure"]["caption"]) == []
    assert shown["image"]["alt"]
    tex = caption.latex(shown["figure"]["caption"])
    assert tex.isascii()
    LatexWalker(tex, tolerant_parsing=False).get_latex_nodes()


def test_every_stored_figure_is_published_by_a_chapter_once():
    assert sorted(name for name, _ in captions()) == sorted(path.name for path in STORED_FIGURES.iterdir())
