"""Questions of every kind about a reader's own tasks, made from the words that they are declared with."""

import inspect
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import mamllib as ml
from mamllib.statements import register

POINTS = 3
ITERATIONS, SEEDS = 12, 2
SIZES = ml.BatchSizes(2, 1, 2)
NEVER_ASKED = ("algorithm", "displacement", "fraction")


class Asked(NamedTuple):
    """A reader's tasks and where they are asked about: w, u, v are stacks of ``POINTS`` flat vectors."""

    family: ml.TaskFamily
    alpha: float
    w: np.ndarray
    u: np.ndarray
    v: np.ndarray


def kinds() -> dict[str, type]:
    """Every kind of question that is made of tasks and words, and runs, which are made of settings."""
    found = {name: kind for name, kind in register.questions().items() if hasattr(kind, "of") and _is_of_words(kind)}
    return found


def _is_of_words(kind: type) -> bool:
    names = inspect.signature(kind.of).parameters
    if hasattr(kind, "about"):  # one class of tasks alone
        return False
    return ("family" in names or "task" in names) and set(names) <= _words(None, None, None).keys()


def _words(asked: Asked | None, constants, sigma) -> dict:
    family, alpha, w, u, v = asked or (None,) * 5
    return {
        "family": family,
        "task": None if family is None else family[0],
        "alpha": alpha,
        "w": w,
        "u": u,
        "v": v,
        "delta": np.full(POINTS, 0.3),
        "steps": 1,
        "D_in": 2,
        "D_o": 1,
        "D_h": 2,
        "D_test": 2,
        "D_beta": 2,
        "B": 20,
        "sizes": SIZES,
        "phi": 1.0,
        "gap": 100.0,
        "epsilon": 1e-3,
        "constants": constants,
        "sigma": sigma,
        "sigma_squared": None if sigma is None else sigma**2,
        "samples": 0,
        "seed": 0,
        "algorithm": "MAML",
        "displacement": None,
        "shift": 3.0,
        "shift_rms": 3.0,
        "divisor": 2.0,
        "iterations": 3,
        "runs": 2,
        "beta_E": -20.0,
        "L_E": 20.0,
        "L_H": 20.0,
        "fraction": None,
    }


def make(kind: type, asked: Asked, constants=None, sigma=None, **more):
    """The question of this kind about these tasks."""
    words = _words(asked, constants, sigma) | more
    names = inspect.signature(kind.of).parameters
    if "shift" in names:
        words["family"] = in_halves(words["family"])
    if "D_beta" in names:  # all outcomes of the estimated step are listed
        words |= {"B": 2}
    if not getattr(kind, "many", ""):
        first = {name: jax.tree.map(lambda leaf: leaf[0], words[name]) for name in ("w", "u", "v")}
        words |= first
    return kind.of(**{name: words[name] for name in names})


def in_halves(family: ml.TaskFamily) -> ml.TaskFamily:
    """Tasks whose inner loss is the next task's."""
    tasks = list(family)
    return ml.TaskFamily.of([ml.Split(*pair) for pair in zip(tasks[1:] + tasks[:1], tasks, strict=True)], sigma=0.1)


def statements_on(kind: type) -> list[ml.Statement]:
    """All that can be asked with this kind of question."""
    return [statement for statement in ml.STATEMENTS if statement.takes is kind]


def runs(asked: Asked, algorithm: str, constants=None, sigma=None) -> ml.Run:
    """A short run of an algorithm on these tasks."""
    setting = make(ml.Setting, asked, constants, sigma, algorithm=algorithm)
    return ml.run(setting, ITERATIONS, SEEDS)


# Losses that a reader may bring: f(w, row) of a vector w (3,), from numbers of a row.
def wiggly(w, row):
    """A sum of waves: no quadratic, no symmetry."""
    return jnp.sum(row["a"] * jnp.sin(row["k"] * w + row["c"])) + 0.1 * w @ w


def kinked(w, row):
    """|w − c| in each coordinate."""
    return jnp.sum(row["a"] * jnp.abs(w - 0.3 * row["c"]))


def bent(w, row):
    """relu² in each coordinate: smooth once, not twice."""
    return jnp.sum(row["a"] * jax.nn.relu(w - 0.3 * row["c"]) ** 2) / 2


LOSSES = {"wiggly": wiggly, "kinked": kinked, "bent": bent}
ROWS = {"a": (), "k": (), "c": ()}
SMALL = ml.Constants(L=0.5, rho=0.01, sigma_tilde=0.05, sigma_H=0.05)


def tasks(seed: int, loss, constants: ml.Constants, count: int = 2, rows: int = 3) -> ml.TaskFamily:
    """``count`` tasks of ``rows`` random rows each."""
    rng = np.random.default_rng(seed)

    def data():
        return {name: rng.normal(size=(rows, 3)) * (2.0 if name == "k" else 1.0) for name in ROWS}

    return ml.TaskFamily.of([ml.Empirical(data(), constants, loss) for _ in range(count)], sigma=0.1)


def asked(seed: int, loss=wiggly, constants: ml.Constants = SMALL, alpha: float = 0.4) -> Asked:
    """Random tasks at random points."""
    rng = np.random.default_rng(1000 + seed)
    w = rng.normal(size=(POINTS, 3))
    near = 10.0 ** rng.uniform(-3, 0, size=(POINTS, 1))
    return Asked(
        tasks(seed, loss, constants), alpha, w, w + near * rng.normal(size=(POINTS, 3)), rng.normal(size=(POINTS, 3))
    )
