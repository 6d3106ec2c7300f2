"""One door to every statement: a reader's tasks go in, and what holds on them, and how tightly, comes out."""

import html
import math
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mamllib.checking.check import Check
from mamllib.checking.statement import Statement
from mamllib.checking.verdict import Verdict
from mamllib.errors import LossError, PrecisionError
from mamllib.records import check_record
from mamllib.report import Table, row
from mamllib.yours.given import Asking, Given, askings, given

COLUMNS = ("statement", "verdict", "grade", "least hypothesis margin", "lhs", "rhs", "slack", "lhs/rhs")
URGENCY = (Verdict.VIOLATED, Verdict.UNDECIDED, Verdict.HOLDS, Verdict.SILENT)
WIDTH = 120
THE_READERS = (LossError, PrecisionError)  # what no other statement would say otherwise


@dataclass(frozen=True)
class Asked:
    """What every statement about tasks said of a reader's: ``checks``, and why the others were not asked.

    ``not_asked`` maps the id of a statement to the words that are missing, or to what its question refused; ``notes``
    are what a first reader of the rows would ask.
    """

    checks: tuple[Check, ...]
    not_asked: dict[str, str]
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """A row a statement, then the others by the reason why they were not asked."""
        lines = [repr(self._table)] if self.checks else []
        if self.not_asked:
            lines.append("Not asked:")
        for reason, names in self._reasons.items():
            lines += [_wrapped(", ".join(names), "  "), _wrapped(reason, "    ")]
        return "\n".join([*lines, *(_wrapped(note, "") for note in self.notes)])

    def _repr_html_(self) -> str:
        items = "".join(
            f"<li>{html.escape(', '.join(names))}: {html.escape(reason)}</li>"
            for reason, names in self._reasons.items()
        )
        listed = f"<details><summary>Not asked: {len(self.not_asked)}</summary><ul>{items}</ul></details>"
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        return (self._table.to_html() if self.checks else "") + (listed if self.not_asked else "") + notes

    def __getitem__(self, statement: str) -> Check:
        """The check of the statement of this id, or last part of an id.

        Raises:
            KeyError: it was not asked; the message says why.
        """
        for check in self.checks:
            if statement in (check.statement, check.statement.split("/")[-1]):
                return check
        reasons = {name.split("/")[-1]: why for name, why in self.not_asked.items()} | self.not_asked
        raise KeyError(f"{statement} was not asked: {reasons.get(statement, 'no statement about tasks is called so')}")

    @property
    def violated(self) -> tuple[Check, ...]:
        """The checks that came out *violated*: something is wrong with the statement, or with this library."""
        return tuple(check for check in self.checks if check.verdict == Verdict.VIOLATED)

    def record(self) -> dict:
        """The same for machines."""
        return {"checks": [check_record(check) for check in self.checks], "not asked": self.not_asked}

    @property
    def _table(self) -> Table:
        return Table(COLUMNS, [row(check) for check in self.checks])

    @property
    def _reasons(self) -> dict[str, list[str]]:
        """The statements that were not asked, by the reason."""
        reasons: dict[str, list[str]] = {}
        for name, reason in self.not_asked.items():
            reasons.setdefault(reason, []).append(name.split("/")[-1])
        return reasons


def ask(family, alpha, w, *, statements: Sequence[str] = (), progress: Callable = lambda items: items, **more) -> Asked:
    """Ask every statement about tasks that the given words suffice for.

    Args:
        family: the tasks, ``TaskFamily.of([...])``; its constants and σ are what is tested, unless ``more`` has others.
        alpha: α, one number.
        w: meta-parameters, any tree of float64 arrays; of what was trained in float32, ``in_double(w)``.
        statements: ids or their beginnings, as ``mamllib verify`` takes them; all by default.
        progress: wraps the list of questions, for example ``tqdm.tqdm``.
        more: other words of ``words.py``: ``steps`` (N), ``constants``, ``sigma``, ``u``, ``D_in``, ``D_test``, ``B``,
            ``sizes``, ``gap``, ``epsilon``, ``algorithm``, ``iterations``, ``samples``, ``seed``, …

    Returns:
        Verdict, margin, both sides and grade of each statement, and for those not asked what is missing. The risk of a
        false verdict, .1 %, is shared by all that are sampled.

    Raises:
        TypeError: a word that there is not. LossError, PrecisionError: what the reader's functions do. And whatever a
            word's check raises: bad input is refused before anything is computed.
    """
    words = given(family, alpha, w, more)
    found, checks, refused = askings(*statements), [], {}
    comparisons = sum(len(asking.statements) for asking in found)
    for asking in progress(found):
        said = _asked(asking, words, comparisons)
        checks += [each for each in said if isinstance(each, Check)]
        refused |= {
            statement.id: each for statement, each in zip(asking.statements, said, strict=True) if isinstance(each, str)
        }
    return Asked(tuple(checks), refused, tuple(_notes(words, checks)))


def _asked(asking: Asking, words: Given, comparisons: int) -> list[Check | str]:
    """For each statement on this kind of question a check, or why there is none."""
    if obstacle := words.obstacle(asking):
        return [obstacle] * len(asking.statements)
    try:
        questions = words.questions(asking)
    except THE_READERS:
        raise
    except (ArithmeticError, TypeError, ValueError) as error:
        return [_reason(error, asking)] * len(asking.statements)
    return [_worst(statement, questions, comparisons, asking, words.note) for statement in asking.statements]


def _worst(statement: Statement, questions: Sequence, comparisons: int, asking: Asking, note: str) -> Check | str:
    """The check of the question that says most against the statement, or comes nearest to it."""
    try:
        case = statement.id.split("/")[-1] + note
        checks = [statement.check(question, case, comparisons=comparisons) for question in questions]
    except THE_READERS:
        raise
    except (ArithmeticError, TypeError, ValueError) as error:
        return _reason(error, asking)
    return min(checks, key=lambda check: (URGENCY.index(check.verdict), -check.ratio))


def _notes(words: Given, checks: Sequence[Check]) -> Iterator[str]:
    """What a reader who sees these rows for the first time would ask."""
    constants = words.words.get("constants") or words.family.constants
    undeclared = [name for name, value in constants._asdict().items() if float(value) == math.inf]
    if undeclared and any(check.smallest_margin[1] == -math.inf for check in checks):
        yield f"∞ is declared for {', '.join(undeclared)}: ml.measure(family, alpha, w, …) says what to begin with."
    if any(check.verdict == Verdict.UNDECIDED for check in checks):
        yield "? undecided: the sides are closer than rounding. In floats an identity never is decided; fractions do."


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent)


def _reason(error: Exception, asking: Asking) -> str:
    said = (str(error).splitlines() or [type(error).__name__])[0]
    if "samples" not in asking.takes:  # nothing is sampled for this kind of question
        said = said.split(": give samples=")[0]
    return f"refuses these tasks and words: {said}"
