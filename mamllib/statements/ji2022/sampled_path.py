"""N inner steps on sampled gradients: the question of three statements of Ji et al. (2022).

    w_0 = w,  w_{m+1} = w_m − α∇̃l_i(w_m, 𝒟_in^m),      Ĝ_i = [∏_{j<N}(I − α∇̃²l_i(w_j, 𝒟_h^j))] ∇̃l_i(w_N, 𝒟_o)

with 2N + 1 independent batches. The paper writes S, D and T for D_in, D_h and D_o. All paths are listed. What 𝒟_h and
𝒟_o add is a formula: a batch of D has 1/D of the variance of one sample, for the gradient and for every factor.
"""

from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from mamllib.batches import listed_values, require_enumerable
from mamllib.inner_loop import exact, listed_path, pulled_back
from mamllib.statements.ji2022.stretch import stretch
from mamllib.statements.kit import (
    Constants,
    Parameters,
    Places,
    Q,
    Question,
    TaskFamily,
    arithmetic,
    deviations,
    each,
    evaluate,
    fan,
    is_exact,
    jax,
    jnp,
    join,
    join_segments,
    measure,
    np,
    question,
    relative_roundoff,
    root_above,
    segments,
    stack,
    tree,
)
from mamllib.tasks.task import batch_gradient


class SampledParts(NamedTuple):
    """For each task E‖e_N‖², E‖e_N‖, ‖EĜ_i − ∇𝓛_i‖, and ‖∇l_i(w)‖; and ‖w‖. e_N = w_N − w̃_N."""

    squared_error: Parameters
    error: Parameters
    shift: Parameters
    gradient: Parameters
    norm: Parameters


@question
class SampledPath(Question):
    """A task family, α, w, the number of inner steps, the sizes of their batches, and the constants to test."""

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    D_in: int
    steps: int
    D_o: int
    D_h: int
    constants: Constants

    def require(self) -> None:
        """Raise ``NotEnumerableError`` where the paths cannot be listed, ``ValueError`` where there is no step."""
        if self.steps < 1:
            raise ValueError(f"steps = {self.steps} is not allowed: a sampled path has one inner step or more")
        if not arithmetic.is_traced(self.family):
            require_enumerable(self.family, *self._sizes)

    @property
    def _sizes(self) -> tuple[int, ...]:
        return (self.D_in,) * self.steps

    def places(self, task) -> Places:
        """The exact path and its steps; every sampled one, from the exact one to it, and samples all along."""
        exactly = listed_path(task, self.alpha, self.w, self.steps)
        sampled = self.sampled(task)[0]
        reached = [column(sampled, m) for m in range(self.steps + 1)]
        across = [fan(point, ends) for point, ends in zip(exactly, reached, strict=True)]
        return Places(
            points=join(stack(*exactly), *reached[1:]),
            chords=join_segments(*across[1:], segments(*pairwise(exactly))),
            bends=join_segments(*across),
            draws=join(*(first(ends) if m == 0 else ends for m, ends in enumerate(reached))),
            hessian_draws=join(*(first(ends) if m == 0 else ends for m, ends in enumerate(reached[:-1]))),
        )

    def sampled(self, task):
        """((w_0, …, w_N) of every path, stacked; how likely each is)."""
        return listed_values(task, self._sizes, lambda *batches: tuple(self.path(task, batches)))

    def path(self, task, batches) -> list:
        """[w_0, …, w_N] for these batches."""
        path = [self.w]
        for batch in batches:
            path.append(tree.step(path[-1], self.alpha, batch_gradient(task, path[-1], batch)))
        return path

    def parts(self) -> SampledParts:
        """What the sides of the first two statements are made of."""
        return SampledParts(*self.family.map(self._moments), tree.norm(self.w))

    def _moments(self, task):
        paths, chances = self.sampled(task)
        end = listed_path(task, self.alpha, self.w, self.steps)[-1]
        squares = each(lambda reached: tree.norm_squared(tree.subtract(reached, end)), column(paths, self.steps))
        sizes = each(lambda reached: tree.norm(tree.subtract(reached, end)), column(paths, self.steps))
        return mean(chances, squares), mean(chances, sizes), self._bias(task, paths, chances), self._gradient(task)

    def _gradient(self, task):
        return tree.norm(task.gradient(self.w))

    def _bias(self, task, paths, chances):
        """‖E ∏(I − α∇²l(w_j)) ∇l(w_N) − ∇𝓛‖: the other batches are unbiased, given the path."""
        products = each(lambda *path: product(task, self.alpha, path), *columns_of(paths, self.steps + 1))
        exactly = pulled_back(exact(task, self.alpha), self.w, self.steps, task.gradient)
        return tree.norm(tree.subtract(mean(chances, products), exactly))

    @cached_property
    def second_moment(self):
        """E‖Ĝ_i‖² for each task."""
        return evaluate(_second_moments, self)


