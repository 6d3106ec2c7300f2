"""``mamllib.stream`` of the draws of Lemma 4.10, with or without their control."""

import jax
import numpy as np

import mamllib as ml
from benchmarks.bias.way import Prepared
from benchmarks.bias.work import RIDGE, Drawn, Work
from mamllib import tree
from mamllib.arithmetic import as_array
from mamllib.statements.fallah2020.lemma_4_10 import bias_stream
from mamllib.statements.fallah2020.lemma_4_10.draws import BiasDraw, around
from mamllib.tasks.task import Batch, batch_gradient


def prepare(work: Work, control: bool = True) -> Prepared:
    """A compiled stream; ``of_batches`` leaves the control out, whose mean over all batches is zero."""
    x, y, w = map(as_array, work[:3])
    task = ml.Logistic(x, y, as_array(RIDGE))

    def draw(samples: int, seed: int) -> Drawn:
        found = bias_stream(task, work.alpha, w, work.D_in, jax.random.key(seed), samples, control)
        return Drawn(found.blocks.mean(axis=0), found.standard_error_per_sample**2, found.samples)

    known = around(task, work.alpha, w, work.D_in)

    def of_batch(rows):
        batch = Batch(rows, np.full(work.D_in, 1 / work.D_in))
        reached = tree.step(w, work.alpha, batch_gradient(task, w, batch))
        return BiasDraw(work.D_in, control=False).at(known, reached)

    return Prepared(draw, lambda rows: np.asarray(jax.vmap(of_batch)(rows)))
