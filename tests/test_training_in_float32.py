"""Training in float32: nothing of it is float64, it follows the float64 run, and no verdict rests on it."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib import training, tree
from mamllib.errors import PrecisionError
from mamllib.outer_step import adam, descent
from mamllib.precision import CLASH
from mamllib.step_sizes import EstimatedStep
from mamllib.tasks.sinusoid import LARGEST_INPUT, init_network, sinusoid_family
from mamllib.tasks.task import Batch
from mamllib.training import Algorithm, Problem, train
from tests.tasks.instances import ALL

SIZES = ml.BatchSizes(5, 4, 3)
FEATURES = np.random.default_rng(0).normal(size=(3, 6, 2))
LABELS = np.arange(18).reshape(3, 6) % 2
MADE_BEFORE = jnp.ones(2)


def single(w):
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float32), w)


def of_a_row(w, row):
    """As readers write: an array made in passing, a NumPy number, an array that exists already, an integer label."""
    score = row["x"] @ (w * jnp.ones(2) + np.float64(0.1) * MADE_BEFORE)
    return jax.nn.softplus(score) - score * row["label"]


def rows_family():
    rows = [{"x": x, "label": label} for x, label in zip(FEATURES, LABELS, strict=True)]
    return ml.TaskFamily.of([ml.Empirical(row, ml.UNDECLARED, of_a_row) for row in rows])


KNOWN = np.array([0.3, -0.7])


def of_known_numbers(w, row):
    """It reads an array of NumPy."""
    return jnp.sum((w * jnp.asarray(KNOWN, float) - row["x"]) ** 2)


def of_kept_numbers():
    """A loss that reads an array as it is, which JAX keeps with the programs that have met it, and with the error."""
    known = KNOWN.copy()
    return lambda w, row: jnp.sum((w * known - row["x"]) ** 2)


def where_it_is(problem, w):
    return w


def step_length(problem, w, w_next, key):
    return {"length": tree.norm(tree.subtract(w_next, w)), "random": jax.random.normal(key)}


def both_ends(estimator, outer, problem, w, iterations=4, **more):
    algorithm = Algorithm(estimator, outer, where_it_is, 7, SIZES, **more)
    return [train(algorithm, problem, start, [0, 3], iterations) for start in (w, single(w))]


def of_instance(instance):
    return Problem(ml.TaskFamily.of([instance.task]), 0.1, ml.Constants(1.0, 0.5, 0.1, 0.1)), jnp.ones(instance.shape)


PROBLEMS = {name: of_instance(instance) for name, instance in ALL.items()}
PROBLEMS |= {
    "sinusoids": (Problem(sinusoid_family(jax.random.key(0), 9), 0.01), init_network(jax.random.key(1))),
    "rows of a reader": (Problem(rows_family(), 0.1), jnp.array([0.3, -0.2])),
    "tasks of two kinds": (Problem(ml.TaskFamily.of([ml.EvenRamp(1.0, 1.0, 3.0), ml.Quadratic(1.0, 3.8)]), 1 / 6), 0.5),
}


class Traced(Exception):
    """The program of a segment as JAX traced it; nothing is compiled."""


@pytest.fixture
def types_of_a_run(monkeypatch):
    """(arguments of ``train``) → the types in its program."""
    segment = training._segment

    def trace(*arguments):
        raise Traced(segment.trace(*arguments).jaxpr)

    def types(*arguments):
        with pytest.raises(Traced) as traced:
            train(*arguments)
        (program,) = traced.value.args
        return types_in(program), {str(made.aval.dtype) for made in program.jaxpr.outvars}

    with monkeypatch.context() as patch:
        patch.setattr(training, "_segment", trace)
        yield types


def types_in(jaxpr) -> set[str]:
    variables = [v for equation in jaxpr.eqns for v in (*equation.invars, *equation.outvars)]
    found = {str(v.aval.dtype) for v in (*variables, *jaxpr.invars, *jaxpr.constvars)}
    inner = [p for equation in jaxpr.eqns for p in jax.tree.leaves(equation.params) if hasattr(p, "eqns")]
    return found.union(*map(types_in, inner))


@pytest.mark.parametrize("name", PROBLEMS)
def test_nothing_in_a_float32_run_is_float64(name, types_of_a_run):
    problem, w = PROBLEMS[name]
    algorithm = Algorithm(ml.maml, adam(0.01), where_it_is, 7, SIZES, step_length)
    found, made = types_of_a_run(algorithm, problem, single(w), [0], 2)
    # What a reader made before, in 64 bits, is made narrow where it is met.
    constants = {"float64"} if name == "rows of a reader" else set()
    assert made == {"float32", "int32"}  # int32: how many steps Adam has made
    assert {kind for kind in found if kind.endswith("64")} == constants
    assert "float32" in found


@pytest.mark.parametrize("name", dict.fromkeys([*PROBLEMS][::5] + [*PROBLEMS][-2:]))
@pytest.mark.parametrize("estimator", [ml.maml, ml.HessianFree(0.1)], ids=["MAML", "HF-MAML"])
def test_the_first_steps_are_those_of_float64(name, estimator):
    problem, w = PROBLEMS[name]
    double, narrow = both_ends(estimator, descent(small_step), problem, w)
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(b, a, rtol=1e-4, atol=1e-4 * (1 + np.abs(a).max())),
        double.records,
        narrow.records,
    )


def small_step(problem, w, key):
    return 0.05


@pytest.mark.parametrize("outer", [adam(0.01), descent(EstimatedStep(1 / 12, 4, 3))], ids=["Adam", "estimated step"])
def test_losses_of_the_first_steps_agree_to_a_ten_thousandth(outer):
    def unseen_loss(problem, w):
        x = jnp.linspace(-LARGEST_INPUT, LARGEST_INPUT, 10)
        return problem.family[0].batch_loss(w, Batch(x, jnp.full(10, 0.1)))

    family, w = sinusoid_family(jax.random.key(0), 9), init_network(jax.random.key(1))
    problem = Problem(family, 0.01, ml.Constants(2.0, 0.5, 0.1, 0.1))
    algorithm = Algorithm(ml.maml, outer, unseen_loss, 7, SIZES)
    double, narrow = (train(algorithm, problem, start, [0, 3], 5).records for start in (w, single(w)))
    assert narrow.dtype == np.float32
    assert double.dtype == np.float64
    np.testing.assert_allclose(narrow, double, rtol=1e-4)
    assert not np.array_equal(narrow, double.astype(np.float32))


def test_tasks_held_in_bfloat16_are_trained_in_float32(types_of_a_run):
    family, w = rows_family(), jnp.array([0.3, -0.2])
    held = family.held_in(jnp.bfloat16)
    assert held.members.data["x"].dtype == jnp.bfloat16
    assert jnp.issubdtype(held.members.data["label"].dtype, jnp.integer)
    algorithm = Algorithm(ml.maml, descent(small_step), where_it_is, 7, SIZES)
    found, made = types_of_a_run(algorithm, Problem(held, 0.1), single(w), [0], 5)
    assert {"bfloat16", "float32"} <= found
    assert made == {"float32"}


def test_a_run_on_tasks_held_in_bfloat16_is_that_on_the_rounded_tasks():
    family, w = rows_family(), jnp.array([0.3, -0.2])
    held = family.held_in(jnp.bfloat16)
    algorithm = Algorithm(ml.maml, descent(small_step), where_it_is, 7, SIZES)
    narrow = train(algorithm, Problem(held, 0.1), single(w), [0], 5)
    rounded = ml.TaskFamily.of([ml.Empirical(as_float64(task.data), ml.UNDECLARED, of_a_row) for task in held])
    expected = train(algorithm, Problem(rounded, 0.1), w, [0], 5)
    np.testing.assert_allclose(narrow.records, expected.records, rtol=1e-4)
    exact = train(algorithm, Problem(family, 0.1), w, [0], 5)
    assert not np.allclose(narrow.records, exact.records, rtol=1e-4)


def as_float64(data):
    return data | {"x": np.asarray(data["x"]).astype(float)}


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
def test_statements_refuse_tasks_held_in_less(dtype):
    with pytest.raises(PrecisionError, match=r"has dtype b?float\d+ in data\['x'\]; float64 is required"):
        ml.ask(rows_family().held_in(dtype), 0.1, jnp.ones(2))


def test_a_run_of_the_theorems_refuses_a_float32_w_and_says_what_to_give():
    with pytest.raises(PrecisionError, match=r"w has dtype float32; float64 is required: give w.astype\(float\)"):
        ml.run(
            ml.Setting.of(
                "MAML", ml.TaskFamily.of([ml.Quadratic(1.0, 1.0)]), 0.1, np.float32(2.0), 20, SIZES, gap=1.0, epsilon=1
            ),
            10,
        )


@pytest.mark.parametrize(
    ("w", "error", "message"),
    [
        (jnp.ones(2, jnp.bfloat16), PrecisionError, r"w has dtype bfloat16; .* or .astype\(np.float32\) to train in"),
        ({"a": np.ones(2, np.float32), "b": np.ones(2)}, PrecisionError, r"w\['b'\] has dtype float64 where other"),
        (np.float32([np.nan, 1]), ValueError, "w holds a non-finite value"),
    ],
)
def test_a_start_that_is_neither_is_refused(w, error, message):
    algorithm = Algorithm(ml.maml, descent(small_step), where_it_is, 7, SIZES)
    with pytest.raises(error, match=message):
        train(algorithm, Problem(rows_family(), 0.1), w, [0], 2)


def test_a_rate_below_zero_or_of_another_shape_is_refused_in_float32_too():
    algorithm = Algorithm(ml.maml, descent(small_step), where_it_is, 7, SIZES)
    for alpha, message in ((-0.1, "alpha = -0.1"), (np.ones(3), "alpha has shape")):
        with pytest.raises(ValueError, match=message):
            train(algorithm, Problem(rows_family(), alpha), np.ones(2, np.float32), [0], 2)


@pytest.mark.parametrize(("number", "kind"), [(np.float64(1e300), "float32"), (np.asarray(2**40), "int32")])
def test_a_number_beyond_float32_is_named(number, kind):
    algorithm = Algorithm(ml.maml, descent(small_step), where_it_is, 7, SIZES)
    with pytest.raises(ValueError, match=rf"problem.parameters\['scale'\] holds 1.*e\+\d+, beyond {kind}"):
        train(algorithm, Problem(rows_family(), 0.1, {"scale": number}), np.ones(2, np.float32), [0], 2)


def test_a_checkpoint_knows_in_what_it_was_trained(tmp_path):
    algorithm = Algorithm(ml.maml, adam(0.05), where_it_is, 7, SIZES)
    path, problem, w = tmp_path / "run", Problem(rows_family(), 0.1), np.zeros(2)
    train(algorithm, problem, single(w), [0], 10, path)
    resumed = train(algorithm, problem, single(w), [0], 20, path)
    whole = train(algorithm, problem, single(w), [0], 20)
    np.testing.assert_array_equal(resumed.records, whole.records)
    assert resumed.records.dtype == np.float32
    with pytest.raises(ValueError, match="precision = float32, not float64"):
        train(algorithm, problem, w, [0], 20, path)


def test_float32_is_switched_off_again_where_a_run_fails():
    def fails(problem, w):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        train(
            Algorithm(ml.maml, adam(0.1), fails, 7, SIZES), Problem(rows_family(), 0.1), np.ones(2, np.float32), [0], 2
        )
    assert jnp.ones(1).dtype == np.float64


def on_features(loss) -> Problem:
    return Problem(ml.TaskFamily.of([ml.Empirical({"x": x}, ml.UNDECLARED, loss) for x in FEATURES]), 0.1)


READS_ARRAYS = PROBLEMS | {"numbers of NumPy": (on_features(of_known_numbers), jnp.array([0.3, -0.2]))}
DESCENT = Algorithm(ml.maml, descent(small_step), where_it_is, 7, SIZES)


@pytest.mark.parametrize("name", READS_ARRAYS)
def test_neither_training_nor_a_verdict_meets_the_constants_of_the_other(name):
    problem, w = READS_ARRAYS[name]
    for _ in range(2):
        narrow = train(DESCENT, problem, single(w), [0], 1).w
        assert {leaf.dtype.name for leaf in jax.tree.leaves(narrow)} == {"float32"}
        assert ml.trials.examine(problem.family, w)


@pytest.mark.parametrize("training_first", [True, False])
def test_where_jax_serves_the_constant_of_the_other_the_error_says_what_helps(training_first):
    problem, w = on_features(of_kept_numbers()), jnp.array([0.3, -0.2])
    asked = [partial(train, DESCENT, problem, single(w), [0], 1), partial(ml.trials.try_family, problem.family, w)]
    first, second = asked if training_first else asked[::-1]
    kept = first(), problem
    with pytest.raises(TypeError) as raised:
        second()
    assert CLASH in raised.value.__notes__
    del kept
