"""What is trained: networks, tasks, steps; the weights of the start; tasks drawn once, with NumPy, from one seed."""

import itertools
from typing import NamedTuple

import numpy as np

from mamllib.tasks.sinusoid import AMPLITUDES, LARGEST_INPUT, PHASES, WIDTHS

SEED, WAYS, SPREAD = 7, 5, 2.0


class Work(NamedTuple):
    """Layers of ``widths`` (one output: regression, more: classes); rows a task before and after the inner steps.

    ``pool`` tasks are drawn, ``tasks`` of them a step; a run that is timed has ``steps`` outer steps of Adam.
    """

    name: str
    widths: tuple[int, ...]
    tasks: int
    rows_in: int
    rows_out: int
    inner_steps: int
    alpha: float
    pool: int
    steps: int
    learning_rate: float = 1e-3

    @property
    def classifies(self) -> bool:
        """Whether the outputs are classes."""
        return self.widths[-1] > 1


class Rows(NamedTuple):
    """Inputs (…, rows, features) and targets (…, rows) of the inner steps and of the outer loss."""

    x_in: np.ndarray
    y_in: np.ndarray
    x_out: np.ndarray
    y_out: np.ndarray


SIN1 = Work("sin1", WIDTHS, tasks=25, rows_in=10, rows_out=10, inner_steps=1, alpha=0.01, pool=1_000, steps=1_000)
CLS1 = Work(
    "cls1", (64, 128, 128, WAYS), tasks=32, rows_in=5 * WAYS, rows_out=15 * WAYS, inner_steps=1, alpha=0.1, pool=200,
    steps=30,
)  # fmt: skip
WORKS = {
    work.name: work
    for work in (
        SIN1,
        SIN1._replace(name="sin5", inner_steps=5, steps=300),
        CLS1,
        CLS1._replace(name="cls5", inner_steps=5, steps=10),
    )
}


def start(work: Work, dtype=np.float32) -> tuple:
    """A pair of weights and bias a layer, uniform on ±1/√(number of inputs), the same in every precision."""
    rng = np.random.default_rng(SEED)
    return tuple(
        (
            rng.uniform(-1, 1, (n, m)).astype(np.float32).astype(dtype) / dtype(n**0.5),
            rng.uniform(-1, 1, m).astype(np.float32).astype(dtype) / dtype(n**0.5),
        )
        for n, m in itertools.pairwise(work.widths)
    )


def pool(work: Work) -> Rows:
    """``work.pool`` tasks in float32."""
    rng = np.random.default_rng(SEED + 1)
    return _classes(work, rng) if work.classifies else _sinusoids(work, rng)


def batches(work: Work, order: np.ndarray) -> Rows:
    """The tasks of every step, in the given order (steps, tasks) of their numbers."""
    return Rows(*(leaf[order] for leaf in pool(work)))


def _sinusoids(work: Work, rng) -> Rows:
    amplitude, phase = (rng.uniform(*ends, (work.pool, 1)) for ends in (AMPLITUDES, PHASES))

    def rows(count):
        x = rng.uniform(-LARGEST_INPUT, LARGEST_INPUT, (work.pool, count))
        return x[..., None].astype(np.float32), (amplitude * np.sin(x + phase)).astype(np.float32)

    return Rows(*rows(work.rows_in), *rows(work.rows_out))


def _classes(work: Work, rng) -> Rows:
    """Normal clouds around a centre for each class."""
    centres = rng.normal(size=(work.pool, work.widths[-1], work.widths[0]))

    def rows(count):
        labels = np.broadcast_to(np.arange(count, dtype=np.int32) % work.widths[-1], (work.pool, count))
        clouds = centres[:, labels[0]] + SPREAD * rng.normal(size=(work.pool, count, work.widths[0]))
        return clouds.astype(np.float32), labels

    return Rows(*rows(work.rows_in), *rows(work.rows_out))
