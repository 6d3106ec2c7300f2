"""Ways that benchmarks hold side by side, on tiny works, without PyTorch: they agree, and others are refused."""

import jax
import numpy as np
import pytest

from benchmarks import bias, many_steps, one_statement, peak_memory, unequal
from benchmarks.bias import measure as of_bias
from benchmarks.bias.work import Drawn
from benchmarks.many_steps import measure as of_many_steps
from benchmarks.many_steps.in_jax import LOSSES
from benchmarks.many_steps.work import WORK, tasks
from benchmarks.peers.work import start
from benchmarks.unequal import measure as of_unequal
from benchmarks.unequal.work import padded

PAGES = (bias, many_steps, unequal, one_statement)


def without_torch(ways):
    return {name: way for name, way in ways.items() if "torch" not in way.needs}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_how_it_is_run_and_where_the_results_lie(page):
    assert f"python -m {page.__name__}" in page.__doc__
    assert f"mamllib/measured/{page.__name__.split('.')[-1]}.csv" in page.__doc__


@pytest.fixture(scope="module")
def drawing():
    given = bias.work.work(0.3, rows=40, dimension=3)
    return given, {name: way.prepare(given) for name, way in without_torch(of_bias.WAYS).items()}


def test_draws_of_the_same_batches_are_equal(drawing):
    given, found = drawing
    assert max(of_bias.require_equal_draws(given, found).values()) < 1e-12


def test_means_are_equal_within_their_errors_and_another_is_refused(drawing):
    _, found = drawing
    drawn = {name: ready.draw(2**12, 1) for name, ready in found.items()}
    of_bias.require_equal_means(drawn)
    mean, known = drawn["NumPy"].mean + 0.01, drawn["NumPy"]
    off = Drawn(mean, known.variance + float(mean @ mean), known.samples)
    with pytest.raises(of_bias.Disagreement, match="NumPy: its mean"):
        of_bias.require_equal_means(drawn | {"NumPy": off})


def test_draws_of_another_alpha_are_refused(drawing):
    given, found = drawing
    other = of_bias.WAYS["NumPy"].prepare(given._replace(alpha=0.2))
    with pytest.raises(of_bias.Disagreement, match="draws of the same batches"):
        of_bias.require_equal_draws(given, found | {of_bias.OURS: other})


def test_a_variance_is_that_of_the_draws():
    values = np.random.default_rng(0).normal(size=(1000, 2))
    drawn = Drawn.of_sums(values.sum(axis=0), float(np.sum(values**2)), 1000)
    assert drawn.variance == pytest.approx(values.var(axis=0).sum())


def test_gradients_of_many_steps_are_equal():
    work = WORK._replace(widths=(4, 5, 3), rows_in=6, rows_out=9, tasks=2, pool=2, inner_steps=11, alpha=0.1)
    found = [way.prepare(work).gradient() for way in without_torch(of_many_steps.WAYS).values()]
    assert max(of_many_steps.apart_from(found[0], other) for other in found) < 1e-5
    assert of_many_steps.apart_from(found[0], 1.001 * found[0]) > 1e-4


@pytest.mark.parametrize(("loss", "scans"), [("written out", 0), ("scan", 1), ("scan, points kept", 1)])
def test_steps_are_written_out_where_they_are_said_to_be(loss, scans):
    """Else two ways would be one under two names, however many steps there are."""
    work = WORK._replace(widths=(4, 5, 3), rows_in=6, rows_out=9, tasks=2, pool=2, inner_steps=64, alpha=0.1)
    w, given = start(work), tasks(work)
    task = jax.tree.map(lambda leaf: leaf[0], given)
    program = str(jax.make_jaxpr(lambda w: LOSSES[loss](work, w, task))(w))
    assert min(program.count("scan["), 1) == scans


def test_tasks_of_unequal_size_lead_to_the_same_weights_and_other_tasks_do_not():
    given = unequal.work.work(sizes=(2, 5, 3), widths=(1, 4, 1))
    ways = without_torch(of_unequal.WAYS)
    known = ways[of_unequal.REFERENCE].prepare(given)(of_unequal.STEPS_COMPARED)
    for name, way in ways.items():
        assert of_unequal.require_agreement(name, way.prepare(given), known, given.w) < 1e-10
    fewer = ways[of_unequal.OURS].prepare(given._replace(tasks=given.tasks[:2]))
    with pytest.raises(of_unequal.Disagreement, match="of the way apart"):
        of_unequal.require_agreement(of_unequal.OURS, fewer, known, given.w)


def test_padding_has_weight_zero():
    x, y, weights = padded([(np.ones((2, 1)), np.ones(2)), (np.ones((3, 1)), np.ones(3))])
    assert x.shape == (2, 3, 1)
    np.testing.assert_array_equal(weights > 0, y > 0)
    np.testing.assert_allclose(weights.sum(axis=1), 1)


def test_memory_rises_by_what_is_held():
    if not peak_memory.RESET.exists():
        pytest.skip("only Linux says how much memory a process has held")
    assert peak_memory.rise(lambda: np.ones(2**22)) == pytest.approx(32, abs=4)


def test_cold_is_import_and_first_check_together():
    found = np.array([[1.0, 2.0, 0.1], [3.0, 4.0, 0.3]])
    rows = {row["kind"]: row for row in one_statement.rows("a check", found)}
    assert (rows["cold"]["minimum"], rows["cold"]["maximum"]) == (3, 7)
    assert rows["warm"]["seconds"] == pytest.approx(0.2)
