"""One door to every statement: what is asked, what is missing, and what is refused."""

import json
from fractions import Fraction as Q

import jax
import numpy as np
import pytest

import mamllib as ml
from mamllib.errors import LossError, PrecisionError
from mamllib.statements import register
from mamllib.statements.words import WORDS
from mamllib.yours.given import askings, described, given
from tests.yours.tasks import family, loss, network, rows

WORDS_GIVEN = {"steps": 1, "D_in": 2, "D_test": 2}


@pytest.fixture(scope="module")
def asked():
    tasks, w = family(), network()
    met = ml.measure(tasks, 0.1, w, **WORDS_GIVEN)
    return ml.ask(tasks, 0.1, w, constants=met.constants, sigma=met.sigma, **WORDS_GIVEN)


def test_what_is_measured_may_be_declared(asked):
    """Nothing is violated, and where a statement is silent it is for a reason of its own."""
    assert asked.violated == ()
    verdicts = {check.statement: check.verdict for check in asked.checks}
    silent = {name for name, verdict in verdicts.items() if verdict == ml.Verdict.SILENT}
    assert silent == {"fallah2020/lemma_4_10_quadratic"}
    assert sum(verdict == ml.Verdict.HOLDS for verdict in verdicts.values()) >= 15


def test_every_statement_about_tasks_is_in_one_of_the_two_tables(asked):
    about_tasks = {statement.id for asking in askings() for statement in asking.statements}
    assert {check.statement for check in asked.checks} | set(asked.not_asked) == about_tasks
    assert len(about_tasks) >= 50


def test_what_is_missing_is_said_in_the_words_of_the_library(asked):
    assert asked.not_asked["fallah2020/lemma_4_8"] == f"needs {described('u')}"
    assert described("u") == "u (u, other meta-parameters)"
    assert "is about LinearRegression tasks alone" in asked.not_asked["collins2022/adapted_risk"]


def test_a_check_is_found_by_its_name(asked):
    assert asked["auxiliary_inequality"] is asked["fallah2020/auxiliary_inequality"]
    with pytest.raises(KeyError, match=r"lemma_4_8 was not asked: needs u"):
        asked["lemma_4_8"]
    with pytest.raises(KeyError, match="no statement about tasks is called so"):
        asked["lemma_4_88"]


def test_it_is_shown_in_a_terminal_on_a_page_and_to_machines(asked):
    assert "needs u (u, other meta-parameters)" in repr(asked)
    assert "theorem_4_11" in repr(asked)
    assert max(len(line) for line in repr(asked).split("Not asked:")[1].splitlines()) <= 120
    assert "<details><summary>Not asked" in asked._repr_html_()
    record = json.loads(json.dumps(asked.record(), allow_nan=False))
    assert {check["statement"] for check in record["checks"]} == {check.statement for check in asked.checks}


def test_without_declared_constants_what_needs_them_is_silent():
    asked = ml.ask(family(), 0.1, network(), statements=["auxiliary_inequality"])
    assert [check.verdict for check in asked.checks] == [ml.Verdict.SILENT] * 2


def test_exact_tasks_are_asked_in_fractions():
    parabolas = ml.TaskFamily.of([ml.Quadratic(Q(1), Q(1)), ml.Quadratic(Q(1), Q(-1))], sigma=Q(1))
    asked = ml.ask(parabolas, Q(1, 4), Q(2), u=Q(1), D_in=1, D_test=1, statements=["lemma_4_8", "smoothness"])
    assert {check.grade for check in asked.checks} == {ml.Grade.EXACT}
    assert asked["smoothness"].verdict == ml.Verdict.HOLDS


def test_a_run_is_asked_where_its_words_are_given():
    parabolas = ml.TaskFamily.of([ml.Quadratic(1.0, 1.0), ml.Quadratic(1.0, -1.0)], sigma=1.0)
    words = {"algorithm": "MAML", "B": 20, "sizes": ml.BatchSizes(1, 1, 1), "gap": 2.0, "epsilon": 1.0}
    asked = ml.ask(parabolas, 0.1, 2.0, iterations=10, runs=4, statements=["theorem_4_12"], **words)
    assert len(asked.checks) == 2
    assert asked.violated == ()
    assert all(check.budget.recorded == 10 for check in asked.checks)


