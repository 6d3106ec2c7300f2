"""How figures and checks are cited: complete entries, nothing invented, and the commit of the right repository."""

import re
import subprocess
from datetime import date
from pathlib import Path

import pytest

import mamllib as ml
from mamllib.figures import citation, companion, provenance
from mamllib.figures.provenance import Commit, read_commit

COMMIT = Commit("0123456789abcdef0123456789abcdef01234567", "2024-02-29", False)


@pytest.fixture
def cited(monkeypatch):
    """Makes the entries see these fields of CITATION.cff, and this commit."""

    def use(commit=COMMIT, **fields):
        known = companion.citation() | fields
        monkeypatch.setattr(citation, "citation", lambda: known)
        monkeypatch.setattr(citation, "commit", lambda: commit)

    return use


def fields(entry: str) -> dict[str, str]:
    """An entry's fields; it is one, in balanced braces, with a comma after each field but the last."""
    assert entry.count("{") - entry.count(r"\{") == entry.count("}") - entry.count(r"\}")
    head, *lines, end = entry.rstrip("\n").split("\n")
    assert re.fullmatch(r"@\w+\{[\w:-]+,", head)
    assert end == "}"
    assert all(line.endswith(",") for line in lines[:-1])
    return dict(re.fullmatch(r"  (\w+) *= \{(.*)\},?", line).groups() for line in lines)


def test_the_entry_of_a_figure(cited):
    cited()
    entry = citation.figure_entry("f-is-not-smooth")
    assert entry.startswith("@misc{mamllib:f-is-not-smooth,")
    known = companion.citation()
    assert fields(entry) == {
        "author": "{The mamllib contributors}",
        "title": rf"{{Figure \texttt{{f-is-not-smooth}} of {known['title']}}}",
        "year": "2024",
        "note": rf"Version {known['version']}, commit \texttt{{0123456789ab}}",
    }


def test_the_entry_of_a_check_names_the_statement_in_full_and_what_came_out(cited):
    cited()
    entry = citation.check_entry("fallah2020/lemma_4_8", "holds (instances: 2 exact)")
    assert entry.startswith("@misc{mamllib:lemma_4_8,")
    assert fields(entry)["title"].startswith(r"{Check of \texttt{fallah2020/lemma\_4\_8} by mamllib")
    assert fields(entry)["note"].startswith("Verdict: holds (instances: 2 exact), version ")


def test_no_two_entries_have_the_same_title(cited):
    cited()
    statements = [citation.check_entry(statement.id, "holds") for statement in ml.STATEMENTS]
    titles = [fields(entry)["title"] for entry in [*map(citation.figure_entry, companion.figures()), *statements]]
    assert len(titles) == len(set(titles)) == len(companion.figures()) + len(ml.STATEMENTS)


def test_what_is_not_known_is_left_out(cited):
    cited(commit=None)
    assert set(fields(citation.figure_entry("equation-9"))) == {"author", "title", "note"}


def test_files_that_differ_from_the_commit_are_mentioned(cited):
    cited(commit=Commit(COMMIT.id, COMMIT.date, True))
    assert fields(citation.figure_entry("equation-9"))["note"].endswith("with changes")


def test_a_release_brings_its_doi_its_address_and_its_year(cited):
    # 10.5555 is the prefix that is there for examples.
    cited(doi="10.5555/12345678", **{"repository-code": "https://example.org/repo", "date-released": date(2031, 1, 2)})
    found = fields(citation.figure_entry("equation-9"))
    assert (found["doi"], found["url"], found["year"]) == ("10.5555/12345678", "https://example.org/repo", "2031")


def test_a_person_is_named_family_first(cited):
    cited(authors=[{"family-names": "Family", "given-names": "Given"}, {"name": "A & B"}])
    assert fields(citation.figure_entry("equation-9"))["author"] == r"Family, Given and {A \& B}"


def test_the_placeholder_is_never_cited_as_an_address(monkeypatch):
    text = companion._text("CITATION.cff")
    stamped = re.sub(r"(?m)^repository-code:.*$", "repository-code: https://example.org/repo", text)
    placeholder = stamped.replace("example.org/repo", "repository-not-set.invalid/")
    monkeypatch.setattr(companion, "_text", lambda _: placeholder)
    assert "repository-code" not in companion.citation()
    monkeypatch.setattr(companion, "_text", lambda _: stamped)
    assert companion.citation()["repository-code"] == "https://example.org/repo"


@pytest.mark.parametrize(
    ("repository", "site"),
    [
        ("https://github.com/Owner/name", "https://owner.github.io/name/"),
        ("https://github.com/owner/owner.github.io/", "https://owner.github.io/"),
        ("https://example.org/owner/name", None),
        (None, None),
    ],
)
def test_the_site_lies_where_github_pages_serves_the_repository(monkeypatch, repository, site):
    monkeypatch.setattr(companion, "citation", lambda: {"repository-code": repository} if repository else {})
    assert companion.site() == site


@pytest.mark.parametrize("key", sorted({statement.id.split("/")[0] for statement in ml.STATEMENTS}))
def test_every_paper_has_its_entry(key):
    entry = companion.paper(key)
    assert entry.startswith("@")
    assert f"{{{key}," in entry
    assert entry.count("\n@") == 0
    assert entry.count("{") == entry.count("}")


def test_a_paper_that_is_not_there_is_named():
    with pytest.raises(LookupError, match="the key 'euclid'"):
        companion.paper("euclid")


@pytest.mark.parametrize(
    ("width", "environment", "size"),
    [(3.25, "figure", r"\columnwidth"), (4.6, "figure*", r"0.68\textwidth"), (6.75, "figure*", r"\textwidth")],
)
def test_a_snippet_shows_a_figure_at_the_size_it_was_made_for(width, environment, size):
    text = citation.snippet("equation-9", width, r"\textbf{Half.} The rest.")
    assert f"\\begin{{{environment}}}" in text
    assert f"\\includegraphics[width={size}]{{equation-9}}" in text
    assert r"\caption{\textbf{Half.} The rest. From \cite{mamllib:equation-9}.}" in text
    assert text.isascii()


def checkout(folder: Path) -> Path:
    """A git repository with one commit, and a package in it."""
    package = folder / "mamllib"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    person = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.invalid"]
    for command in (["init", "--quiet"], ["add", "."], [*person, "commit", "--quiet", "--message", "first"]):
        subprocess.run(["git", "-C", str(folder), *command], check=True, capture_output=True)
    return package


def test_the_commit_is_the_checkout_s(tmp_path):
    package = checkout(tmp_path)
    command = ["git", "-C", str(tmp_path), "rev-parse", "HEAD"]
    head = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    found = read_commit(package)
    assert (found.id, found.changed, str(found)) == (head, False, head)
    (package / "__init__.py").write_text("changed = True")
    assert str(read_commit(package)) == f"{head} with changes"


def test_an_environment_inside_somebody_else_s_checkout_does_not_take_its_commit(tmp_path):
    inside = checkout(tmp_path) / "site-packages" / "mamllib"
    inside.mkdir(parents=True)
    assert read_commit(inside) is None


def test_a_wheel_says_what_it_was_built_from(tmp_path):
    package = tmp_path / "mamllib"
    package.mkdir()
    (package / provenance.BUILT_FROM).write_text(f"{COMMIT.id} {COMMIT.date}\n")
    assert read_commit(package) == COMMIT


def test_a_checkout_that_git_does_not_speak_of_has_no_commit(tmp_path):
    package = tmp_path / "mamllib"
    package.mkdir()
    (tmp_path / ".git").mkdir()
    assert read_commit(package) is None
