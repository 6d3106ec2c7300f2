"""The usual slips, each as a change of a recipe, in words that a reader of the answer can act on."""

from collections.abc import Callable
from dataclasses import dataclass

from mamllib.diagnosis.recipe import ALPHA, MISSING, Probe, Reading, Recipe
from mamllib.estimators import BatchSizes

UNDIVIDED, ONE_SIDED = Probe(over=1.0), Probe(behind=0.0, over=1.0)


@dataclass(frozen=True)
class Slip:
    """A name, what to look for, and the change; ``change`` of a recipe gives ``None`` where there is nothing to do."""

    name: str
    advice: str
    change: Callable[[Recipe], Recipe | None]


def slips(sizes: BatchSizes, steps: int, several: bool = True) -> tuple[Slip, ...]:
    """All that are looked for with batches of these sizes and N = ``steps`` inner steps.

    ``several``: those that take several steps are among them.
    """
    of_one = (*_of_the_factor(steps), *_of_batches(), *_of_points(), *_of_rates(sizes, steps), *_of_differences())
    return (*of_one, *_of_several_steps(steps)) if several and steps > 1 else of_one


def _of_the_factor(steps: int) -> tuple[Slip, ...]:
    after = "Hessian at w⁺" if steps == 1 else "Hessians at the points after the steps"
    return (
        Slip(
            "+αH for −αH",
            "the factor of an inner step is I − α∇²f: look at the sign of the Hessian term",
            _of_factors(lambda recipe: recipe.but(factor_rate=recipe.factor_rate.scaled(-1.0))),
        ),
        Slip(
            after,
            "the Hessian belongs at the point from which the step starts, not where it leads",
            _of_factors(lambda recipe: recipe.but(points="after")),
        ),
    )


def _of_batches() -> tuple[Slip, ...]:
    return (
        Slip(
            "support set re-used as query",
            "the outer gradient is taken on the batch of the inner step; it belongs on rows that the step has not seen",
            lambda recipe: _unless_displaced(recipe, outer=recipe.inner.batch),
        ),
        Slip(
            "query batch used for the Hessian",
            "the Hessian is taken on the outer batch; then it is not independent of the gradient that it multiplies",
            _of_factors(lambda recipe: recipe.but(hessian=Reading("outer"))),
        ),
        Slip(
            "query batch used for the inner step",
            "the inner step sees the rows on which the outer gradient is taken, so that adaptation looks too good",
            lambda recipe: _on(recipe, "outer", recipe.outer),
        ),
        Slip(
            "support and query swapped",
            "the inner step goes on the outer batch, and the outer gradient on the inner one",
            lambda recipe: _on(recipe, "outer", "inner"),
        ),
    )


def _of_points() -> tuple[Slip, ...]:
    return (
        Slip(
            "not adapted",
            "the gradient is taken at w, without an inner step: look where the adapted parameters go",
            lambda recipe: _unless_displaced(recipe, adapted=False, factors=(), steps=0),
        ),
        Slip(
            "not adapted, on the support set",
            "the gradient is taken at w, and on the batch of the inner step at that",
            lambda recipe: _unless_displaced(recipe, adapted=False, factors=(), steps=0, outer=recipe.inner.batch),
        ),
        Slip(
            "outer gradient at w",
            "the Hessian factor is there, but the gradient that it multiplies is taken at w, not at the adapted point",
            _of_factors(lambda recipe: recipe.but(adapted=False)),
        ),
    )


