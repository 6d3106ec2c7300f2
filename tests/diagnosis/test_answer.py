"""The answer as sentences, as a table, and as data; and its intervals, which hold as often as they say."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

import mamllib as ml
from mamllib.diagnosis.means import Interval, angle, relative_difference
from mamllib.diagnosis.words import COLUMNS, interval_text, percent
from tests.diagnosis.by_hand import ALPHA, DELTA, SIZES, adapted, factor, gradient, maml, mean, total, world

FAMILY, W = world(0)


def asked(mine, **more):
    return ml.diagnose(mine, FAMILY, ALPHA, W, SIZES, **({"draws": 4, "mean_draws": 40} | more))


@pytest.fixture(scope="module")
def slip():
    return asked(mean(lambda w, task: factor(w, task.inner, -ALPHA) @ gradient(adapted(w, task), task.outer)))


@pytest.fixture(scope="module")
def right():
    return asked(mean(maml), delta=DELTA)


def test_the_first_sentence_is_the_answer(slip, right):
    assert repr(right).startswith("Agrees with MAML, on 4 of 4 draws of batches, up to rounding in float64.")
    assert repr(slip).startswith("A slip: MAML (D_h = D_in), +αH for −αH, on 4 of 4 draws of batches")
    assert "look at the sign of the Hessian term" in repr(slip)


def test_every_right_estimator_has_a_row_with_an_interval(right, slip):
    assert right.table.columns == COLUMNS
    assert [row[0] for row in right.table.rows] == [
        *("MAML", "MAML (D_h = D_in)", "HF-MAML", "HF-MAML (D_h = D_in)", "FO-MAML", "Reptile")
    ]
    assert right.table.rows[0][1:] == ("4 of 4", "rounding (≤ 1·10⁻¹³)", "0°", "0")
    assert [row.agreed for row in right.rows] == [4, 0, 0, 0, 0, 0]
    assert all(row.interval.lower <= row.interval.upper for row in (*right.rows, *slip.rows))
    assert (slip.draws, slip.mean_draws) == (4, 40)


def test_without_a_delta_there_is_no_hf_maml(slip):
    assert "HF-MAML" not in {row.algorithm for row in slip.rows}


def test_the_record_is_plain_data_and_says_the_same(slip):
    record = json.loads(json.dumps(slip.record(), allow_nan=False))
    assert record["verdict"] == slip.verdict == "slip"
    assert record["slips"] == ["+αH for −αH"]
    assert record["remarks"] == ["D_h = D_in"]
    assert record["agrees with"] == []
    assert record["findings"][0]["name"] == "MAML (D_h = D_in), +αH for −αH"
    assert record["findings"][0]["largest difference"] <= record["findings"][0]["rounding allows"]
    assert [row["estimator"] for row in record["rows"]] == [row.name for row in slip.rows]
    assert record["advice"] == [line.strip() for line in repr(slip).splitlines()[1:3]]


def test_a_page_shows_sentences_and_a_table(slip):
    shown = slip._repr_mimebundle_()
    assert shown["text/plain"] == repr(slip)
    assert shown["text/html"].startswith("<p>A slip: MAML (D_h = D_in), +αH for −αH")
    assert '<table class="checks">' in shown["text/html"]
    assert shown["text/html"].count("<li>") == 2
    plain = asked(mean(maml))._repr_mimebundle_()
    assert plain["text/html"].startswith(
        "<p>Agrees with MAML, on 4 of 4 draws of batches, up to rounding in float64.</p><t"
    )


def test_more_names_than_a_reader_reads_are_put_together():
    mine = mean(lambda w, task: gradient(w, task.outer))
    found = ml.diagnose(mine, FAMILY, 0.0, W, SIZES, draws=4, mean_draws=4)
    assert "\n  one of these slips: +αH for −αH; Hessian at w⁺; " in repr(found)
    assert len(repr(found).splitlines()) < 20
    shown = found._repr_mimebundle_()["text/html"]
    assert "<ul><li>MAML</li><li>MAML (D_h = D_in)</li>" in shown


def test_the_same_question_has_the_same_answer(slip):
    again = asked(mean(lambda w, task: factor(w, task.inner, -ALPHA) @ gradient(adapted(w, task), task.outer)))
    assert again.record() == slip.record()
    other = asked(mean(lambda w, task: factor(w, task.inner, -ALPHA) @ gradient(adapted(w, task), task.outer)), seed=1)
    assert other.slips == slip.slips
    assert other.record() != slip.record()


def test_beyond_the_draws_what_was_found_stands_for_the_function():
    asked_for = []

    def summed(w, batches):
        asked_for.append(len(batches))
        return total(maml)(w, batches)

    found = asked(summed)
    assert len(asked_for) == 5, "four draws, the first twice"
    assert (found.draws, found.mean_draws) == (4, 40)
    row = found.rows[0]
    assert 1 < row.interval.lower <= 2 <= row.interval.upper
    assert row.angle == pytest.approx(0, abs=1e-6)


def test_what_is_not_refuted_but_further_than_what_is_says_nothing(slip):
    near, far = Interval(0.01, 0.05), Interval(0.0, 0.7)
    rows = [slip.rows[k]._replace(interval=interval) for k, interval in enumerate((near, far))]
    unknown = replace(slip, findings=(), rows=tuple(rows))
    assert (unknown.verdict, unknown.in_the_mean) == ("none", ())
    assert f"The nearest in the mean is {rows[0].name}, 1 % to 5 % away" in repr(unknown)
    without = replace(unknown, rows=(rows[1],))
    assert (without.verdict, without.in_the_mean) == ("in the mean", (rows[1].name,))


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval(0.1278, 0.5612), "12 % to 57 %"),
        (Interval(0.0, 0.0412), "≤ 4.2 %"),
        (Interval(0.25, math.inf), "≥ 25 %"),
        (Interval(0.0, math.inf), "unknown: too few draws"),
        (Interval(2.5, 2.5), "250 %"),
    ],
)
def test_bounds_are_rounded_outward(interval, text):
    assert interval_text(interval) == text


@pytest.mark.parametrize(("share", "text"), [(0.0, "0 %"), (0.05678, "5.7 %"), (12.34, "1200 %"), (math.inf, "∞ %")])
def test_a_share_has_two_digits(share, text):
    assert percent(share) == text


@pytest.mark.parametrize("offset", [0.0, 0.1, 1.0])
def test_an_interval_holds_the_relative_difference_of_the_means(offset):
    """500 intervals of 99.9 %: at most 3 misses in one of a thousand such tests."""
    random = np.random.default_rng(0)
    mean_of_ours, shift = np.full(6, 2.0), offset * np.array([2.0, 0, 0, 0, 0, 0])
    truth = np.linalg.norm(shift) / np.linalg.norm(mean_of_ours)
    bounds = []
    for _ in range(500):
        noise = random.normal(size=(16, 6))
        ours = mean_of_ours + noise
        theirs = mean_of_ours + shift + noise + 0.3 * random.normal(size=(16, 6))
        bounds.append(relative_difference(theirs, ours, comparisons=1))
    lower, upper = np.transpose(bounds)
    assert np.sum((lower > truth) | (upper < truth)) <= 3
    assert np.median(upper) < truth + 0.5, "and says something"


def test_vectors_of_many_parts_have_the_intervals_of_few():
    random = np.random.default_rng(1)
    theirs, ours = 0.1 * random.normal(size=(2, 8, 50)) + np.array([1.1, 1.0])[:, None, None]
    rotation, _ = np.linalg.qr(random.normal(size=(50, 50)))
    plain, turned = (relative_difference(theirs @ r, ours @ r, 4) for r in (np.eye(50), rotation))
    assert plain == pytest.approx(turned)
    assert plain.upper < 1
    padded = [np.concatenate([draws[:, :5], np.zeros((8, 45))], axis=1) for draws in (theirs, ours)]
    assert relative_difference(*padded, 4) == pytest.approx(
        relative_difference(theirs[:, :5], ours[:, :5], 4), rel=1e-6
    )


def test_what_does_not_vary_has_no_width():
    still = np.tile([3.0, 4.0], (5, 1))
    assert relative_difference(2 * still, still, 1) == Interval(1.0, 1.0)
    assert relative_difference(still, 0 * still, 1) == Interval(0.0, math.inf)
    assert relative_difference(0 * still, 0 * still, 1) == Interval(0.0, 0.0)


def test_an_angle_is_that_of_the_means():
    a = np.array([[1.0, 1.0], [1.0, -1.0]])
    assert angle(a, np.array([[0.0, 2.0]] * 2)) == pytest.approx(90)
    assert angle(a, -a) == pytest.approx(180)
    assert angle(a, 3 * a) == 0
    assert math.isnan(angle(a, 0 * a))
