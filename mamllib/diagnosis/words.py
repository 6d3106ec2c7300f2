"""The answer in words: what was found, what to look for, and the cells of the table."""

import math
from collections.abc import Iterator

from mamllib.checking.statistics import FAMILY_RISK
from mamllib.diagnosis.candidates import FO_MAML, PARTED, SAME_BATCH
from mamllib.diagnosis.comparison import Agreement
from mamllib.diagnosis.factors import ADVICE, FLIPPED, SCALED
from mamllib.diagnosis.means import Interval
from mamllib.diagnosis.row import Row
from mamllib.formatting import number

CONFIDENCE = f"{number(100 * (1 - FAMILY_RISK))} %"
COLUMNS = ("estimator", "agrees on", "largest difference", "angle of means", f"means differ by ({CONFIDENCE})")
REMARKS = {
    SAME_BATCH: "the batch of the inner step serves its Hessian too. That is everyone's code and not the paper's, whose"
    " three batches are independent; it is not wrong, and has another mean",
    PARTED: "each inner step reads a part of the inner batch of its own",
}
DETACHED = (
    "FO-MAML is also what MAML's code gives where the inner gradient is detached (stop_gradient, detach, or"
    " create_graph left out)"
)
UNREPRODUCIBLE = "two calls with the same batches differ by {}: it draws samples, or remembers something, of its own"
NOT_FOLLOWING = "what it returns is the same whatever the batches are: it reads data of its own"
ALL_ROWS = "it does not read its batches: it was compared with estimators on all rows of every task"
IN_SINGLE = (
    "what it returns is float64 and agrees to the accuracy of float32 alone: something inside it is float32, or it is"
    " another estimator that comes this near"
)
UNKNOWN = "unknown: too few draws"
TOGETHER = (
    "these cannot be told apart here. What tells them apart: another w, a larger α, batches that differ, a loss whose"
    " Hessian changes from place to place"
)
MOST_NAMES = 6
NO_ANGLE = 1e-5
RETURNS_ZERO = "it returns 0 on every draw: nothing that it computes reaches what it returns"
UNTOLD = "{}: rounding in {} alone may move it by a tenth or more, so that nothing can be said of it"
NOTHING = (
    "first see that the loss inside it is the loss of the family: no estimator of another loss can agree, not even a"
    " right one"
)


def headline(answer) -> str:
    """The answer in a sentence or two."""
    if not answer.findings:
        return _nothing(answer)
    names = list(dict.fromkeys(name_of(found) for found in answer.findings))
    where = f"on {_draws(answer.draws)}, up to rounding in {answer.accuracy}"
    if len(names) == 1:
        return f"{'A slip:' if answer.slips else 'Agrees with'} {names[0]}, {where}."
    if len(names) > MOST_NAMES:
        right = [name_of(found) for found in answer.findings if not found.slips]
        names = [*right, f"one of these slips: {'; '.join(answer.slips)}"]
    return "\n  ".join([f"Agrees with each of these, {where}:", *names])


def advice(answer) -> Iterator[str]:
    """What to make of it, a line each."""
    yield from _of_the_function(answer)
    if len(answer.findings) > 1:
        yield TOGETHER
    for slip in answer.slips if len(answer.findings) <= MOST_NAMES else ():
        yield f"{slip}: {_advice_of(slip, answer.findings)}"
    for remark in answer.remarks:
        yield f"{remark}: {REMARKS[remark]}"
    if FO_MAML in answer.agrees_with:
        yield DETACHED
    if not (answer.findings or answer.in_the_mean or answer.is_zero):
        yield NOTHING
    yield from _by_leaf(answer.leaves)


def name_of(found: Agreement) -> str:
    """What was found, by name: the estimator, its slips, and the factor."""
    by = [" or ".join(found.by_factor)] if found.by_factor else []
    by += [FLIPPED] if FLIPPED in found.slips else []
    factor = f" (times {number(found.factor.value)})" if SCALED in found.by_factor else ""
    return found.candidate.name + "".join(f", {slip}" for slip in by) + factor


