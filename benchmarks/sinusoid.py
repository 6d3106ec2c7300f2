"""Meta-training of the sinusoid network: one compiled scan against the loops people write.

    python -m benchmarks.sinusoid

All ways draw the same tasks and samples, take the same Adam steps in float64, and note the same loss of every iterate;
the curves have to agree to 1e-9 before a time is believed. They differ in who drives the iterations:

* ``mamllib.train``: one compiled scan; directions are averaged over tasks;
* ``usual loop``: a Python ``for`` that makes the iteration's key and calls a jitted step, which samples 25 tasks,
  maps the adapted loss over them, and differentiates its mean through the inner step;
* ``sampling outside``: the same with the samples drawn by a jitted function of their own, as data loaders do;
* ``stronger loop``: as ``usual loop``, the key made inside the step and the old parameters' memory reused;
* ``scan by hand``: the step of the usual loop inside a scan, which is the least that any engine could need.
"""

from functools import partial

from benchmarks.side_by_side import one_core, summary, take_turns, write

one_core()

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
import optax  # noqa: E402

import mamllib as ml  # noqa: E402
from mamllib import tree  # noqa: E402
from mamllib.iteration import iteration_key, seed_words  # noqa: E402
from mamllib.outer_step import adam  # noqa: E402
from mamllib.tasks.sinusoid import LARGEST_INPUT, init_network, network, sinusoid_family  # noqa: E402
from mamllib.tasks.task import Batch  # noqa: E402
from mamllib.training import Algorithm, Problem, train  # noqa: E402
from mamllib.uniforms import choice_from, uniforms  # noqa: E402

ALPHA, LEARNING_RATE, SHOTS, TASKS, ITERATIONS, REPETITIONS = 0.01, 1e-3, 10, 25, 1_000, 20
FAMILY = sinusoid_family(jax.random.key(0), 1_000)
START = init_network(jax.random.key(1))
UNSEEN = (sinusoid_family(jax.random.key(2), 1)[0], jnp.linspace(-LARGEST_INPUT, LARGEST_INPUT, SHOTS))


def maml_of_one_batch(task, alpha, w, batches):
    """The gradient through the inner step: the Hessian is that of the inner step's batch."""
    return ml.maml(task, alpha, w, batches._replace(hessian=batches.inner))


def loss_unseen(problem, w):
    """The loss on an unseen task after one step on the same ten inputs."""
    task, x = problem.parameters
    batch = Batch(x, jnp.full(SHOTS, 1 / SHOTS))
    return task.batch_loss(tree.step(w, problem.alpha, task.batch_gradient(w, batch)), batch)


def with_mamllib(seed: int):
    """The losses of one run of ``mamllib.train``."""
    algorithm = Algorithm(maml_of_one_batch, adam(LEARNING_RATE), loss_unseen, TASKS, ml.BatchSizes(SHOTS, SHOTS, 1))
    return train(algorithm, Problem(FAMILY, ALPHA, UNSEEN), START, [seed], ITERATIONS).records[0]


OPTIMIZER = optax.adam(LEARNING_RATE)


def squared_error(w, x, y):
    """Mean squared error of the network."""
    return jnp.mean((network(w, x) - y) ** 2)


def adapted_loss(w, x_in, y_in, x_out, y_out):
    """The loss on one set of points after a gradient step on another."""
    gradient = jax.grad(squared_error)(w, x_in, y_in)
    return squared_error(jax.tree.map(lambda a, g: a - ALPHA * g, w, gradient), x_out, y_out)


def sample(amplitudes, phases, probabilities, key):
    """25 tasks with two sets of ten points each, made of the same numbers as ``mamllib.train`` makes them of."""
    numbers = uniforms(key, TASKS * (2 * SHOTS + 2))
    chosen = choice_from(numbers[:TASKS], probabilities)
    x = LARGEST_INPUT * (2 * numbers[TASKS:].reshape(TASKS, -1) - 1)
    x_in, x_out = x[:, :SHOTS], x[:, SHOTS : 2 * SHOTS]
    A, phi = amplitudes[chosen, None], phases[chosen, None]
    return x_in, A * jnp.sin(x_in + phi), x_out, A * jnp.sin(x_out + phi)


