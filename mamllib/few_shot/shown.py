"""One easy and one hard task as pictures, kept small, so that a page can show them without the images at hand."""

from importlib.resources import files

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from mamllib.few_shot.characters import CONTRAST, MEAN_INK, SIDE, Characters
from mamllib.few_shot.sampling import QUERIES, SHOTS, WAYS, Tasks, tasks

FILE = "few_shot_tasks.png"
KINDS = ("easy", "hard")
SEED = 7
WHITE = 255


def kept() -> dict[str, UInt8[np.ndarray, "ways drawings side side"]]:
    """The pictures (way, drawing, row, column) of the two tasks, the support first; ink is dark."""
    with (files("mamllib.measured") / FILE).open("rb") as file:
        sheet = np.asarray(Image.open(file))
    panels = sheet.reshape(len(KINDS), WAYS, SIDE, SHOTS + QUERIES, SIDE).transpose(0, 1, 3, 2, 4)
    return dict(zip(KINDS, panels, strict=True))


def sheet(characters: Characters) -> Image.Image:
    """Both tasks on one sheet, as ``kept`` takes it apart: a row a class, a column a drawing."""
    rng = np.random.default_rng(SEED)
    asked = [tasks(rng, characters, 1, p_hard) for p_hard in (0.0, 1.0)]
    panels = np.stack([_pictures(characters, each) for each in asked])
    return Image.fromarray(panels.transpose(0, 1, 3, 2, 4).reshape(len(KINDS) * WAYS * SIDE, -1))


def _pictures(characters: Characters, asked: Tasks) -> UInt8[np.ndarray, "ways drawings side side"]:
    pixels = characters.images[asked.classes[0][:, None], asked.drawers[0]]
    ink = np.clip(pixels / CONTRAST + MEAN_INK, 0, 1)
    return (WHITE * (1 - ink)).round().astype(np.uint8).reshape(WAYS, SHOTS + QUERIES, SIDE, SIDE)
