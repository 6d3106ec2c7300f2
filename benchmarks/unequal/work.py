"""What is trained: the sinusoid network on tasks of 5, 8, …, 50 rows, by plain descent in float64."""

from typing import NamedTuple

import numpy as np

from benchmarks.peers.work import SEED, SIN1, start
from mamllib.tasks.sinusoid import AMPLITUDES, LARGEST_INPUT, PHASES

ALPHA, BETA, STEPS, SIZES = 0.01, 0.01, 20, range(5, 51, 3)


class Work(NamedTuple):
    """A list of tasks (inputs (n, 1), targets (n,)) of unequal n, and a pair of weights and bias a layer."""

    tasks: list[tuple[np.ndarray, np.ndarray]]
    w: tuple


def work(sizes=SIZES, widths=SIN1.widths) -> Work:
    """The same tasks and the same start every time."""
    rng = np.random.default_rng(SEED)

    def task(rows: int):
        amplitude, phase = rng.uniform(*AMPLITUDES), rng.uniform(*PHASES)
        x = rng.uniform(-LARGEST_INPUT, LARGEST_INPUT, rows)
        return x[:, None], amplitude * np.sin(x + phase)

    return Work([task(rows) for rows in sizes], start(SIN1._replace(widths=widths), np.float64))


def padded(tasks) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs (tasks, rows, 1), targets and weights (tasks, rows): 1/n for the rows that count, 0 for the others."""
    most = max(len(y) for _, y in tasks)
    x, y, weights = (np.zeros((len(tasks), most, *end)) for end in ((1,), (), ()))
    for number, (inputs, targets) in enumerate(tasks):
        n = len(targets)
        x[number, :n], y[number, :n], weights[number, :n] = inputs, targets, 1 / n
    return x, y, weights
