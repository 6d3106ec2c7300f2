"""A figure's caption, as a chapter's cell has it, for other places: its message alone, the rest, and in LaTeX."""

import re

from pylatexenc.latexencode import (
    RULE_DICT,
    RULE_REGEX,
    UnicodeToLatexConversionRule,
    UnicodeToLatexEncoder,
    get_builtin_conversion_rules,
)

# What reads better in mathematics than as the text symbol of the library's tables.
_IN_FORMULAS = {"√": r"\surd", "²": "^2", "³": "^3", "′": "'", "→": r"\rightarrow", "½": r"\frac12", "·": r"\cdot"}
_ACCENTS = {"\u0302": r"\hat", "\u0303": r"\tilde", "\u0304": r"\bar"}
_GREEK = {"α": r"\alpha", "β": r"\beta", "σ": r"\sigma", "φ": r"\varphi", "θ": r"\theta"}


def _accented(found: re.Match) -> str:
    letter, accent = found.groups()
    return rf"\ensuremath{{{_ACCENTS[accent]}{{{_GREEK.get(letter, letter)}}}}}"


_ENCODER = UnicodeToLatexEncoder(
    unknown_char_policy="fail",
    conversion_rules=[
        UnicodeToLatexConversionRule(RULE_REGEX, [(re.compile(f"(\\w)([{''.join(_ACCENTS)}])"), _accented)]),
        UnicodeToLatexConversionRule(
            RULE_DICT, {ord(symbol): rf"\ensuremath{{{tex}}}" for symbol, tex in _IN_FORMULAS.items()}
        ),
        *get_builtin_conversion_rules("defaults"),
    ],
)
# What only the book can resolve: a caption is read in somebody else's paper.
_OF_THE_BOOK = {
    "an equation's number": re.compile(r"\(\d{1,3}[a-z′]?\)"),
    "a statement's label": re.compile(r"\b[A-Z]\d+′?"),
    "a figure's number": re.compile(r"\b[Ff]ig(?:ure|\.)s? \d+"),
    "a part of the book": re.compile(r"\b[Cc]hapters?\b|\b[Ss]ections?\b"),
    "a link": re.compile(r"\]\(|\{[\w:-]+\}`|\\(?:eq)?ref\b"),
}
_MESSAGE = re.compile(r"\A\*\*(?P<message>.+?)\*\*\s*(?P<rest>.*)\Z", re.DOTALL)


def message(caption: str) -> str:
    """The caption's first sentence, in bold there: what the figure shows, without its full stop."""
    return _parts(caption)[0].rstrip(".")


def rest(caption: str) -> str:
    """The caption without its message."""
    return _parts(caption)[1]


def of_the_book(caption: str) -> list[str]:
    """What in a caption leads nowhere outside of the book."""
    return [f"{found} ({kind})" for kind, pattern in _OF_THE_BOOK.items() for found in pattern.findall(caption)]


def latex(caption: str) -> str:
    """The caption in LaTeX, in ASCII alone, for a paper.

    Raises:
        ValueError: a symbol that has no LaTeX here, or something that only the book can resolve.
    """
    if wrong := of_the_book(caption):
        raise ValueError(f"in a paper this leads nowhere: {', '.join(wrong)}, in the caption {caption[:60]!r}")
    bold, plain = map(_ENCODER.unicode_to_latex, _parts(caption))
    return rf"\textbf{{{bold}}} {plain}".rstrip()


def _parts(caption: str) -> tuple[str, str]:
    found = _MESSAGE.match(caption)
    if not found:
        raise ValueError(f"a caption begins with its message in bold, and this one does not: {caption[:60]!r}")
    return found["message"], found["rest"]
