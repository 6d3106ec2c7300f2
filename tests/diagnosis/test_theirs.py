"""A function of somebody else's: whatever holds numbers is read, and what is wrong with it is said to be its own."""

from collections import OrderedDict

import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib.diagnosis.theirs import Theirs
from mamllib.errors import DirectionError, PrecisionError
from tests.diagnosis.by_hand import ALPHA, SIZES, maml, mean, world

W = {"a": np.array([1.0, 2.0]), "b": np.array(0.5)}


class Tensor:
    """What torch's tensors do: no array before the gradient is detached, and no gradient of a copy."""

    def __init__(self, values, requires_grad=True):
        self._values, self.requires_grad = np.asarray(values), requires_grad

    def detach(self):
        return Tensor(self._values, requires_grad=False)

    def cpu(self):
        return self

    def __array__(self, dtype=None, copy=None):
        if self.requires_grad:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        return self._values if dtype is None else self._values.astype(dtype)


class OnlyDlpack:
    """A tensor of which NumPy knows by the exchange protocol alone."""

    def __init__(self, values):
        self._values = np.asarray(values)

    def __dlpack__(self, **options):
        return self._values.__dlpack__(**options)

    def __dlpack_device__(self):
        return self._values.__dlpack_device__()


def returned(value, w=W):
    return Theirs(lambda *_: value, w)(())


@pytest.mark.parametrize("kind", [np.asarray, jnp.asarray, Tensor, OnlyDlpack])
def test_arrays_and_tensors_of_any_kind_are_read(kind):
    found = returned({"a": kind([3.0, 4.0]), "b": kind(5.0)})
    np.testing.assert_array_equal(found.vector, [3, 4, 5])
    assert found.dtype == np.float64


def test_a_number_is_read_where_w_is_one():
    assert returned(2.5, 1.0).vector == [2.5]


def test_the_least_precise_part_decides():
    assert returned({"a": np.float32([3, 4]), "b": 5.0}).dtype == np.float32


def test_the_order_of_a_dict_and_its_class_do_not_matter():
    found = returned(OrderedDict(b=5.0, a=np.array([3.0, 4.0])))
    np.testing.assert_array_equal(found.vector, [3, 4, 5])
    found = returned({"b": 5.0, "a": np.ones(2)}, OrderedDict(b=0.0, a=np.zeros(2)))
    np.testing.assert_array_equal(found.vector, [5, 1, 1])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, r"mine returns None, w is a dict of shapes \{'a': \(2,\), 'b': \(\)\}; a direction is shaped like w"),
        (np.ones(3), r"mine returns an array of shape \(3,\), w is a dict"),
        ({"a": np.ones(2)}, r"mine returns a dict of shapes \{'a': \(2,\)\}"),
        ({"a": np.ones(2), "b": None}, "mine returns a dict"),
        ({"a": np.ones(3), "b": 1.0}, r"shapes \{'a': \(3,\), 'b': \(\)\}"),
        ((np.ones(2), 1.0), r"mine returns a tuple of shapes \(\(2,\), \(\)\)"),
        ({"a": np.array([1.0, np.nan]), "b": 1.0}, r"mine returns nan in \['a'\], in 1 of 2 entries"),
        ({"a": np.ones(2), "b": -np.inf}, r"mine returns -inf in \['b'\], in 1 of 1 entries"),
        ({"a": "no", "b": 1.0}, r"what mine returns\['a'\], of type str, holds no real numbers but <U2"),
        ({"a": np.ones(2) * 1j, "b": 1.0}, r"\['a'\].*holds no real numbers but complex128"),
    ],
)
def test_what_is_no_direction_is_refused(value, message):
    with pytest.raises(DirectionError, match=message):
        returned(value)


@pytest.mark.parametrize("dtype", [np.float16, jnp.bfloat16, np.int64])
def test_half_precision_and_whole_numbers_are_refused(dtype):
    value = {"a": np.ones(2).astype(dtype), "b": np.ones(()).astype(dtype)}
    with pytest.raises(PrecisionError, match=rf"mine returns {np.dtype(dtype)} in \['a'\]; give float32 or float64"):
        returned(value)


def test_a_tensor_that_cannot_be_read_says_why():
    class Stuck(Tensor):
        def detach(self):
            return self

    with pytest.raises(DirectionError, match=r"\['a'\], of type Stuck, cannot be read as an array: Can't call numpy"):
        returned({"a": Stuck([1.0, 2.0]), "b": 1.0})


def test_an_error_inside_is_said_to_be_inside():
    def mine(w, batches):
        return {}["weights"]

    family, w = world(0)
    with pytest.raises(DirectionError, match="mine raises KeyError: 'weights'") as raised:
        ml.diagnose(mine, family, ALPHA, w, SIZES)
    assert isinstance(raised.value.__cause__, KeyError)


