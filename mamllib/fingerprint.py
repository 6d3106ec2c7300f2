"""A digest of any value that is the same in every process: by what the value is, never by where it lies.

Functions and classes are told apart by their code, what they enclose, and the numbers, functions and classes they
name; what is installed, such as JAX, an optimiser of optax or this package, by its name and what it encloses.
"""

import dataclasses
import functools
import hashlib
import sys
import sysconfig
import types
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import jax
import numpy as np

PLAIN = bool | int | float | complex | str | bytes | Fraction | None
ARRAYS = np.ndarray | np.generic | jax.Array
METHODS = types.FunctionType | property | functools.cached_property | staticmethod | classmethod
# A code object is what it does; where it stands in its file does not matter.
CODE = ("co_code", "co_consts", "co_names", "co_varnames", "co_freevars", "co_cellvars")


def fingerprint(value) -> str:
    """The digest; equal values have equal ones, and a function with another constant in it has another."""
    return _digest(value, [], {})


def _digest(value, above: list, known: dict) -> str:
    """``above`` are the values in which this one lies, where a circle ends; ``known`` keeps what was digested."""
    if id(value) in known:
        return known[id(value)][1]
    for height, outer in enumerate(reversed(above)):
        if outer is value:
            return f"circle {height}"
    digest = hashlib.sha256(_kind(value).encode())
    for part in _content(value):
        content = part if isinstance(part, bytes) else _digest(part, [*above, value], known).encode()
        digest.update(len(content).to_bytes(8, "little") + content)
    known[id(value)] = value, digest.hexdigest()
    return digest.hexdigest()


def _kind(value) -> str:
    return "array" if isinstance(value, ARRAYS) else type(value).__name__


def _content(value) -> Iterable:
    if isinstance(value, ARRAYS):
        return _array(value)
    if isinstance(value, PLAIN):
        return [repr(value).encode()]
    if isinstance(value, dict):
        return [part for key in sorted(value, key=repr) for part in (key, value[key])]
    if isinstance(value, set | frozenset):
        return sorted(fingerprint(entry).encode() for entry in value)
    if isinstance(value, tuple | list):
        return value
    if isinstance(value, types.CodeType):
        return [getattr(value, name) for name in CODE]
    return _definition(value) if callable(value) or isinstance(value, METHODS) else _state(value)


def _array(value) -> Iterable:
    if jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):
        value = jax.random.key_data(value)
    array = np.asarray(value)
    content = array.ravel().tolist() if array.dtype == object else [np.ascontiguousarray(array).tobytes()]
    return [f"{array.dtype} {array.shape}".encode(), *content]


def _definition(value) -> Iterable:
    if isinstance(value, type):
        return _class(value)
    if isinstance(value, types.FunctionType):
        return _function(value)
    if isinstance(value, types.MethodType):
        return [value.__func__, value.__self__]
    if isinstance(value, functools.partial):
        return [value.func, value.args, value.keywords]
    if isinstance(value, property | functools.cached_property):
        return [value.fget if isinstance(value, property) else value.func]
    if hasattr(value, "__wrapped__"):
        return [value.__wrapped__]
    return [_name(value)] if hasattr(value, "__qualname__") else _state(value)


def _function(function) -> Iterable:
    held = [_enclosed(function), function.__defaults__, function.__kwdefaults__]
    if not _is_installed(function.__code__.co_filename):
        return [function.__code__, *held, _named(function)]
    if hasattr(function, "__wrapped__"):
        return [function.__wrapped__]
    return [_name(function), str(function.__code__.co_firstlineno).encode(), *held]


def _enclosed(function) -> list:
    """What the cells of the function hold; one may be empty still."""
    return [getattr(cell, "cell_contents", None) for cell in function.__closure__ or ()]


def _named(function) -> list:
    """The globals that the code, or code inside it, looks up."""
    names = sorted(_names(function.__code__) & function.__globals__.keys())
    return [part for name in names for part in (name, function.__globals__[name])]


def _names(code) -> set[str]:
    inner = (_names(constant) for constant in code.co_consts if isinstance(constant, types.CodeType))
    return set(code.co_names).union(*inner)


def _class(cls) -> Iterable:
    if _is_installed(_file(cls)):
        return [_name(cls)]
    own = {name: part for name, part in vars(cls).items() if _matters(name, part)}
    return [cls.__qualname__.encode(), cls.__bases__, own]


def _matters(name: str, part) -> bool:
    """Whether a class attribute says what its objects do: the rest is written by Python, such as ``__eq__``."""
    written = name.startswith("_abc") or (name.startswith("__") and name.endswith("__"))
    return (name == "__call__" or not written) and isinstance(part, METHODS | PLAIN | ARRAYS | tuple)


def _state(value) -> Iterable:
    if dataclasses.is_dataclass(value):
        return [type(value), *(getattr(value, field.name) for field in dataclasses.fields(value))]
    if isinstance(value, types.ModuleType):
        return [value.__name__.encode()]
    if hasattr(value, "__dict__") and not _is_installed(_file(type(value))):
        return [type(value), vars(value)]
    words = repr(value)
    return [type(value), b"" if " at 0x" in words else words.encode()]


def _file(cls) -> str:
    """Where the class is written, or the name of its module if it is in no file."""
    return getattr(sys.modules.get(cls.__module__), "__file__", None) or cls.__module__


def _name(value) -> bytes:
    return f"{getattr(value, '__module__', '')}.{value.__qualname__}".encode()


@functools.cache
def _is_installed(file: str) -> bool:
    """Whether a source file belongs to Python or to an installed package; ``__main__`` and ``<string>`` do not."""
    if not file.endswith((".py", ".pyc", ".so", ".pyd")):
        return not (file.startswith("<") or file == "__main__") or file.startswith("<frozen")
    return any(Path(file).resolve().is_relative_to(place) for place in _installed_places())


@functools.cache
def _installed_places() -> list[Path]:
    places = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    return [
        *(Path(place).resolve() for place in places),
        Path(jax.__file__).resolve().parents[1],
        Path(__file__).parent,
    ]
