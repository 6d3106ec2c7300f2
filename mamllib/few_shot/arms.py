"""The ways of training that are compared, each from the same start on the same number of images."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from mamllib.few_shot.characters import Characters
from mamllib.few_shot.network import Classification, Network, start, with_new_head
from mamllib.few_shot.sampling import SHOTS, WAYS, Tasks, tasks
from mamllib.inner_loop import exact, pulled_back
from mamllib.tasks.split import Split

INNER_STEPS, ALPHA, TASKS_A_BATCH, LEARNING_RATE, ITERATIONS = 3, 0.3, 16, 1e-3, 2000
ITERATIONS_PER_SEGMENT = 250
OPTIMIZER = optax.adam(LEARNING_RATE)


class Arm(NamedTuple):
    """What a way of training is called, how likely its tasks are hard, and what it follows.

    ``direction(w, images, labels, classes)`` is the mean over a batch of tasks, given all drawings of each task with
    their labels in the task, and the number of their class; ``None``: nothing is trained. ``relabelled`` orders the
    classes of tasks; ``has_own_head`` says that the head is for all classes and is reset at test.
    """

    name: str
    p_hard: float
    direction: Callable | None
    relabelled: Callable[[Tasks], Tasks] = lambda drawn: drawn
    has_own_head: bool = False


def split_task(images, labels) -> Split:
    """The first drawing of each class for the inner steps, the others for the outer loss."""
    support, query = (_classification(images[:, part], labels[:, part]) for part in (slice(SHOTS), slice(SHOTS, None)))
    return Split(support, query)


def _classification(images, labels) -> Classification:
    return Classification(images.reshape(-1, images.shape[-1]), labels.ravel())


def maml(w: Network, images, labels, classes):
    """Second order, N = 3: E_i [∏(I − α∇²l_i)] ∇l_i'(w̃_3), of support l and query l'."""

    def of_task(images, labels):
        task = split_task(images, labels)
        return pulled_back(exact(task.inner, ALPHA), w, INNER_STEPS, task.outer.gradient)

    return _mean(jax.vmap(of_task)(images, labels))


def nal(w: Network, images, labels, classes):
    """E_i ∇l_i(w), of all drawings under the task's labels."""
    return _classification(images.reshape(-1, *images.shape[2:]), labels.reshape(-1, labels.shape[-1])).gradient(w)


def nal_on_all_classes(w: Network, images, labels, classes):
    """The same under the numbers of the classes themselves."""
    return nal(w, images, classes, classes)


def _mean(directions):
    return jax.tree.map(lambda leaf: jnp.mean(leaf, axis=0), directions)


def in_order(drawn: Tasks) -> Tasks:
    """Labels in the order of the classes' numbers, the same in every task; drawings stay with their class."""
    order = np.argsort(drawn.classes, axis=1)
    drawers = np.take_along_axis(drawn.drawers, order[..., None], axis=1)
    return Tasks(np.take_along_axis(drawn.classes, order, axis=1), drawers)


ARMS = (
    Arm("no training", 0.5, None),
    Arm("NAL, labels permuted", 0.5, nal),
    Arm("NAL, labels sorted", 0.5, nal, relabelled=in_order),
    Arm("NAL, all classes", 0.5, nal_on_all_classes, has_own_head=True),
    Arm("MAML, no hard tasks", 0.0, maml),
    Arm("MAML, half hard", 0.5, maml),
    Arm("MAML, hard tasks only", 1.0, maml),
)


def trained(arm: Arm, characters: Characters, seed: int, iterations: int = ITERATIONS) -> Network:
    """The network after ``iterations`` steps of Adam, with a head for the labels of a task.

    The start, the drawings and, among arms of one ``p_hard``, the tasks are the same for one seed.
    """
    labels = len(characters.images) if arm.has_own_head else WAYS
    w = start(seed, labels)
    if arm.direction is None:
        return w
    rng, state = np.random.default_rng(seed), OPTIMIZER.init(w)
    images = jnp.asarray(characters.images)
    while iterations > 0:
        length = min(iterations, ITERATIONS_PER_SEGMENT)
        drawn = arm.relabelled(tasks(rng, characters, length * TASKS_A_BATCH, arm.p_hard))
        batches = jax.tree.map(lambda leaf, n=length: leaf.reshape(n, TASKS_A_BATCH, *leaf.shape[1:]), drawn)
        w, state = _segment(arm.direction, images, w, state, batches)
        iterations -= length
    return with_new_head(w, WAYS) if arm.has_own_head else w


@partial(jax.jit, static_argnums=0)
def _segment(direction: Callable, images, w: Network, state, batches: Tasks):
    """As many steps of Adam as there are batches of tasks."""

    def step(carry, batch):
        w, state = carry
        updates, state = OPTIMIZER.update(direction(w, *drawings(images, batch)), state)
        return (optax.apply_updates(w, updates), state), None

    return jax.lax.scan(step, (w, state), batches)[0]


def drawings(images, batch: Tasks):
    """(images, labels in the task, numbers of the classes) of all drawings, each (task, way, drawing, …)."""
    shape = batch.drawers.shape
    classes = jnp.broadcast_to(batch.classes[..., None], shape)
    labels = jnp.broadcast_to(jnp.arange(WAYS)[:, None], shape)
    return images[classes, batch.drawers], labels, classes
