"""Peers of the benchmarks, those in JAX, on tiny works: the losses of three steps, and what is refused. No PyTorch."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmarks.peers import jax_loop, mamllib_train, products
from benchmarks.peers.agree import STEPS, Disagreement, Reference, require_agreement
from benchmarks.peers.jax_network import cross_entropy
from benchmarks.peers.peer import OURS, PEERS, Prepared
from benchmarks.peers.work import SIN1, WORKS, Rows, batches, pool, start

SMALL = {
    "sin1": WORKS["sin1"]._replace(widths=(1, 5, 4, 1), tasks=3, rows_in=4, rows_out=6, pool=9, alpha=0.1),
    "sin5": WORKS["sin5"]._replace(widths=(1, 5, 4, 1), tasks=2, rows_in=4, rows_out=6, pool=5),
    "cls1": WORKS["cls1"]._replace(widths=(6, 7, 8, 3), tasks=3, rows_in=6, rows_out=9, pool=7),
}
IN_JAX = [name for name, peer in PEERS.items() if peer.needs != "torch"]


@pytest.fixture(scope="module", params=SMALL)
def small(request):
    work = SMALL[request.param]
    data = batches(work, mamllib_train.order(work, STEPS + 1))
    return work, data, Reference(work, data)


def forward(w, x):
    """Activations of every layer, the input first."""
    found = [x]
    for depth, (weights, bias) in enumerate(w):
        x = x @ weights + bias
        x = x if depth == len(w) - 1 else np.maximum(x, 0)
        found.append(x)
    return found


def error_and_slope(work, outputs, y):
    """The loss and its derivative in the outputs, in NumPy."""
    if not work.classifies:
        return np.mean((outputs[:, 0] - y) ** 2), 2 * (outputs - y[:, None]) / len(y)
    shares = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    return -np.log(shares[np.arange(len(y)), y]).mean(), (shares - np.eye(outputs.shape[1])[y]) / len(y)


def inner_step(work, w, x, y):
    *activations, outputs = forward(w, x)
    slope, moved = error_and_slope(work, outputs, y)[1], []
    for (weights, bias), before in zip(reversed(w), reversed(activations), strict=True):
        moved.append((weights - work.alpha * before.T @ slope, bias - work.alpha * slope.sum(axis=0)))
        slope = (slope @ weights.T) * (before > 0)
    return moved[::-1]


def adapted_loss(work, w, task):
    for _ in range(work.inner_steps):
        w = inner_step(work, w, task.x_in, task.y_in)
    return error_and_slope(work, forward(w, task.x_out)[-1], task.y_out)[0]


def tasks_of(data, step):
    return [Rows(*leaves) for leaves in zip(*(leaf[step] for leaf in data), strict=True)]


def test_the_reference_has_the_losses_of_numpy(small):
    work, data, reference = small
    by_numpy = np.mean([adapted_loss(work, start(work, np.float64), task) for task in tasks_of(data, 0)])
    assert reference.losses[0] == pytest.approx(by_numpy, rel=1e-9)
    assert len(set(reference.losses)) == STEPS + 1


def test_the_reference_follows_the_gradient_of_numpy_s_losses(small):
    """Adam's first step is one of length β against the sign of the gradient, which differences give."""
    work, data, reference = small
    w = start(work, np.float64)
    leaves, structure = jax.tree.flatten(w)

    def mean_loss(leaves):
        w = jax.tree.unflatten(structure, leaves)
        return np.mean([adapted_loss(work, w, task) for task in tasks_of(data, 0)])

    moved = [
        leaf - work.learning_rate * np.sign(slope)
        for leaf, slope in zip(leaves, slopes(mean_loss, leaves), strict=True)
    ]
    w = jax.tree.unflatten(structure, moved)
    after = np.mean([adapted_loss(work, w, task) for task in tasks_of(data, 1)])
    assert reference.losses[1] == pytest.approx(after, rel=1e-6)


def slopes(function, leaves, h=1e-6):
    """Central differences, 0 where a coordinate does not matter."""
    found = [np.zeros_like(leaf) for leaf in leaves]
    for number, leaf in enumerate(leaves):
        for place in np.ndindex(leaf.shape):
            ends = []
            for sign in (1, -1):
                shifted = [other.copy() for other in leaves]
                shifted[number][place] += sign * h
                ends.append(function(shifted))
            found[number][place] = (ends[0] - ends[1]) / (2 * h)
    return [np.where(np.abs(slope) > 1e-8, slope, 0) for slope in found]


@pytest.mark.parametrize("name", IN_JAX)
def test_a_peer_in_jax_agrees_in_its_first_three_losses(small, name):
    work, data, reference = small
    assert require_agreement(name, PEERS[name].prepare(work, data).run, reference) < 1e-5


