"""What a diagnosis compiles: one program for every candidate, whatever α, w and the seed are."""

import itertools

import jax
import numpy as np

import mamllib as ml
from tests.diagnosis.by_hand import UNKNOWN
from tests.programs import programs

WIDTHS = (64, 128, 128, 5)
CANDIDATES, BATCHES = "mean_directions", "_drawn_side_by_side"


def weights(random):
    """25,477 of them, as a dict."""
    pairs = list(itertools.pairwise(WIDTHS))
    return {f"W{i}": random.normal(size=pair) / np.sqrt(pair[0]) for i, pair in enumerate(pairs)} | {
        f"b{i}": np.zeros(m) for i, (_, m) in enumerate(pairs)
    }


def logits(w, x):
    for i in range(len(WIDTHS) - 2):
        x = jax.nn.relu(x @ w[f"W{i}"] + w[f"b{i}"])
    return x @ w["W2"] + w["b2"]


def loss(w, row):
    return -jax.nn.log_softmax(logits(w, row["x"]))[row["y"]]


def first_order(alpha, steps):
    def slope(w, rows):
        return jax.grad(lambda w: jax.vmap(lambda x, y: loss(w, {"x": x, "y": y}))(rows["x"], rows["y"]).mean())(w)

    @jax.jit
    def mine(w, batches):
        each = []
        for task in batches:
            fast = w
            for _ in range(steps):
                fast = jax.tree.map(lambda a, g: a - alpha * g, fast, slope(fast, task.inner))
            each.append(slope(fast, task.outer))
        return jax.tree.map(lambda *leaves: sum(leaves) / len(leaves), *each)

    return mine


def times(name, compiled):
    return sum(name in each for each in compiled)


def test_a_network_of_25_thousand_weights_and_five_steps_compile_one_program_for_all_candidates():
    random = np.random.default_rng(0)
    data = [{"x": random.random((n, 64)), "y": random.integers(0, 5, n)} for n in (40, 55, 60, 72, 90)]
    family = ml.TaskFamily.of([ml.Empirical(rows, UNKNOWN, loss) for rows in data])
    sizes = ml.BatchSizes(10, 15, 10)
    with programs() as first:
        found = ml.diagnose(first_order(0.1, 5), family, 0.1, weights(random), sizes, steps=5, draws=4)
    assert (found.verdict, found.agrees_with) == ("right", ("FO-MAML",))
    assert (times(CANDIDATES, first), times(BATCHES, first)) == (1, 1), first
    assert len(first) <= 6, first
    with programs() as again:
        ml.diagnose(first_order(0.2, 5), family, 0.2, weights(random), sizes, steps=5, draws=5, seed=1)
    assert (times(CANDIDATES, again), times(BATCHES, again)) == (0, 0), again
