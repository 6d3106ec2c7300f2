"""Chunks: the same values as one vmap, small evaluations side by side, large ones alone."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mamllib import chunks
from mamllib.chunks import chunk_size, equal_chunk, floats_made, map_in_chunks, map_in_equal_chunks, weighted_sum
from mamllib.precision import SINGLE, computing_in


@pytest.mark.parametrize("floats_in_cache", [1, 60, 10**6], ids=["alone", "chunks with a rest", "at once"])
def test_chunks_give_what_vmap_gives(floats_in_cache, monkeypatch):
    monkeypatch.setattr(chunks, "FLOATS_IN_CACHE", floats_in_cache)
    xs = (jnp.linspace(-1, 1, 14).reshape(7, 2), jnp.arange(7.0))

    def function(x):
        return {"a": jnp.sin(x[0]) * x[1], "b": x[1] ** 2}

    jax.tree.map(np.testing.assert_array_equal, map_in_chunks(function, xs), jax.vmap(function)(xs))


def test_chunks_stay_in_cache():
    cache = chunks.FLOATS_IN_CACHE
    assert chunk_size(10, 1) == 10
    assert chunk_size(1000, cache // 100) == 100
    assert chunk_size(101, cache // 100) == 100


@pytest.mark.parametrize(
    ("count", "most", "chunk"), [(45, 9, 9), (8, 9, 8), (10, 9, 5), (11, 9, 6), (101, 100, 51), (7, 1, 1), (3, 100, 3)]
)
def test_chunks_are_equal_with_as_little_filled_up_as_can_be(count, most, chunk):
    assert equal_chunk(count, most) == chunk
    assert -(-count // chunk) * chunk - count <= -(-count // most)


@pytest.mark.parametrize("count", [11, 45])
def test_one_chunk_is_compiled_and_not_a_rest_besides(count):
    traced = []

    def function(x):
        traced.append(x.shape)
        return 2 * x

    values = map_in_equal_chunks(function, jnp.arange(float(count)), 9)
    np.testing.assert_array_equal(values, 2 * np.arange(count))
    assert len(traced) == 1


def test_a_large_evaluation_runs_alone():
    assert chunk_size(1000, chunks.FLOATS_ALONE) > 1
    assert chunk_size(1000, chunks.FLOATS_ALONE + 1) == 1


def test_in_float32_a_larger_one_has_company_where_its_data_are_few():
    assert chunk_size(1000, chunks.FLOATS_ALONE + 1, data_each=1) == 1
    with computing_in(SINGLE):
        assert chunk_size(1000, chunks.FLOATS_ALONE + 1) == 1
        assert chunk_size(1000, chunks.FLOATS_ALONE + 1, data_each=chunks.FLOATS_ALONE // 2) == 1
        assert chunk_size(1000, chunks.SINGLES_ALONE, data_each=1) > 1
        assert chunk_size(1000, chunks.SINGLES_ALONE + 1, data_each=1) == 1


def test_what_a_function_makes_is_counted_inside_loops_branches_and_compiled_functions():
    x = jnp.ones(10)
    assert floats_made(lambda x: x + 1, x) == 10
    assert floats_made(lambda x: (x + 1) * 2, x) == 20
    assert floats_made(jax.jit(lambda x: (x + 1) * 2), x) == 10 + 20
    looped = floats_made(lambda x: jax.lax.scan(lambda c, _: ((c + 1) * 2, None), x, length=50)[0], x)
    assert looped == 10 + 20
    branched = floats_made(lambda x: jax.lax.cond(True, lambda x: x + 1, lambda x: x * 2, x), x)
    assert branched >= 10 + 10 + 10


@pytest.mark.parametrize("most", [None, 1, 4, 100])
def test_a_weighted_sum_is_the_sum_of_all_and_what_has_no_weight_does_not_count(most):
    xs = jnp.arange(11.0) - 3
    weights = jnp.where(xs > 0, xs**2, 0)
    total = weighted_sum(lambda x: {"a": jnp.log(x), "b": jnp.stack([x, x**3])}, xs, weights, most)
    known, w = np.arange(1.0, 8), np.arange(1.0, 8) ** 2
    np.testing.assert_allclose(total["a"], w @ np.log(known), rtol=1e-12)
    np.testing.assert_allclose(total["b"], [w @ known, w @ known**3], rtol=1e-12)


@pytest.mark.parametrize(
    ("gigabytes", "floats"), [(None, chunks.FLOATS_ON_ACCELERATOR), (80, chunks.FLOATS_ON_ACCELERATOR), (2, 62_500_000)]
)
def test_a_chunk_on_an_accelerator_fills_at_most_a_quarter_of_its_memory(gigabytes, floats, monkeypatch):
    class Device:
        def memory_stats(self):
            return gigabytes and {"bytes_limit": gigabytes * 10**9}

    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    monkeypatch.setattr(jax, "local_devices", lambda: [Device()])
    assert chunk_size(10**9, 10) == floats // 10
