"""Double precision inside the functions of a task, where the dtype of its data does not show it."""

import jax
import jax.numpy as jnp
import numpy as np

from mamllib.trials.equations import equations
from mamllib.trials.fingerprint import Reading, read
from mamllib.trials.programs import is_exact
from mamllib.validation import PrecisionError


def require_x64() -> None:
    """Raise ``PrecisionError`` where double precision was switched off after ``mamllib`` had switched it on."""
    if jax.dtypes.canonicalize_dtype(np.float64) != np.float64:
        raise PrecisionError(
            "double precision is switched off, and no verdict can be given in float32; "
            'switch it on with jax.config.update("jax_enable_x64", True)'
        )


def require_double(tasks, w) -> None:
    """Raise ``PrecisionError``, naming the function and the first place, where one computes in less than float64.

    Nothing is run. Fractions are let through.
    """
    if not is_exact(tasks, w):
        require_x64()
        require_double_inside(read(tasks, w))


def require_double_inside(readings: list[Reading]) -> None:
    """As ``require_double``, of functions that were read."""
    for reading in readings:
        for equation in equations(reading.program):
            low = [value.aval.dtype for value in (*equation.invars, *equation.outvars) if _is_low(value.aval)]
            if low:
                raise PrecisionError(
                    f"{reading.subject} computes in {low[0]}, first in {equation.primitive}{_line(equation)}; float64 "
                    "is required: convert what it reads with .astype(float), and create arrays with dtype=float"
                )


def _is_low(shaped) -> bool:
    dtype = getattr(shaped, "dtype", np.dtype(float))
    return jnp.issubdtype(dtype, jnp.inexact) and dtype not in (np.float64, np.complex128)


def _line(equation) -> str:
    """Where the user wrote it, as far as JAX can tell."""
    traceback = getattr(equation.source_info, "traceback", None)
    for frame in getattr(traceback, "frames", ()):
        if "/jax/" not in frame.file_name and "/mamllib/" not in frame.file_name:
            return f" ({frame.function_name}, line {frame.line_num})"
    return ""
