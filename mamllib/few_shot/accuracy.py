"""How many query images are classified rightly after ten steps on one image a class, and before any."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from mamllib.few_shot.arms import drawings, split_task
from mamllib.few_shot.characters import Characters
from mamllib.few_shot.network import Network
from mamllib.few_shot.sampling import SHOTS, Tasks
from mamllib.inner_loop import inner_step

STEPS_AT_TEST = 10
TASKS_PER_CHUNK = 100


def accuracies(w: Network, characters: Characters, asked: Tasks, step: float, steps: int = STEPS_AT_TEST):
    """The share of right answers on the query images of every task, after ``steps`` of gradient descent on its support.

    Shape (task,).
    """
    images = jnp.asarray(characters.images)
    return np.concatenate([np.asarray(_of_chunk(w, images, chunk, step, steps)) for chunk in _chunks(asked)])


@partial(jax.jit, static_argnums=4)
def _of_chunk(w: Network, images, chunk: Tasks, step, steps: int):
    def of_task(images, labels):
        task = split_task(images, labels)
        adapted, _ = jax.lax.scan(lambda w, _: (inner_step(task.inner, step, w), None), w, length=steps)
        return task.outer.accuracy(adapted)

    images, labels, _ = drawings(images, chunk)
    return jax.vmap(of_task)(images, labels)


def nearest_neighbour(characters: Characters, asked: Tasks) -> Float[np.ndarray, " tasks"]:
    """The same for the label of the nearest support image, pixel by pixel."""
    shown = characters.images[asked.classes[..., None], asked.drawers]
    support, query = shown[:, :, :SHOTS].reshape(len(shown), -1, shown.shape[-1]), shown[:, :, SHOTS:]
    apart = ((query[:, :, :, None] - support[:, None, None]) ** 2).sum(axis=-1)
    labels = np.arange(support.shape[1])[:, None]
    return (apart.argmin(axis=-1) == labels).mean(axis=(1, 2))


def _chunks(asked: Tasks):
    for first in range(0, len(asked.classes), TASKS_PER_CHUNK):
        yield jax.tree.map(lambda leaf, first=first: leaf[first : first + TASKS_PER_CHUNK], asked)