def _of_rates(sizes: BatchSizes, steps: int) -> tuple[Slip, ...]:
    def summed(recipe: Recipe) -> Recipe | None:
        rows = getattr(sizes, {"inner": "D_in", "outer": "D_o"}[recipe.inner.batch])
        return _both_rates(float(rows if recipe.inner.part == "all" else rows // steps))(recipe)

    return (
        Slip("α missing", "the inner step is taken with 1 in place of α, everywhere", _rates(MISSING, MISSING)),
        Slip(
            "α missing in the inner step",
            "the inner step is w − ∇f, its factor I − α∇²f",
            _of_factors(_rates(MISSING, ALPHA)),
        ),
        Slip(
            "α missing in the factor",
            "the inner step is w − α∇f, its factor I − ∇²f",
            _of_factors(_rates(ALPHA, MISSING)),
        ),
        Slip(
            "sum for mean over rows in the inner step",
            "the inner loss is a sum over the rows of its batch, so that α is so many times too large",
            summed,
        ),
        Slip("inner loss twice the family's", "as a squared error without its ½: α is in effect 2α", _both_rates(2.0)),
        Slip("inner loss half the family's", "α is in effect α/2", _both_rates(0.5)),
        Slip("inner step uphill", "the inner step is w + α∇f", _both_rates(-1.0)),
    )


def _of_differences() -> tuple[Slip, ...]:
    return (
        Slip(
            "1/δ for 1/(2δ)",
            "the two probes lie 2δ apart: a difference over δ is twice the Hessian's product",
            lambda recipe: recipe.probe and recipe.but(probe=UNDIVIDED),
        ),
        Slip(
            "one-sided difference",
            "[∇f(w + δg) − ∇f(w)]/δ errs by a multiple of δ, the central difference by one of δ² on smooth losses",
            lambda recipe: recipe.probe and recipe.but(probe=ONE_SIDED),
        ),
    )


def _of_several_steps(steps: int) -> tuple[Slip, ...]:
    def number(count: int):
        return lambda recipe: _of_so_many(recipe, count)

    return (
        Slip(
            "all Hessians at w",
            "each step has its factor at the point from which it starts, not at the first of them",
            _of_factors(lambda recipe: recipe.but(points="start")),
        ),
        Slip(
            "all Hessians at the adapted point",
            "each step has its factor at the point from which it starts, not at the last of them",
            _of_factors(lambda recipe: recipe.but(points="end")),
        ),
        Slip(
            "factors in the wrong order",
            "the factor of the last step comes first to the outer gradient, that of the first step last",
            _of_factors(lambda recipe: recipe.but(factors=recipe.factors[::-1])),
        ),
        Slip(
            "all but the last step detached",
            "the chain of steps is cut: only the last step's factor is left",
            _of_factors(lambda recipe: recipe.but(factors=recipe.factors[-1:])),
        ),
        Slip(
            "all but the first step detached",
            "the chain of steps is cut: only the first step's factor is left",
            _of_factors(lambda recipe: recipe.but(factors=recipe.factors[:1])),
        ),
        Slip("one inner step too few", f"there are {steps - 1} inner steps in place of {steps}", number(steps - 1)),
        Slip("one inner step too many", f"there are {steps + 1} inner steps in place of {steps}", number(steps + 1)),
        Slip(
            "the first mini-batch at every step",
            "the inner batch is parted, and every step reads the same part",
            lambda recipe: _part(recipe, "first") if recipe.inner.part == "own" else None,
        ),
    )


def _of_factors(change: Callable[[Recipe], Recipe | None]) -> Callable[[Recipe], Recipe | None]:
    return lambda recipe: change(recipe) if recipe.factors else None


def _unless_displaced(recipe: Recipe, **choices) -> Recipe | None:
    return None if recipe.displaced else recipe.but(**choices)


def _on(recipe: Recipe, inner: str, outer: str) -> Recipe | None:
    """The steps on all of one batch, with their factors if those were on the steps' batch, the gradient on another."""
    if recipe.displaced or recipe.inner.part != "all":
        return None
    hessian = Reading(inner) if recipe.hessian == recipe.inner else recipe.hessian
    return recipe.but(inner=Reading(inner), outer=outer, hessian=hessian)


def _rates(step_rate, factor_rate) -> Callable[[Recipe], Recipe | None]:
    def change(recipe: Recipe) -> Recipe | None:
        """One step's displacement is the same but for its length, which is free."""
        if recipe.displaced and recipe.steps == 1:
            return None
        return recipe.but(step_rate=step_rate, factor_rate=factor_rate)

    return change


def _both_rates(times: float) -> Callable[[Recipe], Recipe | None]:
    def change(recipe: Recipe) -> Recipe | None:
        return _rates(recipe.step_rate.scaled(times), recipe.factor_rate.scaled(times))(recipe)

    return change


def _of_so_many(recipe: Recipe, steps: int) -> Recipe | None:
    """With another number of steps; a part of its own is only there for N of them."""
    if recipe.inner.part == "own" and steps > recipe.steps:
        return None
    return recipe.but(steps=steps, factors=tuple(range(steps)) if recipe.factors else ())


def _part(recipe: Recipe, part: str) -> Recipe:
    hessian = recipe.hessian._replace(part=part) if recipe.hessian.batch == "inner" else recipe.hessian
    return recipe.but(inner=recipe.inner._replace(part=part), hessian=hessian)
