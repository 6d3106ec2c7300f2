"""Bad input is answered with the argument, its value, and what is allowed."""

import re
from dataclasses import dataclass
from fractions import Fraction as Q

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib import validation
from mamllib.estimators import central_difference
from mamllib.validation import PrecisionError, ShapeError
from tests.programs import programs

TASK = ml.Noisy(ml.Quadratic(1.0, jnp.ones(2)), ml.RademacherNoise(jnp.ones(2)))
FAMILY = ml.TaskFamily.of([TASK])
RIPPLED = ml.TaskFamily.of([ml.Noisy(ml.Trigonometric(0.5, 0.5, 1.0), ml.RademacherNoise(jnp.ones(2)))])
W = jnp.array([0.5, -1.0])
KEY = jax.random.key(0)
SIZES = ml.BatchSizes(2, 2, 2)
SINGLE = jnp.ones(2, dtype=jnp.float32)
NOT_FINITE = jnp.array([1.0, jnp.nan])

TAKES_ALPHA = {
    "meta_loss": lambda alpha, w=W: ml.meta_loss(FAMILY, alpha, w),
    "meta_gradient": lambda alpha, w=W: ml.meta_gradient(FAMILY, alpha, w),
    "inner_path": lambda alpha, w=W: ml.inner_path(TASK, alpha, w),
    "Pairs": lambda alpha, w=W: ml.Pairs.of(FAMILY, alpha, w[None], w[None]),
    "Adaptation": lambda alpha, w=W: ml.Adaptation.of(FAMILY, alpha, w, 1),
    "MamlMean": lambda alpha, w=W: ml.MamlMean.of(FAMILY, alpha, w, 1, 1, 1),
    "Gap": lambda alpha, w=W: ml.Gap.of(FAMILY, alpha, w, 1),
    "sampled_meta_loss": lambda alpha, w=W: ml.sampled_meta_loss(FAMILY, alpha, w, 2),
    "sampled_meta_gradient": lambda alpha, w=W: ml.sampled_meta_gradient(FAMILY, alpha, w, 2),
    "maml": lambda alpha, w=W: ml.maml(TASK, alpha, w, ml.draw_batches(TASK, KEY, SIZES)),
    "fo_maml": lambda alpha, w=W: ml.fo_maml(TASK, alpha, w, ml.draw_batches(TASK, KEY, SIZES)),
    "hf_maml": lambda alpha, w=W: ml.hf_maml(TASK, alpha, w, ml.draw_batches(TASK, KEY, SIZES), 0.1),
    "task_batch_direction": lambda alpha, w=W: ml.task_batch_direction(ml.maml, FAMILY, alpha, w, KEY, 2, SIZES),
}
everywhere = pytest.mark.parametrize("call", TAKES_ALPHA.values(), ids=TAKES_ALPHA)


@everywhere
@pytest.mark.parametrize("alpha", [-0.1, float("nan"), float("inf"), Q(-1, 3)])
def test_alpha_is_finite_and_not_negative(call, alpha):
    with pytest.raises(ValueError, match=rf"alpha = {alpha} is not allowed: alpha must be finite and ≥ 0"):
        call(alpha)


@everywhere
def test_parameters_are_finite(call):
    with pytest.raises(ValueError, match="w holds a non-finite value; every entry must be finite"):
        call(0.1, NOT_FINITE)


@everywhere
def test_parameters_are_double_precision(call):
    with pytest.raises(PrecisionError, match="w has dtype float32; float64 is required"):
        call(0.1, SINGLE)


def test_the_second_point_of_a_pair_is_looked_at_too():
    with pytest.raises(ValueError, match="u holds a non-finite value"):
        ml.Pairs.of(FAMILY, 0.1, W[None], NOT_FINITE[None])
    with pytest.raises(PrecisionError, match="v has dtype float32"):
        ml.Probe.of(TASK, W[None], SINGLE[None], jnp.ones(1))


