"""No bias at all where the loss is quadratic."""

from fractions import Fraction as Q

from mamllib import tree, validation
from mamllib.arithmetic import jit_unless_exact
from mamllib.batches import expectation
from mamllib.checking.margins import margin
from mamllib.checking.statement import Case, Mutant, Source, Statement
from mamllib.checking.verdict import Verdict
from mamllib.estimators import Batches, maml
from mamllib.objectives import task_meta_gradient
from mamllib.statements.fallah2020.lemma_4_10 import instances
from mamllib.statements.instance import instance, relative_roundoff
from mamllib.tasks import (
    CurvatureNoise,
    Noisy,
    Quadratic,
    TaskFamily,
)
from mamllib.tasks.family import require_family
from mamllib.tasks.task import Parameters


@instance("D_in", "D_o", "D_h")
class MamlMean:
    """The mean of the MAML gradient (5) over its three independent batches: a family, α, w, batch sizes."""

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    D_in: int
    D_o: int
    D_h: int

    @classmethod
    def of(cls, family, alpha, w, D_in, D_o, D_h) -> "MamlMean":
        """Check the input.

        Raises:
            ValueError: α < 0, a batch size that is not an integer ≥ 1, or anything non-finite.
            ShapeError: w does not fit a task.
        """
        require_family(family)
        validation.require_point(alpha, w)
        validation.require_fits("w", w, family.kinds)
        for name, size in (("D_in", D_in), ("D_o", D_o), ("D_h", D_h)):
            validation.require_batch_size(name, size)
        return cls(family, alpha, w, D_in, D_o, D_h)


@jit_unless_exact
def maml_bias(problem: MamlMean):
    """‖E[(I − α∇̃²f_i(w, 𝒟_h))∇̃f_i(w̃, 𝒟_o)] − ∇F_i(w)‖ for each task."""
    sizes = (problem.D_in, problem.D_o, problem.D_h)
    return _maml_bias(problem, sizes, lambda inner, outer, hessian: Batches(inner, outer, hessian))


@jit_unless_exact
def reused_batch_bias(problem: MamlMean):
    """The same with 𝒟_h = 𝒟_in, one batch used twice."""
    return _maml_bias(problem, (problem.D_in, problem.D_o), lambda inner, outer: Batches(inner, outer, inner))


def _maml_bias(problem, sizes, arrange):
    def of_task(task):
        mean = expectation(task, sizes, lambda *drawn: maml(task, problem.alpha, problem.w, arrange(*drawn)))
        return tree.norm(tree.subtract(mean, task_meta_gradient(task, problem.alpha, problem.w)))

    return problem.family.map(of_task)


def quadratic_hypotheses(problem: MamlMean):
    """ρ = 0 for every task."""
    return {"f_i is quadratic": margin(0 * problem.alpha, problem.family.constants.rho)}


def noisy_curvatures(seed: int = 0) -> MamlMean:
    """Two quadratics with curvature noise a ± ½ about a common centre: gradient and Hessian noise are correlated."""
    tasks = [Noisy(Quadratic(Q(a), Q(0)), CurvatureNoise(Q(1, 2), Q(0))) for a in (1, -2)]
    return MamlMean.of(TaskFamily.of(tasks), Q(1, 2), Q(1), 2, 2, 2)


QUADRATIC = Statement(
    id="fallah2020/lemma_4_10_quadratic",
    title="No bias on quadratics",
    source=Source("fallah2020", "Lemma 4.10, case ρ = 0", "D"),
    claim=r"\rho=0\;\Rightarrow\;\mathbb{E}\big[(I-\alpha\tilde\nabla^2f_i(w,\mathcal D_h))"
    r"\tilde\nabla f_i(\tilde w,\mathcal D_o)\big]=\nabla F_i(w)",
    takes=MamlMean,
    hypotheses=quadratic_hypotheses,
    lhs=maml_bias,
    rhs=lambda problem: 0 * problem.alpha,
    roundoff=lambda problem: relative_roundoff(problem) * (1 + tree.norm(problem.w)),
    cases=(
        Case("two quadratics, curvature noise, D = 2", noisy_curvatures, predicted=Q(1)),
        Case(
            "ramp: not quadratic",
            lambda seed: MamlMean.of(instances.odd_ramp().family, Q(1), Q(0), 1, 1, 1),
            Verdict.SILENT,
        ),
    ),
    mutants=(Mutant("one batch for 𝒟_in and 𝒟_h", noisy_curvatures, lhs=reused_batch_bias),),
)
