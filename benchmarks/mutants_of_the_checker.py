"""Who checks the checker: a sample of mutants of ``mamllib/checking``, each against the tests that reach it.

    pip install mutmut==3.8.1
    python -m benchmarks.mutants_of_the_checker
    python -m benchmarks.mutants_of_the_checker survivors     those on record again, where tests have been added

mutmut makes the mutants and finds which test of ``tests/checking`` calls which function. They are executed here, each
in a fork that has imported everything and computed nothing, since mutmut's own workers run out of time under JAX. Shape
and type checks are off, so that only assertions kill. The explanations of survivors are kept from run to run, by what
the mutant changes.
"""

import ast
import difflib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from benchmarks.side_by_side import MEASURED

ROOT = MEASURED.parents[1]
NAME = "mutants_of_the_checker"
SAMPLE, SEED, SECONDS = 200, 0, 60
OPTIONS = ["-q", "-x", "-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib"]
COPIED = ("mamllib", "tests", "benchmarks", "book/index.md", "book/references.bib", "CITATION.cff", "pyproject.toml")
CONFIGURATION = """[mutmut]
source_paths=mamllib
only_mutate=mamllib/checking/*.py
also_copy=
    benchmarks
    book
    CITATION.cff
pytest_add_cli_args_test_selection=tests/checking
use_git_change_detection=false
"""


def make_mutants(place: Path) -> None:
    """Copy the repository's code to ``place``, and let mutmut write ``place``/mutants and which tests call what."""
    for name in COPIED:
        source, target = ROOT / name, place / name
        target.parent.mkdir(exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    (place / "setup.cfg").write_text(CONFIGURATION)
    mutmut = [sys.executable, "-m", "mutmut", "run", "--max-children", "1", "no.such.mutant"]
    subprocess.run(mutmut, cwd=place, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def changes(mutants: Path) -> dict[str, str]:
    """mutant → the lines that it changes."""
    found = {}
    for path in sorted((mutants / "mamllib" / "checking").glob("*.py")):
        source = path.read_text(encoding="utf-8")
        functions = {
            node.name: ast.get_source_segment(source, node).replace(node.name, "").splitlines()
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.FunctionDef) and "__mutmut_" in node.name
        }
        for name, lines in functions.items():
            stem, _, number = name.partition("__mutmut_")
            if number.isdigit():
                changed = difflib.ndiff(functions[f"{stem}__mutmut_orig"], lines)
                shown = [line[:2] + line[2:].strip() for line in changed if line[0] in "+-"]
                found[f"mamllib.checking.{path.stem}.{name}"] = " ".join(shown)
    return found


def outcome(mutant: str, tests: list[str]) -> str:
    """``survived``, ``killed``, ``timeout`` or ``untested``; of "" that of the code as it is."""
    if not tests:
        return "untested"
    child = os.fork()
    if not child:
        os.environ["MUTANT_UNDER_TEST"] = mutant
        signal.alarm(SECONDS)
        os._exit(_quiet_pytest(tests))
    status = os.waitpid(child, 0)[1]
    return "timeout" if os.WIFSIGNALED(status) else "survived" if os.WEXITSTATUS(status) == 0 else "killed"


def _quiet_pytest(arguments: list[str]) -> int:
    import pytest

    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        return int(pytest.main(OPTIONS + arguments))
    except BaseException:
        return 1


def execute(mutants: Path, chosen: set[str]) -> pd.DataFrame:
    """One row a mutant of the sample, or of those ``chosen`` of it by what they change."""
    import pytest

    os.chdir(mutants)
    sys.path.insert(0, str(mutants))
    os.environ["MUTANT_UNDER_TEST"] = ""
    tests = json.loads(Path("mutmut-stats.json").read_text())["tests_by_mangled_function_name"]
    pytest.main([*OPTIONS, "--collect-only", "tests/checking"])
    if outcome("", ["tests/checking"]) != "survived":
        raise AssertionError("the tests fail without any mutant")
    known = changes(mutants)
    sample = random.Random(SEED).sample(sorted(known), SAMPLE)
    sample = [name for name in sample if not chosen or known[name] in chosen]
    results = [outcome(name, tests.get(name.partition("__mutmut_")[0], [])) for name in sample]
    files = [f"{name.rsplit('.', 1)[0].replace('.', '/')}.py" for name in sample]
    return pd.DataFrame({"file": files, "change": [known[name] for name in sample], "result": results})


def main() -> None:
    """Execute the sample and keep the table."""
    path = MEASURED / f"{NAME}.csv"
    kept = (
        pd.read_csv(path, keep_default_na=False) if path.exists() else pd.DataFrame(columns=["change", "result", "why"])
    )
    why = dict(zip(kept.change, kept.why, strict=True))
    with tempfile.TemporaryDirectory() as place:
        make_mutants(Path(place))
        again = set(kept.change[kept.result != "killed"]) if "survivors" in sys.argv else set()
        table = execute(Path(place) / "mutants", again)
    if again:
        table = pd.concat([kept[~kept.change.isin(again)], table])
    alive = table.result.isin(["survived", "untested"])
    table["why"] = [why.get(change, "") if spared else "" for change, spared in zip(table.change, alive, strict=True)]
    table.sort_values(["file", "change"]).to_csv(path, index=False, lineterminator="\n")
    print(table.result.value_counts().to_string())


if __name__ == "__main__":
    main()
