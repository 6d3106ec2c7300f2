"""Which statements rest on which: the graph that their own declarations draw."""

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from mamllib.checking.statement import Statement


class UnknownPremiseError(LookupError):
    """A statement rests on one that does not exist."""


class CircularProofError(ValueError):
    """Statements rest on each other in a circle."""


def declared(statements: Sequence[Statement]) -> dict[str, tuple[str, ...]]:
    """The premises of every statement, by id."""
    return {statement.id: statement.rests_on for statement in statements}


def in_order(rests_on: Mapping[str, Sequence[str]]) -> list[str]:
    """All ids, each after everything it rests on.

    Raises:
        UnknownPremiseError: a premise is no statement.
        CircularProofError: a statement rests, through others, on itself.
    """
    for statement, premises in rests_on.items():
        if unknown := sorted(set(premises) - set(rests_on)):
            raise UnknownPremiseError(f"{statement} rests on {', '.join(unknown)}, which is no statement")
    try:
        return list(TopologicalSorter(rests_on).static_order())
    except CycleError as error:
        raise CircularProofError("a circle of proofs: " + " rests on ".join(reversed(error.args[1]))) from error


def supports(rests_on: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The other direction: what rests directly on each statement, in the order of the declarations."""
    return {premise: [user for user, used in rests_on.items() if premise in used] for premise in rests_on}
