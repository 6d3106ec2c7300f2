"""``mamllib verify``: the ledger in a terminal."""

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
    print(json.dumps([entry.record() for entry in entries], indent=1) if options.json else ledger.table(entries))
    return _complain(entries)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mamllib", description="Check what papers on MAML claim.")
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify", help="check statements and print the ledger")
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
