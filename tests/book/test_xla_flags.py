"""Flags of XLA are tried first: an unknown one ends a process."""

from book._tools.xla_flags import FLAGS, is_known


def test_a_flag_that_there_is_not_is_found_out():
    assert is_known(FLAGS[0])
    assert not is_known("--xla_cpu_no_such_flag=true")
