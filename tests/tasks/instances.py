"""One instance of every loss family and every noise, with the constants that are attained."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp

import mamllib as ml
from mamllib.statements.fallah2020.lemma_4_10.instances import Saddle
from mamllib.tasks.rescaled import Rescaled

MATRIX = jnp.array([[1.0, 0.4, -0.2], [0.4, -0.5, 0.3], [-0.2, 0.3, 0.8]])
ATOMS = jnp.array([[1.0, 0.0], [-0.5, 2.0], [-0.5, -2.0]])
ROWS = jax.random.normal(jax.random.key(7), (20, 3))
LABELS = jnp.where(jnp.arange(20) % 3 == 0, 1.0, -1.0)
WEIGHTS = jnp.array([1.0, -2.0, 0.5])


@dataclass(frozen=True)
class Instance:
    """A task, the shape of its parameters, how far to search, and which constants the search must reach."""

    task: ml.Task
    shape: tuple[int, ...]
    attained: tuple[str, ...]
    reach: float = 5.0

    def points(self, count: int, seed: int = 0):
        """Random parameters, ``count`` of them."""
        return self.reach / 3 * jax.random.normal(jax.random.key(seed), (count, *self.shape))

    def directions(self, count: int, seed: int = 1):
        """Random directions, ``count`` of them."""
        return jax.random.normal(jax.random.key(seed), (count, *self.shape))


def _noisy(noise, shape, attained, reach=5.0):
    return Instance(ml.Noisy(ml.Trigonometric(1.0, 0.5, 2.0), noise), shape, ("L", *attained), reach)


LOSSES = {
    "quadratic, scalar": Instance(ml.Quadratic(-1.5, 0.5), (), ("L", "rho")),
    "quadratic, matrix": Instance(ml.Quadratic(MATRIX, WEIGHTS), (3,), ("L", "rho")),
    "trigonometric, scalar": Instance(ml.Trigonometric(-0.7, 0.4, 3.0, 0.2), (), ("L", "rho")),
    "trigonometric, 3-D": Instance(ml.Trigonometric(0.7, 0.4, 3.0, WEIGHTS), (3,), ("L", "rho"), 2.0),
    "smoothed absolute": Instance(ml.SmoothedAbsolute(1.5, 0.3, 0.2), (), ("L", "rho")),
    "smoothed absolute in a bowl": Instance(ml.SmoothedAbsolute(1.5, 0.3, 0.2, 1.7), (), ("L", "rho")),
    "pseudo-Huber": Instance(ml.PseudoHuber(1.5, 0.4), (), ("L", "rho")),
    "ramp and parabola": Instance(ml.RampAndParabola(jnp.array([0.3, -0.2])), (2,), ("L", "rho")),
    "even ramp": Instance(ml.EvenRamp(1.2, 2.0, 0.3), (), ("L", "rho")),
    "saturating": Instance(ml.Saturating(1.2, 1.5, 0.3), (), ("L", "rho")),
    "odd ramp": Instance(ml.OddRamp(1.2, 2.0), (), ("L", "rho")),
    "odd ramp in other units": Instance(Rescaled(ml.OddRamp(1.2, 2.0), 8.0, 4.0), (), ("L", "rho"), 20.0),
    "odd ramp, tilted": Instance(ml.OddRamp(1.2, 2.0, -0.7), (), ("L", "rho")),
    "broken line": Instance(ml.BrokenLine((-1.0, 0.5, 1.5), (0.7, -1.2, 0.3), 0.4), (), ("L", "rho")),
    "triangular wave": Instance(ml.TriangularWave(-1.0, 0.5, 2.0), (), ("L", "rho")),
}
NOISES = {
    "Rademacher noise, scalar": _noisy(ml.RademacherNoise(0.7), (), ("sigma_tilde", "sigma_H")),
    "Rademacher noise, 3-D": _noisy(ml.RademacherNoise(WEIGHTS), (3,), ("sigma_tilde", "sigma_H")),
    "atomic noise": _noisy(ml.AtomicNoise(ATOMS), (2,), ("sigma_tilde", "sigma_H")),
    "curvature noise": _noisy(ml.CurvatureNoise(0.7, jnp.ones(2)), (2,), ("sigma_H",)),
    "sinusoidal noise, 3 angles": _noisy(ml.SinusoidalNoise(0.7, 2.0, 3, 2), (2,), ("sigma_tilde", "sigma_H")),
    "sinusoidal noise, 5 angles": _noisy(ml.SinusoidalNoise(0.7, 2.0, 5, 1), (), ("sigma_tilde", "sigma_H")),
    "bump noise": _noisy(ml.BumpNoise(0.7, 0.5), (), ("sigma_tilde", "sigma_H")),
    "knotted noise": _noisy(
        ml.KnottedNoise(
            jnp.array([-0.5, 0.2, 0.9]),
            jnp.array([[0.4, -0.6, 0.2], [-0.8, 0.2, 0.4], [0.4, 0.4, -0.6]]),
            jnp.full(3, 1 / 3),
        ),
        (),
        (),
    ),
    "skewed bump noise": _noisy(ml.SkewedBumpNoise(0.7, 2.0, 0.5, 2, 3), (), ("sigma_tilde", "sigma_H")),
}
LOGISTIC = {"logistic": Instance(ml.Logistic(ROWS, LABELS, jnp.asarray(0.1)), (3,), ("L",))}
SADDLE = {"saddle": Instance(Saddle(jnp.asarray(0.3)), (3,), ("L",))}
GAUSSIAN = {
    "Gaussian gradient noise": _noisy(ml.GaussianNoise(0.7, 0.0, jnp.ones(3)), (3,), ("sigma_tilde", "sigma_H")),
    "Gaussian curvature noise": _noisy(ml.GaussianNoise(0.7, 0.4, jnp.ones(3)), (3,), ("sigma_H",)),
}
FINITE = LOSSES | SADDLE | NOISES | LOGISTIC
ALL = FINITE | GAUSSIAN
