"""Print the flags with which tests and chapters compile: those this jaxlib knows, for an unknown one ends a process.

    python -m book._tools.xla_flags

Much of their time is compiling thousands of small programs. With less optimisation and without the newer fusion
emitters chapter 6 of the first part takes 64 s of processor time from cold, with the emitters 91 s and with full
optimisation more; no digit that the book shows may depend on it. (With no optimisation at all long runs take ten times
as long.)
"""

import os
import subprocess
import sys

FLAGS = ("--xla_backend_optimization_level=1", "--xla_cpu_use_fusion_emitters=false")
START = "import jax; jax.devices('cpu')"


def is_known(flag: str) -> bool:
    """Whether JAX starts with this flag."""
    own = os.environ | {"XLA_FLAGS": flag, "JAX_PLATFORMS": "cpu"}
    return subprocess.run([sys.executable, "-c", START], env=own, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    print(*filter(is_known, FLAGS))