TAKES_SIZE = {
    "D_in of Adaptation": ("D_in", lambda size: ml.Adaptation.of(FAMILY, 0.1, W, size)),
    "D_o of Adaptation": ("D_o", lambda size: ml.Adaptation.of(FAMILY, 0.1, W, 1, size)),
    "D_in of MamlMean": ("D_in", lambda size: ml.MamlMean.of(FAMILY, 0.1, W, size, 1, 1)),
    "D_o of MamlMean": ("D_o", lambda size: ml.MamlMean.of(FAMILY, 0.1, W, 1, size, 1)),
    "D_h of MamlMean": ("D_h", lambda size: ml.MamlMean.of(FAMILY, 0.1, W, 1, 1, size)),
    "D_test of Gap": ("D_test", lambda size: ml.Gap.of(FAMILY, 0.1, W, size)),
    "D_in of draw_batches": ("D_in", lambda size: ml.draw_batches(TASK, KEY, ml.BatchSizes(size, 1, 1))),
    "D_o of draw_batches": ("D_o", lambda size: ml.draw_batches(TASK, KEY, ml.BatchSizes(1, size, 1))),
    "D_h of draw_batches": ("D_h", lambda size: ml.draw_batches(TASK, KEY, ml.BatchSizes(1, 1, size))),
    "B of task_batch_direction": (
        "B",
        lambda size: ml.task_batch_direction(ml.maml, FAMILY, 0.1, W, KEY, size, SIZES),
    ),
    "size of an enumerated batch": ("batch size", lambda size: ml.sampled_meta_loss(FAMILY, 0.1, W, size)),
    "samples of stream": ("samples", lambda size: ml.stream(lambda argument, key: W, None, KEY, size)),
}


@pytest.mark.parametrize(("name", "call"), TAKES_SIZE.values(), ids=TAKES_SIZE.keys())
@pytest.mark.parametrize("size", [0, -3])
def test_a_batch_size_is_an_integer_of_at_least_one(name, call, size):
    with pytest.raises(ValueError, match=rf"{name} = {size} is not allowed: .* is an integer ≥ 1"):
        call(size)


@pytest.mark.parametrize("call", [lambda size: ml.draw_batches(TASK, KEY, ml.BatchSizes(size, 1, 1))])
def test_half_a_sample_is_refused(call):
    with pytest.raises((ValueError, TypeError), match=r"2\.5"):
        call(2.5)


@pytest.mark.parametrize("delta", [0.0, -0.1, float("nan"), float("inf")])
def test_the_probing_step_is_positive(delta):
    message = rf"delta = {delta} is not allowed: delta must be finite and > 0"
    with pytest.raises(ValueError, match=message):
        central_difference(TASK.gradient, W, W, delta)
    with pytest.raises(ValueError, match=message):
        ml.hf_maml(TASK, 0.1, W, ml.draw_batches(TASK, KEY, SIZES), delta)


def test_every_probing_step_of_a_probe_is_positive():
    with pytest.raises(ValueError, match=r"delta = .* is not allowed: delta must be finite and > 0"):
        ml.Probe.of(TASK, jnp.ones((2, 2)), jnp.ones((2, 2)), jnp.array([0.1, 0.0]))


@pytest.mark.parametrize("phi", [0.0, -1.0])
def test_the_weight_of_young_s_inequality_is_positive(phi):
    with pytest.raises(ValueError, match=rf"phi = {phi} is not allowed: phi must be finite and > 0"):
        ml.Adaptation.of(FAMILY, 0.1, W, 1, phi=phi)


def test_points_of_a_pair_have_one_shape():
    with pytest.raises(ShapeError, match=r"w has shape \(4, 2\), u has shape \(4, 3\); they must be equal"):
        ml.Pairs.of(FAMILY, 0.1, jnp.ones((4, 2)), jnp.ones((4, 3)))


def test_points_and_directions_of_a_probe_have_one_shape_and_structure():
    with pytest.raises(ShapeError, match=r"w has shape \(4, 2\), v has shape \{'a': \(4, 2\)\}; they must be equal"):
        ml.Probe.of(TASK, jnp.ones((4, 2)), {"a": jnp.ones((4, 2))}, jnp.ones(4))


TAKES_CONSTANTS = {
    "Pairs": lambda constants: ml.Pairs.of(FAMILY, 0.1, W[None], W[None], constants),
    "Adaptation": lambda constants: ml.Adaptation.of(FAMILY, 0.1, W, 1, constants=constants),
    "Gap": lambda constants: ml.Gap.of(FAMILY, 0.1, W, 1, constants),
    "Probe": lambda constants: ml.Probe.of(TASK, W[None], W[None], jnp.ones(1), constants),
}


