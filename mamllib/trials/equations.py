"""Reading a traced program: its equations, those of the programs inside it, and what it is, in a hash."""

import hashlib
import re
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np

ADDRESS = re.compile(r"0x[0-9a-f]+")


def inner(equation) -> list:
    """The programs that an equation calls: bodies of loops, branches, compiled functions, custom derivatives."""
    leaves = jax.tree.leaves(list(equation.params.values()), is_leaf=_is_program)
    return [leaf for leaf in leaves if _is_program(leaf)]


def equations(program) -> Iterator:
    """Every equation of a program, those inside it after the equation that calls them."""
    for equation in _plain(program).eqns:
        yield equation
        for called in inner(equation):
            yield from equations(called)


def source(program) -> str:
    """The file, and line, of the function that a program was traced from; empty where that is not known."""
    described = getattr(getattr(_plain(program), "debug_info", None), "func_src_info", None) or ""
    return described.rpartition(" at ")[2]


class Digest:
    """Hashes programs by what they compute: names of variables and addresses in memory do not count."""

    def __init__(self) -> None:
        """Large captured arrays are hashed once for all programs."""
        self._arrays: dict[int, tuple] = {}

    def __call__(self, program) -> str:
        """The hash of one program, with the values of the constants that it captured."""
        return self.of_text(repr(self._program(program)))

    @staticmethod
    def of_text(text: str) -> str:
        """The hash of a text."""
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def _program(self, program):
        plain, numbers = _plain(program), {}

        def name(variable):
            if hasattr(variable, "val"):
                return "literal", str(variable.aval), self._value(variable.val)
            return numbers.setdefault(variable, len(numbers)), str(variable.aval)

        inputs = [name(variable) for variable in (*plain.constvars, *plain.invars)]
        lines = [
            (str(line.primitive), *map(name, line.invars), self._value(line.params), *map(name, line.outvars))
            for line in plain.eqns
        ]
        constants = [self._value(value) for value in getattr(program, "consts", ())]
        return constants, inputs, lines, [name(v) for v in plain.outvars]

    def _value(self, value):
        if _is_program(value):
            return self._program(value)
        if isinstance(value, dict):
            return [(str(key), self._value(entry)) for key, entry in value.items()]
        if isinstance(value, tuple | list):
            return [self._value(entry) for entry in value]
        if isinstance(value, set | frozenset):
            return sorted(str(entry) for entry in value)
        if isinstance(value, jax.Array | np.ndarray | np.generic):
            return self._array(value)
        if callable(value) or hasattr(value, "call_wrapped"):
            return getattr(value, "__qualname__", type(value).__name__)
        return ADDRESS.sub("", repr(value))

    def _array(self, value):
        if id(value) not in self._arrays:
            keys = jnp.issubdtype(value.dtype, jax.dtypes.prng_key)
            data = np.asarray(jax.random.key_data(value) if keys else value)
            content = hashlib.blake2b(np.ascontiguousarray(data).tobytes(), digest_size=16).hexdigest()
            self._arrays[id(value)] = value, (str(value.dtype), value.shape, content)  # held, or its id is given anew
        return self._arrays[id(value)][1]


def _is_program(value) -> bool:
    return hasattr(value, "eqns")


def _plain(program):
    return getattr(program, "jaxpr", program)
