"""Samples that do not belong to the loss, and samplers that do not draw what they say."""

import jax
import jax.numpy as jnp
import pytest

import mamllib as ml
from mamllib import trials
from mamllib.tasks.task import register
from mamllib.trials.drawing import DRAWN, EVEN
from mamllib.trials.samples import BATCH, MEAN_GRADIENT, MEAN_HESSIAN, SAMPLE_GRADIENT, SAMPLE_HESSIAN
from mamllib.validation import ShapeError

W = jnp.array([0.7, -0.4])
ROWS = jax.random.normal(jax.random.key(0), (12, 2))


class Rows(ml.Task):
    """f(w) = Σ (x·w − 1)²/2 over n rows; a sample is n times one row's, so that samples average to f."""

    constants = property(lambda self: ml.Constants(9.0, 0.0, 9.0, 99.0))

    def loss(self, w):
        return jnp.sum((self.x @ w - 1) ** 2) / 2

    def sample_loss(self, w, theta):
        return len(self.x) * (self.x[theta] @ w - 1) ** 2 / 2

    def sample_gradient(self, w, theta):
        return len(self.x) * (self.x[theta] @ w - 1) * self.x[theta]

    def sample_hessian_vector_product(self, w, theta, v):
        return len(self.x) * (self.x[theta] @ v) * self.x[theta]

    def sample(self, key, size):
        return jax.random.randint(key, (size,), 0, len(self.x))

    def support(self):
        return jnp.arange(len(self.x))


def wrong(rows=ROWS, **methods):
    task = register(type("Rows", (Rows,), {"__annotations__": {"x": object}, **methods}))(rows)
    return {question for question, room in trials.try_family(ml.TaskFamily.of([task]), W).items() if not room >= 0}


def test_right_samples_pass():
    assert not wrong()


def test_a_sample_without_the_factor_n_is_found():
    """Its loss, gradient and Hessian agree with one another, and not with the mean."""
    found = wrong(
        sample_loss=lambda self, w, theta: Rows.sample_loss(self, w, theta) / 12,
        sample_gradient=lambda self, w, theta: Rows.sample_gradient(self, w, theta) / 12,
        sample_hessian_vector_product=lambda self, w, theta, v: (
            Rows.sample_hessian_vector_product(self, w, theta, v) / 12
        ),
    )
    assert found == {MEAN_GRADIENT, MEAN_HESSIAN}


def test_one_wrong_sample_is_found():
    def ninth(self, w, theta):
        return jnp.where(theta == 9, 1 + 1e-9, 1) * Rows.sample_gradient(self, w, theta)

    assert wrong(sample_gradient=ninth) == {SAMPLE_GRADIENT, MEAN_GRADIENT}


def test_a_wrong_product_of_a_sample_is_found():
    found = wrong(sample_hessian_vector_product=lambda self, w, theta, v: 0 * v)
    assert found == {SAMPLE_HESSIAN, MEAN_HESSIAN}


def test_a_batch_that_forgets_its_weights_is_found():
    def unweighted(self, w, batch):
        return jnp.mean(jax.vmap(lambda theta: self.sample_gradient(w, theta))(batch.theta), axis=0)

    assert wrong(batch_gradient=unweighted) == {BATCH}


@pytest.mark.parametrize(
    ("sample", "questions"),
    [
        (lambda self, key, size: jax.random.randint(key, (size,), 0, 11), {EVEN}),
        (lambda self, key, size: jax.random.randint(key, (size,), 1, 13), {DRAWN, EVEN}),
        (lambda self, key, size: jnp.abs(jax.random.randint(key, (size,), -11, 12)), {EVEN}),
        (lambda self, key, size: jnp.arange(size) % 12, {EVEN}),
    ],
    ids=["the last never", "one that is none", "the first less often", "whatever the key"],
)
def test_a_sampler_that_is_not_uniform_on_the_support_is_found(sample, questions):
    assert wrong(sample=sample) == questions


def test_a_sampler_of_another_size_is_refused():
    with pytest.raises(ShapeError, match=r"sample\(key, 65536\) of Rows gives leading axes \{\(3,\)\}"):
        wrong(sample=lambda self, key, size: jnp.arange(3))


@register
class Drawn(ml.Noise):
    """h(w, θ) = (mean + θ)⟨1, w⟩, θ standard normal."""

    mean: object

    def deviations(self):
        return 1.0, 0.0

    def potential(self, w, theta):
        return (self.mean + theta) * jnp.sum(w)

    def sample(self, key, size):
        return jax.random.normal(key, (size,))


@pytest.mark.parametrize(("mean", "questions"), [(0.0, set()), (0.2, {MEAN_GRADIENT})])
def test_samples_without_a_finite_support_average_to_the_gradient_within_standard_errors(mean, questions):
    family = ml.TaskFamily.of([ml.Noisy(ml.Quadratic(1.0, jnp.ones(2)), Drawn(mean))])
    found = trials.try_family(family, W)
    assert {question for question, room in found.items() if not room >= 0} == questions
    assert EVEN not in found
