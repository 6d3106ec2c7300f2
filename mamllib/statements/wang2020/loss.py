"""A loss ℓ(t, y), and what can be found out about one that a user wrote: what it computes now, whether it has kinks."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from mamllib.trials import ChangingFunctionError
from mamllib.trials.equations import Digest, equations
from mamllib.validation import PrecisionError

UNCHANGED = "ℓ computes what it did"
SMOOTH = "ℓ is C² in h"
CONVEX = "ℓ is convex in h"
CELLS, HALVINGS = 32, 50
SHARE = 1e-4  # of the derivatives' size: what a difference quotient may be off
STEP = 1e-6


class Loss(NamedTuple):
    """ℓ(t, y) for numbers t and y; ``convex`` is what its author says: it is measured, so nothing rests on the word."""

    value: Callable
    convex: bool = True

    def values(self, t, y):
        """ℓ(t, y), elementwise."""
        return jnp.vectorize(self.value)(t, y)

    def slope(self, t, y):
        """ℓ'(t, y), elementwise."""
        return jnp.vectorize(jax.grad(self.value))(t, y)

    def curvature(self, t, y):
        """ℓ''(t, y), elementwise."""
        return jnp.vectorize(jax.grad(jax.grad(self.value)))(t, y)


def _squared(t, y):
    return (t - y) ** 2 / 2


def _logistic(t, y):
    return jax.nn.softplus(-y * t)


def _double_well(t, y):
    return (t**2 - 1) ** 2 + 0.3 * t + 0 * y


SQUARED, LOGISTIC, DOUBLE_WELL = Loss(_squared), Loss(_logistic), Loss(_double_well, False)


def traced(loss: Loss) -> str:
    """A digest of what ℓ, ℓ' and ℓ'' compute now, with the globals that they read.

    Raises:
        ValueError: the loss raises, or is not one number.
    """
    return Digest()(_program(loss))


def require_usable(loss: Loss) -> None:
    """Raise ``PrecisionError`` where it computes in less than float64, ``ChangingFunctionError`` where it is another
    one each time.
    """
    widths = {str(variable.aval.dtype) for line in equations(_program(loss)) for variable in line.outvars}
    for narrow in widths & {"float32", "float16", "bfloat16"}:
        raise PrecisionError(f"the loss computes in {narrow}; every step must be float64")
    if traced(loss) != traced(loss):
        raise ChangingFunctionError("the loss is another one each time it is read; let it depend on t and y alone")


def _program(loss: Loss):
    def derivatives(t, y):
        value = loss.value(t, y)
        if jnp.shape(value) != ():
            raise ValueError(f"at two numbers its shape is {jnp.shape(value)}, not ()")
        return value, jax.grad(loss.value)(t, y), jax.grad(jax.grad(loss.value))(t, y)

    try:
        return jax.make_jaxpr(derivatives)(*np.full(2, 0.5))
    except jax.errors.ConcretizationTypeError as error:
        raise ValueError("the loss asks what a number is (if, while, float, int): use jnp.where") from error
    except Exception as error:
        raise ValueError(f"the loss raised {type(error).__name__}: {str(error).splitlines()[0]}") from error


def readings(loss: Loss, start, here, there, y) -> dict:
    """All that is read of ℓ where a problem reads it, around, and between.

    Args:
        start: h_ω at the inputs (N,). here, there: adapted values (n, N) of ω and of the comparator. y: labels (n, N).

    Returns:
        places (K, n, N): ``here``, ``there``, ``start``; both sides of ``here`` and of ``start``; and a grid from
        ``here`` to ``there``. values, slopes, curvatures (K, n, N): ℓ, ℓ', ℓ''. jump: the largest that is left of the
        change of ℓ' over a cell of the grid, halved towards the larger change until nothing is left of the cell.
    """
    start = jnp.broadcast_to(start, here.shape)
    reach = jnp.abs(jnp.stack([here, there, start])).max()
    step = STEP * jnp.where(reach > 0, jnp.minimum(reach, 1.0), 1.0)
    around = [here - step, here + step, start - step, start + step]
    grid = here + (there - here) * jnp.linspace(0, 1, CELLS + 1)[:, None, None]
    places = jnp.concatenate([jnp.stack([here, there, start, *around]), grid])
    read = {"values": loss.values(places, y), "slopes": loss.slope(places, y), "curvatures": loss.curvature(places, y)}
    return read | {"places": places, "jump": _jump(loss, grid, y)}


def _jump(loss, grid, y):
    def halve(_, ends):
        low, high = ends
        middle = (low + high) / 2
        below, slope, above = loss.slope(jnp.stack([low, middle, high]), y)
        left = jnp.abs(slope - below) >= jnp.abs(above - slope)
        return jnp.where(left, low, middle), jnp.where(left, middle, high)

    low, high = jax.lax.fori_loop(0, HALVINGS, halve, (grid[:-1], grid[1:]))
    below, above = loss.slope(jnp.stack([low, high]), y)
    return jnp.abs(above - below).max()


def smoothness(read) -> np.ndarray:
    """What a C² function may differ from its derivatives, less what ℓ does: ≥ 0 in three trials.

    One-sided difference quotients of ℓ against ℓ' at the adapted values, and of ℓ' against ℓ'' at h_ω; jumps of ℓ'.
    """
    steepest, most = np.abs(read.slopes).max(), np.abs(read.curvatures).max()
    reach = np.abs(read.places[:3]).max() or 1.0
    rounding = 1e3 * np.finfo(float).eps / (STEP * min(reach, 1.0))
    firsts = (read.values[3:5] - read.values[0]) / (read.places[3:5] - read.places[0]) - read.slopes[0]
    seconds = (read.slopes[5:7] - read.slopes[2]) / (read.places[5:7] - read.places[2]) - read.curvatures[2]
    size = steepest + reach * most
    off = [np.abs(firsts).max(), np.abs(seconds).max(), read.jump]
    noise = [rounding * np.abs(read.values).max(), rounding * steepest, 0.0]
    return SHARE * size * np.array([1, 1 / reach, 1]) + noise - off


def bend(read) -> float:
    """The least ℓ'' between the adapted values, over the largest |ℓ''|."""
    return float(read.curvatures[7:].min() / (np.abs(read.curvatures).max() or 1.0))
