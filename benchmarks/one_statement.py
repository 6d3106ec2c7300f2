"""How long one statement takes to be judged, cold and warm, beside one example of PEPit.

    pip install --group peers  # PEPit; pip >= 25.1
    python -m benchmarks.one_statement [--rounds 3]

They are different kinds of check. PEPit solves a semidefinite program for the worst case over *all* functions of a
class, of gradient descent with five steps; a statement of ``mamllib`` is held against instances and wrong versions of
itself. What is compared is how long one waits. Cold is a new process, imports and compiling included, with no cache of
compiled programs; warm is the same once more in that process, where ``mamllib`` remembers what it has measured and
decides anew. The results lie in ``mamllib/measured/one_statement.csv``.
"""

import argparse
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec

import numpy as np
import pandas as pd

from benchmarks.side_by_side import device, one_core, write

OURS, PEPIT = "mamllib, fallah2020/lemma_4_8", "PEPit, gradient descent"
CHECKS = {
    OURS: """
import mamllib as ml
from mamllib import ledger
check = lambda: ledger.judge(ml.statement("fallah2020/lemma_4_8"))
""",
    PEPIT: """
from PEPit.examples.unconstrained_convex_minimization.gradient_descent import wc_gradient_descent
check = lambda: wc_gradient_descent(L=1, gamma=1, n=5, verbose=-1)
""",
}
TIMED = """
import time
begun = time.perf_counter()
{check}
imported = time.perf_counter()
check()
cold = time.perf_counter()
check()
print(imported - begun, cold - imported, time.perf_counter() - cold)
"""
PACKAGES = {OURS: ("mamllib", "jax", "jaxlib"), PEPIT: ("PEPit", "cvxpy")}


def seconds(check: str) -> tuple[float, float, float]:
    """(import, the first check, the second) in a new process."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JAX_COMPILATION_CACHE")}
    command = [sys.executable, "-c", TIMED.format(check=check)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    return tuple(map(float, printed.split()[-3:]))


def rows(name: str, found: np.ndarray) -> list[dict]:
    """Import, cold and warm: the least, the middle and the largest of the rounds."""
    kinds = {"import": found[:, 0], "cold": found[:, :2].sum(axis=1), "warm": found[:, 2]}
    return [
        {"check": name, "kind": kind, "seconds": np.median(times), "minimum": min(times), "maximum": max(times)}
        for kind, times in kinds.items()
    ]


def main() -> None:
    """Both in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    one_core()
    checks = {name: check for name, check in CHECKS.items() if find_spec(PACKAGES[name][0])}
    found, load = {name: [] for name in checks}, []
    for turn in range(rounds):
        for name in list(checks)[:: 1 if turn % 2 else -1]:
            found[name].append(seconds(checks[name]))
            load.append(os.getloadavg()[0])
    table = pd.DataFrame([row for name, times in found.items() for row in rows(name, np.array(times))])
    versions = table.check.map(lambda name: " ".join(f"{each} {version(each)}" for each in PACKAGES[name]))
    facts = {"rounds": rounds, "load": np.mean(load), "device": device(), "versions": versions}
    write(table.assign(**facts, python=platform.python_version()), "one_statement")


if __name__ == "__main__":
    main()
