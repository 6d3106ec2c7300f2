"""A run on disk: enough to go on from the last whole segment with the same numbers."""

from pathlib import Path

import jax
import numpy as np


def join(records: list):
    """Records of consecutive segments as one, along the axis of iterations, which is the second."""
    return jax.tree.map(lambda *parts: np.concatenate(parts, axis=1), *records)


def save(checkpoint: Path | None, seeds, current, records: list) -> None:
    """Write to a neighbouring file first and move it in place, so that a cut-off leaves the last whole checkpoint."""
    if checkpoint is None:
        return
    leaves = jax.tree.leaves((seeds, current, join(records)))
    unfinished = checkpoint.with_suffix(".unfinished.npz")
    np.savez(unfinished, **{str(i): np.asarray(leaf) for i, leaf in enumerate(leaves)})
    unfinished.replace(checkpoint)


def resume(checkpoint: Path | None, seeds, start, kept, iterations: int):
    """(iterations done, current, records), or (0, ``start``, []) where nothing was saved; ``kept`` is like a record.

    Raises:
        ValueError: the checkpoint has other seeds, another structure, or more iterations than are wanted.
    """
    if checkpoint is None or not checkpoint.exists():
        return 0, start, []
    with np.load(checkpoint) as saved:
        leaves = [saved[str(i)] for i in range(len(saved.files))]
    saved_seeds, current, records = jax.tree.unflatten(jax.tree.structure((seeds, start, kept)), leaves)
    if not np.array_equal(saved_seeds, seeds):
        raise ValueError(f"{checkpoint.name} holds a run of seeds {saved_seeds}, not of {seeds}")
    done = jax.tree.leaves(records)[0].shape[1]
    if done > iterations:
        raise ValueError(f"iterations = {iterations}, but {checkpoint.name} holds {done} already")
    return done, current, [records]