WRONG = {
    "half the inner step": lambda work: work._replace(alpha=work.alpha / 2),
    "an inner step too many": lambda work: work._replace(inner_steps=work.inner_steps + 1),
    "none": lambda work: work._replace(inner_steps=0),
    "a longer outer step": lambda work: work._replace(learning_rate=2 * work.learning_rate),
}


@pytest.fixture(scope="module")
def regression():
    work = SMALL["sin1"]
    data = batches(work, mamllib_train.order(work, STEPS + 1))
    return work, data, Reference(work, data)


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", [OURS, "JAX loop"])
def test_a_peer_that_does_something_else_is_refused(regression, name, wrong):
    work, data, reference = regression
    other = PEERS[name].prepare(WRONG[wrong](work), data)
    with pytest.raises(Disagreement, match=f"{name}: the loss after . steps is .* apart, and .* is allowed of"):
        require_agreement(name, other.run, reference)


def first_order(work, data) -> Prepared:
    """``mamllib.train`` without the Hessian."""

    def direction(inner_steps, task, alpha, w, _):
        return task.outer.gradient(mamllib_train.walk(task.inner, alpha, w, inner_steps).end)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mamllib_train, "direction", direction)
        return mamllib_train.prepare(work, data)


def test_first_order_is_refused(regression):
    work, data, reference = regression
    with pytest.raises(Disagreement):
        require_agreement("first order", first_order(work, data).run, reference)


def test_tasks_in_another_order_are_refused(regression):
    work, data, reference = regression
    backwards = Rows(*(leaf[::-1] for leaf in data))
    with pytest.raises(Disagreement):
        require_agreement("JAX loop", jax_loop.prepare(work, backwards).run, reference)


def test_a_loss_that_is_no_number_is_refused(regression):
    work, data, reference = regression
    run = PEERS[OURS].prepare(work, data).run
    with pytest.raises(Disagreement, match="nan"):
        require_agreement("broken", lambda steps: run(steps)._replace(losses=np.full(steps, np.nan)), reference)


def test_the_order_is_of_tasks_of_the_pool_and_moves_on():
    order = mamllib_train.order(SIN1, 4)
    assert order.shape == (4, SIN1.tasks)
    assert np.isin(order, np.arange(SIN1.pool)).all()
    assert len(np.unique(order, axis=0)) == 4


def test_every_work_has_the_shapes_it_says():
    for work in WORKS.values():
        rows = pool(work)
        assert rows.x_in.shape == (work.pool, work.rows_in, work.widths[0])
        assert rows.y_out.shape == (work.pool, work.rows_out)
        assert {leaf.dtype for leaf in (rows.x_in, rows.x_out)} == {np.dtype(np.float32)}
        if work.classifies:
            assert np.all(np.apply_along_axis(np.bincount, 1, rows.y_in) == 5)


def operations_of(jaxpr) -> int:
    """Those of all matrix products in a traced function."""
    total = 0
    for equation in jaxpr.eqns:
        if equation.primitive.name == "dot_general":
            (contracted, _), _ = equation.params["dimension_numbers"]
            left, (made,) = equation.invars[0].aval, equation.outvars
            total += 2 * made.aval.size * int(np.prod([left.shape[axis] for axis in contracted]))
        total += sum(operations_of(value) for value in jax.tree.leaves(equation.params) if hasattr(value, "eqns"))
    return total


@pytest.mark.parametrize("name", [name for name, way in products.WAYS.items() if way.needs == "jax"])
def test_every_way_makes_the_products(name):
    products.WAYS[name].prepare(SMALL["sin5"])(2)


def test_a_shared_factor_is_met_by_all_rows_at_once_and_no_operation_is_lost():
    work = SMALL["cls1"]
    for sharing in (True, False):
        pairs = products.pairs_of(work, sharing)
        made = [2 * left.shape[-1] * np.size(left @ right) for left, right in pairs]
        assert np.dot(made, products.counts_of(work)) == products.operations(work)
        assert any(right.ndim == 2 for _, right in pairs) == sharing


def test_the_other_order_is_the_transpose():
    left, right = np.ones((2, 3, 4)), np.arange(40.0).reshape(2, 4, 5)
    np.testing.assert_allclose(products.swapped(left, right), np.swapaxes(left @ right, 1, 2))


def test_the_products_are_those_of_traced_derivatives():
    work = SMALL["cls1"]
    w, rows_in, rows_out = (start(work), *(np.ones((rows, 6)) for rows in (work.rows_in, work.rows_out)))

    def gradient(w, x):
        return jax.grad(cross_entropy)(w, x, jnp.zeros(len(x), int))

    def both_orders(w, v, x):
        return jax.jvp(lambda w: gradient(w, x), (w,), (v,))

    traced = [jax.make_jaxpr(both_orders)(w, w, rows_in), jax.make_jaxpr(gradient)(w, rows_out)]
    assert products.operations(work) == work.tasks * sum(map(operations_of, traced))
