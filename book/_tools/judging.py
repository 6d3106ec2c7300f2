"""Judge every statement, and note what the judgement of each group of statements runs.

    python -m book._tools.judging FOLDER '["fallah2020/Pairs", …]'

The statements of a paper that are asked the same question are a group. This process imports the library; another,
forked from it, judges a group: so nothing that was measured or compiled for one group is there for another, and what
the group ran is all that its records depend on. They go to a file in FOLDER; of the groups named that file is read. On
standard output is what ``mamllib verify --json --power`` prints.
"""

import json
import os
import signal
import sys
import time
import traceback
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NoReturn

from . import tracing


def main() -> int:
    """Judge what is not kept, one group after the other, and print the records of all."""
    folder, kept = Path(sys.argv[1]), json.loads(sys.argv[2])
    trace = tracing.begin()
    from mamllib import ledger

    records = judged(ledger.STATEMENTS, folder, kept, trace)
    if records is None:
        return 1
    print(json.dumps(ledger.assembled(records)))
    return 0


def judged(statements: Sequence, folder: Path, kept: Collection[str], trace: tracing.Trace) -> list[dict] | None:
    """The records of these statements, in their order; nothing where one of them came out wrong."""
    groups = grouped(statements)
    files = {name: folder / f"{name}.json" for name in groups}
    fine = [name in kept or _apart(groups[name], files[name], trace) for name in groups]
    if not all(fine):
        return None
    read = [json.loads(file.read_text(encoding="utf-8")) for file in files.values()]
    records = {record["id"]: record for group in read for record in group["statements"]}
    return [records[statement.id] for statement in statements]


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
        _in_child(statements, path, trace)
    # Whoever ends this process ends the other.
    before = signal.signal(signal.SIGTERM, lambda *_: (os.kill(child, signal.SIGKILL), sys.exit(1)))
    try:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        signal.signal(signal.SIGTERM, before)


def _in_child(statements: Sequence, path: Path, trace: tracing.Trace) -> NoReturn:
    status = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        status = _judge(statements, path, trace)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


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
