"""A site is replaced only by a whole one."""

import re
from pathlib import Path

import pytest

from book._tools import render as render_module
from book._tools import verification
from book._tools.render import RenderFailed, render
from mamllib.figures import companion

PAGE = "# A page\n\nA formula, $x^2$.\n"


@pytest.fixture
def stage(tmp_path: Path):
    """Lays out a book of one page, and gives its folder."""

    def lay_out(page: str) -> Path:
        folder = tmp_path / "stage"
        folder.mkdir()
        (folder / "_config.yml").write_text("title: Small\nonly_build_toc_files: true\n")
        (folder / "_toc.yml").write_text("format: jb-book\nroot: page\n")
        (folder / "page.md").write_text(page)
        return folder

    return lay_out


@pytest.fixture
def earlier_site(tmp_path: Path) -> Path:
    folder = tmp_path / "html"
    folder.mkdir()
    (folder / "index.html").write_text("earlier")
    return folder


def test_a_whole_site_replaces_the_earlier_one(stage, earlier_site):
    render(stage(PAGE), earlier_site)
    assert (earlier_site / "page.html").is_file()
    assert not (earlier_site.parent / "html.old").exists()


def test_a_warning_leaves_the_earlier_site(stage, earlier_site):
    with pytest.raises(RenderFailed, match="nowhere"):
        render(stage(PAGE + "\nSee {ref}`nowhere`.\n"), earlier_site)
    assert [path.name for path in earlier_site.iterdir()] == ["index.html"]
    assert (earlier_site / "index.html").read_text() == "earlier"


@pytest.mark.parametrize(
    ("fields", "address"), [({"repository-code": "https://x.invalid/"}, "https://x.invalid/"), ({}, "")]
)
def test_the_site_is_told_the_repository_s_address(monkeypatch, tmp_path, fields, address):
    monkeypatch.setattr(companion, "citation", lambda: fields)
    monkeypatch.setattr(
        render_module, "_JUPYTER_BOOK", "import os, sys; sys.exit(os.environ['MAMLLIB_REPOSITORY'] + '.')"
    )
    with pytest.raises(RenderFailed, match=f"^{re.escape(address)}[.]$"):
        render(tmp_path, tmp_path / "html")


def test_a_statement_that_comes_out_wrong_stops_before_rendering(monkeypatch, tmp_path):
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho '[]'\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(verification.sys, "executable", str(fake))
    with pytest.raises(verification.LedgerFailed, match="ended with status 1"):
        verification.run()
