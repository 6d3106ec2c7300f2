"""A run on disk, segment after segment: enough to go on from the last whole one with the same numbers.

The file begins with ``MAGIC``; then follow frames, each its length, the SHA-256 of its content, and the content: first
what made the run (``identity``), then for every segment the state after it and its records. Frames are only
ever appended; one that was cut off half-way is not whole, and the next append begins where it began.
"""

import hashlib
import io
import itertools
import json
import os
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np

from mamllib.identity import differences

MAGIC = b"mamllib run 2\n"
LENGTH = 8
DIGEST = 32


class Checkpoint:
    """The records of a run so far, in memory and, where ``path`` is given, on disk.

    Args:
        path: the file, or ``None`` for a run that is not kept; of several hosts that all see it, the first writes.
        identity: makes what the run is known by; not called for a run that is not kept.
        like: (state, record) as they are for one iteration, for their structure.
        iterations: how many are wanted.

    Raises:
        ValueError: the file is no checkpoint, holds another run, or more iterations than are wanted.
    """

    def __init__(self, path: Path | None, identity: Callable[[], dict], like: tuple, iterations: int):
        self.path, self.identity = path, {} if path is None else identity()
        self.state, self.records, self.done, self.whole = like[0], [], 0, 0
        if path is not None and path.exists():
            self._read(jax.tree.structure(like))
        if self.done > iterations:
            raise ValueError(f"iterations = {iterations}, but {path.name} holds {self.done} already")

    def append(self, state, records) -> None:
        """Add a segment: the state after it and its records, whose second axis is that of iterations."""
        self.records.append(records)
        if self.path is not None and jax.process_index() == 0:
            head = b"" if self.whole else MAGIC + _frame(json.dumps(self.identity).encode())
            self._write(head + _frame(_packed(jax.tree.leaves((state, records)))))

    def joined_records(self):
        """The records of all segments as one."""
        return jax.tree.map(lambda *parts: np.concatenate(parts, axis=1), *self.records)

    def _write(self, content: bytes) -> None:
        with open(self.path, "r+b" if self.path.exists() else "xb") as file:
            file.truncate(self.whole)
            file.seek(self.whole)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self.whole += len(content)

    def _read(self, structure) -> None:
        frames = self._frames(self.path.read_bytes())
        for _, content in itertools.islice(frames, 1):
            self._require_same(json.loads(content))
        for self.whole, content in frames:
            self.state, records = jax.tree.unflatten(structure, _unpacked(content))
            self.records.append(records)
        self.done = sum(jax.tree.leaves(records)[0].shape[1] for records in self.records)

    def _frames(self, file: bytes):
        """(where it ends, content) of every whole frame; one that was cut off can only be the last."""
        if not MAGIC.startswith(file[: len(MAGIC)]):
            raise ValueError(f"{self.path.name} is not a checkpoint of this version of mamllib")
        end = len(MAGIC)
        while end + LENGTH + DIGEST <= len(file):
            start = end + LENGTH + DIGEST
            length, digest = int.from_bytes(file[end : end + LENGTH], "little"), file[end + LENGTH : start]
            end = start + length
            if hashlib.sha256(file[start:end]).digest() == digest:
                yield end, file[start:end]
            elif end < len(file):
                raise ValueError(f"{self.path.name} is damaged before byte {end} of {len(file)}")

    def _require_same(self, saved: dict) -> None:
        found = differences(saved, self.identity)
        if found:
            raise ValueError(f"{self.path.name} holds another run: {'; '.join(found)}")


def _frame(content: bytes) -> bytes:
    return len(content).to_bytes(LENGTH, "little") + hashlib.sha256(content).digest() + content


def _packed(leaves: list) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **{str(i): np.asarray(leaf) for i, leaf in enumerate(leaves)})
    return buffer.getvalue()


def _unpacked(content: bytes) -> list:
    with np.load(io.BytesIO(content)) as saved:
        return [saved[str(i)] for i in range(len(saved.files))]
