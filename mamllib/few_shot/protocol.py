"""One arm, one seed: train, choose a step size on training classes, and measure on characters that were never seen."""

from typing import NamedTuple

import numpy as np

from mamllib.few_shot.accuracy import accuracies, nearest_neighbour
from mamllib.few_shot.arms import ITERATIONS, Arm, trained
from mamllib.few_shot.characters import Characters
from mamllib.few_shot.sampling import Tasks, tasks

STEP_SIZES = (0.03, 0.1, 0.3)
VALIDATION_SEED, TEST_SEED = 98, 99
VALIDATION_TASKS, TEST_TASKS = 300, 1000


class Measured(NamedTuple):
    """Mean accuracies on easy and on hard test tasks, after and before adapting, and the step size."""

    easy: float
    hard: float
    easy_unadapted: float
    hard_unadapted: float
    step: float


class Asked(NamedTuple):
    """The same number of easy and of hard tasks."""

    easy: Tasks
    hard: Tasks


def asked_of(characters: Characters, seed: int, count: int) -> Asked:
    """``count`` tasks of either kind, the same for all arms and seeds."""
    rng = np.random.default_rng(seed)
    return Asked(tasks(rng, characters, count, 0.0), tasks(rng, characters, count, 1.0))


def measure(arm: Arm, training: Characters, test: Characters, seed: int, iterations: int = ITERATIONS) -> Measured:
    """Train ``arm`` from ``seed`` and measure it; the step size at test is chosen on training classes alone."""
    w = trained(arm, training, seed, iterations)
    validation, unseen = asked_of(training, VALIDATION_SEED, VALIDATION_TASKS), asked_of(test, TEST_SEED, TEST_TASKS)

    def mean(characters, asked, step, **steps):
        return float(accuracies(w, characters, asked, step, **steps).mean())

    step = max(STEP_SIZES, key=lambda step: sum(mean(training, asked, step) for asked in validation))
    return Measured(
        *(mean(test, asked, step) for asked in unseen), *(mean(test, asked, step, steps=0) for asked in unseen), step
    )


def nearest(test: Characters) -> tuple[float, float]:
    """The accuracies of the nearest neighbour on the same test tasks."""
    return tuple(float(nearest_neighbour(test, asked).mean()) for asked in asked_of(test, TEST_SEED, TEST_TASKS))
