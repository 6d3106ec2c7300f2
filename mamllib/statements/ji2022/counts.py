"""What a meta-iteration of N inner steps costs: samples of gradients and of Hessians, counted as they are used.

    B(N D_in + D_o) sample gradients and B N D_h sample Hessians, each applied to one vector              (derived here)

Proof. Each of B tasks takes N steps of D_in samples and one outer gradient of D_o, and N factors of D_h samples. ∎ No
Hessian is formed. Beyond four inner steps points are walked again to save memory: a gradient is then evaluated twice,
on the same samples.

With α = c/(NL) the bias of ``bias`` is of order 1/√(N D_in), since s_N² = O(1/N): D_in may shrink to Θ(1/(Nε²)), and
B(N D_in + D_o) = O(1/ε⁴ + N/ε²) sample gradients a meta-iteration, where the bound with x^N − 1 for s_N asks for N/ε⁴.
"""

from typing import Any

from mamllib import estimators
from mamllib.estimators import BatchSizes
from mamllib.n_step import NStep
from mamllib.statements.kit import (
    OfNumbers,
    Q,
    Source,
    Statement,
    TaskFamily,
    case,
    holds_if,
    jax,
    mutant,
    np,
    question,
)
from mamllib.tasks import Noisy, Quadratic, RademacherNoise
from mamllib.tasks.task import Task, register

MOST_LISTED = 4


@register
class Counted(Task):
    """A task that tells ``tally`` how many samples each gradient and each Hessian is made of."""

    task: Any
    tally: Any

    __static__ = ("tally",)

    @property
    def constants(self):
        """Those of the task."""
        return self.task.constants

    def loss(self, w):
        """The task's."""
        return self.task.loss(w)

    def batch_gradient(self, w, batch):
        """The task's; counted."""
        jax.debug.callback(self.tally.gradients, batch.theta)
        return self.task.batch_gradient(w, batch)

    def batch_hessian_vector_product(self, w, batch, v):
        """The task's; counted."""
        jax.debug.callback(self.tally.hessians, batch.theta)
        return self.task.batch_hessian_vector_product(w, batch, v)

    def support(self):
        """The task's."""
        return self.task.support()


class Tally:
    """How many sample gradients and sample Hessians were asked for."""

    def __init__(self):
        self.count = np.zeros(2, dtype=int)

    def gradients(self, theta):
        """A batch of gradients, at these samples."""
        self.count += (theta.shape[-1], 0)

    def hessians(self, theta):
        """A batch of Hessians."""
        self.count += (0, theta.shape[-1])


@question
class MetaIteration(OfNumbers):
    """Batch sizes of one meta-iteration, and the number of its inner steps, at most four."""

    B: int
    D_in: int
    steps: int
    D_o: int
    D_h: int

    @property
    def counted(self):
        """(sample gradients, sample Hessians) of one meta-iteration."""
        tally = Tally()
        task = Counted(Noisy(Quadratic(1.0, 0.0), RademacherNoise(1.0)), tally)
        sizes = BatchSizes(self.steps * self.D_in, self.D_o, self.steps * self.D_h)
        step = estimators.task_batch_direction
        jax.block_until_ready(
            step(NStep(self.steps), TaskFamily.of([task]), 0.1, 1.0, jax.random.key(0), self.B, sizes)
        )
        jax.effects_barrier()
        return tally.count


def formula(asked: MetaIteration, gradients: int | None = None, hessians: int | None = None):
    """(N D_in + D_o, N D_h) a task, or what is put in their place, times B."""
    gradients = asked.steps * asked.D_in + asked.D_o if gradients is None else gradients
    return asked.B * np.array([gradients, asked.steps * asked.D_h if hessians is None else hessians])


def departure(asked: MetaIteration, *counts):
    """By how much what was counted differs from a formula."""
    return abs(asked.counted - formula(asked, *counts)) + Q(0)


def listed(asked: MetaIteration) -> dict:
    """1 ≤ N ≤ 4."""
    return {"1 ≤ N ≤ 4": holds_if(1 <= asked.steps <= MOST_LISTED)}


COUNTS = Statement(
    id="ji2022/counts",
    title="N inner steps, what an iteration costs (J12)",
    source=Source("ji2022", "samples of one meta-iteration (J12)", "D"),
    claim=r"B(ND_{in}+D_o)\text{ sample gradients and }BND_h\text{ sample Hessians a meta-iteration}",
    takes=MetaIteration,
    hypotheses=listed,
    lhs=departure,
    rhs=lambda asked: np.array([Q(0), Q(0)]),
    roundoff=lambda asked: 0.0,
    cases=(
        case("B = 3, N = 1, D_in = 5, D_o = 2, D_h = 4", MetaIteration.of, 3, 5, 1, 2, 4),
        case("the same, N = 4", MetaIteration.of, 3, 5, 4, 2, 4),
    ),
    mutants=(
        mutant(
            "BN(D_in + D_o)",
            MetaIteration.of,
            *(3, 5, 4, 2, 4),
            lhs=lambda p: departure(p, p.steps * (p.D_in + p.D_o)),
        ),
        mutant("B D_h", MetaIteration.of, *(3, 5, 4, 2, 4), lhs=lambda p: departure(p, None, p.D_h)),
    ),
)