@pytest.mark.parametrize(
    ("constants", "complaint"),
    [
        (None, "constants is of type NoneType; give Constants"),
        ({"L": 1.0}, "constants is of type dict; give Constants"),
        ((1.0, 0.0, 2.0, 1.0), "constants is of type tuple; give Constants"),
        (ml.Constants(jnp.ones(2), 0.0, 0.0, 0.0), r"constants: L has shape \(2,\); a constant is one number"),
        (ml.Constants(1.0, "0", 0.0, 0.0), "constants: rho is of type str; a constant is a number"),
        (ml.Constants(1.0, 0.0, None, 0.0), "constants: sigma_tilde is of type NoneType; a constant is a number"),
    ],
)
def test_constants_are_constants(constants, complaint):
    for refuse in (validation.require_constants, own_task):
        with pytest.raises((TypeError, ValueError), match=complaint):
            refuse(constants)
    if constants is not None:
        with pytest.raises((TypeError, ValueError), match=complaint):
            ml.Gap.of(FAMILY, 0.1, W, 1, constants)


def own_task(constants):
    return ml.TaskFamily.of([ml.Empirical({"x": jnp.ones(2)}, constants, lambda w, row: row["x"] * w)])


@dataclass(frozen=True)
class Undeclared(ml.Task):
    """A task whose constants are forgotten."""

    constants: object = None

    def loss(self, w):
        return w


def test_constants_of_a_reader_s_own_kind_of_task_are_looked_at():
    with pytest.raises(TypeError, match=r"constants of tasks\[1\] is of type NoneType; give Constants"):
        _ = ml.TaskFamily.of([ml.Quadratic(1.0, 0.0), Undeclared()]).constants


def test_constants_may_be_unknown_and_fractions():
    validation.require_constants(ml.Constants(float("inf"), Q(0), jnp.asarray(1.0), np.float64(0.0)))


@pytest.mark.parametrize("call", TAKES_CONSTANTS.values(), ids=TAKES_CONSTANTS.keys())
@pytest.mark.parametrize(("name", "value"), [("L", -1.0), ("rho", float("nan")), ("sigma_tilde", -2.0)])
def test_a_constant_is_a_number_of_at_least_zero(call, name, value):
    constants = ml.Constants(1.0, 1.0, 1.0, 1.0)._replace(**{name: value})
    with pytest.raises(ValueError, match=f"{name} = {value} is not allowed: a constant is a number ≥ 0"):
        call(constants)
    call(ml.Constants(1.0, 1.0, 1.0, float("inf")))


def test_a_statement_takes_its_own_kind_of_instance():
    with pytest.raises(TypeError, match="fallah2020/lemma_4_8 takes a Pairs, not a Gap"):
        ml.statement("lemma_4_8").check(ml.Gap.of(FAMILY, 0.1, W, 1))


def test_a_family_has_a_task():
    with pytest.raises(ValueError, match="tasks is empty: a family has at least one task"):
        ml.TaskFamily.of([])


@pytest.mark.parametrize(
    ("probabilities", "total"), [([0.5, 0.6], "1.1"), ([0.2, 0.2], "0.4"), ([-0.5, 1.5], "1"), ([0.0, 0.0], "0")]
)
def test_probabilities_are_not_negative_and_sum_to_one(probabilities, total):
    with pytest.raises(ValueError, match=rf"probabilities sum to {total}; probabilities are ≥ 0 and sum to 1"):
        ml.TaskFamily.of([TASK, TASK], probabilities)


def test_exact_probabilities_sum_to_one_exactly():
    tasks = [ml.Quadratic(Q(1), Q(0))] * 2
    with pytest.raises(ValueError, match=r"probabilities sum to 0\.833333"):
        ml.TaskFamily.of(tasks, [Q(1, 2), Q(1, 3)])
    assert ml.TaskFamily.of(tasks, [Q(2, 3), Q(1, 3)]).probabilities == (Q(2, 3), Q(1, 3))


def test_probabilities_are_numbers():
    with pytest.raises(ValueError, match="probabilities"):
        ml.TaskFamily.of([TASK, TASK], [float("nan"), 0.5])


def test_there_is_one_probability_for_each_task():
    with pytest.raises(ValueError, match="1 probabilities for 2 tasks; there must be one each"):
        ml.TaskFamily.of([TASK, TASK], [1.0])


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [("lema_4_8", "lemma_4_8"), ("theorem_4_111", "theorem_4_11"), ("fallah2021/equation_9", "equation_9")],
)
@pytest.mark.parametrize("look_up", [ml.statement, lambda name: ml.find([name]), ml.verify])
def test_an_unknown_statement_is_answered_with_the_nearest(look_up, asked, nearest):
    with pytest.raises(
        ml.UnknownStatementError, match=f"no statement is called '{asked}'; the nearest are .*{nearest}"
    ):
        look_up(asked)


