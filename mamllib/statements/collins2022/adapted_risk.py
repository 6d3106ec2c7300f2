"""The risk of a linear regression after one inner step on m samples, in closed form.

    E f(w − α∇f̂(w; m)) = ½(w − w*)ᵀQ(w − w*) + α²ν²tr(Σ²)/(2m) + ν²/2,
    Q = (I − αΣ)Σ(I − αΣ) + (α²/m)(tr(Σ²)Σ + Σ³)                                                  (derived here)

for every α, if x = Rs with RRᵀ = Σ, R of any shape, and independent coordinates of s of mean 0, variance 1 and fourth
moment 3, as normal ones are; of the noise only that it has mean 0 and variance ν² whatever x is.

Proof. With e = w − w* the error after the step is (I − αΣ̂)e + αXᵀz/m. E Σ̂ΣΣ̂ = Σ³ + (1/m)(E[xxᵀΣxxᵀ] − Σ³), and
E[xxᵀΣxxᵀ] = 2Σ³ + tr(Σ²)Σ, for E[ssᵀAssᵀ] = 2A + tr(A)I with A = RᵀΣR: Isserlis' theorem, which uses
fourth moments alone. E[zᵀXΣXᵀz] = mν²tr(Σ²), and the cross
term is 0 because z has mean 0. ∎

What is compared: every batch listed, in fractions, with the formula, in both directions. Two dimensions tell tr(Σ)Σ²
from tr(Σ²)Σ, and m = 2 shows the 1/m. With features ±1, of kurtosis 1, the formula is false.
"""

from typing import NamedTuple

from mamllib.statements.collins2022.closed_form import adapted_curvature, form, per_sample, trace
from mamllib.statements.collins2022.identities import both_errors, both_ways
from mamllib.statements.kit import (
    Parameters,
    Q,
    Question,
    Source,
    Statement,
    TaskFamily,
    Verdict,
    case,
    equal,
    expectation,
    is_exact,
    jax,
    mutant,
    np,
    question,
    relative_roundoff,
    tree,
    validation,
)
from mamllib.tasks import LinearRegression
from mamllib.tasks.linear_regression import LAWS


class RiskParts(NamedTuple):
    """E f(w − α∇f̂(w; m)) of each task, every batch listed."""

    risk: Parameters


@question
class AdaptedRisk(Question):
    """Linear regressions whose batches can be listed, α, w, and the number m of samples of the inner step."""

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    D_in: int

    about = LinearRegression  # and no other task

    def require(self) -> None:
        """Raise where a task is no linear regression: the formula is about these."""
        for task in self.family.kinds:
            validation.require_a(self.about, "a task", task, "a LinearRegression(root, w_star, noise, law)")

    def parts(self) -> RiskParts:
        """What is listed."""

        def risk(task):
            def adapted(batch):
                return task.loss(tree.step(self.w, self.alpha, task.batch_gradient(self.w, batch)))

            return expectation(task, (self.D_in,), adapted)

        return RiskParts(self.family.map(risk))


def closed(asked: AdaptedRisk, curvature=None):
    """½(w − w*)ᵀQ(w − w*) + α²ν²tr(Σ²)/(2m) + ν²/2 of each task."""
    return np.array([_closed(task, asked, curvature or formula) for task in _known(asked.family)])


def _closed(task: LinearRegression, asked: AdaptedRisk, curvature):
    error, covariance = asked.w - task.w_star, task.covariance
    risk = form(error, curvature(covariance, asked.alpha, asked.D_in))
    if task.noise is None:
        return risk
    return risk + task.noise**2 / 2 * (1 + per_sample(asked.alpha, asked.D_in) * trace(covariance @ covariance))


def _known(family: TaskFamily) -> list:
    """The tasks, in NumPy's arrays."""
    return [task if is_exact(task) else jax.tree.map(np.asarray, task) for task in family]


def formula(covariance, alpha, m):
    """Q."""
    return adapted_curvature(covariance, alpha, m)


def kurtosis(asked: AdaptedRisk) -> dict:
    """That the features are of kurtosis 3."""
    off = max(abs(LAWS[task.law].kurtosis - 3) for task in asked.family.kinds)
    return {"features of kurtosis 3": equal(Q(-off))}