def update(w, state, points, unseen):
    """One Adam step on the mean adapted loss, and the loss on the unseen task before it."""
    x, y = unseen
    loss, gradient = jax.value_and_grad(lambda w: jnp.mean(jax.vmap(partial(adapted_loss, w))(*points)))(w)
    updates, state = OPTIMIZER.update(gradient, state, w)
    return optax.apply_updates(w, updates), state, loss, adapted_loss(w, x, y, x, y)


def step(w, state, data, key, unseen):
    """Sample, then update."""
    return update(w, state, sample(*data, key), unseen)


@partial(jax.jit, donate_argnums=(0, 1))
def stronger_step(w, state, data, words, k, unseen):
    """The step of iteration k with its key made inside, in the memory of its arguments."""
    return step(w, state, data, iteration_key(words, k), unseen)


@jax.jit
def scan_by_hand(w, data, words, unseen):
    """All iterations in one compiled scan."""

    def iterate(carry, k):
        *carry, _, kept = step(*carry, data, iteration_key(words, k), unseen)
        return tuple(carry), kept

    return jax.lax.scan(iterate, (w, OPTIMIZER.init(w)), jnp.arange(ITERATIONS))[1]


DATA = (FAMILY.members.amplitude, FAMILY.members.phase, FAMILY.probabilities)
POINTS_UNSEEN = (UNSEEN[1], UNSEEN[0].target(UNSEEN[1]))
jitted_step, jitted_update, jitted_sample, jitted_key = map(jax.jit, (step, update, sample, iteration_key))


def loop(iteration, seed: int):
    """The losses of a Python loop over ``iteration(w, state, words, k)``."""
    w, words, losses = jax.tree.map(jnp.copy, START), seed_words([seed])[0], []
    state = OPTIMIZER.init(w)
    for k in range(ITERATIONS):
        w, state, _, kept = iteration(w, state, words, k)
        losses.append(kept)
    return np.array(jax.device_get(losses))


def usual(w, state, words, k):
    """The key first, then the rest, each compiled."""
    return jitted_step(w, state, DATA, jitted_key(words, k), POINTS_UNSEEN)


def sampling_outside(w, state, words, k):
    """Key, samples and update one after the other."""
    return jitted_update(w, state, jitted_sample(*DATA, jitted_key(words, k)), POINTS_UNSEEN)


def stronger(w, state, words, k):
    """Everything compiled into one call."""
    return stronger_step(w, state, DATA, words, k, POINTS_UNSEEN)


WAYS = {
    "mamllib.train": with_mamllib,
    "usual loop": partial(loop, usual),
    "sampling outside": partial(loop, sampling_outside),
    "stronger loop": partial(loop, stronger),
    "scan by hand": lambda seed: np.asarray(scan_by_hand(START, DATA, seed_words([seed])[0], POINTS_UNSEEN)),
}


def check(losses: np.ndarray) -> None:
    """Raise unless every way (rows) has the same curve of losses, and the curve falls."""
    apart = np.max(np.abs(losses / losses[0] - 1))
    if not apart < 1e-9:
        raise AssertionError(f"the loss curves differ by {apart:.1e} relative")
    print(
        f"{len(losses)} loss curves agree to {apart:.1e}; the loss falls from {losses[0, 0]:.3g} to {losses[0, -1]:.3g}"
    )


def main() -> None:
    """Check the curves, take turns, and keep the summary."""
    check(np.stack([way(3) for way in WAYS.values()]))
    seconds = take_turns(WAYS, REPETITIONS) / ITERATIONS
    table = summary(seconds, "mamllib.train").rename_axis("way").reset_index()
    write(table.assign(iterations=ITERATIONS), "sinusoid")


if __name__ == "__main__":
    main()
