"""No bias at all where the loss is quadratic."""

from mamllib.estimators import Batches, maml
from mamllib.objectives import task_meta_gradient
from mamllib.statements.fallah2020.lemma_4_10 import instances
from mamllib.statements.fallah2020.lemma_4_10.question import Adaptation, roundoff
from mamllib.statements.kit import (
    HESSIAN_LIPSCHITZ,
    UNBIASED,
    Q,
    Source,
    Statement,
    TaskFamily,
    Verdict,
    case,
    evaluate,
    expectation,
    holds_if,
    mutant,
    tree,
)
from mamllib.tasks import CurvatureNoise, Noisy, Quadratic


class MamlMean:
    """``Adaptation`` with the three batch sizes of the MAML gradient (5) in a row."""

    @staticmethod
    def of(family, alpha, w, D_in: int, D_o: int, D_h: int, **more) -> Adaptation:
        """``Adaptation.of(family, alpha, w, D_in, D_o, D_h=D_h)``."""
        return Adaptation.of(family, alpha, w, D_in, D_o, D_h=D_h, **more)


def maml_bias(problem: Adaptation):
    """‖E[(I − α∇̃²f_i(w, 𝒟_h))∇̃f_i(w̃, 𝒟_o)] − ∇F_i(w)‖ for each task."""
    return evaluate(_independent_batches, problem)


def reused_batch_bias(problem: Adaptation):
    """The same with 𝒟_h = 𝒟_in, one batch used twice."""
    return evaluate(_reused_batch, problem)


def _independent_batches(problem: Adaptation):
    sizes = problem.D_in, problem.D_o, problem.D_h
    return _maml_bias(problem, sizes, lambda inner, outer, hessian: Batches(inner, outer, hessian))


def _reused_batch(problem: Adaptation):
    return _maml_bias(problem, (problem.D_in, problem.D_o), lambda inner, outer: Batches(inner, outer, inner))


def _maml_bias(problem, sizes, arrange):
    def of_task(task):
        mean = expectation(task, sizes, lambda *drawn: maml(task, problem.alpha, problem.w, arrange(*drawn)))
        return tree.norm(tree.subtract(mean, task_meta_gradient(task, problem.alpha, problem.w)))

    return problem.family.map(of_task)


def no_bias(problem: Adaptation):
    """0."""
    return 0 * problem.alpha


def no_curvature_change(problem: Adaptation) -> dict:
    """ρ = 0 (that the Hessian does not change on the way to any w̃ is measured besides)."""
    return {"f_i is quadratic": holds_if(problem.constants.rho == 0)}


def maml_roundoff(problem: Adaptation):
    """The budget of the inner step, times what I − α∇̃²f can enlarge."""
    c = problem.constants
    return roundoff(problem) * (2 + problem.alpha * (c.L + c.sigma_H))


def noisy_curvatures():
    """Two quadratics with curvature noise a ± ½ about a common centre: gradient and Hessian noise are correlated."""
    tasks = [Noisy(Quadratic(Q(a), Q(0)), CurvatureNoise(Q(1, 2), Q(0))) for a in (1, -2)]
    return Adaptation.of(TaskFamily.of(tasks), Q(1, 2), Q(1), 2, 2, D_h=2)


QUADRATIC = Statement(
    id="fallah2020/lemma_4_10_quadratic",
    title="No bias on quadratics",
    source=Source("fallah2020", "Lemma 4.10, case ρ = 0", "D"),
    claim=r"\rho=0\;\Rightarrow\;\mathbb{E}\big[(I-\alpha\tilde\nabla^2f_i(w,\mathcal D_h))"
    r"\tilde\nabla f_i(\tilde w,\mathcal D_o)\big]=\nabla F_i(w)",
    takes=Adaptation,
    assumes=(HESSIAN_LIPSCHITZ, UNBIASED),
    hypotheses=no_curvature_change,
    lhs=maml_bias,
    rhs=no_bias,
    roundoff=maml_roundoff,
    cases=(
        case("two quadratics, curvature noise, D = 2", noisy_curvatures, predicted=Q(1)),
        case("ramp: not quadratic", instances.odd_ramp, expected=Verdict.SILENT),
    ),
    spared={"Hessian is ρ-Lipschitz": "ρ = 0, and a tenth of it is 0"},
    mutants=(mutant("one batch for 𝒟_in and 𝒟_h", noisy_curvatures, lhs=reused_batch_bias),),
)
