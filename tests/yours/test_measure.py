"""Constants to begin with, what first order costs, and which steps are allowed: by hand where that can be."""

import math

import jax
import numpy as np
import pytest

import mamllib as ml
from mamllib.statements import deviations
from mamllib.statements import measure as quantities
from mamllib.yours.allowed import RULES
from tests.yours.tasks import family, network

PARABOLAS = ml.TaskFamily.of([ml.Quadratic(1.0, 1.0), ml.Quadratic(3.0, -1.0)])


def test_of_parabolas_the_constants_are_met_exactly():
    met = ml.measure(PARABOLAS, 0.1, 1.0, D_in=1)
    assert met.values["L"] == pytest.approx(3.0, rel=1e-9)
    gradients = [1.0 * (1.0 - 1.0), 3.0 * (1.0 + 1.0)]
    assert met.values["sigma"] == pytest.approx(np.std(gradients), abs=1e-6)
    assert met.values["rho"] <= 1e-6
    assert met.proved["L"] == 3.0
    assert "3 is proved for every w" in repr(met)


def test_what_no_question_uses_is_not_measured():
    met = ml.measure(PARABOLAS, 0.1, 1.0)
    assert "sigma_tilde" not in met.values
    assert met.constants.sigma_tilde == math.inf
    assert "not measured" in repr(met)


def test_more_words_lead_to_more_places():
    few, more = (ml.measure(family(), 0.1, network(), D_in=size) for size in (1, 2))
    assert more.places > few.places > 0
    assert few.values["L"] <= more.values["L"] * (1 + 1e-12)


def test_without_curvature_in_common_first_order_costs_the_covariance():
    """f_i = a_i(w − c_i)²/2: H_i = a_i and g_i = (1 − αa_i)a_i(w − c_i), so everything is by hand."""
    cost, alpha = ml.first_order_cost(PARABOLAS, 0.1, 0.5), 0.1
    H = np.array([1.0, 3.0])
    slopes = H * (0.5 - np.array([1.0, -1.0]))
    g = (1 - alpha * H) * slopes
    assert cost.first_order == pytest.approx(abs(g.mean()))
    assert cost.meta_gradient == pytest.approx(abs(((1 - alpha * H) * g).mean()))
    assert cost.difference == pytest.approx(alpha * abs((H * g).mean()))
    assert cost.covariance == pytest.approx(alpha * abs(np.cov(H, g, ddof=0)[0, 1]))
    assert cost.floor == pytest.approx(1.3 * 0.3 * np.std(slopes), rel=1e-6)
    assert cost.angle == pytest.approx(0.0)


def test_where_first_order_rests_the_meta_gradient_is_the_covariance_and_below_the_floor():
    H, c = np.array([1.0, 3.0]), np.array([1.0, -1.0])
    weights = (1 - 0.1 * H) * H
    w = (weights * c).sum() / weights.sum()
    cost = ml.first_order_cost(PARABOLAS, 0.1, float(w))
    assert cost.first_order == pytest.approx(0.0, abs=1e-12)
    assert cost.meta_gradient == pytest.approx(cost.covariance)
    assert 0 < cost.meta_gradient <= cost.floor


def test_a_long_step_has_no_floor():
    assert ml.first_order_cost(PARABOLAS, 0.4, 0.5).floor == math.inf
    several = ml.first_order_cost(PARABOLAS, 0.1, 0.5, steps=2)
    assert several.floor == math.inf
    assert "no bound of what is left is known: N = 2" in repr(several)
    assert "‖Cov(P_i, g_i)‖" in repr(several)
    assert "αL = 1.2 > 1" in repr(ml.first_order_cost(PARABOLAS, 0.4, 0.5))


def test_of_n_steps_the_covariance_is_that_of_the_products():
    alpha, w, N = 0.1, 0.5, 3
    cost = ml.first_order_cost(PARABOLAS, alpha, w, steps=N)
    H = np.array([1.0, 3.0])
    products = (1 - alpha * H) ** N
    g = products * H * (w - np.array([1.0, -1.0]))
    assert cost.covariance == pytest.approx(abs((products * g).mean() - products.mean() * g.mean()))


