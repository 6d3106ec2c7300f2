"""Real data: one-against-one pairs of scikit-learn's bundled handwritten digits, as 45 logistic tasks."""

import functools
import itertools

import numpy as np

from mamllib.arithmetic import as_array
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.logistic import Logistic, logistic_sigma

IMAGES_PER_CLASS = 174
RIDGE = 0.01


@functools.cache
def digit_pairs() -> TaskFamily:
    """The 45 tasks "digit a or digit b?", a < b: logistic loss with ridge 0.01 on 8×8 images scaled to [0, 1].

    Parameters w (65,): 64 pixels and a constant feature 1. The first 174 images of each class (the size of the
    smallest) are used, so that every task has n = 348 rows and the tasks stack. Constants as proved in ``Logistic``
    and ``logistic_sigma``. Data: the test set of the UCI "Optical Recognition of Handwritten Digits".
    """
    images = _images_by_class()
    tasks = [_pair(images[a], images[b]) for a, b in itertools.combinations(range(10), 2)]
    return TaskFamily.of(tasks, sigma=logistic_sigma(tasks))


def digit_pair(a: int, b: int) -> Logistic:
    """The task "digit a (label +1) or digit b (label −1)?"."""
    images = _images_by_class()
    return _pair(images[a], images[b])


@functools.cache
def _images_by_class():
    data = handwritten_digits()
    scaled = np.hstack([data.data / 16, np.ones((len(data.data), 1))])
    return [scaled[data.target == digit][:IMAGES_PER_CLASS] for digit in range(10)]


def handwritten_digits():
    """scikit-learn's bundle: ``data`` (1797, 64) and ``target`` (1797,)."""
    from sklearn.datasets import load_digits  # where needed: it takes longer to import than all else here

    return load_digits()


def _pair(positive, negative) -> Logistic:
    y = np.concatenate([np.ones(len(positive)), -np.ones(len(negative))])
    return Logistic(as_array(np.vstack([positive, negative])), as_array(y), as_array(RIDGE))
