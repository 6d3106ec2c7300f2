"""How many programs each statement compiles when it is judged alone: ``python -m benchmarks.programs``.

Each in a process of its own, with its wrong versions, and nothing compiled before. In a run of the tests a statement
shares programs with those before it, so it compiles at most as many; a test holds it to that. The results lie in
``mamllib/measured/programs.csv``.
"""

import subprocess
import sys

import pandas as pd
from tqdm import tqdm

import mamllib as ml
from benchmarks.side_by_side import write
from mamllib import ledger
from mamllib.costs import counted


def programs(statement: str) -> int:
    """How many one statement compiles in this process."""
    with counted() as costs:
        ledger.judge(ml.statement(statement), power=True)
    return costs.compiled


def alone(statement: str) -> int:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.programs", statement]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main(statements: list[str]) -> None:
    """Count one statement that is named, or each of all in a process of its own."""
    if statements:
        print(programs(*statements))
        return
    names = [statement.id for statement in ml.STATEMENTS]
    counts = [alone(name) for name in tqdm(names, unit="statement")]
    write(pd.DataFrame({"statement": names, "programs": counts}), "programs")


if __name__ == "__main__":
    main(sys.argv[1:])
