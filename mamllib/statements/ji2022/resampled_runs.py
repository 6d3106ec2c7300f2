"""Runs of N-step MAML on fresh samples: the instance of the convergence theorem in the resampling case."""

from mamllib import estimators, objectives
from mamllib.estimators import BatchSizes
from mamllib.inner_loop import segments_of, walk
from mamllib.n_step import NStep, parted
from mamllib.statements.ji2022.outer_loop import OuterLoop
from mamllib.statements.ji2022.stretch import departure, powers, remainder, stretch
from mamllib.statements.kit import (
    Constants,
    Parameters,
    Places,
    TaskFamily,
    jax,
    join,
    join_segments,
    question,
    stack,
    tree,
)
from mamllib.step_sizes import mean_gradient_norm
from mamllib.tasks.task import batch_gradient, draw


class OneLossATask(OuterLoop):
    """Runs on tasks of one loss each: 𝓛, and the L_w of ``smoothness``."""

    def objective(self, w):
        """(𝓛(w), ∇𝓛(w))."""
        return (
            objectives.meta_loss(self.family, self.alpha, w, self.steps),
            objectives.meta_gradient(self.family, self.alpha, w, self.steps),
        )

    def smoothness(self, w):
        """L_w = x^{2N}L + C_L E_i‖∇l_i(w)‖."""
        return flattest(self) + bend(self) * mean_gradient_norm(self.family, w)


@question
class ResampledRuns(OneLossATask):
    """N-step MAML from ``w``: B tasks, D_in samples a step, D_h a factor, D_o for the outer gradient, all fresh.

    β_k = 1/(C L_{w_k}), C = ``divisor``, with L_{w_k} exact; ``gap`` bounds Δ = 𝓛(w) − inf 𝓛; ``iterations`` is K.
    """

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    D_in: int
    B: int
    gap: Parameters
    iterations: int
    divisor: Parameters
    steps: int
    D_o: int
    D_h: int
    runs: int
    sigma: Parameters
    constants: Constants
    key: Parameters

    def direction(self, w, key):
        """(1/B)Σ Ĝ_i over B drawn tasks."""
        sizes = BatchSizes(self.steps * self.D_in, self.D_o, self.steps * self.D_h)
        return estimators.task_batch_direction(NStep(self.steps), self.family, self.alpha, w, key, self.B, sizes)

    def places_between(self, task, w, w_next, key):
        """Both exact paths and what lies between them; a sampled path, from the exact one to it; samples along both."""
        across, along = beside(task, self.alpha, w, w_next, self.steps)
        sampled = self._sampled_path(task, w, jax.random.fold_in(key, 1))
        astray = jax.tree.map(lambda leaf: leaf[1:], across[0]), jax.tree.map(lambda leaf: leaf[1:], sampled)
        places = Places(
            points=join(across[0], sampled),
            chords=join_segments(across, along, astray),
            bends=join_segments(across, astray),
            draws=join(stack(w), sampled),
            hessian_draws=sampled,
        )
        return ((task, places),)

    def _sampled_path(self, task, w, key):
        """w_0, …, w_N for one draw, stacked."""
        batches = parted(draw(task, key, self.steps * self.D_in), self.steps)

        def move(point, batch):
            following = tree.step(point, self.alpha, batch_gradient(task, point, batch))
            return following, following

        return join(stack(w), jax.lax.scan(move, jax.tree.map(jax.numpy.asarray, w), batches)[1])


def beside(task, alpha, w, u, steps: int) -> tuple:
    """The inner path of w beside that of u, and the steps of the first, both as segments."""
    here, there = (walk(task, alpha, x, steps) for x in (w, u))
    return (join(here.points, stack(here.end)), join(there.points, stack(there.end))), segments_of(here)


def flattest(asked):
    """x^{2N}L, the least L_w."""
    return stretch(asked) ** (2 * asked.steps) * asked.constants.L


def bend(asked):
    """C_L = (ρ/L)x^{2N−1}(x^N − 1) = αρx^{2N−1}Σ_{j<N}x^j."""
    N = asked.steps
    return asked.alpha * asked.constants.rho * stretch(asked) ** max(2 * N - 1, 0) * powers(asked, N)


def largest_smoothness(asked) -> tuple:
    """(A, B̄) with L_w ≤ A + B̄‖∇𝓛(w)‖: A = x^{2N}L + C_Lσ/(2 − x^{2N}), B̄ = C_L/(2 − x^{2N})."""
    slope = bend(asked) / remainder(asked)
    return flattest(asked) + slope * asked.sigma, slope


def stray(asked) -> float:
    """x^{2N} − 1."""
    return departure(asked, 2 * asked.steps)
