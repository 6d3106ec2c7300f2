"""Make a page open to every reader, also on a phone and read aloud, as the theme, docutils and pandas do not."""

from bs4 import BeautifulSoup


def _make_corner_cells_plain(page: BeautifulSoup) -> None:
    """A header cell without text is read out as a header without a name: the corner of a table is no header."""
    for cell in page.select("th"):
        if not cell.get_text(strip=True) and not cell.find("img"):
            cell.name = "td"


def _list_the_bibliography(page: BeautifulSoup) -> None:
    """An entry's role, withdrawn from the standard, may not stand in a list."""
    for entry in page.select('[role="list"] > [role="doc-biblioentry"]'):
        entry["role"] = "listitem"


def _name_the_sidebar(page: BeautifulSoup) -> None:
    """The title and the search button stand in the sidebar, outside every landmark."""
    for sidebar in page.select("#pst-primary-sidebar"):
        sidebar["role"] = "complementary"
        sidebar["aria-label"] = "Book"


def _name_the_search_button_as_it_reads(page: BeautifulSoup) -> None:
    """Its name leaves out the keys that the button shows; without a name of its own it is called what it shows."""
    for button in page.select("button.search-button-field"):
        del button["aria-label"]


def _name_what_unfolds_as_it_reads(page: BeautifulSoup) -> None:
    """ "Toggle hidden content" is not what the reader sees; the text itself says what unfolds."""
    for summary in page.select("details.hide > summary[aria-label]"):
        del summary["aria-label"]


def _put_the_way_back_up_in_the_article(page: BeautifulSoup) -> None:
    """The button that leads to the top stands outside every landmark."""
    button, main = page.select_one("#pst-back-to-top"), page.select_one("main")
    if button and main:
        main.append(button.extract())


def _hide_icons_from_readers_aloud(page: BeautifulSoup) -> None:
    """An icon is a letter of a private alphabet; the button around it has a name."""
    for icon in page.select("i.fas, i.fa-solid, span.fa-solid"):
        icon["aria-hidden"] = "true"


def _frame_figures(page: BeautifulSoup) -> None:
    """On a phone a figure is shown at the size it was drawn for, and its frame scrolls; the caption stays in place."""
    for picture in page.select('figure > img[src$=".png"]'):
        picture.wrap(page.new_tag("div", attrs={"class": "figure-frame"}))


MENDS = (
    _make_corner_cells_plain,
    _list_the_bibliography,
    _name_the_sidebar,
    _name_the_search_button_as_it_reads,
    _name_what_unfolds_as_it_reads,
    _put_the_way_back_up_in_the_article,
    _hide_icons_from_readers_aloud,
    _frame_figures,
)
