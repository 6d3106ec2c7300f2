"""``mamllib verify``: the ledger in a terminal, and every numbered item where a whole paper is asked."""

import argparse
import json
import sys

from tqdm import tqdm

from mamllib import ledger


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; exit status 1 on an unexpected verdict, 2 on a name that is not known."""
    options = _parser().parse_args(arguments)
    try:
        entries = ledger.verify(*options.statements, seed=options.seed, progress=_progress(options))
    except ledger.UnknownStatementError as error:
        print(f"mamllib: {error}", file=sys.stderr)
        return 2
    recorded = ledger.records(entries, options.statements)
    print(json.dumps(recorded, indent=1) if options.json else _tables(recorded))
    return _complain(entries)


def _tables(recorded: dict) -> str:
    statements = repr(ledger.statements_table(recorded))
    return f"{statements}\n\n{ledger.items_table(recorded)!r}" if recorded["items"] else statements


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mamllib", description="Check what papers on MAML claim.")
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify", help="check statements, print the ledger and a paper's items")
    verify.add_argument(
        "statements", nargs="*", help="ids or their beginnings, e.g. lemma_4_8 or fallah2020; all by default"
    )
    verify.add_argument("--seed", type=int, default=0, help="seed of the random instances (default 0)")
    verify.add_argument("--json", action="store_true", help="print records for machines")
    return parser


def _progress(options):
    quiet = not sys.stderr.isatty()
    return lambda statements: tqdm(statements, unit="statement", leave=False, disable=quiet)


def _complain(entries) -> int:
    unexpected = [check for entry in entries for check in entry.unexpected]
    for check in unexpected:
        print(f"mamllib: {check.statement}, {check.case}: {check.verdict}, expected {check.expected}", file=sys.stderr)
    return 1 if unexpected else 0
