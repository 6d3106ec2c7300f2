"""What is cited: a figure, a paper, or a statement with what came of checking it, on this commit and just now."""

import difflib
from collections.abc import Callable

from mamllib import ledger
from mamllib.checking.statement import Statement
from mamllib.figures import citation, companion
from mamllib.records import outcome


class UnknownNameError(LookupError):
    """No figure, no paper and no statement has this name."""


def named(name: str) -> str | Statement:
    """The name of a figure or of a paper as it is, or the statement of this name.

    Raises:
        UnknownNameError: nothing is called so; the message gives the nearest known names.
    """
    if name in companion.figures() or name in _papers():
        return name
    try:
        return ledger.statement(name)
    except ledger.UnknownStatementError:
        raise _unknown(name) from None


def checked(statement: Statement, progress: Callable = lambda cases: cases) -> ledger.Entry:
    """Check every instance of a statement, but none of its wrong versions: an entry cites the verdict.

    Args:
        statement: to be cited.
        progress: wraps its instances, for example ``tqdm.tqdm``.
    """
    return ledger.Entry(statement, tuple(statement.check_case(case.name) for case in progress(statement.cases)), ())


def entries(cited: str | ledger.Entry) -> list[str]:
    """The BibTeX entries that cite a figure (this companion's), a paper, or a statement (its paper's and ours)."""
    if isinstance(cited, ledger.Entry):
        found = outcome(cited.verdict, cited.grades)
        return [companion.paper(cited.statement.source.key), citation.check_entry(cited.statement.id, found)]
    return [companion.paper(cited) if cited in _papers() else citation.figure_entry(cited)]


def _papers() -> list[str]:
    return list(dict.fromkeys(statement.id.split("/")[0] for statement in ledger.STATEMENTS))


def _unknown(name: str) -> UnknownNameError:
    known = [*companion.figures(), *_papers(), *(statement.id.split("/")[-1] for statement in ledger.STATEMENTS)]
    nearest = difflib.get_close_matches(name.split("/")[-1], known, n=3, cutoff=0.4)
    hint = f"the nearest are {', '.join(nearest)}" if nearest else "the gallery and the ledger of the book list them"
    return UnknownNameError(f"no figure, paper or statement is called {name!r}; {hint}")
