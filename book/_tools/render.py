"""Render the website from executed notebooks, and put it in place only when it is whole."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import crate, figures, ledger, statement_map, statement_table, status, verification, whereabouts
from .places import EXECUTED, MATHJAX, SITE, STAGE
from .stage import SERVED, lay_out

# Jupyter Book 1 has no `python -m` of its own, and its script may not be on the path.
_JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"


class RenderFailed(Exception):
    """Jupyter Book did not build the site, or built it with a warning."""


def render(stage: Path, site: Path) -> None:
    """Build the staged book without a warning and swap it in for `site`; on failure `site` is left as it was."""
    process = subprocess.run(
        [sys.executable, "-c", _JUPYTER_BOOK, "build", "--all", "-q", "-W", "-n", "--keep-going", "."],
        cwd=stage,
        env=os.environ | {"MAMLLIB_MATHJAX": str(MATHJAX), "MAMLLIB_REPOSITORY": _address()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if process.returncode != 0:
        raise RenderFailed(process.stdout)
    _swap_in(stage / "_build" / "html", site)


def _address() -> str:
    from mamllib.figures import companion

    return companion.citation().get("repository-code", "")


def _swap_in(new: Path, site: Path) -> None:
    old = site.with_name(f"{site.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    site.parent.mkdir(parents=True, exist_ok=True)
    if site.exists():
        site.rename(old)
    new.rename(site)
    shutil.rmtree(old, ignore_errors=True)


def build(executed: Path, stage: Path, site: Path, recorded: dict) -> None:
    """The whole way from executed notebooks and the ledger's records to the site."""
    lay_out(stage, executed)
    generated = stage / "book" / "_generated"
    found = whereabouts.find(recorded, executed)
    ledger.write(recorded, found, generated, stage / SERVED)
    statement_map.write(recorded, found, generated)
    status.write(executed, generated)
    statement_table.write(generated)
    crate.write(stage, figures.write(stage, recorded), recorded)
    render(stage, site)


def main() -> int:
    """Render the site from executed notebooks and the run of every statement beside them."""
    parser = argparse.ArgumentParser(prog="python -m book._tools.render", description=main.__doc__)
    parser.add_argument("--executed", type=Path, default=EXECUTED, help="tree of executed notebooks and figures")
    arguments = parser.parse_args()
    if not MATHJAX.is_dir():
        print("MathJax is not in node_modules (npm ci needs Node): pages will take it from its public address.")
    try:
        build(arguments.executed, STAGE, SITE, verification.kept(arguments.executed))
    except (verification.LedgerFailed, RenderFailed) as failure:
        print(failure, file=sys.stderr)
        print("The site was not replaced.", file=sys.stderr)
        return 1
    print(f"The site is in {os.path.relpath(SITE)}/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
