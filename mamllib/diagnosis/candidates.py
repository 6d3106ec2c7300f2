"""Which estimators a function is compared with: the right ones, and each of them with a slip, or two."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from mamllib.diagnosis.recipe import Probe, Reading, Recipe
from mamllib.diagnosis.slips import Slip, slips
from mamllib.estimators import BatchSizes

MAML, FO_MAML, HF_MAML, REPTILE = "MAML", "FO-MAML", "HF-MAML", "Reptile"

SAME_BATCH = "D_h = D_in"
PARTED = "mini-batches"


@dataclass(frozen=True)
class Candidate:
    """An estimator by name: an algorithm, how it reads its batches where that is open, and its slips."""

    algorithm: str
    recipe: Recipe
    remarks: tuple[str, ...] = ()
    slips: tuple[Slip, ...] = field(default=())

    @property
    def name(self) -> str:
        """As a reader sees it: the algorithm with its slips."""
        read = f" ({'; '.join(self.remarks)})" if self.remarks else ""
        return f"{self.algorithm}{read}" + "".join(f", {slip.name}" for slip in self.slips)

    @property
    def any_length(self) -> bool:
        """Reptile is run with w − w_N, with its mean over the steps and with (w − w_N)/α alike: lengths are open."""
        return self.algorithm == REPTILE

    def with_slip(self, slip: Slip) -> "Candidate | None":
        """The same with a slip; ``None`` where there is nothing to slip on."""
        changed = slip.change(self.recipe)
        return changed and Candidate(self.algorithm, changed, self.remarks, (*self.slips, slip))


def right(sizes: BatchSizes, steps: int, differences: bool) -> list[Candidate]:
    """MAML, FO-MAML, Reptile and, where there are ``differences``, HF-MAML, in every reading of the batches.

    The steps read all of the inner batch or, of several steps, each its own part of it, where N divides its size. The
    factors read the batch 𝒟_h, as in the paper, or that of their step, as automatic differentiation does.
    """
    probes = [(MAML, None), *([(HF_MAML, Probe())] if differences else [])]
    found = [
        Candidate(algorithm, Recipe.maml(steps, inner=inner, hessian=hessian, probe=probe), remarks)
        for algorithm, probe in probes
        for inner, hessian, remarks in _readings(sizes, steps)
    ]
    for algorithm, choices in ((FO_MAML, {"factors": ()}), (REPTILE, {"displaced": True})):
        found += [Candidate(algorithm, maml.recipe.but(**choices), _of_steps(maml)) for maml in found if _is_maml(maml)]
    return distinct(found)


def with_one_slip(found: Iterable[Candidate], sizes: BatchSizes, steps: int) -> list[Candidate]:
    """Every estimator that one slip makes of these, and that is none of them; by each name that it has."""
    found = list(found)
    made = [candidate.with_slip(slip) for slip in slips(sizes, steps) for candidate in found]
    return distinct(filter(None, made), found)


def with_two_slips(found: Iterable[Candidate], sizes: BatchSizes, steps: int) -> list[Candidate]:
    """Every estimator that two slips make of these, and not fewer; slips that take several steps are left out."""
    found = list(found)
    pairs = combinations(slips(sizes, steps, several=False), 2)
    once = [(candidate.with_slip(one), two) for one, two in pairs for candidate in found]
    made = [candidate.with_slip(two) for candidate, two in once if candidate]
    return distinct(filter(None, made), [*found, *with_one_slip(found, sizes, steps)])


def on_all_rows(found: Iterable[Candidate]) -> list[Candidate]:
    """The same where every batch is the whole task: what differs in its batches alone is one estimator."""
    whole = Reading("inner")
    read = [
        Candidate(each.algorithm, each.recipe.but(inner=whole, outer="inner", hessian=whole), (), each.slips)
        for each in found
        if each.recipe.inner.part == "all"
    ]
    names: dict[Recipe, Candidate] = {}
    for candidate in read:
        names.setdefault(candidate.recipe, candidate)
    return list(names.values())


def distinct(candidates: Iterable[Candidate], known: Iterable[Candidate] = ()) -> list[Candidate]:
    """Those that are no estimator that is known, the first of each name that an estimator has."""
    taken = {candidate.recipe for candidate in known}
    first: dict[tuple, Candidate] = {}
    for candidate in candidates:
        if candidate.recipe not in taken:
            first.setdefault((candidate.recipe, tuple(slip.name for slip in candidate.slips)), candidate)
    return list(first.values())


def _readings(sizes: BatchSizes, steps: int) -> list[tuple[Reading, Reading, tuple[str, ...]]]:
    found = [
        (Reading("inner"), Reading("hessian"), ()),
        (Reading("inner"), Reading("inner"), (SAME_BATCH,)),
    ]
    if steps > 1 and sizes.D_in % steps == 0:
        own = Reading("inner", "own")
        part = Reading("hessian", "own" if sizes.D_h % steps == 0 else "all")
        found += [(own, part, (PARTED,)), (own, own, (PARTED, SAME_BATCH))]
    return found


def _of_steps(candidate: Candidate) -> tuple[str, ...]:
    """What a reading says of the steps alone."""
    return tuple(remark for remark in candidate.remarks if remark != SAME_BATCH)


def _is_maml(candidate: Candidate) -> bool:
    return candidate.algorithm == MAML
