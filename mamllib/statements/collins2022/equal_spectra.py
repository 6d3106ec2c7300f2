"""Two tasks that are equally hard by every number, and MAML gains without limit: hardness is a matrix.

    Σ₁ = diag(ρ_E, ρ_H), Σ₂ = diag(ρ_H, ρ_E), α = 1/ρ_E, m = ∞, e = ρ_H/ρ_E:  excess(MAML) = 0,
    excess(NAL) = ρ_E e(1 − e)²‖w₁* − w₂*‖²/(4(1 + e)²)                                            (derived here)

Proof. Q₁ = diag(0, q) and Q₂ = diag(q, 0) with q = ρ_E e(1 − e)²: MAML takes each coordinate from the task that is slow
along it, and one step does the other. NAL's first coordinate is (w₁* + e w₂*)/(1 + e), off from w₂* by
(w₁* − w₂*)/(1 + e), the second likewise, and each of the two halves of the tasks has the risk ½q(…)². ∎

``condition_i`` is about isotropic tasks. For general ones the gain is ½(w_NAL − w_MAML)ᵀEQ(w_NAL − w_MAML), and it is 0
whatever the optima are if and only if Q_i = MΣ_i with one matrix M for all tasks, for instance where all Σ_i are equal.
"""

from functools import cached_property
from typing import NamedTuple

from mamllib.statements.collins2022.identities import both_ways
from mamllib.statements.kit import (
    OfNumbers,
    Parameters,
    Q,
    Source,
    Statement,
    TaskFamily,
    Verdict,
    case,
    holds_if,
    mutant,
    np,
    objectives,
    question,
    sqrt,
)
from mamllib.tasks import LinearRegression


class Excess(NamedTuple):
    """The excess of the adapted risk at the end of NAL and at the end of MAML."""

    nal: Parameters
    maml: Parameters


@question
class TwoSpectra(OfNumbers):
    """ρ_E and ρ_H, squares of fractions, and the optima of both tasks."""

    rho_E: Parameters
    rho_H: Parameters
    w: Parameters
    u: Parameters

    @cached_property
    def measured(self) -> Excess:
        """From the library's objective."""
        large, small, zero = sqrt(self.rho_E), sqrt(self.rho_H), 0 * self.rho_E
        roots = (np.array([[large, zero], [zero, small]]), np.array([[small, zero], [zero, large]]))
        tasks = zip(roots, (self.w, self.u), strict=True)
        family = TaskFamily.of([LinearRegression(each, optimum) for each, optimum in tasks])
        ends = self._mix(self.rho_E / (self.rho_E + self.rho_H)), self._mix(zero)
        return Excess(*(objectives.meta_loss(family, 1 / self.rho_E, end) for end in ends))

    def _mix(self, share):
        """The point whose first coordinate is share·w + (1 − share)·u, and whose second is the other way round."""
        shares = np.array([share, 1 - share])
        return shares * self.w + (1 - shares) * self.u


def formula(asked: TwoSpectra, power: int = 2):
    """ρ_E e(1 − e)^power ‖w₁* − w₂*‖²/(4(1 + e)²)."""
    e, apart = asked.rho_H / asked.rho_E, asked.w - asked.u
    return asked.rho_E * e * (1 - e) ** power * (apart**2).sum() / (4 * (1 + e) ** 2)


def left(asked: TwoSpectra):
    """(excess of NAL, its inverse, excess of MAML)."""
    return np.append(both_ways(asked.measured.nal), asked.measured.maml)


def right(asked: TwoSpectra, value=formula):
    """(…, its inverse, 0)."""
    return np.append(both_ways(value(asked)), Q(0))


def unequal(asked: TwoSpectra) -> dict:
    """ρ_H ≠ ρ_E and two different optima, without which both excesses are 0."""
    apart = bool(((asked.w - asked.u) ** 2).sum())
    return {"ρ_H ≠ ρ_E": holds_if(asked.rho_H != asked.rho_E), "w₁* ≠ w₂*": holds_if(apart)}


def spectra(e=Q(1, 4), w=(Q(0), Q(0)), u=(Q(3), Q(-1)), rho_E=Q(1)) -> TwoSpectra:
    """Two tasks whose axes are exchanged."""
    return TwoSpectra.of(rho_E, e * rho_E, np.array(w), np.array(u))


EQUAL_SPECTRA = Statement(
    id="collins2022/equal_spectra",
    title="two tasks with equal spectra (C4)",
    source=Source("collins2022", "hardness is a matrix (C4)", "D"),
    claim=r"\Sigma_1=\rho_E\operatorname{diag}(1,e),\ \Sigma_2=\rho_E\operatorname{diag}(e,1),\ \alpha\rho_E=1:"
    r"\quad\mathcal E(w_{MAML})=0,\ \mathcal E(w_{NAL})=\frac{\rho_E\,e(1-e)^2}{4(1+e)^2}\|w_1^*-w_2^*\|^2",
    takes=TwoSpectra,
    hypotheses=unequal,
    lhs=left,
    rhs=right,
    roundoff=lambda asked: 0.0,
    cases=(
        case("e = ¼, optima (0, 0) and (3, −1)", spectra, predicted=Q(1)),
        case("e = 4/9, one coordinate apart", spectra, Q(4, 9), (Q(0), Q(0)), (Q(0), Q(2)), predicted=Q(1)),
        case("e = ¼ at ρ_E = 4", spectra, rho_E=Q(4), predicted=Q(1)),
        case("e = 4", spectra, Q(4), predicted=Q(1)),
        case("e = 1, where the tasks are equally hard in truth", spectra, Q(1), expected=Verdict.SILENT),
    ),
    mutants=(
        mutant(
            "equal spectra, so no gain: NAL's excess is 0 too", spectra, rhs=lambda p: right(p) * np.array([0, 1, 1])
        ),
        mutant("½ for ¼", spectra, rhs=lambda p: right(p, lambda asked: 2 * formula(asked))),
        mutant("1 − e for its square", spectra, rhs=lambda p: right(p, lambda asked: formula(asked, 1))),
    ),
)
