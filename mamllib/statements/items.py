"""A numbered item of a paper, and where it is found here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """A numbered item of a paper.

    ``kind`` is the first word of its name in lower case; ``what`` is one plain line, with the numbered displays that
    belong to the item; ``where`` says where it is found, in four ways told apart by how they begin: a statement
    (``fallah2020/…``), a public name (``mamllib.…``), a chapter (``book/…``), and else the name of a hypothesis as the
    statements measure it.
    """

    name: str
    kind: str
    what: str
    where: tuple[str, ...]
