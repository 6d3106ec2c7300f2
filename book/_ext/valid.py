"""Make a page valid HTML."""

from bs4 import BeautifulSoup

_DOCUMENT = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>To the book</title></head>
<body><p><a href="{target}">To the book</a></p></body></html>
"""


def _drop_repeated_ids(page: BeautifulSoup) -> None:
    """Statements, proofs and citations repeat an id; a link leads to the first one anyway."""
    seen = set()
    for tag in page.find_all(id=True):
        if tag["id"] in seen:
            del tag["id"]
        else:
            seen.add(tag["id"])


def _drop_styles_in_the_body(page: BeautifulSoup) -> None:
    """Pandas repeats a style sheet in each table; ours says what is needed."""
    for style in page.select("body style"):
        style.decompose()


def _write_summaries_without_paragraphs(page: BeautifulSoup) -> None:
    """A summary holds running text: the paragraphs of "Show code cell source" become spans."""
    for paragraph in page.select("summary > p"):
        paragraph.name = "span"


def _complete_the_redirection(page: BeautifulSoup) -> None:
    """The site's first address is nothing but the order to go on to the book, without a document around it."""
    if not page.find("html"):
        order = page.meta.extract()
        target = order["content"].partition("url=")[2]
        page.append(BeautifulSoup(_DOCUMENT.format(target=target), "html.parser"))
        page.head.append(order)


def _name_the_viewport_once(page: BeautifulSoup) -> None:
    for tag in page.select('meta[name="viewport"]')[1:]:
        tag.decompose()


MENDS = (
    _complete_the_redirection,
    _drop_repeated_ids,
    _drop_styles_in_the_body,
    _write_summaries_without_paragraphs,
    _name_the_viewport_once,
)