def cells(row: Row) -> tuple[str, ...]:
    """The row under ``COLUMNS``."""
    agrees = row.agreed == row.draws
    off = f"rounding (≤ {_power_above(row.allowed)})" if agrees else percent(row.difference)
    return (
        row.name,
        f"{row.agreed} of {row.draws}",
        off,
        "0°" if agrees else _degrees(row.angle),
        "0" if agrees else interval_text(row.interval),
    )


def _degrees(angle: float) -> str:
    return f"{number(float(f'{angle:.2g}'), NO_ANGLE)}°" if math.isfinite(angle) else number(angle)


def interval_text(interval: Interval) -> str:
    """Both bounds, rounded outward."""
    lower, upper = interval
    if lower == upper:
        return percent(lower)
    if upper == math.inf:
        return UNKNOWN if lower == 0 else f"≥ {percent(lower, math.floor)}"
    return f"{percent(lower, math.floor)} to {percent(upper, math.ceil)}" if lower else f"≤ {percent(upper, math.ceil)}"


def percent(share: float, rounded=round) -> str:
    """A share to two digits."""
    if share == 0 or not math.isfinite(share):
        return f"{number(share)} %"
    unit = 10.0 ** (math.floor(math.log10(100 * share)) - 1)
    return f"{number(float(f'{rounded(100 * share / unit) * unit:.3g}'))} %"


def _nothing(answer) -> str:
    draws = f"{answer.draws} draws of batches"
    if answer.in_the_mean:
        near = [row for row in answer.rows if row.name in answer.in_the_mean]
        near.sort(key=lambda row: row.interval.upper)
        named = ", ".join(f"{row.name} (to within {percent(row.interval.upper, math.ceil)})" for row in near)
        return (
            "Agrees with no estimator draw by draw. In the mean it cannot be told apart from"
            f" {named}, with {CONFIDENCE} confidence over {draws}."
        )
    partly = [f"{row.name} on {row.agreed}" for row in answer.rows if row.agreed]
    if partly:
        return f"Agrees with no estimator on all of {draws}, but with {' and '.join(partly)} of them."
    near = min(answer.rows, key=lambda row: row.interval.upper)
    away = f" The nearest in the mean is {near.name}, {interval_text(near.interval)} away ({CONFIDENCE})."
    nothing = f"Agrees with no right estimator and with none of the usual slips, on {draws}."
    return nothing + (away if near.interval.upper < math.inf else "")


def _of_the_function(answer) -> Iterator[str]:
    if answer.is_zero:
        yield RETURNS_ZERO
    elif answer.all_rows:
        yield ALL_ROWS
    elif not answer.follows_batches:
        yield NOT_FOLLOWING
    if not answer.is_reproducible:
        yield UNREPRODUCIBLE.format(percent(answer.wobble))
    for name in answer.untold:
        yield UNTOLD.format(name, answer.accuracy)
    if answer.findings and answer.accuracy != answer.dtype:
        yield IN_SINGLE


def _advice_of(slip: str, findings) -> str:
    known = {own.name: own.advice for found in findings for own in found.candidate.slips}
    return (known | ADVICE)[slip]


def _by_leaf(leaves: dict[str, float]) -> Iterator[str]:
    """Where only some parts of w are wrong, which."""
    right = [name for name, difference in leaves.items() if difference == 0]
    wrong = [f"{name} ({percent(difference)})" for name, difference in leaves.items() if difference]
    if right and wrong:
        yield f"of the right estimator that is most like it, {', '.join(right)} agree, and {', '.join(wrong)} differ"


def _draws(count: int) -> str:
    return f"{count} of {count} draws of batches" if count > 1 else "all rows"


def _power_above(value: float) -> str:
    return number(10.0 ** math.ceil(math.log10(value))) if value > 0 else "0"
