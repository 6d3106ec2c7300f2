"""Sample noise: zero-mean perturbations h(w, θ) that turn a loss f into samples f(w, θ) = f(w) + h(w, θ).

A perturbation contributes σ̃² = sup_w E‖∇h‖² and σ_H² = sup_w E‖∇²h‖²_F; the loss contributes L and ρ.
"""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from mamllib import arithmetic, tree, validation
from mamllib.arithmetic import plain
from mamllib.tasks.samples import Samples, samples_from, samples_read
from mamllib.tasks.task import Task, register

ROUND_OFF = 1e-12
SIGNS = np.array([1.0, -1.0])


class Noise(Samples):
    """h(w, θ) with E_θ h(w, θ) = 0 for every w."""

    def deviations(self):
        """(σ̃, σ_H) over all w; ``inf`` where unbounded."""
        raise NotImplementedError

    def certificate(self):
        """(σ̃, σ_H) that are proved to hold at every w; ``None``: nothing is proved."""

    def potential(self, w, theta):
        """h(w, θ)."""
        raise NotImplementedError

    def gradient(self, w, theta):
        """∇h(w, θ)."""
        return jax.grad(self.potential)(w, theta)

    def hessian_vector_product(self, w, theta, v):
        """∇²h(w, θ) v."""
        return jax.jvp(lambda u: self.gradient(u, theta), (w,), (v,))[1]


@register
class Noisy(Task):
    """A loss with sample noise: f(w, θ) = f(w) + h(w, θ). L and ρ are the loss's, σ̃ and σ_H the noise's."""

    task: Any
    noise: Any

    @property
    def constants(self):
        """L, ρ from the loss; σ̃, σ_H from the noise."""
        sigma_tilde, sigma_H = self.noise.deviations()
        return self.task.constants._replace(sigma_tilde=sigma_tilde, sigma_H=sigma_H)

    def certificate(self):
        """L, ρ proved for the loss; σ̃, σ_H proved for the noise."""
        proved, deviations = self.task.certificate(), self.noise.certificate()
        if proved is None or deviations is None:
            return None
        return proved._replace(sigma_tilde=deviations[0], sigma_H=deviations[1])

    def check_data(self) -> None:
        """What the loss has to say of its own data."""
        self.task.check_data()

    def without_noise(self) -> Task:
        """The loss."""
        return self.task.without_noise()

    def row_count(self):
        """The rows of the loss."""
        return self.task.row_count()

    def padded(self, rows: int) -> "Noisy":
        """The loss padded."""
        return replace(self, task=self.task.padded(rows))

    def trimmed(self) -> "Noisy":
        """The loss trimmed."""
        return replace(self, task=self.task.trimmed())

    def loss(self, w):
        """f(w)."""
        return self.task.loss(w)

    def gradient(self, w):
        """∇f(w)."""
        return self.task.gradient(w)

    def hessian_vector_product(self, w, v):
        """∇²f(w) v."""
        return self.task.hessian_vector_product(w, v)

    def sample_loss(self, w, theta):
        """f(w) + h(w, θ)."""
        return self.task.loss(w) + self.noise.potential(w, theta)

    def sample_gradient(self, w, theta):
        """∇f(w) + ∇h(w, θ).

        Raises:
            ShapeError: the noise is made for parameters of another shape.
        """
        gradient, noise = self.task.gradient(w), self.noise.gradient(w, theta)
        validation.require_same_shape("∇f", gradient, "∇h", noise)
        return tree.add(gradient, noise)

    def sample_hessian_vector_product(self, w, theta, v):
        """∇²f(w) v + ∇²h(w, θ) v."""
        return tree.add(self.task.hessian_vector_product(w, v), self.noise.hessian_vector_product(w, theta, v))

    def numbers_read(self, size: int) -> int:
        """As many as the noise reads."""
        return samples_read(self.noise, size)

    def sample_from(self, numbers, size: int):
        """θ from the noise."""
        return samples_from(self.noise, numbers, size)

    def support(self):
        """The noise's support."""
        return self.noise.support()

    def chances(self):
        """The noise's chances."""
        return self.noise.chances()


@register
class RademacherNoise(Noise):
    """h(w, θ) = θ⟨s, w⟩ with θ = ±1: the gradient is shifted by ±s. σ̃ = ‖s‖ exactly, σ_H = 0."""

    s: PyTree

    def deviations(self):
        """(‖s‖, 0)."""
        size = plain(tree.norm(jax.tree.map(_known, self.s)))
        return size, 0 * size

    def certificate(self):
        """(‖s‖, 0): the gradient of a sample is off by ±s, its Hessian by 0."""
        return self.deviations()

    def potential(self, w, theta):
        """θ⟨s, w⟩."""
        return theta * sum(jnp.sum(a * b) for a, b in zip(jax.tree.leaves(self.s), jax.tree.leaves(w), strict=True))

    def gradient(self, w, theta):
        """θ s."""
        return tree.scale(theta, self.s)

    def hessian_vector_product(self, w, theta, v):
        """0."""
        return tree.scale(0, v)

    def support(self):
        """θ = ±1."""
        return signs(arithmetic.is_exact(self.s))


@register
class AtomicNoise(Noise):
    """h(w, θ) = ⟨ξ_θ, w⟩ with zero-mean atoms ξ (m, *shape of w), equally likely: additive gradient noise of any
    covariance Σ = (1/m)Σ_θ ξ_θξ_θᵀ. σ̃² = (1/m)Σ‖ξ_θ‖² = tr Σ, σ_H = 0.
    """

    atoms: PyTree

    def deviations(self):
        """(√tr Σ, 0)."""
        atoms = _known(self.atoms)
        size = plain(arithmetic.sqrt((atoms.reshape(len(atoms), -1) ** 2).sum(axis=1).mean()))
        return size, 0 * size

    def certificate(self):
        """(√tr Σ, 0), where the atoms sum to zero."""
        atoms = np.asarray(self.atoms)
        centred = np.all(np.abs(atoms.sum(axis=0)) <= ROUND_OFF * np.abs(atoms).sum(axis=0))
        return self.deviations() if centred else None

    def potential(self, w, theta):
        """⟨ξ, w⟩."""
        return jnp.sum(theta * w)

    def gradient(self, w, theta):
        """ξ."""
        return theta

    def hessian_vector_product(self, w, theta, v):
        """0."""
        return jnp.zeros_like(v)

    def support(self):
        """The atoms."""
        return self.atoms


def signs(exact: bool):
    """θ = ±1 as fractions or floats."""
    return (Fraction(1), Fraction(-1)) if exact else arithmetic.as_array(SIGNS)


def _known(x):
    """A NumPy array of what is known, so that no program is compiled for it."""
    return x if isinstance(x, Fraction) or arithmetic.is_traced(x) else np.asarray(x)
