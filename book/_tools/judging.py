"""Judge every statement, and note what the judgement of each group of statements runs.

    python -m book._tools.judging FOLDER '["fallah2020/Pairs", …]'

The statements of a paper that are asked the same question are a group. This process imports the library; another,
forked from it, judges a group: so nothing that was measured or compiled for one group is there for another, and what
the group ran is all that its records depend on. They go to a file in FOLDER; of the groups named that file is read. On
standard output is what ``mamllib verify --json --power`` prints.
"""

import json
import os
import sys
import time
import traceback
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from . import tracing


def main() -> int:
    """Judge what is not kept, one group after the other, and print the records of all."""
    folder, kept = Path(sys.argv[1]), set(json.loads(sys.argv[2]))
    trace = tracing.begin()
    from mamllib import ledger

    groups = grouped(ledger.STATEMENTS)
    wrong = [name for name in groups if name not in kept and not _apart(groups[name], folder / f"{name}.json", trace)]
    if wrong:
        return 1
    judged = {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in groups}
    records = {record["id"]: record for group in judged.values() for record in group["statements"]}
    print(json.dumps(ledger.assembled([records[statement.id] for statement in ledger.STATEMENTS])))
    return 0


def grouped(statements: Sequence) -> dict[str, list]:
    """The statements of each group, as in ``fallah2020/Pairs``."""
    groups = defaultdict(list)
    for statement in statements:
        groups[f"{statement.id.split('/')[0]}/{statement.takes.__name__}"].append(statement)
    return dict(groups)


def _apart(statements: Sequence, path: Path, trace: tracing.Trace) -> bool:
    """Judge a group in a process of its own; whether all came out as recorded."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = _judge(statements, path, trace)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _judge(statements: Sequence, path: Path, trace: tracing.Trace) -> int:
    from mamllib import cli, ledger

    trace.restart()
    entries, seconds = [], {}
    for statement in statements:
        start = time.perf_counter()
        entries.append(ledger.judge(statement, power=True))
        seconds[entries[-1].statement.id] = round(time.perf_counter() - start, 1)
    records = [entry.record() for entry in entries]
    if status := cli.complain(entries):
        return status
    tracing.write(path, json.dumps({"statements": records, "seconds": seconds, "trace": trace.record()}).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
