"""The characters, where they are at hand, and invented ones where they are not needed."""

import os

import numpy as np
import pytest

from mamllib.few_shot.characters import FOLDER, SIDE, Characters, split
from tests.project.conftest import ROOT

BESIDE = ROOT.parent / "shared" / "data" / "omniglot"
DRAWERS = 20
SPREAD = 0.6  # of a pixel, as of the characters


@pytest.fixture(scope="session")
def characters():
    """(training, test) of the first split; the test that asks is skipped where no file is at hand."""
    if FOLDER not in os.environ and not BESIDE.is_dir():
        pytest.skip(f"no images: set {FOLDER} to the folder that holds them")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER, os.environ.get(FOLDER, str(BESIDE)))
        yield split()


@pytest.fixture
def invented() -> Characters:
    """Three alphabets of 6, 7 and 8 classes, each class a pattern of its own, drawn with much noise."""
    rng, sizes, noise = np.random.default_rng(0), (6, 7, 8), 2.0
    patterns = rng.normal(size=(sum(sizes), 1, SIDE**2))
    images = patterns + noise * rng.normal(size=(sum(sizes), DRAWERS, SIDE**2))
    images *= SPREAD / np.sqrt(1 + noise**2)
    return Characters(images.astype(np.float32), np.repeat(range(3), sizes), ("A", "B", "C"))
