"""What one outer iteration costs against the dimension, for four ways to treat the Hessian.

    python -m benchmarks.cost_per_iteration

One iteration draws batches of ten rows of a logistic task, evaluates the direction, and steps. ``hessian`` forms the
d×d matrix and multiplies; ``maml`` takes a Hessian-vector product, ``hf_maml`` a central difference, ``fo_maml``
nothing. Flops and bytes are XLA's own count for the compiled iteration.
"""

from benchmarks.side_by_side import one_core, summary, take_turns, write

one_core()

import jax  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

import mamllib as ml  # noqa: E402
from mamllib import tree  # noqa: E402
from mamllib.estimators import adapted_gradient  # noqa: E402
from mamllib.tasks.logistic import LARGEST_THIRD_DERIVATIVE  # noqa: E402

DIMENSIONS = (10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
LARGEST_MATRIX = 3_000
ROWS, SIZES, ALPHA, BETA, DELTA = 100, ml.BatchSizes(10, 10, 10), 0.01, 1e-3, 1e-4
REPETITIONS, SECONDS_A_TURN, MOST_ITERATIONS = 40, 0.05, 2_000


def with_hessian(task, alpha, w, batches):
    """(I − αH) g with the matrix H = ∇̃²f(w, 𝒟_h) formed."""
    g = adapted_gradient(task, alpha, w, batches.inner, batches.outer)
    theta, weights = batches.hessian
    H = jax.hessian(lambda u: weights @ jax.vmap(lambda row: task.sample_loss(u, row))(theta))(w)
    return g - alpha * H @ g


def with_central_difference(task, alpha, w, batches):
    """HF-MAML with a fixed δ."""
    return ml.hf_maml(task, alpha, w, batches, DELTA)


METHODS = {
    "hessian": with_hessian,
    "maml": ml.maml,
    "hf_maml": with_central_difference,
    "fo_maml": ml.fo_maml,
}


def iteration(estimator, task, w, key):
    """One outer iteration of one task."""
    return tree.step(w, BETA, estimator(task, ALPHA, w, ml.draw_batches(task, key, SIZES)))


def compiled(estimator, task, w):
    """XLA's flops and bytes of one iteration, and a function that runs as many iterations as a turn should last."""
    one = jax.jit(lambda task, w, key: iteration(estimator, task, w, key))
    cost = one.lower(task, w, jax.random.key(0)).compile().cost_analysis()

    @jax.jit
    def run(task, w, key, iterations):
        return jax.lax.fori_loop(
            0, iterations, lambda k, w: iteration(estimator, task, w, jax.random.fold_in(key, k)), w
        )

    def turn(repetition: int, iterations: int):
        return run(task, w, jax.random.key(repetition), iterations).block_until_ready()

    return cost["flops"], cost["bytes accessed"], turn


def check(task, w) -> None:
    """Raise unless the formed matrix and the product give one direction, and the difference is within (9)'s bound."""
    batches = ml.draw_batches(task, jax.random.key(0), SIZES)
    matrix, product, difference, g = (METHODS[name](task, ALPHA, w, batches) for name in METHODS)
    np.testing.assert_allclose(matrix, product, rtol=1e-10, atol=1e-12)
    rho = np.max(np.linalg.norm(task.x, axis=1)) ** 3 * LARGEST_THIRD_DERIVATIVE
    if not tree.norm(difference - product) <= ALPHA * rho * DELTA * tree.norm_squared(g):
        raise AssertionError("the central difference is further from the product than equation (9) allows")


def measure(d: int) -> pd.DataFrame:
    """One row a method in dimension d."""
    task = ml.gaussian_logistic(jax.random.key(d), d, ROWS)
    w = jax.random.normal(jax.random.key(d + 1), (d,)) / np.sqrt(d)
    methods = {name: method for name, method in METHODS.items() if name != "hessian" or d <= LARGEST_MATRIX}
    if d <= 1_000:
        check(task, w)
    flops, size, turns = zip(*(compiled(method, task, w) for method in methods.values()), strict=True)
    counts = [_iterations(turn) for turn in turns]
    ways = {
        name: lambda repetition, turn=turn, count=count: turn(repetition, count)
        for name, turn, count in zip(methods, turns, counts, strict=True)
    }
    table = summary(take_turns(ways, REPETITIONS) / counts, "maml")
    return table.assign(d=d, flops=flops, bytes=size).rename_axis("method").reset_index()


def _iterations(turn) -> int:
    """How many iterations fill a turn."""
    turn(0, 1)
    probe = take_turns({"one": lambda repetition: turn(repetition, 3)}, 3)["one"].min() / 3
    return int(np.clip(SECONDS_A_TURN / probe, 1, MOST_ITERATIONS))


def main() -> None:
    """Measure every dimension and keep the table."""
    table = pd.concat([measure(d) for d in DIMENSIONS])
    first = ["method", "d", "seconds", "standard_error", "flops", "bytes"]
    write(table[first + [name for name in table.columns if name not in first]], "cost_per_iteration")


if __name__ == "__main__":
    main()