@pytest.mark.parametrize(
    ("name", "instance"),
    [
        ("lemma_4_8", lambda alpha: ml.Pairs.of(RIPPLED, alpha, W[None], 2 * W[None])),
        ("lemma_4_10_bias", lambda alpha: ml.Adaptation.of(RIPPLED, alpha, W, 1)),
        ("lemma_4_10_second_moment", lambda alpha: ml.Adaptation.of(RIPPLED, alpha, W, 1)),
        ("theorem_4_11", lambda alpha: ml.Gap.of(RIPPLED, alpha, W, 1)),
    ],
)
def test_a_step_beyond_the_hypothesis_is_no_error_but_silences_and_shows_by_how_much(name, instance):
    statement = ml.statement(name)
    check = statement.check(instance(1.5), expected=ml.Verdict.SILENT)
    assert check.verdict == ml.Verdict.SILENT
    assert check.smallest_margin == ("α ≤ 1/L", pytest.approx(-0.5))
    assert "−0.5 (α ≤ 1/L)" in repr(ml.report(check))
    assert statement.check(instance(1.0)).verdict != ml.Verdict.SILENT


@pytest.mark.parametrize("steps", [-1, -3, True])
def test_the_number_of_inner_steps_is_a_whole_number(steps):
    with pytest.raises(ValueError, match=rf"steps = {steps} is not allowed: steps is an integer ≥ 0"):
        ml.meta_gradient(FAMILY, 0.1, W, steps)
    assert ml.inner_path(TASK, 0.1, W, 0) == [W]


@pytest.mark.parametrize("phi", ["1.0", None])
def test_a_number_is_a_number(phi):
    with pytest.raises(TypeError, match=f"phi is of type {type(phi).__name__}; give a number"):
        ml.Adaptation.of(FAMILY, 0.1, W, 1, phi=phi)


@pytest.mark.parametrize("sizes", [(1, 1, 1), [1, 1, 1], None, 3])
def test_sizes_are_batch_sizes(sizes):
    with pytest.raises(TypeError, match=rf"sizes is of type {type(sizes).__name__}; give BatchSizes\(D_in, D_o, D_h\)"):
        validation.require_sizes(sizes)


def test_each_of_the_sizes_is_a_size():
    with pytest.raises(ValueError, match="D_o = 0 is not allowed: a batch size is an integer ≥ 1"):
        validation.require_sizes(ml.BatchSizes(1, 0, 1))
    validation.require_sizes(ml.BatchSizes(1, np.int64(2), 3))


@pytest.mark.parametrize("samples", [-5, 1.5, None, True, "40_000"])
def test_samples_are_a_count(samples):
    with pytest.raises(ValueError, match=f"samples = {samples} is not allowed: samples is an integer ≥ 0"):
        validation.require_samples(samples)
    validation.require_samples(0)


@pytest.mark.parametrize("seeds", [0, -1, 2.0, None])
def test_a_count_is_named(seeds):
    with pytest.raises(ValueError, match=f"seeds = {seeds} is not allowed: seeds is an integer ≥ 1"):
        validation.require_count("seeds", seeds)
    with pytest.raises(ValueError, match=r"steps = 1\.5 is not allowed: steps is an integer ≥ 0"):
        validation.require_count("steps", 1.5, least=0)


FRACTIONS = ml.TaskFamily.of([ml.Quadratic(Q(-1), Q(0))])
OBJECTS = np.array([Q(1), 0.5], dtype=object)
MIXED = {
    "alpha": lambda: ml.meta_gradient(FRACTIONS, 0.3, Q(1)),
    "alpha of an array": lambda: ml.meta_gradient(FRACTIONS, jnp.asarray(0.3), Q(1)),
    "alpha that is whole": lambda: ml.inner_path(FRACTIONS[0], 1.0, Q(1)),
    "w": lambda: ml.meta_loss(FRACTIONS, Q(1), 0.5),
    "task": lambda: ml.inner_path(ml.Quadratic(-1.0, 0.0), Q(1), Q(1)),
    "probabilities": lambda: ml.TaskFamily.of([FRACTIONS[0]] * 2, [0.5, 0.5]),
    "sigma": lambda: ml.TaskFamily.of([FRACTIONS[0]], sigma=0.5),
    "tasks[1]": lambda: ml.TaskFamily.of([FRACTIONS[0], ml.Quadratic(1.0, 0.0)]),
    "tasks[0]": lambda: ml.TaskFamily.of([ml.Quadratic(Q(1), 0.5)]),
}