def test_each_threshold_is_the_one_its_statement_asks_for():
    """Quadratics of curvature 1: at a step a little shorter the hypothesis on α is met, a little longer it is not."""
    one = ml.TaskFamily.of([ml.Quadratic(1.0, 0.0)], sigma=0.0)
    allowed = {(t.statement, t.written): t.alpha for t in ml.step_sizes_allowed(one, 1.0, steps=1, L=1.0).thresholds}
    asked = {
        "fallah2020/auxiliary_inequality": ("2αL + α²L² < 1", {}),
        "ji2022/task_gradient": ("x^{2N} < 2", {}),
        "ji2022/threshold": ("αL < sin(π/(2N))", {}),
        "fallah2020/lemma_4_8": ("α ≤ 1/L", {"u": 0.0}),
    }
    for (statement, _), alpha in allowed.items():
        if statement in asked:
            name, more = asked[statement]
            for share, met in ((1 - 1e-9, True), (1 + 1e-9, False)):
                check = ml.ask(one, alpha * share, 1.0, statements=[statement], **more)[statement]
                assert check.hypotheses[name].met == met, (statement, share)


@pytest.mark.parametrize(("algorithm", "statement"), [("MAML", "theorem_4_12"), ("FO-MAML", "theorem_4_15")])
def test_so_are_those_of_the_runs(algorithm, statement):
    one = ml.TaskFamily.of([ml.Quadratic(1.0, 0.0)], sigma=0.0)
    (alpha,) = (t.alpha for t in ml.step_sizes_allowed(one, 1.0, L=1.0).thresholds if t.statement.endswith(statement))
    for share, met in ((1 - 1e-9, True), (1 + 1e-9, False)):
        setting = ml.Setting.of(algorithm, one, alpha * share, 1.0, 20, ml.BatchSizes(1, 1, 1), 1.0, 0.1)
        hypotheses = ml.statement(statement).measure_hypotheses(ml.run(setting, 2, seeds=2))
        assert [h.met for name, h in hypotheses.items() if name.startswith("α ≤ ")] == [met]


def test_thresholds_come_for_any_number_of_steps_the_strictest_last():
    for N in (1, 5, 100):
        found = ml.step_sizes_allowed(PARABOLAS, 1.0, steps=N)
        values = [t.alpha for t in found.thresholds]
        assert values == sorted(values, reverse=True)
        assert len(values) == len(RULES)
        assert float(found.L) == pytest.approx(3.0, rel=1e-9)
        assert f"N = {N}" in repr(found)


def test_curvature_is_looked_for_where_the_longest_step_leads():
    tasks, w = family(), network()
    here = max(float(quantities.hessian_norm(task, w)) for task in tasks)
    found = ml.step_sizes_allowed(tasks, w)
    assert found.L / here >= 1 - 1e-9


@pytest.mark.parametrize(
    ("change", "message"), [({"steps": 0}, "steps"), ({"L": -1.0}, "L = -1"), ({"L": math.nan}, "L = nan")]
)
def test_thresholds_of_nothing_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        ml.step_sizes_allowed(PARABOLAS, 1.0, **change)


def test_flat_tasks_allow_every_step():
    flat = ml.TaskFamily.of([ml.Quadratic(0.0, 1.0)])
    with pytest.raises(ValueError, match="L = 0: no curvature was met at w"):
        ml.step_sizes_allowed(flat, 1.0)


def test_no_array_grows_with_the_square_of_the_dimension():
    """Hessians of samples are measured along directions where there are many parameters."""
    task = ml.Empirical({"x": np.ones((2, 300))}, ml.UNDECLARED, lambda w, row: jax.numpy.tanh(row["x"] @ w) ** 2)
    made = jax.make_jaxpr(lambda w: deviations.hessian_samples(task, w))(np.ones(300))
    sizes = [math.prod(v.aval.shape) for equation in made.eqns for v in equation.outvars]
    assert max(sizes) < 300 * 300


def test_a_large_hessian_is_measured_from_below(monkeypatch):
    rng = np.random.default_rng(0)
    data = {"x": rng.normal(size=(6, 5)), "y": rng.normal(size=6)}
    task = ml.Empirical(data, ml.UNDECLARED, lambda w, row: jax.numpy.tanh(row["x"] @ w - row["y"]) ** 2)
    w = rng.normal(size=5)
    frobenius, bias = deviations.hessian_samples(task, w)
    monkeypatch.setattr(quantities, "MOST_COLUMNS", 2)
    operator, small_bias = deviations.hessian_samples(task, w)
    assert 0.5 * frobenius < operator < frobenius
    assert bias == small_bias == 0
