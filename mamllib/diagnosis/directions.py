"""What the usual slips make of a direction: the right one and the wrong ones on the same batches."""

import numpy as np

from mamllib.diagnosis.asked import asked_about
from mamllib.diagnosis.candidates import right, with_one_slip
from mamllib.diagnosis.episodes import Draws
from mamllib.diagnosis.ours import Ours
from mamllib.estimators import BatchSizes
from mamllib.tasks.family import TaskFamily
from mamllib.validation import require_count


def slip_directions(
    family: TaskFamily,
    alpha,
    w,
    sizes: BatchSizes,
    steps: int = 1,
    *,
    of: str = "MAML (D_h = D_in)",
    delta=None,
    B: int | None = None,
    draws: int = 16,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """The directions (draws, d) of every right estimator and of ``of`` with each usual slip, by name, on equal batches.

    What is not named here is as for ``diagnose``.

    Raises:
        LookupError: no right estimator is called ``of``. TypeError, ValueError: as for ``diagnose``.
    """
    point = asked_about(family, alpha, w, sizes, steps, delta, B)
    require_count("draws", draws)
    found = right(sizes, steps, delta is not None)
    chosen = [candidate for candidate in found if candidate.name == of]
    if not chosen:
        raise LookupError(f"no right estimator is called {of!r}; there are {', '.join(each.name for each in found)}")
    everything = [*found, *with_one_slip(chosen, sizes, steps)]
    ours, batches = Ours(point.alpha, point.w, delta, sizes, steps), Draws(family, sizes, B, seed)
    each = np.stack([ours([one.recipe for one in everything], batches[number]) for number in range(draws)], axis=1)
    return {one.slips[0].name if one.slips else one.name: found for one, found in zip(everything, each, strict=True)}
