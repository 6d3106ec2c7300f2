"""Compiled programs are counted, statement by statement, and a question is measured by few of them."""

import jax
import jax.numpy as jnp
import pytest

import mamllib as ml
from mamllib import ledger
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


@pytest.mark.parametrize(("statement", "most"), [("equation_9", 6), ("descent", 6), ("auxiliary_inequality", 6)])
def test_a_statement_compiles_few_programs(statement, most):
    with counted() as costs:
        ledger.verify(f"fallah2020/{statement}", progress=costs.wrap(iter))
    assert sum(costs.programs.values()) <= most
