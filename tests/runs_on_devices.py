"""The same small runs on whatever devices there are.

    python -m tests.runs_on_devices OUT [ADDRESS PROCESS CHECKPOINT]

With an address this is one of two hosts, which make some of the runs and keep one of them.
"""

import sys
from pathlib import Path

import jax

if len(sys.argv) > 2 and __name__ == "__main__":  # before anything is computed
    jax.distributed.initialize(sys.argv[2], num_processes=2, process_id=int(sys.argv[3]))

import jax.numpy as jnp
import numpy as np

import mamllib as ml
from mamllib import tree
from mamllib.outer_step import adam, descent
from mamllib.step_sizes import EstimatedStep
from mamllib.tasks.sinusoid import init_network, sinusoid_family
from mamllib.training import Algorithm, Problem, train

SIZES = ml.BatchSizes(3, 3, 3)
ITERATIONS = 6
CONSTANTS = ml.Constants(3.0, 0.5, 0.1, 0.1)


def meta_loss(problem, w):
    return ml.meta_loss(problem.family, problem.alpha, w)


def where_it_is(problem, w):
    return w


def step_length(problem, w, w_next, key):
    return tree.norm(tree.subtract(w_next, w))


def parabolas(count):
    return ml.TaskFamily.of([ml.Quadratic(1.0 + i, jnp.asarray(float(i))) for i in range(count)])


def sinusoids(seeds, B, dtype=float):
    w = jax.tree.map(lambda leaf: leaf.astype(dtype), init_network(jax.random.key(1)))
    algorithm = Algorithm(ml.maml, adam(1e-3), meta_loss, B, SIZES)
    return algorithm, Problem(sinusoid_family(jax.random.key(0), 30), 0.01), w, range(seeds)


def of_numbers(family, B, seeds=2):
    algorithm = Algorithm(ml.maml, descent(EstimatedStep(1 / 12, 5, 2)), where_it_is, B, SIZES, step_length)
    return algorithm, Problem(family, 0.05, CONSTANTS), 0.7, range(seeds)


def runs() -> dict:
    return {
        "a seed a device": sinusoids(8, 5),
        "eight devices a seed, 25 tasks": sinusoids(1, 25),
        "two seeds, 3 tasks": sinusoids(2, 3),
        "float32": sinusoids(2, 9, np.float32),
        "tasks without noise": of_numbers(parabolas(11), 20),
        "tasks of two kinds": of_numbers(ml.TaskFamily.of([ml.EvenRamp(1.0, 1.0, 3.0), ml.Quadratic(1.0, 3.8)]), 10, 3),
        "noise": of_numbers(ml.TaskFamily.of([ml.Noisy(ml.Quadratic(1.0, 1.0), ml.RademacherNoise(0.5))]), 10),
    }


SHARED, KEPT = ("eight devices a seed, 25 tasks", "tasks of two kinds"), "two seeds, 3 tasks"


def results(devices=None, names=None) -> dict[str, np.ndarray]:
    """Everything that each run gives, in one vector."""
    every = runs()
    return {name: vector(train(*every[name], ITERATIONS, devices=devices)) for name in names or every}


def vector(trace) -> np.ndarray:
    return np.concatenate([np.ravel(np.asarray(leaf)) for leaf in jax.tree.leaves(trace)])


if __name__ == "__main__":
    hosts = sys.argv[2:]
    found = results(jax.devices(), SHARED if hosts else None)
    if hosts:
        found[KEPT] = vector(train(*runs()[KEPT], ITERATIONS, Path(hosts[2]), jax.devices()))
    np.savez(sys.argv[1], devices=jax.device_count(), own=jax.local_device_count(), **found)