@pytest.mark.parametrize(("name", "call"), MIXED.items(), ids=MIXED)
def test_a_float_among_fractions_is_refused(name, call):
    with pytest.raises(PrecisionError, match=rf"^{re.escape(name.split(' ')[0])} has the float .* give Fraction\("):
        call()


def test_the_fraction_that_was_meant_is_named():
    with pytest.raises(
        PrecisionError, match=r"alpha has the float 0\.3 where w is in fractions: give Fraction\(3, 10\)"
    ):
        ml.meta_gradient(FRACTIONS, 0.3, Q(1))


def test_whole_numbers_and_infinity_belong_to_both():
    assert ml.meta_gradient(FRACTIONS, 1, Q(1)) == -4
    validation.require_one_arithmetic(alpha=1, sigma=float("inf"), w=Q(1), none=None)
    validation.require_one_arithmetic(alpha=0.5, w=jnp.ones(2), steps=3)


def test_objects_are_fractions_all():
    with pytest.raises(PrecisionError, match=r"w\['a'\] holds floats as objects; give w\['a'\].astype\(float\)"):
        validation.require_parameters("w", {"a": OBJECTS})


WRONG_RATES = {
    "one too many": jnp.full(3, 0.1),
    "a matrix": jnp.full((2, 2), 0.1),
    "a list of numbers": [0.1, 0.2],
    "a dictionary": {"a": jnp.full(2, 0.1)},
    "one in a vector": jnp.full(1, 0.1),
}
TAKES_RATES = {name: TAKES_ALPHA[name] for name in ("meta_gradient", "inner_path", "sampled_meta_loss", "maml")}


@pytest.mark.parametrize("call", TAKES_RATES.values(), ids=TAKES_RATES)
@pytest.mark.parametrize("alpha", WRONG_RATES.values(), ids=WRONG_RATES)
def test_alpha_is_one_number_or_shaped_like_w(call, alpha):
    with pytest.raises(
        ShapeError, match=r"alpha has shape .*, w has shape \(2,\); alpha is one number or shaped like w"
    ):
        call(alpha)


def test_the_rates_are_looked_at_one_by_one():
    with pytest.raises(ValueError, match=r"alpha = .* is not allowed: alpha must be finite and ≥ 0"):
        ml.meta_gradient(FAMILY, jnp.array([0.1, -0.1]), W)


def test_what_is_validated_compiles_no_program():
    w, alpha = jax.device_put(np.ones(2)), jax.device_put(np.full(2, 0.1))
    constants = ml.Constants(*(jax.device_put(np.asarray(x)) for x in (1.0, 0.0, 2.0, 1.0)))
    rows = {"x": np.ones((71, 2)), "y": np.ones(71)}
    with programs() as compiled:
        validation.require_point(alpha, w)
        validation.require_constants(constants)
        validation.require_probabilities("p", jax.device_put(np.full(4, 0.25)))
        validation.require_positive("phi", w)
        task = ml.Empirical(rows, constants, lambda w, row: (row["x"] @ w - row["y"]) ** 2)
        family = ml.TaskFamily.of(
            [task, ml.Empirical({"x": np.ones((3, 2)), "y": np.ones(3)}, constants, task.sample_function)]
        )
        validation.require_fits("w", w, family.kinds)
        _ = family.constants, family[0], list(family)
    assert compiled == []


def test_the_task_deviation_is_not_negative():
    message = "sigma = -0.5 is not allowed: a constant is a number ≥ 0"
    with pytest.raises(ValueError, match=message):
        ml.TaskFamily.of([TASK], sigma=-0.5)
    with pytest.raises(ValueError, match=message):
        FAMILY.with_sigma(-0.5)
    with pytest.raises(ValueError, match=message):
        ml.Point.of(FAMILY, 0.1, W, sigma=-0.5)
    with pytest.raises(ValueError, match=message):
        ml.Setting.of("MAML", FAMILY, 0.1, W, 1, SIZES, 1.0, 0.1, sigma=-0.5)
