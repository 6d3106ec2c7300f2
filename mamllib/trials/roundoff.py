"""How far rounding can move what a function computes: measured, by moving every intermediate value a little."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import tree
from mamllib.precision import gamma
from mamllib.trials.equations import inner

MOVE = 2.0**-36
OPERATIONS = 1000
GOLDEN = 2654435769  # 2³² divided by the golden ratio: its multiples fill an interval evenly

CALLS = {"jit", "pjit", "closed_call", "core_call", "custom_jvp_call", "custom_vjp_call", "remat2", "checkpoint"}
LOOPS = {"scan", "while", "cond"}
SUMS = {"dot_general", "reduce_sum", "cumsum", "conv_general_dilated", "scatter-add"}
NEVER_ROUNDED = {
    *("abs", "neg", "sign", "floor", "ceil", "round", "max", "min", "clamp", "select_n", "reduce_max", "reduce_min"),
    *("iota", "broadcast_in_dim", "reshape", "squeeze", "expand_dims", "transpose", "rev", "slice", "concatenate"),
    *("dynamic_slice", "dynamic_update_slice", "gather", "scatter", "pad", "sort", "split", "copy", "copy_p"),
    *("convert_element_type", "bitcast_convert_type", "stop_gradient", "device_put", "optimization_barrier"),
}


def moving(function) -> Callable:
    """(ε, arguments) ↦ function(arguments), where every intermediate value is moved by a relative ±ε; 0 moves none."""

    def moved(move, *arguments):
        program, shape = jax.make_jaxpr(function, return_shape=True)(*arguments)
        outcome = _Moved(move).evaluate(program.jaxpr, program.consts, jax.tree.leaves(arguments))
        return jax.tree.unflatten(jax.tree.structure(shape), outcome)

    return moved


def with_sizes(function, *arguments) -> tuple[Any, tuple]:
    """(φ₁, φ₂, …) = function(arguments), and the ``size`` of each."""
    both = jax.vmap(lambda move: moving(function)(move, *arguments))(jnp.array([0.0, MOVE]))
    values, moved = (jax.tree.map(lambda leaf, k=k: leaf[k], both) for k in range(2))
    return values, tuple(map(size, values, moved))


def size(value, moved):
    """‖φ‖ + ‖φ' − φ‖/ε, φ' moved by ε: the size of the terms that φ is made of.

    A small difference of large terms is of their size. ``allowance`` of it bounds what rounding can feign.
    """
    return tree.norm(value) + tree.norm(tree.subtract(moved, value)) / MOVE


def allowance(*sizes):
    """What a thousand operations in a row on terms of these sizes can be off by."""
    return gamma(OPERATIONS) * sum(sizes)


def uneven(shape, seed: int):
    """Numbers in [−3/2, 3/2) without a pattern, the same each time."""
    count = jax.lax.iota(np.uint32, int(np.prod(shape, dtype=int)))
    turns = (count + np.uint32(seed)) * np.uint32(GOLDEN)
    return (3 * turns.astype(float) / 2**32 - 1.5).reshape(shape)


class _Moved:
    """Evaluates a program, moving every float that is rounded on the way."""

    def __init__(self, move) -> None:
        self._move, self._numbers, self._patterns = move, np.random.default_rng(0), {}

    def evaluate(self, program, constants, arguments) -> list:
        """What the program returns."""
        known = dict(zip((*program.constvars, *program.invars), (*constants, *arguments), strict=True))

        def read(variable):
            return variable.val if hasattr(variable, "val") else known[variable]

        for equation in program.eqns:
            known.update(zip(equation.outvars, self._step(equation, list(map(read, equation.invars))), strict=True))
        return [read(variable) for variable in program.outvars]

    def _step(self, equation, values) -> list:
        name = equation.primitive.name
        if name in CALLS:
            (called,) = inner(equation)
            return self.evaluate(getattr(called, "jaxpr", called), getattr(called, "consts", ()), values)
        if name in LOOPS:
            values = map(self._shaken, values)
        if name in SUMS:
            values[-1] = self._shaken(values[-1])
        made = equation.primitive.bind(*values, **equation.params)
        made = made if equation.primitive.multiple_results else [made]
        return list(made) if name in NEVER_ROUNDED | SUMS else list(map(self._moved, made))

    def _moved(self, value):
        """By a number drawn for this value."""
        return value * (1 + self._move * self._number()) if _is_float(value) else value

    def _shaken(self, value):
        """Along a pattern that all terms of this shape share, so that no sum of large terms stays small."""
        shape = jnp.shape(value)
        if not (shape and _is_float(value)):
            return self._moved(value)
        if shape not in self._patterns:
            self._patterns[shape] = self._move * uneven(shape, 1)
        return value * (1 + self._number() * self._patterns[shape])

    def _number(self) -> float:
        return float(self._numbers.uniform(0.5, 1.5) * self._numbers.choice((-1, 1)))


def _is_float(value) -> bool:
    return jnp.issubdtype(jnp.result_type(value), jnp.floating)
