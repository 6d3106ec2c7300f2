"""How a figure, or the check of a statement, is cited: BibTeX entries, and a LaTeX snippet that shows a figure."""

import re

from mamllib.figures.companion import citation
from mamllib.figures.provenance import commit
from mamllib.figures.style import share_of_page


def key(name: str) -> str:
    """The BibTeX key of a figure or of the check of a statement."""
    return f"mamllib:{name.split('/')[-1]}"


def figure_entry(name: str) -> str:
    """This companion's BibTeX entry for the figure of this name."""
    return _entry(name, f"Figure \\texttt{{{name}}} of")


def check_entry(statement: str, outcome: str) -> str:
    """This companion's BibTeX entry for its check of a statement.

    Args:
        statement: its full id.
        outcome: what came out on the commit that the entry names: verdict and grades.
    """
    return _entry(statement, f"Check of \\texttt{{{_escaped(statement)}}} by", f"Verdict: {outcome}")


def snippet(name: str, width: float, caption: str) -> str:
    r"""LaTeX that shows and cites a figure: ``figure`` in one column, ``figure*`` across the page.

    Args:
        name: the figure's id; its PDF is expected under that name.
        width: of the figure, in inches; it is shown at that size, or a little smaller to fit one column.
        caption: in LaTeX.
    """
    share = share_of_page(width)
    environment = "figure*" if share else "figure"
    size = f"{share:.2f}\\textwidth".removeprefix("1.00") if share else "\\columnwidth"
    return "\n".join(
        [
            f"% needs \\usepackage{{graphicx}}, the figure as {name}.pdf, and its BibTeX entry in your bibliography",
            f"\\begin{{{environment}}}",
            "  \\centering",
            f"  \\includegraphics[width={size}]{{{name}}}",
            f"  \\caption{{{caption} From \\cite{{{key(name)}}}.}}",
            f"  \\label{{fig:{name}}}",
            f"\\end{{{environment}}}",
            "",
        ]
    )


def _entry(name: str, what: str, found: str = "") -> str:
    known, state = citation(), commit()
    made = str(known.get("date-released") or (state.date if state else ""))
    note = [found, f"version {known['version']}", f"commit \\texttt{{{state.id[:12]}}}" if state else ""]
    text = ", ".join(filter(None, note)) + (" with changes" if state and state.changed else "")
    fields = {
        "author": " and ".join(_author(author) for author in known["authors"]),
        "title": f"{{{what} {_escaped(known['title'])}}}",
        "year": made[:4],
        "note": text[0].upper() + text[1:],
        "doi": known.get("doi", ""),
        "url": known.get("repository-code", ""),
    }
    lines = [f"  {field:<6} = {{{value}}}" for field, value in fields.items() if value]
    return f"@misc{{{key(name)},\n" + ",\n".join(lines) + "\n}\n"


def _author(author: dict) -> str:
    """A person as ``Family, Given``; a group in braces, which BibTeX does not take apart."""
    if "name" in author:
        return f"{{{_escaped(author['name'])}}}"
    return f"{_escaped(author['family-names'])}, {_escaped(author['given-names'])}"


def _escaped(text: str) -> str:
    return re.sub(r"([&%$#_{}])", r"\\\1", text)
