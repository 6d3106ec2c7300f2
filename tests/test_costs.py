"""Compiled programs are counted, statement by statement, and a question is measured by few of them."""

import jax
import jax.numpy as jnp
import pytest

import mamllib as ml
from mamllib.costs import counted


def test_what_is_compiled_inside_is_counted_where_it_is_first_needed():
    statements = [ml.statement("equation_9"), ml.statement("equation_9_halved")]
    with counted() as costs:
        for _ in costs.wrap(iter)(statements):
            jax.jit(lambda x: x + 1)(jnp.ones(3))
            statements = statements[:1]
    assert set(costs.programs) == {"fallah2020/equation_9", "fallah2020/equation_9_halved"}
    assert all(count >= 1 for count in costs.programs.values())
    assert repr(costs.table()).splitlines()[-1].split()[0] == "all"


ALONE = ml.measured.load("programs").set_index("statement").programs


@pytest.mark.parametrize("statement", ml.STATEMENTS, ids=[statement.id for statement in ml.STATEMENTS])
def test_a_statement_compiles_no_more_programs_than_on_record(statement, judged):
    """On record is what it compiles alone, with its wrong versions: ``python -m benchmarks.programs``."""
    assert judged(statement).programs <= ALONE[statement.id]
