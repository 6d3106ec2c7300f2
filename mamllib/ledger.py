"""Every statement of the companion, checked, as one table; every numbered item of a paper as another."""

import difflib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mamllib import validation
from mamllib.checking.check import Check
from mamllib.checking.statement import Statement
from mamllib.checking.verdict import Grade, Verdict
from mamllib.records import PROVENANCE, header, statement_record
from mamllib.report import Table, margin_text, marked, sides_text, verdict_record
from mamllib.statements import register
from mamllib.statements.items import Item
from mamllib.statements.power import Made
from mamllib.statements.wrong_versions import summary, wrong_versions

STATEMENTS: tuple[Statement, ...] = register.all_statements()
ITEMS: dict[str, tuple[Item, ...]] = register.items()
COLUMNS = (
    "statement",
    "source",
    "verdict",
    "evidence",
    "least hypothesis margin",
    "lhs",
    "rhs",
    "slack",
    "largest lhs/rhs",
    "at",
    "mutants caught",
)
ITEM_COLUMNS = ("item", "kind", "what", "verdicts, or where it is found")


class UnknownStatementError(LookupError):
    """No statement has this id."""


@dataclass(frozen=True)
class Entry:
    """One statement with the outcome of all its cases and mutants, what was made of it, and how near each mutant is."""

    statement: Statement
    checks: tuple[Check, ...]
    mutants: tuple[Check, ...]
    made: tuple[Made, ...] = ()
    nearness: tuple[float | None, ...] = ()

    @property
    def unexpected(self) -> list[Check]:
        """Checks whose verdict differs from the one on record."""
        return [check for check in (*self.checks, *self.mutants) if not check.is_expected]

    @property
    def verdict(self) -> Verdict:
        """The worst verdict over the cases that are not silent; silent if all are."""
        spoken = [check.verdict for check in self.checks if check.verdict != Verdict.SILENT]
        order = (Verdict.VIOLATED, Verdict.UNDECIDED, Verdict.HOLDS)
        return next((verdict for verdict in order if verdict in spoken), Verdict.SILENT)

    @property
    def tightest(self) -> Check:
        """The case with the largest lhs/rhs among those where the statement speaks and could have been refuted."""
        spoken = [check for check in self.checks if check.verdict != Verdict.SILENT]
        evidence = [check for check in spoken if not check.illustration]
        return max(evidence or spoken or self.checks, key=lambda check: check.ratio)

    @property
    def evidence(self) -> str:
        """On how many instances the statement was violated, verified, not violated, only illustrated, and silent."""
        held, violated, silent = (self._with(verdict) for verdict in (Verdict.HOLDS, Verdict.VIOLATED, Verdict.SILENT))
        illustrated = sum(bool(check.illustration) for check in held)
        held = [check for check in held if not check.illustration]
        verified = sum(check.grade == Grade.EXACT for check in held)
        parts = [
            f"violated on {len(violated)}",
            f"verified on {verified}",
            f"not violated on {len(held) - verified}",
            f"illustrated on {illustrated}",
            f"silent on {len(silent)}",
        ]
        return ", ".join(part for part in parts if not part.endswith(" 0"))

    @property
    def grades(self) -> dict[str, int]:
        """How many instances of each grade the statement speaks on, the strongest grade first."""
        spoken = Counter(check.grade for check in self.checks if check.verdict != Verdict.SILENT)
        return {str(grade): spoken[grade] for grade in Grade if spoken[grade]}

    def _with(self, verdict: Verdict) -> list[Check]:
        return [check for check in self.checks if check.verdict == verdict]

    def cells(self) -> tuple[str, ...]:
        """The row of the ledger."""
        source, tight = self.statement.source, self.tightest
        caught = sum(check.verdict == Verdict.VIOLATED for check in self.mutants)
        return (
            self.statement.title,
            PROVENANCE[source.tag],
            marked(self.verdict),
            self.evidence,
            margin_text(tight),
            *sides_text(tight),
            tight.case,
            f"{caught} of {len(self.mutants)}" + (f"; made: {summary(self.made)}" if self.made else ""),
        )

    def record(self) -> dict:
        """The row for machines, with every check; ``ledger.schema.json`` says what each field is."""
        return statement_record(self, dict(zip(COLUMNS, self.cells(), strict=True)))


def find(ids: Sequence[str] = (), among: Sequence[Statement] = STATEMENTS) -> list[Statement]:
    """The statements named: a full id, its last part, the start of either, or a paper; all where none is named.

    Raises:
        UnknownStatementError: an id that matches nothing; the message gives the nearest known ones.
    """
    if not ids:
        return list(among)
    chosen = {statement.id: statement for name in ids for statement in _matching(name, among)}
    return list(chosen.values())


