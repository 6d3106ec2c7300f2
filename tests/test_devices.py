"""Many devices, and several hosts: the run of one device, in as little memory as a chunk takes."""

import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest
from jax._src.lib import _jax

import mamllib as ml
from mamllib import devices, training, tree
from mamllib.tasks.sinusoid import sinusoid_family
from mamllib.training import train
from tests import alike
from tests.runs_on_devices import ITERATIONS, KEPT, results, runs, sinusoids, vector

SECONDS = 240
TASKS, NETWORK = 100_000, 1761


def environment(devices: int) -> dict:
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count={devices}"
    return alike.environment() | {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": flags}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("localhost", 0))
        return found.getsockname()[1]


def ended(processes: list[subprocess.Popen]) -> list[str]:
    """What each process said, all within the time; none is left behind."""
    try:
        said = [process.communicate(timeout=SECONDS)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0] * len(processes), "\n".join(said)
    return said


def start(devices: int, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.runs_on_devices", *arguments],
        env=environment(devices),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def alone() -> dict[str, np.ndarray]:
    return results()


def assert_equal_to(alone, file: Path, own: int, all_of_them: int) -> None:
    with np.load(file) as found:
        assert (int(found["own"]), int(found["devices"])) == (own, all_of_them)
        for name in set(found) - {"own", "devices"}:
            np.testing.assert_allclose(found[name], alone[name], rtol=1e-5 if name == "float32" else 1e-8, err_msg=name)


def test_eight_devices_give_what_one_gives(alone, tmp_path):
    ended([start(8, str(tmp_path / "out.npz"))])
    assert_equal_to(alone, tmp_path / "out.npz", 8, 8)


@pytest.mark.skipif(not hasattr(_jax, "make_gloo_tcp_collectives"), reason="this jaxlib has no CPU collectives")
def test_two_hosts_give_what_one_gives_and_one_of_them_keeps_it(alone, tmp_path):
    address, files = f"localhost:{free_port()}", [tmp_path / "0.npz", tmp_path / "1.npz"]
    ended([start(2, str(file), address, str(host), str(tmp_path / "run")) for host, file in enumerate(files)])
    for file in files:
        assert_equal_to(alone, file, 2, 4)
    resumed = train(*runs()[KEPT], ITERATIONS, tmp_path / "run")  # nothing is left to do
    np.testing.assert_allclose(vector(resumed), alone[KEPT], rtol=1e-8)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ([], ValueError, "devices holds 0 different of 0"),
        (jax.devices() * 2, ValueError, "devices holds 1 different of 2"),
        (["cpu"], TypeError, r"an entry of devices is of type str; give a list of devices: jax.devices\(\)"),
    ],
)
def test_devices_that_are_none_are_refused(given, error, message):
    with pytest.raises(error, match=message):
        train(*runs()[KEPT], 2, devices=given)


def test_seeds_are_split_first_and_what_is_left_splits_tasks(monkeypatch):
    monkeypatch.setattr(devices.jax, "Device", int)
    monkeypatch.setattr(devices, "Mesh", lambda grid, names: grid.shape)
    grids = {seeds: devices.mesh_of(range(8), seeds) for seeds in (1, 3, 4, 6, 8, 16)}
    assert grids == {1: (1, 8), 3: (1, 8), 4: (4, 2), 6: (2, 4), 8: (8, 1), 16: (8, 1)}


def test_one_device_runs_the_program_of_no_device():
    assert devices.mesh_of(jax.devices()[:1], 3) is None
    assert devices.mesh_of(None, 3) is None


class Compiled(Exception):
    """The program of a segment, which is not run."""


def megabytes(monkeypatch, algorithm, problem, w, seeds=(0,)) -> float:
    """What the program of a segment holds beside its arguments and results."""
    segment = training._segment

    def compile_it(*arguments):
        raise Compiled(segment.lower(*arguments).compile().memory_analysis().temp_size_in_bytes / 2**20)

    monkeypatch.setattr(training, "_segment", compile_it)
    with pytest.raises(Compiled) as compiled:
        train(algorithm, problem, w, seeds, 1)
    return compiled.value.args[0]


def test_a_hundred_thousand_tasks_are_streamed(monkeypatch):
    """Held side by side, their directions alone would take 1.3 GB."""
    algorithm, problem, w, _ = sinusoids(1, TASKS)
    assert TASKS * NETWORK * 8 > 1.3e9
    assert megabytes(monkeypatch, algorithm, problem, w) < 150


def test_numbers_are_not_all_drawn_at_once_where_they_are_many(monkeypatch):
    """1.5 · 10⁸ of them, 1.2 GB."""
    algorithm, problem, w, _ = sinusoids(1, TASKS)
    algorithm = replace(algorithm, sizes=ml.BatchSizes(500, 500, 500))
    assert megabytes(monkeypatch, algorithm, problem, w) < 150


def test_all_of_a_hundred_thousand_tasks_are_streamed(monkeypatch):
    """A gradient of F over a family of them."""

    def gradient_norm(problem, w):
        return tree.norm(ml.meta_gradient(problem.family, problem.alpha, w))

    algorithm, problem, w, _ = sinusoids(1, 5)
    algorithm = replace(algorithm, record=gradient_norm)
    problem = problem._replace(family=sinusoid_family(jax.random.key(0), TASKS))
    assert megabytes(monkeypatch, algorithm, problem, w) < 150
