"""Asking the function and the candidates, draw by draw; and what agrees."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from mamllib.diagnosis.answer import Diagnosis
from mamllib.diagnosis.candidates import Candidate
from mamllib.diagnosis.comparison import CLEARLY, Agreement, Track, Vector, length, ratio, rounding
from mamllib.diagnosis.episodes import Draw, Draws
from mamllib.diagnosis.factors import Factor
from mamllib.diagnosis.fitted import fitted
from mamllib.diagnosis.ours import MOST_RECIPES, Ours
from mamllib.diagnosis.row import Pair, row
from mamllib.diagnosis.theirs import Theirs
from mamllib.trials.roundoff import MOVE

SINGLE = np.dtype("float32")


class Inquiry:
    """One function beside any number of candidates on the same draws of batches.

    ``right`` are followed on every draw; of the others those that one draw does not rule out.
    """

    def __init__(self, theirs: Theirs, ours: Ours, right: Sequence[Candidate], factors: Sequence[Factor]):
        self._theirs, self._ours, self._factors = theirs, ours, factors
        self._draws: list[Draw] = []
        self._returned: list[Vector] = []
        self.right = [Track(candidate) for candidate in right]
        self.others: list[Track] = []
        self.dtype, self.wobble = np.dtype("float64"), 0.0

    def jobs(self, draws: Draws, numbers: Iterable[int], others: Sequence[Candidate]) -> list[Callable[[], None]]:
        """What is to be done, a piece at a time: draws, and then the candidates that a draw may rule out."""
        pieces = [others[k : k + MOST_RECIPES] for k in range(0, len(others), MOST_RECIPES)]
        return [
            *(partial(self.ask, draws, number) for number in numbers),
            *(partial(self.consider, piece) for piece in pieces),
        ]

    def ask(self, draws: Draws, number: int) -> None:
        """The function and all that is right on one more draw; on the first, the function twice."""
        draw = draws[number]
        returned = self._theirs(draw.episodes)
        if not self._draws:
            self.wobble = ratio(self._theirs(draw.episodes).vector - returned.vector, returned.vector)
        self.dtype = min(self.dtype, returned.dtype, key=lambda dtype: dtype.itemsize)
        self._follow(draw, returned.vector)

    def on(self, draw: Draw, ours: Ours, right: Sequence[Candidate], factors: Sequence[Factor]) -> "Inquiry":
        """What was returned on the first draw, beside other candidates that read ``draw``."""
        asked = Inquiry(self._theirs, ours, right, factors)
        asked.dtype, asked.wobble = self.dtype, self.wobble
        asked._follow(draw, self._returned[0])
        return asked

    def consider(self, candidates: Sequence[Candidate]) -> None:
        """Candidates on all draws so far, if they are still possible after the first."""
        tracks = [Track(candidate) for candidate in candidates]
        self._add(tracks, 0)
        possible = [track for track in tracks if track.is_possible(SINGLE)]
        for number in range(1, len(self._draws)):
            self._add(possible, number)
        self.others += possible

    def fit(self, candidates: Iterable[Candidate]) -> None:
        """Candidates with other multiples of α, where there are some with which they agree on the first draw."""
        self.consider(fitted(candidates, self._returned[0], lambda recipes: self._ours(recipes, self._draws[0])))

    def answer(self, all_rows: bool = False) -> Diagnosis:
        """What was found so far."""
        found, accuracy = self._agreements()
        return Diagnosis(
            findings=tuple(found),
            rows=tuple(row(track, accuracy, len(self.right)) for track in self.right),
            draws=len(self._draws),
            mean_draws=len(self._draws),
            dtype=str(self.dtype),
            accuracy=str(accuracy),
            wobble=self.wobble,
            follows_batches=not all_rows and self._follows_batches(),
            all_rows=all_rows,
            leaves={} if found else self._leaves(accuracy),
            is_zero=not any(vector.any() for vector in self._returned),
            untold=tuple(track.candidate.name for track in self.right if not track.can_be_told(accuracy)),
        )

    def with_means(self, answer: Diagnosis, draws: Draws, numbers: Iterable[int]) -> Diagnosis:
        """The answer with means over more draws, on which what the function agreed with stands for it."""
        found, accuracy = answer.findings[0], np.dtype(answer.accuracy)
        recipes = [found.candidate.recipe, *(track.candidate.recipe for track in self.right)]
        first, *each = np.array([self._ours(recipes, draws[number]) for number in numbers]).swapaxes(0, 1)
        more = [Pair(found.factor.value * first, ours) for ours in each]
        rows = [row(track, accuracy, len(more), pair) for track, pair in zip(self.right, more, strict=True)]
        return replace(answer, rows=tuple(rows), mean_draws=answer.draws + len(first))

    def _agreements(self) -> tuple[list[Agreement], np.dtype]:
        """All candidates that agree on every draw, and to the accuracy of which dtype: that returned, else float32.

        Where one agrees as it stands, none is listed that needs a factor; and so on.
        """
        for dtype in dict.fromkeys((self.dtype, SINGLE)):
            tried = [track.agreement(self._factors, dtype) for track in (*self.right, *self.others)]
            found = [agreement for agreement in tried if agreement]
            best = min((agreement.rank for agreement in found), default=0)
            if found:
                return [agreement for agreement in found if agreement.rank == best], dtype
        return [], self.dtype

    def _follows_batches(self) -> bool:
        """Whether what the function returns changes from draw to draw, where MAML's direction does."""
        theirs, ours = (_change(draws) for draws in (np.stack(self._returned), self.right[0].ours))
        clear = CLEARLY * rounding(self.dtype)
        return theirs > clear or ours <= clear

    def _leaves(self, dtype) -> dict[str, float]:
        """How far each part of w is from the right estimator of which most parts agree; 0 where that is rounding."""
        parts = [self._by_part(track) for track in self.right]
        clear = CLEARLY * rounding(dtype)
        most = max(parts, key=lambda off: sum(difference <= clear for difference in off.values()))
        return {name: difference if difference > clear else 0.0 for name, difference in most.items()}

    def _by_part(self, track: Track) -> dict[str, float]:
        """The relative difference of each part of w, over all draws."""
        ends = np.cumsum([math.prod(shape) for shape in self._theirs.shapes.values()])[:-1]
        parts = (np.split(draws, ends, axis=1) for draws in (track.theirs - track.ours, track.ours))
        pairs = zip(self._theirs.shapes, zip(*parts, strict=True), strict=True)
        return {name: ratio(np.ravel(away), np.ravel(whole)) for name, (away, whole) in pairs}

    def _follow(self, draw: Draw, returned: Vector) -> None:
        self._draws.append(draw)
        self._returned.append(returned)
        self._add(self.right, len(self._draws) - 1)
        self._require_directions()

    def _require_directions(self) -> None:
        """Raise ``ValueError`` where no right estimator points anywhere, or one is not finite."""
        lengths = {track.candidate.name: length(track.ours[-1]) for track in self.right}
        for name, long in lengths.items():
            if not math.isfinite(long):
                raise ValueError(f"the direction of {name} is not finite at w: the loss is not, or alpha leads too far")
        if not any(lengths.values()):
            raise ValueError(f"{', '.join(lengths)} are 0 at w, so that nothing can be compared there; give another w")

    def _add(self, tracks: Sequence[Track], number: int) -> None:
        """A draw to each; how far rounding moves it is asked of what is near, and once of all that is right."""
        self._evaluate(tracks, number, lambda track, ours: track.add(self._returned[number], ours))
        near = [track for track in tracks if track.is_near or (number == 0 and track in self.right)]
        self._evaluate(near, number, Track.measure, MOVE)

    def _evaluate(self, tracks: Sequence[Track], number: int, give: Callable, move: float = 0.0) -> None:
        recipes = [track.candidate.recipe for track in tracks]
        found = self._ours(recipes, self._draws[number], move) if recipes else ()
        for track, ours in zip(tracks, found, strict=True):
            give(track, ours)


def _change(draws: np.ndarray) -> float:
    """The largest relative difference from the first."""
    return max(ratio(each - draws[0], draws[0]) for each in draws)
