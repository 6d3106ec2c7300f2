"""Five inner steps of a small network, as people write them with automatic differentiation: dict, tuple, NamedTuple."""

from functools import cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib.diagnosis.candidates import PARTED, SAME_BATCH
from tests.diagnosis.by_hand import UNKNOWN

STEPS, ALPHA, SIZES = 5, 0.4, ml.BatchSizes(15, 7, 10)
LABELS = 3


class Weights(NamedTuple):
    """As some keep them."""

    first: jax.Array
    bias: jax.Array
    second: jax.Array


AS = {"dict": lambda *w: dict(zip(("a", "b", "c"), w, strict=True)), "tuple": lambda *w: w, "named": Weights}


def parts(w):
    return tuple(w.values()) if isinstance(w, dict) else tuple(w)


def logits(w, x):
    first, bias, second = parts(w)
    return jnp.tanh(x @ first + bias) @ second


def row_loss(w, row):
    return -jax.nn.log_softmax(logits(w, row["x"]))[row["y"]]


def batch_loss(w, rows):
    """Cross-entropy of a batch, written for batches."""
    chosen = jax.nn.log_softmax(logits(w, rows["x"]))[jnp.arange(len(rows["y"])), rows["y"]]
    return -jnp.mean(chosen)


@cache
def world(kind: str, seed: int = 0):
    random = np.random.default_rng(seed)
    data = [{"x": random.normal(size=(n, 4)), "y": random.integers(0, LABELS, n)} for n in (16, 21, 30)]
    family = ml.TaskFamily.of([ml.Empirical(one, UNKNOWN, row_loss) for one in data])
    w = AS[kind](random.normal(size=(4, 5)), random.normal(size=5), random.normal(size=(5, LABELS)))
    return family, w


def moved(w, gradient, rate=ALPHA):
    return jax.tree.map(lambda a, g: a - rate * g, w, gradient)


def walk(w, batches_of_steps, detach=(), rate=ALPHA):
    """The adapted parameters; the gradients of the steps in ``detach`` are taken for constants."""
    for j, rows in enumerate(batches_of_steps):
        gradient = jax.grad(batch_loss)(w, rows)
        w = moved(w, jax.lax.stop_gradient(gradient) if j in detach else gradient, rate)
    return w


def every(rows, steps=STEPS):
    return [rows] * steps


def parted(rows):
    return [jax.tree.map(lambda leaf, j=j: leaf[3 * j : 3 * j + 3], rows) for j in range(STEPS)]


def by(steps_of, query=lambda task: task.outer, **choices):
    """A meta-gradient by differentiating through the steps."""

    def mine(w, batches):
        def loss(w):
            return sum(batch_loss(walk(w, steps_of(task), **choices), query(task)) for task in batches) / len(batches)

        return jax.grad(loss)(w)

    return mine


def hand_made(points_of, order=reversed, sign=-1):
    """By Hessian-vector products: where the factors are taken, and in which order they are applied."""

    def one(w, task):
        points = [w]
        for _ in range(STEPS):
            points.append(moved(points[-1], jax.grad(batch_loss)(points[-1], task.inner)))
        v = jax.grad(batch_loss)(points[-1], task.outer)
        for j in order(range(STEPS)):
            at = points_of(points, j)
            product = jax.jvp(lambda u: jax.grad(batch_loss)(u, task.hessian), (at,), (v,))[1]
            v = jax.tree.map(lambda a, h: a + sign * ALPHA * h, v, product)
        return v

    def mine(w, batches):
        each = [one(w, task) for task in batches]
        return jax.tree.map(lambda *leaves: sum(leaves) / len(leaves), *each)

    return mine


def in_single(mine):
    def single(w, batches):
        halved = jax.tree.map(lambda leaf: jnp.float32(leaf) if leaf.dtype == float else leaf, (w, batches))
        return mine(*halved)

    return single


RIGHT = {
    "through one support set": (by(lambda task: every(task.inner)), ("MAML",), (SAME_BATCH,)),
    "through mini-batches": (by(lambda task: parted(task.inner)), ("MAML",), (PARTED, SAME_BATCH)),
    "three batches": (hand_made(lambda points, j: points[j]), ("MAML",), ()),
    "first order": (by(lambda task: every(task.inner), detach=range(STEPS)), ("FO-MAML",), ()),
    "first order, mini-batches": (by(lambda task: parted(task.inner), detach=range(STEPS)), ("FO-MAML",), (PARTED,)),
    "Reptile": (
        lambda w, batches: jax.tree.map(
            lambda *leaves: sum(leaves) / len(leaves),
            *[jax.tree.map(lambda a, b: a - b, w, walk(w, every(task.inner))) for task in batches],
        ),
        ("Reptile",),
        (),
    ),
}
WRONG = {
    "+αH for −αH": hand_made(lambda points, j: points[j], sign=1),
    "Hessians at the points after the steps": hand_made(lambda points, j: points[j + 1]),
    "all Hessians at w": hand_made(lambda points, j: points[0]),
    "all Hessians at the adapted point": hand_made(lambda points, j: points[-1]),
    "factors in the wrong order": hand_made(lambda points, j: points[j], order=list),
    "all but the last step detached": by(lambda task: every(task.inner), detach=range(STEPS - 1)),
    "all but the first step detached": by(lambda task: every(task.inner), detach=range(1, STEPS)),
    "one inner step too few": by(lambda task: every(task.inner, STEPS - 1)),
    "one inner step too many": by(lambda task: every(task.inner, STEPS + 1)),
    "the first mini-batch at every step": by(lambda task: every(parted(task.inner)[0])),
    "support set re-used as query": by(lambda task: every(task.inner), query=lambda task: task.inner),
    "query batch used for the inner step": by(lambda task: every(task.outer)),
    "support and query swapped": by(lambda task: every(task.outer), query=lambda task: task.inner),
    "not adapted": by(lambda task: []),
    "not adapted, on the support set": by(lambda task: [], query=lambda task: task.inner),
    "α missing": by(lambda task: every(task.inner), rate=1.0),
    "inner step uphill": by(lambda task: every(task.inner), rate=-ALPHA),
    "sum for mean over rows in the inner step": by(lambda task: every(task.inner), rate=15 * ALPHA),
    "inner loss twice the family's": by(lambda task: parted(task.inner), rate=2 * ALPHA),
    "0.75 α for α": by(lambda task: every(task.inner), rate=0.75 * ALPHA),
}


def asked(mine, kind="dict", **more):
    family, w = world(kind)
    return ml.diagnose(jax.jit(mine), family, ALPHA, w, SIZES, steps=STEPS, draws=4, mean_draws=4, **more)


@pytest.mark.parametrize(("kind", "precision"), [("dict", "float64"), ("named", "float32")])
@pytest.mark.parametrize("name", RIGHT)
def test_a_right_one_is_called_right(name, precision, kind):
    mine, algorithms, remarks = RIGHT[name]
    found = asked(in_single(mine) if precision == "float32" else mine, kind)
    assert (found.verdict, found.agrees_with, found.remarks) == ("right", algorithms, remarks)
    assert (found.dtype, found.accuracy) == (precision, precision)


@pytest.mark.parametrize("name", WRONG)
def test_a_slip_is_called_by_its_name(name):
    found = asked(WRONG[name])
    assert (found.verdict, found.slips, found.agrees_with) == ("slip", (name,), ())


@pytest.mark.parametrize("name", [name for name in WRONG if "α" in name])
def test_it_is_so_in_single_precision_too(name):
    found = asked(in_single(WRONG[name]), "tuple")
    assert (found.verdict, found.slips, found.accuracy) == ("slip", (name,), "float32")