def test_what_is_given_may_be_spoilt():
    def mine(w, batches):
        direction = mean(maml)(w, batches)
        w -= 100.0
        for task in batches:
            task.inner["x"][:] = 0.0
        return direction

    family, w = world(0)
    before = w.copy()
    found = ml.diagnose(mine, family, ALPHA, w, SIZES, draws=4)
    assert (found.verdict, found.wobble) == ("right", 0)
    np.testing.assert_array_equal(w, before)


def test_it_is_called_in_plain_python_and_gets_w_as_it_was_given():
    family, w = world(0)
    seen = []

    def mine(w, batches):
        seen.append((type(w), w.dtype, [type(task.inner["x"]) for task in batches]))
        return mean(maml)(np.asarray(w, float), batches)

    for given in (w, jnp.asarray(w), w.astype(np.float32)):
        ml.diagnose(mine, family, ALPHA, given, SIZES, draws=4)
    kinds = {(kind, str(dtype)) for kind, dtype, _ in seen}
    assert kinds == {(np.ndarray, "float64"), (type(jnp.ones(1)), "float64"), (np.ndarray, "float32")}
    assert {kind for *_, inner in seen for kind in inner} == {np.ndarray}


def test_tensors_in_w_are_read_and_given_back():
    family, w = world(0)

    def mine(w, batches):
        assert isinstance(w, Tensor)
        return Tensor(mean(maml)(np.asarray(w.detach()), batches))

    assert ml.diagnose(mine, family, ALPHA, Tensor(w), SIZES, draws=4).agrees_with == ("MAML",)


def test_single_precision_numbers_are_taken_as_they_are():
    family, w = world(0)
    single = w.astype(np.float32)
    found = ml.diagnose(lambda w, batches: mean(maml)(w.astype(float), batches), family, ALPHA, single, SIZES, draws=4)
    assert (found.verdict, found.accuracy) == ("right", "float64")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"mine": 3}, TypeError, "mine is of type int"),
        ({"family": None}, TypeError, "family is of type NoneType"),
        ({"alpha": -1.0}, ValueError, "alpha = -1.0 is not allowed"),
        ({"alpha": [0.1]}, ValueError, "alpha has shape"),
        ({"w": np.ones(3)}, ValueError, "w has shape"),
        ({"w": np.array([1.0, np.nan, 0.0, 0.0])}, ValueError, "w holds a non-finite value"),
        ({"w": "weights"}, TypeError, "w, of type str, holds no real numbers"),
        ({"sizes": (6, 8, 5)}, TypeError, "sizes is of type tuple"),
        ({"steps": 0}, ValueError, "steps = 0 is not allowed"),
        ({"delta": 0.0}, ValueError, "delta = 0.0 is not allowed"),
        ({"B": 0}, ValueError, "B = 0 is not allowed"),
        ({"draws": 3}, ValueError, "draws = 3 is not allowed: draws is an integer ≥ 4"),
        ({"mean_draws": 15}, ValueError, "mean_draws = 15 is not allowed: mean_draws is an integer ≥ 16"),
    ],
)
def test_an_argument_that_is_wrong_is_named(change, error, message):
    family, w = world(0)
    good = {"mine": mean(maml), "family": family, "alpha": ALPHA, "w": w, "sizes": SIZES}
    with pytest.raises(error, match=message):
        ml.diagnose(**(good | change))


def test_fractions_are_refused():
    from fractions import Fraction

    family = ml.TaskFamily.of([ml.Quadratic(Fraction(1), Fraction(2))])
    with pytest.raises(PrecisionError, match="give family, alpha and w in floats"):
        ml.diagnose(lambda w, batches: w, family, 0.1, 0.5, SIZES)


def test_a_point_where_nothing_can_be_compared_is_refused():
    family = ml.TaskFamily.of([ml.Quadratic(1.0, jnp.zeros(2))])
    with pytest.raises(ValueError, match=r"MAML, .* are 0 at w, so that nothing can be compared there; give another w"):
        ml.diagnose(lambda w, batches: w, family, 0.1, np.zeros(2), SIZES)


def test_a_loss_that_is_not_finite_is_not_blamed_on_the_function():
    family, w = world(0)
    steep = ml.TaskFamily.of([ml.Empirical(task.data, task.declared, lambda w, row: jnp.sqrt(w[0])) for task in family])
    with pytest.raises(ValueError, match="the direction of MAML is not finite at w"):
        ml.diagnose(mean(maml), steep, ALPHA, -np.abs(w), SIZES)


def test_progress_wraps_all_that_is_to_be_done():
    family, w = world(0)
    seen = []

    def progress(items):
        seen.append(len(items))
        return items

    ml.diagnose(mean(maml), family, ALPHA, w, SIZES, draws=5, mean_draws=5, progress=progress)
    assert len(seen) == 1
    assert seen[0] > 5