def product(task, alpha, path):
    """∏_{j<N}(I − α∇²l(w_j)) ∇l(w_N)."""
    *points, end = path
    direction = task.gradient(end)
    for point in reversed(points):
        direction = exact(task, alpha).factor(point, None, direction)
    return direction


def _second_moments(asked: SampledPath):
    def of_task(task):
        paths, chances = asked.sampled(task)
        squares = each(lambda *path: _second_moment(task, asked, path), *columns_of(paths, asked.steps + 1))
        return mean(chances, squares)

    return asked.family.map(of_task)


def _second_moment(task, asked: SampledPath, path):
    """E‖Ĝ‖² given the path: tr A_0 with A_N = E∇̃l∇̃lᵀ and A_j = E(I − α∇̃²l)A_{j+1}(I − α∇̃²l)."""
    *points, end = path
    matrix = _second_moment_of_gradient(task, asked, end)
    for point in reversed(points):
        matrix = _through_sampled_factor(task, asked, point, matrix)
    return matrix.trace()


def _second_moment_of_gradient(task, asked: SampledPath, w):
    theta, chances = deviations.all_samples(task)
    exactly = _row(task.gradient(w))
    offsets = each(lambda t: _row(task.sample_gradient(w, t)) - exactly, theta)
    weights = np.asarray(chances) if is_exact(exactly) else chances
    spread = (offsets.T * weights) @ offsets
    return exactly[:, None] * exactly[None, :] + spread / asked.D_o


def _through_sampled_factor(task, asked: SampledPath, w, matrix):
    theta, chances = deviations.all_samples(task)
    exactly = _square(measure.hessian(task, w))
    offsets = each(lambda t: _square(measure.sample_hessian(task, w, t)) - exactly, theta)
    spread = mean(chances, each(lambda deviation: deviation @ matrix @ deviation, offsets))
    image = _identity(matrix) - asked.alpha * exactly
    return image @ matrix @ image + asked.alpha**2 * spread / asked.D_h


def sum_of(chances, values):
    """Σ p x in fractions."""
    terms = [p * x for p, x in zip(chances, values, strict=True)]
    return sum(terms[1:], terms[0])


def mean(chances, values):
    """Σ p x along the leading axis."""
    if is_exact(values):
        return sum_of(chances, list(values))
    return jax.tree.map(lambda leaf: jnp.tensordot(chances, leaf, axes=1), values)


def column(paths, m: int):
    """w_m of every path, stacked."""
    return tuple(path[m] for path in paths) if is_exact(paths) else paths[m]


def columns_of(paths, count: int) -> tuple:
    """The points of all paths, for each m."""
    return tuple(column(paths, m) for m in range(count))


def first(stacked):
    """The first of a stack, as a stack."""
    return stacked[:1] if is_exact(stacked) else jax.tree.map(lambda leaf: leaf[:1], stacked)


def _row(x):
    """A vector."""
    return np.ravel(np.asarray(x, dtype=object)) if is_exact(x) else tree.ravel(x)


def _square(matrix):
    """A matrix, of one number too."""
    return np.reshape(np.asarray(matrix, dtype=object), (1, 1)) if isinstance(matrix, Q) else matrix


def _identity(matrix):
    return np.eye(len(matrix), dtype=int) + (Q(0) if is_exact(matrix) else 0.0)


def growth(asked: SampledPath, steps: int):
    """√Σ_{j<steps} x^{2j} = s_m/(αL), what noise grows to in m steps; in fractions at most 10⁻¹² too large."""
    x = stretch(asked)
    square = sum((x ** (2 * j) for j in range(steps)), 0 * x)
    return root_above(square) if is_exact(square) else square**0.5


def root_of_size(D: int, like):
    """√D, where ``like`` is a fraction from below, so that 1/√D is not too small."""
    return arithmetic.root_below(Q(D)) if isinstance(like, Q) else D**0.5


def size(asked: SampledPath):
    """L(‖w‖ + αN x^N(‖∇l‖ + σ̃)) + x^N(‖∇l‖ + σ̃): what rounding is relative to, for each task."""
    c, parts, x = asked.constants, asked.answer.parts, stretch(asked)
    reached = x**asked.steps * (parts.gradient + c.sigma_tilde)
    return c.L * (parts.norm + asked.alpha * asked.steps * reached) + reached


def roundoff(asked: SampledPath):
    """γ of that, through N factors."""
    return relative_roundoff(asked) * 2 * (1 + asked.steps) * stretch(asked) ** asked.steps * size(asked)
