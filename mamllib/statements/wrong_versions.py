"""Every wrong version of a statement that is made, executed on every instance that is on record."""

from mamllib.checking.statement import Statement
from mamllib.checking.verdict import Verdict
from mamllib.statements.power import KILLED, SURVIVES, Made, made, sharper_than
from mamllib.statements.register import all_statements
from mamllib.statements.witnesses import witnesses


def wrong_versions(statement: Statement, seed: int = 0) -> tuple[Made, ...]:
    """What became of each; none is made of a statement that is false itself."""
    if any(case.expected == Verdict.VIOLATED for case in statement.cases):
        return ()
    return tuple(made(statement, witnesses(statement, seed), sharper_than(statement, all_statements())))


def summary(versions: tuple[Made, ...]) -> str:
    """As "22 of 28 killed, 6 with a reason"; weaker versions have theirs in the right side."""
    if not versions:
        return "none"
    killed = sum(version.fate == KILLED for version in versions)
    return f"{killed} of {len(versions)} killed, {len(versions) - killed} with a reason"


def unexplained(versions: tuple[Made, ...]) -> list[str]:
    """Those that survive and have no reason on record."""
    return [version.name for version in versions if version.fate == SURVIVES and not version.reason]
