"""The same problem, needlessly complicated: verdicts stay, and both sides stay or scale as they must.

Rotating the parameters, splitting a task into two identical halves and relabelling the tasks change nothing. Replacing
f by cf and α by α/c multiplies gradients by c, so both sides by c, and by c² where they are squares.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib.tasks.task import Task, register

SCALE = 3.7


@register
class Rotated(Task):
    """f(Qᵀw), with samples f(Qᵀw, θ): every derivative is left to automatic differentiation."""

    task: Any
    Q: Any

    @property
    def constants(self):
        return self.task.constants

    def loss(self, w):
        return self.task.loss(self.Q.T @ w)

    def sample_loss(self, w, theta):
        return self.task.sample_loss(self.Q.T @ w, theta)

    def sample_gradient(self, w, theta):
        return jax.grad(self.sample_loss)(w, theta)

    def sample_hessian_vector_product(self, w, theta, v):
        return jax.jvp(lambda u: self.sample_gradient(u, theta), (w,), (v,))[1]

    def numbers_read(self, size):
        return self.task.numbers_read(size)

    def sample_from(self, numbers, size):
        return self.task.sample_from(numbers, size)

    def support(self):
        return self.task.support()


@register
class Scaled(Task):
    """c f(w), with samples c f(w, θ)."""

    task: Any
    c: Any

    @property
    def constants(self):
        return ml.Constants(*(self.c * constant for constant in self.task.constants))

    def loss(self, w):
        return self.c * self.task.loss(w)

    def sample_loss(self, w, theta):
        return self.c * self.task.sample_loss(w, theta)

    def sample_gradient(self, w, theta):
        return self.c * self.task.sample_gradient(w, theta)

    def sample_hessian_vector_product(self, w, theta, v):
        return self.c * self.task.sample_hessian_vector_product(w, theta, v)

    def numbers_read(self, size):
        return self.task.numbers_read(size)

    def sample_from(self, numbers, size):
        return self.task.sample_from(numbers, size)

    def support(self):
        return self.task.support()


def orthogonal(d):
    return jnp.linalg.qr(jax.random.normal(jax.random.key(d), (d, d)))[0]


def unchanged(x):
    return x


@dataclass(frozen=True)
class Complicated:
    """A way to write a problem differently: what becomes of tasks, probabilities, α, points, and of both sides."""

    tasks: Callable = unchanged
    probabilities: Callable = unchanged
    alpha: float = 1.0
    point: Callable = unchanged
    scale: float = 1.0
    order: Callable = unchanged

    def __call__(self, instance):
        """The instance, rewritten; its constants are those the rewritten tasks declare."""
        family = instance.family
        tasks = self.tasks(list(family))
        rewritten = ml.TaskFamily.of(tasks, self.probabilities(family.probabilities))
        points = {name: self.point(getattr(instance, name)) for name in ("w", "u") if hasattr(instance, name)}
        return replace(
            instance, family=rewritten, alpha=self.alpha * instance.alpha, constants=rewritten.constants, **points
        )


def rotated_point(w):
    return w @ orthogonal(w.shape[-1]).T


def dimension(task):
    return jnp.size(task.x[0]) if isinstance(task, ml.Logistic) else jnp.size(task.task.tilt)


def halved(values):
    return jnp.concatenate([values[:1], values])


WAYS = {
    "rotated": Complicated(
        tasks=lambda tasks: [Rotated(task, orthogonal(dimension(task))) for task in tasks], point=rotated_point
    ),
    "rescaled": Complicated(tasks=lambda tasks: [Scaled(task, SCALE) for task in tasks], alpha=1 / SCALE, scale=SCALE),
    "a task split in two halves": Complicated(
        tasks=lambda tasks: [tasks[0], *tasks],
        probabilities=lambda p: halved(p).at[:2].divide(2),
        order=halved,
    ),
    "relabelled": Complicated(
        tasks=lambda tasks: tasks[::-1], probabilities=lambda p: p[::-1], order=lambda sides: sides[::-1]
    ),
}
NOT_THE_SAME = {
    "rescaled without α": replace(WAYS["rescaled"], alpha=1.0),
    "stretched": Complicated(point=lambda w: 1.3 * w),
    "probabilities exchanged": Complicated(probabilities=lambda p: p[::-1]),
}


def trigonometric_family():
    noise = ml.SinusoidalNoise(0.7, 2.0, angles=3, dimension=3)
    tilts = jax.random.normal(jax.random.key(0), (3, 3))
    tasks = [ml.Noisy(ml.Trigonometric(0.5, 0.5, 3.0 - 0.5 * i, t), noise) for i, t in enumerate(tilts)]
    return ml.TaskFamily.of(tasks, [0.2, 0.5, 0.3])


def digit_family():
    return ml.TaskFamily.of([ml.digit_pair(a, b) for a, b in ((0, 1), (3, 8), (4, 9))], [0.2, 0.5, 0.3])


FAMILIES = {"trigonometric": (trigonometric_family, 3, 0.9), "digits": (digit_family, 65, 0.2)}
INSTANCES = {
    "lemma_4_8": lambda family, alpha, w: ml.Pairs.of(family, alpha, w, w[::-1]),
    "lemma_4_10_bias": lambda family, alpha, w: ml.Adaptation.of(family, alpha, w[0], 1, 2, 0.5),
    "lemma_4_10_second_moment": lambda family, alpha, w: ml.Adaptation.of(family, alpha, w[0], 1, 2, 0.5),
    "theorem_4_11": lambda family, alpha, w: ml.Gap.of(family, alpha, w[0], 1),
}
SQUARES = "lemma_4_10_second_moment"
OVER_TASKS = ("lemma_4_10_bias", SQUARES)


ON = [(name, family) for family in FAMILIES for name in INSTANCES if (name, family) != (SQUARES, "digits")]
every_problem = pytest.mark.parametrize(("name", "family"), ON)


@functools.cache
def problem(family):
    """A family, α, and four points."""
    build, d, alpha = FAMILIES[family]
    return build(), alpha, 0.4 * jax.random.normal(jax.random.key(1), (4, d))


def instance(name, family):
    return INSTANCES[name](*problem(family))


@functools.cache
def check(name, family, way=None):
    """The check of a statement on a family, as it is or rewritten."""
    plain = instance(name, family)
    return ml.statement(name).check({**WAYS, **NOT_THE_SAME}[way](plain) if way else plain)


def sides(check):
    return np.stack([np.broadcast_to(side.value, check.lhs.value.shape) for side in (check.lhs, check.rhs)])


def expected_sides(name, family, way):
    """Both sides of the plain problem, scaled and arranged as ``way`` must leave them."""
    plain = sides(check(name, family)) * way.scale ** (2 if name == SQUARES else 1)
    return np.stack([way.order(side) for side in plain]) if name in OVER_TASKS else plain


@every_problem
@pytest.mark.parametrize("way", WAYS)
def test_the_same_problem_gets_the_same_verdict_and_the_same_sides(name, family, way):
    complicated = check(name, family, way)
    assert complicated.verdict == check(name, family).verdict == ml.Verdict.HOLDS
    np.testing.assert_allclose(sides(complicated), expected_sides(name, family, WAYS[way]), rtol=1e-8)


@every_problem
@pytest.mark.parametrize("way", WAYS)
def test_the_same_problem_has_the_same_room_in_its_hypotheses(name, family, way):
    plain, complicated = check(name, family).margins, check(name, family, way).margins
    tried = complicated.keys() - plain.keys()  # the functions of a rewritten task are not proved: they are tried
    assert plain.keys() <= complicated.keys()
    assert all(complicated[question] == 1 for question in tried)
    np.testing.assert_allclose([complicated[each] for each in plain], list(plain.values()), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("way", WAYS)
def test_a_silent_statement_stays_silent(way):
    family, alpha, w = problem("trigonometric")
    too_long = ml.Pairs.of(family, 10 * alpha, w, -w)
    for pairs in (too_long, WAYS[way](too_long)):
        assert ml.statement("lemma_4_8").check(pairs).verdict == ml.Verdict.SILENT


@every_problem
@pytest.mark.parametrize("way", ["rescaled without α", "stretched"])
def test_another_problem_gets_other_sides(name, family, way):
    left = sides(check(name, family, way))[0] / expected_sides(name, family, NOT_THE_SAME[way])[0]
    assert np.any(np.abs(left - 1) > 0.01)


@pytest.mark.parametrize("name", ["lemma_4_8", "theorem_4_11"])
def test_other_probabilities_give_other_sides(name):
    left = sides(check(name, "trigonometric", "probabilities exchanged"))[0] / sides(check(name, "trigonometric"))[0]
    assert np.any(np.abs(left - 1) > 0.01)


@pytest.mark.parametrize("way", ["rotated", "rescaled"])
def test_a_sampled_check_of_the_same_draws_is_the_same(way):
    family = ml.TaskFamily.of([ml.digit_pair(3, 8)])
    w = 0.3 * jax.random.normal(jax.random.key(2), (65,))
    sampled = ml.Adaptation.of(family, 0.2, w, 10, samples=2048)
    statement = ml.statement("lemma_4_10_bias")
    plain, complicated = statement.check(sampled), statement.check(WAYS[way](sampled))
    assert complicated.verdict == plain.verdict == ml.Verdict.HOLDS
    for bound in ("value", "lower", "upper"):
        np.testing.assert_allclose(
            getattr(complicated.lhs, bound), WAYS[way].scale * getattr(plain.lhs, bound), rtol=1e-7
        )
