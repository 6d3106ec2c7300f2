"""A statement to copy: the claim, its proof, and where it comes from, as the reader of the paper would want them.

    ‖∇f(w)‖ ≤ L‖w − u‖ for every u with ∇f(u) = 0, for one task                                  (derived here)

Proof. ∇f(u) = 0, so ‖∇f(w)‖ = ‖∇f(w) − ∇f(u)‖ ≤ L‖w − u‖. Equality: f = Lw²/2. What is measured is the secant w–u.

``mamllib verify`` judges a file like this one by its path, wherever it lies; in a paper's folder it is in the ledger.
"""

from typing import NamedTuple

from mamllib.statements.kit import (
    SMOOTH,
    Constants,
    Parameters,
    Places,
    Q,
    Question,
    Source,
    Statement,
    TaskFamily,
    case,
    holds_if,
    mutant,
    question,
    relative_roundoff,
    segments,
    tree,
)
from mamllib.tasks import Quadratic


class Parts(NamedTuple):
    """For each task ‖∇f(w)‖ and ‖∇f(u)‖, and ‖w − u‖."""

    gradient: Parameters
    at_rest: Parameters
    distance: Parameters


@question
class Rest(Question):
    """A task family, a point w, a stationary point u, and the constants to test."""

    family: TaskFamily
    w: Parameters
    u: Parameters
    constants: Constants

    def places(self, task) -> Places:
        """Where the proof compares gradients."""
        return Places(chords=segments((self.w, self.u)))

    def parts(self) -> Parts:
        """What both sides are made of: measured once, by one program."""
        gradients = self.family.map(lambda task: (tree.norm(task.gradient(self.w)), tree.norm(task.gradient(self.u))))
        return Parts(*gradients, tree.norm(tree.subtract(self.w, self.u)))


def gradient(rest: Rest):
    """‖∇f(w)‖ for each task."""
    return rest.answer.parts.gradient


def bound(rest: Rest):
    """L‖w − u‖."""
    return rest.constants.L * rest.answer.parts.distance


def stationary(rest: Rest) -> dict:
    """∇f(u) = 0, within round-off."""
    return {"∇f(u) = 0": holds_if((rest.answer.parts.at_rest <= roundoff(rest)).all())}


def roundoff(rest: Rest):
    """γ of the right side."""
    return relative_roundoff(rest) * bound(rest)


def parabola(w=Q(2)) -> Rest:
    """3w²/2, where both sides are equal."""
    return Rest.of(TaskFamily.of([Quadratic(Q(3), Q(0))]), w, Q(0))


TEMPLATE = Statement(
    id="template/rest",
    title="A statement to copy",
    source=Source("template", "no paper", "D"),
    # The claim is shown; what is judged is lhs ≤ rhs.
    claim=r"\nabla f(u)=0\ \Rightarrow\ \|\nabla f(w)\|\le L\|w-u\|",
    takes=Rest,
    assumes=(SMOOTH,),
    hypotheses=stationary,
    lhs=gradient,
    rhs=bound,
    roundoff=roundoff,
    cases=(case("a parabola", parabola, predicted=Q(1)),),
    mutants=(mutant("L lowered by a hundredth", parabola, rhs=lambda rest: bound(rest) * Q(99, 100)),),
)