def test_a_question_about_one_task_is_asked_of_each_and_the_worst_is_shown():
    flat, steep = ml.Quadratic(1.0, 0.0), ml.Quadratic(3.0, 0.0)
    words = {"v": 1.0, "delta": 0.5, "statements": ["equation_9"]}
    declared = ml.ask(ml.TaskFamily.of([flat, steep]), 0.1, 1.0, **words)
    assert declared["equation_9"].verdict == ml.Verdict.HOLDS


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"alpha": [0.1, 0.2]}, ValueError, "alpha has shape"),
        ({"alpha": -0.1}, ValueError, "alpha = -0.1"),
        ({"w": {"in": np.full((3, 2), np.nan), "out": np.ones((2, 2))}}, ValueError, "w"),
        ({"w": jax.tree.map(np.float32, network())}, PrecisionError, "w"),
        ({"D_inn": 2}, TypeError, "no question takes 'D_inn'; the nearest words are D_in"),
        ({"u": {"in": np.ones((3, 2))}}, ValueError, "u"),
        ({"D_in": 0}, ValueError, "D_in = 0"),
        ({"steps": -1}, ValueError, "steps = -1"),
        ({"family": [1]}, TypeError, "family is of type list"),
        ({"statements": ["lemma_9"]}, LookupError, "lemma_9"),
    ],
)
def test_bad_input_is_refused_before_anything_is_computed(change, error, message):
    words = {"family": family(), "alpha": 0.1, "w": network()} | change
    with pytest.raises(error, match=message):
        ml.ask(words.pop("family"), words.pop("alpha"), words.pop("w"), **words)


def test_what_the_loss_does_is_said_of_the_loss():
    def of_a_batch(w, batch):
        return jax.vmap(loss, (None, 0))(w, batch).mean()

    tasks = ml.TaskFamily.of([ml.Empirical(rows(0, 3), ml.UNDECLARED, of_a_batch)])
    with pytest.raises(LossError, match="the loss of Empirical raises"):
        ml.ask(tasks, 0.1, network())


def test_every_word_of_a_question_about_tasks_is_known():
    for asking in askings():
        assert set(asking.takes) - {"runs"} <= set(WORDS), asking.kind
    assert {asking.kind for asking in askings()} < set(register.questions().values())


def test_given_keeps_one_point():
    words = given(family(), 0.1, network(), {"u": network(1)})
    (pairs,) = words.questions(next(asking for asking in askings("lemma_4_8")))
    assert jax.tree.leaves(pairs.w)[0].shape == (1, 3, 2)


def test_steps_beyond_every_threshold_are_answered_too():
    """The right sides of what asks for a short step are negative, or infinite, there: silent, and shown as a row."""
    parabolas = ml.TaskFamily.of([ml.Quadratic(1.0, 1.0), ml.Quadratic(2.0, -1.0)], sigma=3.0)
    asked = ml.ask(parabolas, 0.9, 2.0, steps=2)
    assert asked.violated == ()
    assert "auxiliary_inequality" in repr(asked)
    assert asked["auxiliary_inequality"].verdict == ml.Verdict.SILENT


def test_what_a_first_reader_would_ask_is_said():
    undeclared = ml.ask(family(), 0.1, network(), u=network(1), statements=["lemma_4_8", "meta_gradient"])
    assert "∞ is declared for L, rho, sigma_tilde, sigma_H: ml.measure(" in repr(undeclared)
    assert "In floats an identity never is decided" in repr(undeclared)
    met = ml.measure(family(), 0.1, network(), statements=["auxiliary_inequality"])
    names = ["auxiliary_inequality"]
    asked = ml.ask(family(), 0.1, network(), constants=met.constants, sigma=met.sigma, statements=names)
    assert asked.notes == ()
