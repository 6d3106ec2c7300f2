"""``ml.diagnose``: is a meta-gradient that somebody wrote one of those that have a name, or one with a usual slip?"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from mamllib import tree, validation
from mamllib.diagnosis.answer import Diagnosis
from mamllib.diagnosis.asked import asked_about
from mamllib.diagnosis.candidates import FO_MAML, MAML, Candidate, on_all_rows, right, with_one_slip, with_two_slips
from mamllib.diagnosis.episodes import Draws, Episode
from mamllib.diagnosis.factors import known_factors
from mamllib.diagnosis.inquiry import Inquiry
from mamllib.diagnosis.ours import Ours
from mamllib.diagnosis.theirs import Theirs
from mamllib.estimators import BatchSizes
from mamllib.tasks.family import TaskFamily

FEWEST_DRAWS = 4
# So many numbers are computed for means over more draws than a function was asked for.
MOST_NUMBERS = 2**22


def diagnose(
    mine: Callable[[Any, Sequence[Episode]], Any],
    family: TaskFamily,
    alpha,
    w,
    sizes: BatchSizes,
    steps: int = 1,
    *,
    delta=None,
    B: int | None = None,
    draws: int = 16,
    mean_draws: int = 64,
    seed: int = 0,
    progress: Callable[[Iterable], Iterable] = lambda items: items,
) -> Diagnosis:
    """Say which of MAML, FO-MAML, HF-MAML and Reptile the function ``mine`` is, or which slip makes of one what it is.

    ``mine(w, batches)`` is called as it is, with an ``Episode`` for each of B tasks, and returns a direction shaped
    like ``w``: NumPy or JAX arrays or torch tensors, float32 or float64. Every candidate is computed in float64 on the
    same batches; both must agree on each of ``draws`` independent draws of them, up to measured rounding in the
    precision that ``mine`` returns. Where none agrees, means over the draws are compared.

    Args:
        mine: (w, batches) ↦ the meta-gradient, the mean over the tasks: what descends subtracts it.
        family: the tasks, with the loss that ``mine`` has inside.
        alpha: the inner step α, one number or a rate a coordinate.
        w: where to ask; float64, or float32 numbers that are taken as they are.
        sizes: D_in, D_o and D_h rows for each task. Several steps all read the D_in, or share them out.
        steps: number N of inner steps.
        delta: δ of HF-MAML or a rule ‖g‖ ↦ δ; left out, HF-MAML is not among the candidates.
        B: tasks drawn from p for each call; left out, every task once if all are equally likely, else as many as
            there are.
        draws: of batches.
        mean_draws: of batches for the means; where ``mine`` was found, what was found stands for it on those beyond
            ``draws``, and of a large w there are fewer.
        seed: of the draws.
        progress: wraps the list of what is to be done, for example ``tqdm.tqdm``.

    Raises:
        DirectionError: ``mine`` raises an error, or what it returns is no direction. PrecisionError: it returns half
            precision, or ``family`` is in fractions. TypeError, ValueError, ShapeError: another argument is wrong.
    """
    alpha, point = asked_about(family, alpha, w, sizes, steps, delta, B)
    _require_draws(draws, mean_draws)
    validation.require_a(Callable, "mine", mine, "a function (w, batches) → direction")
    batches, candidates = Draws(family, sizes, B, seed), right(sizes, steps, delta is not None)
    known = known_factors(batches.B, sizes, steps, alpha)
    asked = Inquiry(Theirs(mine, w), Ours(alpha, point, delta, sizes, steps), candidates, known)
    _do(progress(asked.jobs(batches, range(draws), with_one_slip(candidates, sizes, steps))))
    found = asked.answer()
    if not found.findings:
        found = _elsewhere(asked, found, batches, candidates, (alpha, point, delta), sizes, steps)
    if found.findings:
        most = min(mean_draws, MOST_NUMBERS // ((1 + len(candidates)) * tree.dimension(point)))
        return asked.with_means(found, batches, range(draws, most)) if most > draws and found.is_known else found
    _do(progress(asked.jobs(batches, range(draws, mean_draws), ())))
    return asked.answer()


def _elsewhere(asked: Inquiry, found: Diagnosis, batches: Draws, candidates, point, sizes, steps: int) -> Diagnosis:
    """The answer of what is tried where no right estimator and no slip agrees: all rows, two slips, other multiples."""
    if not found.follows_batches:
        return _on_all_rows(asked, batches, candidates, point, steps) or found
    if found.is_zero or not found.is_reproducible:
        return found
    _do(asked.jobs(batches, (), with_two_slips(candidates[:2], sizes, steps)))
    asked.fit(candidate for candidate in candidates if candidate.algorithm in (MAML, FO_MAML))
    return asked.answer()


def _do(jobs: Iterable[Callable[[], None]]) -> None:
    for job in jobs:
        job()


def _on_all_rows(asked: Inquiry, batches: Draws, candidates: list[Candidate], point, steps: int) -> Diagnosis | None:
    """The answer where a function that does not follow its batches reads all rows instead; ``None``: it does not."""
    draw = batches.all_rows(0)
    if draw is None:
        return None
    first = draw.samples[0] if isinstance(draw.samples, list) else draw.samples
    sizes = BatchSizes(*[first.shares.shape[-1]] * 3)
    whole = on_all_rows(candidates)
    beside = asked.on(draw, Ours(*point, sizes, steps), whole, known_factors(batches.B, sizes, steps, point[0]))
    _do(beside.jobs(batches, (), on_all_rows([*whole, *with_one_slip(whole, sizes, steps)])[len(whole) :]))
    answer = beside.answer(all_rows=True)
    return answer if answer.findings else None


def _require_draws(draws: int, mean_draws: int) -> None:
    validation.require_count("draws", draws, least=FEWEST_DRAWS)
    validation.require_count("mean_draws", mean_draws, least=draws)
