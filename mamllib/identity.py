"""What makes a run: the parts by which a checkpoint is known to be of this run or of another."""

import importlib.metadata

import jax
import numpy as np

from mamllib.fingerprint import fingerprint
from mamllib.iteration import Algorithm, Problem

LONGEST_SHOWN = 60


def identity(algorithm: Algorithm, problem: Problem, w, seeds) -> dict[str, list[str]]:
    """[digest, the value in words where it is short] of every part."""
    parts = {
        "mamllib": importlib.metadata.version("mamllib"),
        "estimator": algorithm.estimator,
        "outer step": algorithm.outer,
        "record": algorithm.record,
        "watch": algorithm.watch,
        "B": algorithm.B,
        "sizes": tuple(algorithm.sizes),
        "family": problem.family,
        "alpha": problem.alpha,
        "parameters": problem.parameters,
        "start w": w,
        "precision": str(np.asarray(jax.tree.leaves(w)[0]).dtype),
        "seeds": seeds,
    }
    return {name: [fingerprint(part), _words(part)] for name, part in parts.items()}


def differences(saved: dict, wanted: dict) -> list[str]:
    """Each part of which the digest differs, with both values where they are short."""
    return [
        _difference(name, saved.get(name, ["", ""])[1], words)
        for name, (digest, words) in wanted.items()
        if saved.get(name, [""])[0] != digest
    ]


def _difference(name: str, saved: str, wanted: str) -> str:
    return f"{name} = {saved}, not {wanted}" if saved and wanted and saved != wanted else f"another {name}"


def _words(part) -> str:
    leaves = jax.tree.leaves(part)
    if not all(isinstance(leaf, str | int | float | np.ndarray | np.generic | jax.Array) for leaf in leaves):
        return ""
    words = str(np.asarray(part) if len(leaves) == 1 else part)
    return words if len(words) <= LONGEST_SHOWN and "\n" not in words else ""