def roundoff(asked: AdaptedRisk):
    """γ of what the largest batch of three points makes of the risk."""
    tasks = [np.float64(_closed(task, asked, formula)) for task in _known(asked.family)]
    sizes = [(1 + 9 * asked.alpha * trace(task.covariance)) ** 2 * task.loss(asked.w) for task in _known(asked.family)]
    return both_errors(tasks, 2 * relative_roundoff(asked) * np.array(sizes, float))


def wrong(curvature):
    """The formula with another Q."""
    return lambda asked: both_ways(closed(asked, curvature))


def without_share(covariance, alpha, m):
    """Q without the 1/m."""
    return adapted_curvature(covariance, alpha, 1)


def without_cube(covariance, alpha, m):
    """Q without Σ³."""
    return adapted_curvature(covariance, alpha, m) - per_sample(alpha, m) * covariance @ covariance @ covariance


def traces_exchanged(covariance, alpha, m):
    """tr(Σ)Σ² for tr(Σ²)Σ."""
    square = covariance @ covariance
    change = trace(covariance) * square - trace(square) * covariance
    return adapted_curvature(covariance, alpha, m) + per_sample(alpha, m) * change


def of_the_gradient(covariance, alpha, m):
    """Q at m = ∞."""
    return adapted_curvature(covariance, alpha, float("inf"))


def two_axes(alpha=Q(9, 10), m: int = 2, law: str = "three points", noise=None) -> AdaptedRisk:
    """Σ = diag(1, ¼) at e = (1, 2): at α = 9/10 and m = 2, Q = diag(541/640, 169/640)."""
    task = LinearRegression(np.array([[Q(1), Q(0)], [Q(0), Q(1, 2)]]), np.array([Q(0), Q(1)]), noise, law)
    return AdaptedRisk.of(TaskFamily.of([task]), alpha, np.array([Q(1), Q(3)]), m)


def one_axis() -> AdaptedRisk:
    """Σ = 1, α = 9/10, one sample: Q = 163/100."""
    task = LinearRegression(np.array([[Q(1)]]), np.array([Q(0)]), None, "three points")
    return AdaptedRisk.of(TaskFamily.of([task]), Q(9, 10), np.array([Q(1)]), 1)


ADAPTED_RISK = Statement(
    id="collins2022/adapted_risk",
    title="linear regression, the risk after a step (C1)",
    source=Source("collins2022", "the risk of a linear regression after one step (C1)", "D"),
    claim=r"\mathbb E f(w-\alpha\nabla\hat f(w;m))=\tfrac12\|w-w^*\|_Q^2"
    r"+\tfrac{\alpha^2\nu^2}{2m}\operatorname{tr}\Sigma^2+\tfrac{\nu^2}2,\quad Q=(I-\alpha\Sigma)\Sigma(I-\alpha\Sigma)"
    r"+\tfrac{\alpha^2}m(\operatorname{tr}(\Sigma^2)\Sigma+\Sigma^3)",
    takes=AdaptedRisk,
    hypotheses=kurtosis,
    lhs=lambda asked: both_ways(asked.answer.parts.risk),
    rhs=lambda asked: both_ways(closed(asked)),
    roundoff=roundoff,
    cases=(
        case("Σ = diag(1, ¼), α = 9/10, m = 2", two_axes, predicted=Q(1)),
        case("the same, m = 1", two_axes, m=1, predicted=Q(1)),
        case("the same with noise, m = 2", two_axes, noise=Q(1, 2), predicted=Q(1)),
        case("one dimension, m = 1", one_axis, predicted=Q(1)),
        case("features ±1", two_axes, m=1, law="signs", expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("no 1/m", two_axes, rhs=wrong(without_share)),
        mutant("no Σ³", two_axes, rhs=wrong(without_cube)),
        mutant("tr(Σ)Σ² for tr(Σ²)Σ", two_axes, rhs=wrong(traces_exchanged)),
        mutant("m = ∞", two_axes, rhs=wrong(of_the_gradient)),
        mutant("features of any kurtosis", two_axes, m=1, law="signs", drops="features of kurtosis 3"),
    ),
)
