"""What is kept: timings with errors, on a device that is named in general words, and mutants of the checker."""

import re
from pathlib import Path

import pytest

from benchmarks.peers.peer import PEERS
from mamllib.measured import load


@pytest.mark.parametrize("name", ["cost_per_iteration", "sinusoid"])
def test_a_table_has_times_with_errors_and_says_on_what(name):
    table = load(name)
    assert (table["seconds"] > 0).all()
    assert (table["standard_error"] > 0).all()
    assert (table["repetitions"] >= 10).all()
    assert table["device"].map(lambda device: bool(re.fullmatch(r"\d+ CPU cores?|NVIDIA \w+", device))).all()


def test_every_way_to_treat_the_hessian_is_timed_in_every_dimension_it_can_reach():
    dimensions = load("cost_per_iteration").groupby("method")["d"].max()
    assert dimensions.to_dict() == {"hessian": 3_000, "maml": 100_000, "hf_maml": 100_000, "fo_maml": 100_000}


def test_the_loops_are_compared_with_the_library():
    ratio = load("sinusoid").set_index("way")["ratio"]
    assert ratio["mamllib.train"] == 1
    assert {"usual loop", "sampling outside", "stronger loop", "scan by hand"} < set(ratio.index)


def test_peers_agreed_before_they_were_timed_beside_the_library_at_every_work():
    table = load("peers")
    by_work = table.set_index("peer").groupby(["device", "work"])
    assert {work for device, work in by_work.groups if device == "1 CPU core"} == {"sin1", "sin5", "cls1", "cls5"}
    for _, rows in by_work:
        assert set(PEERS) <= set(rows.index)
        assert (rows.losses_apart[list(PEERS)] < 1e-4).all()
        assert rows.ratio["mamllib.train"] == 1
        assert (rows.ratio_standard_error.drop("mamllib.train") > 0).all()
    assert ((table.minimum <= table.seconds) & (table.seconds <= table.maximum)).all()
    assert (table[["minimum", "cpu_seconds", "load", "steps"]] > 0).all(axis=None)
    assert (table.repetitions >= 4).all()
    assert table.versions.str.fullmatch(r"(\w+ [\w.+]+ ?)+").all()
    assert table.device.str.fullmatch(r"\d+ CPU cores?").all()


def test_no_step_is_faster_than_its_products_alone():
    table = load("peers")
    alone = table.peer.str.startswith("products alone")
    least = table[alone].groupby(["device", "work"]).minimum.min()
    fastest = table[~alone].groupby(["device", "work"]).minimum.min()
    assert (fastest[least.index] > least).all()
    assert least.index.equals(fastest.index)


@pytest.mark.parametrize("name", ["bias", "many_steps", "unequal"])
def test_ways_agreed_before_they_were_timed(name):
    table = load(name)
    assert (table.filter(like="_apart") < 1e-4).all(axis=None)
    assert ((table.minimum <= table.seconds) & (table.seconds <= table.maximum)).all()
    assert (table[["minimum", "cpu_seconds", "load"]] > 0).all(axis=None)
    assert table.versions.str.fullmatch(r"(\w+ [\w.+]+ ?)+").all()
    assert (table.device == "1 CPU core").all()


def test_the_bias_takes_a_stream_with_its_control_less_time_the_smaller_alpha_and_no_more_memory():
    table = load("bias").pivot(index="alpha", columns="way")
    plain = table.times_ours["mamllib.stream, no control"]
    assert plain[1.0] > 30
    assert plain[0.3] > 10 * plain[1.0]
    assert plain[0.1] > 10 * plain[0.3]
    grown = table.memory_524288["mamllib.stream"] - table.memory_65536["mamllib.stream"]
    assert (grown < 1).all()


def test_64_steps_are_differentiated_in_a_quarter_of_the_memory_of_a_scan():
    memory = load("many_steps").set_index("way").memory
    assert memory["mamllib"] < memory.drop("mamllib").min() / 3


def test_a_statement_is_timed_cold_and_warm_beside_another_kind_of_check():
    table = load("one_statement").pivot(index="check", columns="kind", values="seconds")
    assert len(table) == 2
    assert (table.warm < table.cold).all()


def test_a_table_that_is_not_there_is_an_error():
    with pytest.raises(FileNotFoundError):
        load("never_measured")


def test_mutants_of_the_checker_were_executed_and_every_survivor_is_explained():
    table = load("mutants_of_the_checker").fillna("")
    executed = table[table.result != "untested"]
    assert len(executed) >= 150
    assert set(table.result) <= {"killed", "survived", "untested", "timeout"}
    assert (executed.result == "killed").mean() > 0.8
    spared = table[table.result != "killed"]
    assert (spared.why.str.len() > 10).all(), spared[spared.why.str.len() <= 10]
    root = Path(__file__).resolve().parents[1]
    assert all((root / file).is_file() for file in set(table.file))


def test_of_forty_edits_of_the_library_none_is_missed_and_at_most_a_quarter_is_run_for_nothing():
    table = load("edits")
    assert len(table) == 40
    assert table.missed.sum() == 0
    assert table.otherwise.sum() > 0
    assert table.run_for_nothing.sum() <= table.as_before.sum() / 4
