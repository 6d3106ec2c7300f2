"""CITATION.cff says what pyproject.toml says, and invents neither a person nor an address."""

import importlib.metadata
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml


@pytest.fixture(scope="module")
def citation(root: Path) -> dict:
    return yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))


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
