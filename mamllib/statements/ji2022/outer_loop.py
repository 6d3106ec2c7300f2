"""K outer steps with β_k = 1/(C L_{w_k}): what is recorded of them, and what is measured on the way."""

from typing import Any, NamedTuple

from mamllib.statements.assumptions import Measured, measure_task
from mamllib.statements.kit import (
    Hypothesis,
    Question,
    deviations,
    jax,
    jnp,
    margin,
    relative_roundoff,
    sqrt,
    stack,
    tree,
)

MIDDLE = 0.5
FALL = "𝓛(w₀) − inf 𝓛 ≤ Δ"


class Recorded(NamedTuple):
    """‖∇𝓛(w_k)‖ (runs, K), 𝓛(w_0), the lowest 𝓛 met, and the largest of what each constant bounds on the way."""

    norms: Any
    start: Any
    lowest: Any
    largest: dict[str, Any]


class OuterLoop(Question):
    """A question whose instance is run when it is asked: nobody can hand over what was run.

    A subclass has ``family``, ``w``, ``divisor`` (C), ``iterations`` (K), ``runs`` and ``key``, and says what its
    objective, its direction and L_w are, and where its sides evaluate a task between two iterates.
    """

    def require(self) -> None:
        """Raise ``ValueError`` where there is no inner step."""
        require_steps(self)

    def objective(self, w):
        """(𝓛(w), ∇𝓛(w))."""
        raise NotImplementedError

    def smoothness(self, w):
        """L_w."""
        raise NotImplementedError

    def direction(self, w, key):
        """What is followed from w."""
        raise NotImplementedError

    def places_between(self, task, w, w_next, key):
        """(loss, places) for each loss that the task is made of."""
        raise NotImplementedError

    def more_between(self, w) -> dict:
        """What else is measured at an iterate, by name."""
        return {"sigma": deviations.task_deviation(self.family, w)}

    def parts(self) -> Recorded:
        """All runs, side by side."""
        norms, losses, largest = jax.vmap(self._run)(jax.random.split(self.key, self.runs))
        return Recorded(norms, losses[0, 0, 0], losses.min(), jax.tree.map(jnp.max, largest))

    def _run(self, key):
        def iterate(w, key):
            w_next, losses, norm = self._step(w, key)
            return w_next, (norm, losses, self._measured(w, w_next, key))

        _, (norms, losses, measured) = jax.lax.scan(
            iterate, jax.tree.map(jnp.asarray, self.w), jax.random.split(key, self.iterations)
        )
        return norms, losses, jax.tree.map(jnp.max, measured)

    def _step(self, w, key):
        loss, slope = self.objective(w)
        w_next = tree.step(w, 1 / (self.divisor * self.smoothness(w)), self.direction(w, key))
        return w_next, jnp.stack([loss, self.objective(w_next)[0]]), tree.norm(slope)

    def _measured(self, w, w_next, key) -> dict:
        middle = tree.add(tree.scale(MIDDLE, w), tree.scale(1 - MIDDLE, w_next))
        values = jax.vmap(lambda end: self._between(w, end, key))(stack(middle, w_next))
        return jax.tree.map(jnp.max, values) | self.more_between(w)

    def _between(self, w, end, key) -> dict:
        """The largest over all tasks of what is measured from w to another point."""

        def of_task(task):
            met: dict[str, Any] = {}
            for loss, places in self.places_between(task, w, end, key):
                for name, value in measure_task(loss, places, self.samples_without_support).items():
                    met[name] = jnp.maximum(met.get(name, value), value)
            return met

        return {name: jnp.max(value) for name, value in self.family.map(of_task).items()}

    @property
    def assumed(self) -> Measured:
        """The largest of what each constant bounds over every step of every run."""
        return Measured(self.answer.parts.largest, self.iterations * self.runs)

    def fall(self) -> Hypothesis:
        """The margin of Δ over 𝓛(w_0) less the lowest 𝓛 met."""
        parts = self.answer.parts
        noise = relative_roundoff(self) * (abs(parts.start) + abs(parts.lowest))
        fall = parts.start - parts.lowest - noise
        return Hypothesis(margin(self.gap, max(fall, 0.0)), places=self.iterations * self.runs)


def require_steps(asked) -> None:
    """Raise ``ValueError`` where there is no inner step."""
    if asked.steps < 1:
        raise ValueError(f"steps = {asked.steps} is not allowed: this question is about one inner step or more")


def open_where(reason: str, *names: str) -> dict[str, str]:
    """The same reason for wrong versions of all these."""
    return dict.fromkeys(names, reason)


def accuracy(q, intercept, slope):
    """t with t²/(A + B̄t) = q: (B̄q + √(B̄²q² + 4Aq))/2; NaN where q < 0."""
    return (slope * q + sqrt(slope * slope * q * q + 4 * intercept * q)) / 2


def roundoff(asked: OuterLoop):
    """γ of the largest ‖∇𝓛‖ met: it is recorded to that accuracy."""
    return relative_roundoff(asked) * float(asked.answer.parts.norms.max())
