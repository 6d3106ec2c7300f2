"""Write the repository's address into every file that names it; without one, take it back.

``CITATION.cff`` holds the one setting. What is built (the site, the wheel) reads it there; what is read as it lies in
the repository (chapters that Colab opens, pages, the README) carries a copy. Until it is stamped, the address is one
that can be nobody's, so that a chapter on Colab never installs from a stranger.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from .places import ROOT

PLACEHOLDER = "https://repository-not-set.invalid"

_SETTING = re.compile(r'^repository-code: *"?(https://[^"\s]+?)/?"?$', re.MULTILINE)
_NAME = re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+")


def address(root: Path = ROOT) -> str:
    """The address that the repository is stamped with."""
    return _SETTING.search((root / "CITATION.cff").read_text(encoding="utf-8"))[1]


def places(root: Path = ROOT) -> Iterator[Path]:
    """The files that may name the address."""
    yield root / "CITATION.cff"
    yield root / "README.md"
    for kind in ("*.ipynb", "*.md"):
        yield from sorted(path for path in (root / "book").rglob(kind) if ".ipynb_checkpoints" not in path.parts)


def stamp(repository: str | None, root: Path = ROOT) -> list[Path]:
    """Put the address of ``owner/name`` (``None``: the placeholder) in place of the present one; the files changed.

    Raises:
        ValueError: this is not ``owner/name``.
    """
    if repository is not None and not _NAME.fullmatch(repository):
        raise ValueError(f"{repository!r} is not owner/name")
    old, new = address(root), f"https://github.com/{repository}" if repository else PLACEHOLDER
    return [path for path in places(root) if _replace(path, old, new)]


def _replace(path: Path, old: str, new: str) -> bool:
    before = path.read_bytes()
    whole = rf"{re.escape(old)}(?![\w-]|\.\w)"  # not the beginning of another address
    after = re.sub(whole.encode(), new.encode(), before)
    if after != before:
        path.write_bytes(after)
    return after != before


def main() -> int:
    """Stamp the repository with its address, or take the address back."""
    parser = argparse.ArgumentParser(prog="python -m book._tools.stamp", description=main.__doc__)
    parser.add_argument("repository", nargs="?", help="owner/name on GitHub (none: take the address back)")
    try:
        changed = stamp(parser.parse_args().repository)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{address()}: {len(changed)} files changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
