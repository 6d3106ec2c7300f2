"""How well features represent a function with weights in a ball: two convex programs, each with its duality gap."""

import clarabel
import numpy as np
from scipy import sparse
from scipy.optimize import brentq

PRECISION = 1e-10


def smallest_mean_of_norms(matrices, targets, weights, radius: float) -> tuple[float, float, np.ndarray]:
    """min over ‖v‖ ≤ R of Σ_i a_i ‖b_i − A_i v‖, as a second-order cone program (Clarabel).

    Args:
        matrices: A_i, shape (n, N, p). targets: b_i (n, N). weights: a_i ≥ 0 (n,). radius: R > 0.

    Returns:
        The value at a feasible v, a lower bound of the minimum by duality, and v.

    Raises:
        ArithmeticError: a number that is not finite.
    """
    _require_finite(matrices, targets, weights)
    n, N, p = matrices.shape
    cost = np.concatenate([np.zeros(p), weights])
    blocks, offsets, cones = [], [], []
    for i in range(n):
        slack = np.zeros((1, p + n))
        slack[0, p + i] = -1.0
        blocks += [slack, np.hstack([matrices[i], np.zeros((N, n))])]
        offsets += [[0.0], targets[i]]
        cones.append(clarabel.SecondOrderConeT(N + 1))
    blocks += [np.zeros((1, p + n)), np.hstack([-np.eye(p), np.zeros((p, n))])]
    offsets += [[radius], np.zeros(p)]
    cones.append(clarabel.SecondOrderConeT(p + 1))
    solution = _solve(cost, np.vstack(blocks), np.concatenate(offsets), cones)
    v = np.array(solution.x[:p])
    v *= min(1.0, radius / max(np.linalg.norm(v), PRECISION))
    value = float(weights @ np.linalg.norm(targets - matrices @ v, axis=1))
    dual = solution.obj_val_dual
    return value, min(value, dual) if dual > 0 else 0.0, v  # norms are at least 0, and a solver may fail


def _require_finite(*arrays) -> None:
    if not all(np.all(np.isfinite(array)) for array in arrays):
        raise ArithmeticError("a number that is not finite cannot be represented")


def _solve(cost, A, b, cones):
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = PRECISION
    quadratic = sparse.csc_matrix((len(cost), len(cost)))
    return clarabel.DefaultSolver(quadratic, cost, sparse.csc_matrix(A), b, cones, settings).solve()


def ball_least_squares(gram, residual, weights, radius: float) -> tuple[float, float]:
    """min over ‖u‖ ≤ R of ‖residual − Φu‖_M from the Gram matrix ΦΦᵀ (N, N), and the multiplier λ of the ball.

    With S = M^{1/2}, u = ΦᵀSa and (SΦΦᵀS + λ)a = S·residual; λ = 0 where the unconstrained solution is in the ball.

    Raises:
        ArithmeticError: a number that is not finite.
    """
    _require_finite(gram, residual, weights)
    root = np.sqrt(weights)
    values, vectors = np.linalg.eigh(root[:, None] * gram * root[None])
    values, target = np.maximum(values, 0.0), vectors.T @ (root * residual)

    if values.max() == 0:  # no feature is active anywhere
        return float(np.linalg.norm(target)), 0.0

    def excess(multiplier):
        return np.sum(values * (target / (values + multiplier)) ** 2) - radius**2

    smallest = PRECISION * values.max()
    multiplier = 0.0 if excess(smallest) <= 0 else brentq(excess, smallest, 1e3 * _largest(values, target, radius))
    floor = smallest if multiplier == 0 else multiplier
    return float(np.linalg.norm(floor / (values + floor) * target)), float(multiplier)


def _largest(values, target, radius):
    return np.sqrt(values.max()) * np.linalg.norm(target) / radius + values.max()
