"""What JAX compiled is shared: by two processes, without harm where one has half written a program, and by folders."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "import jax; print(jax.jit(lambda x: x + 1)(1.0))"


def run_as_make_does(cache: Path) -> subprocess.CompletedProcess:
    """The program, run by a recipe of the Makefile with another cache."""
    rule = f"probe: ; @{sys.executable} -c '{PROGRAM}'"
    own = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    return subprocess.run(
        ["make", "--no-print-directory", f"JAX_COMPILATION_CACHE_DIR={cache}", "--eval", rule, "probe"],
        cwd=ROOT,
        env=own,
        capture_output=True,
        text=True,
        check=True,
    )


def test_a_program_s_name_does_not_depend_on_the_folder(tmp_path):
    for name in ("here", "there"):
        run_as_make_does(tmp_path / name)
    here, there = ({path.name for path in (tmp_path / name).glob("*-cache")} for name in ("here", "there"))
    assert here
    assert here == there


def test_a_half_written_program_is_compiled_anew_in_silence(tmp_path, pytestconfig):
    run_as_make_does(tmp_path)
    programs = list(tmp_path.glob("*-cache"))
    assert programs
    for program in programs:
        program.write_bytes(program.read_bytes()[:40])
    again = run_as_make_does(tmp_path)
    assert (again.stdout.strip(), again.stderr) == ("2.0", "")
    assert any("compilation cache entry" in line for line in pytestconfig.getini("filterwarnings"))
