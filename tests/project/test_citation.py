"""CITATION.cff is valid, says what pyproject.toml and .zenodo.json say, and invents neither a person nor an address."""

import copy
import importlib.metadata
import json
import re
import shutil
import subprocess
import zipfile
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder

# The schema as https://citation-file-format.github.io publishes it, under CC BY 4.0.
SCHEMA = Path(__file__).parent / "schemas" / "citation-file-format-1.2.0.json"


@pytest.fixture(scope="module")
def citation(root: Path) -> dict:
    return yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def zenodo(root: Path) -> dict:
    return json.loads((root / ".zenodo.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def release(root: Path) -> str:
    return (root / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")


def invalid(citation: dict) -> list[str]:
    """What the schema of the Citation File Format finds."""
    plain = {key: value.isoformat() if isinstance(value, date) else value for key, value in citation.items()}
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())
    return [error.message for error in validator.iter_errors(plain)]


def test_it_is_valid(citation: dict):
    assert invalid(citation) == []


@pytest.mark.parametrize(
    "change",
    [
        {"doi": "not a doi"},
        {"license": "Some licence"},
        {"authors": []},
        {"date-released": "yesterday"},
        {"colour": "red"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_invalid_one_is_caught(citation: dict, change: dict):
    assert invalid(copy.deepcopy(citation) | change) != []


def test_a_released_one_is_valid(citation: dict):
    assert invalid(citation | {"doi": "10.5555/12345678", "date-released": date(2031, 1, 2)}) == []


def test_its_version_is_the_package_s(citation: dict, pyproject: dict):
    assert citation["version"] == pyproject["project"]["version"]


def test_the_installed_package_says_the_same_version(pyproject: dict):
    assert importlib.metadata.version("mamllib") == pyproject["project"]["version"]


def test_its_author_and_licence_are_the_package_s(citation: dict, pyproject: dict):
    assert citation["authors"] == pyproject["project"]["authors"]
    assert citation["license"] == pyproject["project"]["license"]


def test_an_address_not_yet_set_can_be_nobody_s(citation: dict):
    host = urlsplit(citation["repository-code"]).hostname
    assert host == "github.com" or host.endswith(".invalid")


def test_a_doi_comes_with_the_date_of_its_release(citation: dict):
    assert ("doi" in citation) <= ("date-released" in citation)


def test_zenodo_is_told_the_same(citation: dict, zenodo: dict):
    assert zenodo["title"] == citation["title"]
    assert zenodo["license"] == citation["license"]
    assert zenodo["keywords"] == citation["keywords"]
    assert zenodo["creators"] == citation["authors"]
    assert zenodo["description"] == " ".join(citation["abstract"].split())
    assert {"doi", "version", "publication_date"} & set(zenodo) == set()  # the release itself brings them


def test_a_release_needs_no_secret_and_checks_its_tag(release: str, citation: dict):
    workflow = yaml.safe_load(release)
    assert workflow[True] == {"push": {"tags": ["v*"]}}  # YAML 1.1 reads the key `on` as true
    assert "secrets." not in release
    said = re.search(r"sed -n '(.*)' CITATION.cff", release)[1]
    assert said == "s/^version: *//p"
    commands = "\n".join(step.get("run", "") for step in workflow["jobs"]["release"]["steps"])
    assert commands.index("GITHUB_REF_NAME") < commands.index("build --wheel --sdist") < commands.index("gh release")


def built(root: Path, folder: Path) -> zipfile.ZipFile:
    """The wheel of the project at this root."""
    return zipfile.ZipFile(next(WheelBuilder(str(root)).build(directory=str(folder), versions=["standard"])))


def test_the_wheel_carries_what_citing_and_the_record_need(root: Path, tmp_path: Path):
    with built(root, tmp_path) as files:
        for name in ("CITATION.cff", "book/references.bib"):
            assert files.read(f"mamllib/{Path(name).name}") == (root / name).read_bytes()
        assert {"mamllib/figures/published.txt", "mamllib/ledger.schema.json"} <= set(files.namelist())


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Path:
    """A git repository of one commit with all that a wheel is built from, and a module in place of the package."""
    folder = tmp_path / "checkout"
    sources = ("CITATION.cff", "LICENSE", "README.md", "book/references.bib", "hatch_build.py", "pyproject.toml")
    for name in (*sources, ".gitignore"):  # loading hatch_build.py leaves a __pycache__ beside it
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, folder / name)
    (folder / "mamllib").mkdir()
    (folder / "mamllib" / "__init__.py").write_text("")
    person = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.invalid"]
    for command in (["init", "--quiet"], ["add", "."], [*person, "commit", "--quiet", "--message", "first"]):
        subprocess.run(["git", "-C", str(folder), *command], check=True, capture_output=True)
    return folder


def test_a_wheel_names_the_commit_it_is_built_from(checkout: Path, tmp_path: Path):
    with built(checkout, tmp_path / "dist") as files:
        assert re.fullmatch(rb"[0-9a-f]{40} \d{4}-\d\d-\d\d\n", files.read("mamllib/commit.txt"))


def test_a_wheel_of_changed_files_names_none(checkout: Path, tmp_path: Path):
    (checkout / "mamllib" / "__init__.py").write_text("changed = True")
    with built(checkout, tmp_path / "dist") as files:
        assert "mamllib/commit.txt" not in files.namelist()
