"""Handwritten characters: two small sets of Omniglot (Lake, Salakhutdinov and Tenenbaum, 2015), as arrays.

A class is a character, or in training one of its four rotations; a rotated alphabet counts as another alphabet. Images
of 105×105 pixels become 14×14 by averaging, with ink 1, and then x ← 3(x − 0.12).
"""

import io
import os
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from PIL import Image

SIDE = 14
ROTATIONS = 4
MEAN_INK, CONTRAST = 0.12, 3.0
IN_BOTH = ("Greek", "Latin")  # alphabets that stand in both sets

ADDRESS = "https://raw.githubusercontent.com/brendenlake/omniglot/32aee47094f15296299b761dcaa01400b90c60d5/python/"
SHA256 = {
    "images_background_small1": "f38eb80f801274ac2b4dff5b24289016bfaba4a7d5bb50deebf27104ad6cb8a4",
    "images_background_small2": "3ccaa407515a8778e5d0861875af38b17e418f301ad5bb3b5a6b65d901a41c7f",
}
FOLDER = "MAMLLIB_OMNIGLOT"  # names a folder that holds the files


class NoCharactersError(OSError):
    """The images are neither in the folder named nor can they be fetched."""


class Characters(NamedTuple):
    """``images`` (class, drawer, pixel) in float32, the ``alphabet`` of every class, and the ``names`` of alphabets."""

    images: Float[np.ndarray, "classes drawers pixels"]
    alphabet: Int[np.ndarray, " classes"]
    names: tuple[str, ...]


def split(name: str = "small2 unseen") -> tuple[Characters, Characters]:
    """(training, test): the one set with rotations, and the other without them and without the alphabets of the first.

    Args:
        name: ``small2 unseen`` or ``small1 unseen``.

    Raises:
        ValueError: another name. NoCharactersError: as ``load``.
    """
    sets = {
        "small2 unseen": ("images_background_small1", "images_background_small2"),
        "small1 unseen": ("images_background_small2", "images_background_small1"),
    }
    if name not in sets:
        raise ValueError(f"split = {name!r} is not allowed: it is one of {', '.join(sets)}")
    seen, unseen = sets[name]
    return rotated(load(seen)), without(load(unseen), IN_BOTH)


def load(name: str) -> Characters:
    """One of the two sets, from the folder that the environment variable MAMLLIB_OMNIGLOT names, or fetched and kept.

    Raises:
        NoCharactersError: no such file there, or no network. ValueError: a file with another checksum.
    """
    images, alphabets = [], []
    with zipfile.ZipFile(path(name)) as archive:
        drawers: dict[tuple[str, str], list[str]] = {}
        for entry in sorted(each for each in archive.namelist() if each.endswith(".png")):
            _, alphabet, character, _ = entry.split("/")
            drawers.setdefault((alphabet, character), []).append(entry)
        for (alphabet, _), entries in drawers.items():
            alphabets.append(alphabet)
            images.append([_pixels(archive.read(entry)) for entry in entries])
    names = tuple(sorted(set(alphabets)))
    return Characters(np.array(images), np.array([names.index(each) for each in alphabets]), names)


def path(name: str) -> Path:
    """The file of a set, which has the checksum on record."""
    import pooch  # no chapter needs it: what is shown was measured before

    folder = os.environ.get(FOLDER)
    file = f"{name}.zip"
    if folder is not None:
        if not (kept := Path(folder) / file).is_file():
            raise NoCharactersError(f"{FOLDER} names a folder without {file}")
        if pooch.file_hash(str(kept)) != SHA256[name]:
            raise ValueError(f"{file} has another sha256 than {SHA256[name]}")
        return kept
    try:
        return Path(pooch.retrieve(ADDRESS + file, SHA256[name], file, pooch.os_cache("mamllib")))
    except OSError as error:
        raise NoCharactersError(
            f"{file} cannot be fetched ({type(error).__name__}); download it from {ADDRESS}"
            f" and name its folder in {FOLDER}"
        ) from error


def rotated(characters: Characters) -> Characters:
    """Every class in four rotations, each of them a class of another alphabet."""
    images, alphabet, names = characters
    square = images.reshape(*images.shape[:2], SIDE, SIDE)
    turned = [np.rot90(square, turns, axes=(2, 3)).reshape(images.shape) for turns in range(ROTATIONS)]
    shifted = [alphabet + turns * len(names) for turns in range(ROTATIONS)]
    turned_names = tuple(f"{name}, {90 * turns}°" if turns else name for turns in range(ROTATIONS) for name in names)
    return Characters(np.concatenate(turned), np.concatenate(shifted), turned_names)


def without(characters: Characters, dropped: tuple[str, ...]) -> Characters:
    """The set less some alphabets."""
    images, alphabet, names = characters
    kept = [index for index, name in enumerate(names) if name not in dropped]
    rows = np.isin(alphabet, kept)
    return Characters(images[rows], np.searchsorted(kept, alphabet[rows]), tuple(names[index] for index in kept))


def _pixels(png: bytes) -> Float[np.ndarray, " pixels"]:
    paper = Image.open(io.BytesIO(png)).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    return (CONTRAST * (1 - np.asarray(paper, np.float32) / 255 - MEAN_INK)).ravel()