def statement(name: str) -> Statement:
    """The one statement of this id (``fallah2020/lemma_4_8``) or last part of an id (``lemma_4_8``).

    Raises:
        UnknownStatementError: no statement is called so; the message gives the nearest known ones.
        TypeError: ``name`` is no text.
    """
    validation.require_a(str, "the name of a statement", name, 'a text such as "lemma_4_8"')
    for known in STATEMENTS:
        if name in (known.id, known.id.split("/")[-1]):
            return known
    raise _unknown(name, STATEMENTS)


def verify(
    *ids: str,
    seed: int = 0,
    among: Sequence[Statement] = STATEMENTS,
    progress: Callable = lambda items: items,
    power: bool = False,
) -> list[Entry]:
    """Check every case and every mutant of the statements named (all by default).

    Args:
        ids: as in ``find``.
        seed: seeds the random instances and samples.
        among: the statements to choose from.
        progress: wraps the list of statements, for example ``tqdm.tqdm``.
        power: make wrong versions as well, and execute them on every instance on record.
    """
    names = [statement.id for statement in among]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"more than one statement is called {', '.join(doubled)}")
    return [judge(chosen, seed, power) for chosen in progress(find(ids, among))]


def judge(statement: Statement, seed: int = 0, power: bool = False) -> Entry:
    """Check every case and every mutant of one statement; see ``verify``."""
    checks, mutants = tuple(statement.check_all(seed)), tuple(statement.check_mutants(seed))
    near = tuple(statement.nearness(mutant, seed) for mutant in statement.mutants)
    return Entry(statement, checks, mutants, wrong_versions(statement, seed) if power else (), near)


def table(entries: Sequence[Entry]) -> Table:
    """The ledger."""
    checks = [check for entry in entries for check in entry.checks]
    return Table(COLUMNS, [entry.cells() for entry in entries], [verdict_record(check) for check in checks])


def records(entries: Sequence[Entry], ids: Sequence[str] = (), seed: int = 0) -> dict:
    """What ``mamllib verify --json`` prints: the statements, and the numbered items of every paper asked as a whole.

    ``ledger.schema.json`` says what each field is.

    Args:
        entries: statements as checked.
        ids: what was asked, as in ``find``; a whole paper by its name, every paper where nothing is named.
        seed: they were checked with.
    """
    return assembled([entry.record() for entry in entries], ids, seed)


def assembled(statements: Sequence[dict], ids: Sequence[str] = (), seed: int = 0) -> dict:
    """As ``records``, from the records of statements."""
    asked = [item for paper, items in ITEMS.items() if not ids or paper in ids for item in items]
    items = [_item_record(item, statements) for item in asked]
    return header(seed) | {"statements": list(statements), "items": items}


def statements_table(recorded: dict) -> Table:
    """The ledger, from ``records``."""
    return Table(COLUMNS, [[record["shown"][column] for column in COLUMNS] for record in recorded["statements"]])


def takes_table(statements: Sequence[Statement]) -> Table:
    """What each statement takes, and how that is made."""
    return Table(("statement", "takes"), [(s.id, getattr(s.takes, "recipe", s.takes.__name__)) for s in statements])


def items_table(recorded: dict) -> Table:
    """Every numbered item with the verdicts of its statements, or where it is found, from ``records``."""
    return Table(ITEM_COLUMNS, [[record[column] for column in ITEM_COLUMNS] for record in recorded["items"]])


def _matching(name: str, among):
    found = [s for s in among if s.id.startswith(name) or s.id.split("/")[-1].startswith(name)]
    if not found:
        raise _unknown(name, among)
    return found


def _unknown(name: str, among) -> UnknownStatementError:
    known = [s.id.split("/")[-1] for s in among]
    begun = [other for other in known if other.startswith(name)]
    nearest = begun or difflib.get_close_matches(name.split("/")[-1], known, n=3, cutoff=0.5) or known
    return UnknownStatementError(f"no statement is called {name!r}; the nearest are {', '.join(nearest)}")


def _item_record(item: Item, statements: Sequence[dict]) -> dict:
    found = [_found(where, statements) for where in item.where]
    cells = (item.name, item.kind, item.what, "; ".join(found))
    return dict(zip(ITEM_COLUMNS, cells, strict=True)) | {"where": list(item.where)}


def _found(where: str, statements: Sequence[dict]) -> str:
    """A statement's verdict, a public name, a chapter, or by how many statements a hypothesis is measured."""
    if where.startswith("mamllib."):
        return where
    if where.startswith("book/"):
        return f"chapter {where.split('/')[-1]}"
    if "/" in where:
        verdict = next((record["shown"]["verdict"] for record in statements if record["id"] == where), "not checked")
        return f"{where.split('/')[-1]} {verdict}"
    count = sum(where in check["margins"] for record in statements for check in record["checks"][:1])
    return f"“{where}”, measured by {count} statement{'s' * (count != 1)}"
