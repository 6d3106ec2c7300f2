"""Tasks made of rows of data: a mean over n rows, some of which may only be there to give the task another shape."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import arithmetic
from mamllib.arithmetic import plain
from mamllib.tasks.task import Task
from mamllib.uniforms import index_from


class Rows(Task):
    """A task whose samples are its rows, equally likely: field ``rows`` is their number n, ``None`` if all count.

    Rows behind the first n have chance 0. They repeat the last row that counts, so that whatever is defined at the
    others is defined there.
    """

    def row_data(self):
        """Everything that has a leading axis of rows, as {field: pytree}."""
        raise NotImplementedError

    @property
    def size(self) -> int:
        """Number of rows, those of chance 0 included."""
        return jax.tree.leaves(self.row_data())[0].shape[0]

    def sample_from(self, numbers, size: int):
        """``size`` row numbers drawn with replacement."""
        return index_from(numbers[:size], self.size if self.rows is None else self.rows)

    def support(self):
        """Every row number."""
        return arithmetic.as_array(np.arange(self.size))

    def chances(self):
        """1/n for the rows that count, 0 for the others; ``None``: all count."""
        return None if self.rows is None else (np.arange(self.size) < self.rows) / self.rows

    def mean(self, values):
        """The mean of values (rows, …) over the rows that count."""
        if self.rows is None:
            return values.mean(axis=0)
        return jnp.tensordot(arithmetic.as_array(self.chances()), values, axes=1)

    def row_count(self):
        """n."""
        return self.size if self.rows is None else self.rows

    def padded(self, rows: int) -> Task:
        """The same task with its last row repeated up to ``rows`` rows, of chance 0."""

        def pad(leaf):
            leaf = np.asarray(leaf)
            return np.concatenate([leaf, np.repeat(leaf[-1:], rows - len(leaf), axis=0)])

        return replace(self, **jax.tree.map(pad, self.row_data()), rows=np.asarray(self.row_count()))

    def trimmed(self) -> Task:
        """The rows that count alone; under a trace, where nobody knows how many, the task itself."""
        if self.rows is None or arithmetic.is_traced(self):
            return self
        return replace(self, **jax.tree.map(lambda leaf: leaf[: plain(self.rows)], self.row_data()), rows=None)
