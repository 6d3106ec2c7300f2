"""The tables: every kind of row against the statement's own sides, on rows drawn at random."""

import dataclasses

import jax.numpy as jnp
import matplotlib.style
import numpy as np
import pytest

import mamllib as ml
from mamllib.checking.verdict import Verdict
from mamllib.explorers import (
    NAMES,
    Shown,
    explorer,
    inner_steps,
    landscape,
    lemma_4_8,
    lemma_4_10_bias,
    spurious_policies,
    theorem_4_11,
    theorem_4_17,
)
from mamllib.explorers import two_layer_width as width
from mamllib.explorers.explorer import rounded
from mamllib.statements.fallah2020.convergence import large_batch_direction
from mamllib.statements.fallah2020.convergence.setting import STEP_DIVISORS
from mamllib.statements.fallah2020.theorem_4_17.instances import instance_a
from mamllib.statements.wang2020 import TWO_LAYER_GAP
from mamllib.statements.wang2020.two_layer_gap import projected_gradient

FOUR_DIGITS = 5.1e-4


def drawn(name: str, count: int, but_last: bool = False) -> list[tuple[int, ...]]:
    """Positions of the sliders, drawn at random."""
    shape = explorer(name).shape[:-1] if but_last else explorer(name).shape
    draws = np.random.default_rng(len(name))
    return [tuple(int(draws.integers(size)) for size in shape) for _ in range(count)]


def values(name: str, position: tuple[int, ...]) -> list:
    """What the sliders at ``position`` stand for."""
    return [slider.values[place] for slider, place in zip(explorer(name).sliders, position, strict=False)]


@pytest.mark.parametrize("position", drawn("lemma_4_8", 6, but_last=True))
def test_lemma_4_8(shown: dict[str, Shown], position: tuple[int, ...]):
    table = shown["lemma_4_8"].table
    pairs = lemma_4_8.pairs(*values("lemma_4_8", position))
    check = ml.statement("lemma_4_8").check(pairs)
    distance = np.abs(np.asarray(pairs.w - pairs.u))
    assert table["measured"][position] == pytest.approx(np.asarray(check.lhs.value) / distance, rel=FOUR_DIGITS)
    assert table["bound"][position] == pytest.approx(np.asarray(check.rhs.value) / distance, rel=FOUR_DIGITS)
    assert table["share"][position] == pytest.approx(check.ratios, rel=FOUR_DIGITS)
    assert all(bool(said) == (check.verdict is Verdict.SILENT) for said in table["silence"][position])


@pytest.mark.parametrize("position", drawn("inner_steps", 4))
def test_inner_steps(shown: dict[str, Shown], position: tuple[int, ...]):
    """The explorer walks by itself, with an N that no program knows: the statement's own run says where it gets."""
    table, asked = shown["inner_steps"].table, inner_steps.run(*values("inner_steps", position))
    x = 1 + asked.alpha * asked.constants.L
    assert table["power"][position] == pytest.approx(x ** (2 * asked.steps), rel=FOUR_DIGITS)
    norms = dataclasses.replace(asked, iterations=asked.iterations + 1).answer.parts.norms[0]
    assert table["left"][position] == pytest.approx(max(norms[-1] / norms[0], inner_steps.LEAST), rel=FOUR_DIGITS)
    is_sufficient = x ** (2 * asked.steps) < 2
    assert (table["verdict"][position] == inner_steps.BOTH) == is_sufficient


def test_the_sliders_reach_every_side_of_both_thresholds(shown: dict[str, Shown]):
    said = set(np.ravel(shown["inner_steps"].table["verdict"]))
    assert said == {inner_steps.BOTH, inner_steps.BETWEEN, inner_steps.NEITHER}


@pytest.mark.parametrize("position", drawn("landscape", 6))
def test_landscape(shown: dict[str, Shown], position: tuple[int, ...]):
    table, asked = shown["landscape"].table, landscape.mixture(*values("landscape", position))
    ratio = ml.statement("collins2022/mixture").check(asked).lhs.value[0]
    most = ml.statement("collins2022/condition_ii").check(asked).rhs.value
    assert table["ratio"][position] == pytest.approx(ratio, rel=FOUR_DIGITS)
    assert table["most"][position] == pytest.approx(1 + most, rel=FOUR_DIGITS)
    assert (table["verdict"][position] == landscape.TOWARDS_HARD) == (asked.measured.maml > asked.measured.nal)


def test_with_few_samples_maml_favours_the_easy_tasks(shown: dict[str, Shown]):
    assert set(np.ravel(shown["landscape"].table["verdict"])) == {landscape.TOWARDS_HARD, landscape.TOWARDS_EASY}


@pytest.mark.parametrize("position", drawn("spurious_policies", 6))
def test_spurious_policies(shown: dict[str, Shown], position: tuple[int, ...]):
    """The return is the library's, and its slope changes sign at the end of an ascent that ends inside the picture."""
    table, given = shown["spurious_policies"].table, values("spurious_policies", position)
    assert table["return"][position] == pytest.approx(spurious_policies.policy(*given).objective, rel=FOUR_DIGITS)
    end = table["end"][position]
    assert table["at"][position] == pytest.approx(
        spurious_policies.policy(*given[:3], float(end)).objective, rel=1e-3, abs=1e-4
    )
    if abs(end - 0.5) < 6.4:
        slopes = [spurious_policies.policy(*given[:3], float(end) + off).measured.slope[0] for off in (-0.02, 0.02)]
        assert slopes[0] > 0 > slopes[1]


def test_ascent_ends_in_spurious_maxima_and_in_the_best(shown: dict[str, Shown]):
    said = set(np.ravel(shown["spurious_policies"].table["said"]))
    assert said == {spurious_policies.STAYS, spurious_policies.BEST}


@pytest.mark.parametrize("position", drawn("lemma_4_10_bias", 6))
def test_lemma_4_10(shown: dict[str, Shown], position: tuple[int, ...]):
    table = shown["lemma_4_10_bias"].table
    problem = lemma_4_10_bias.adaptation(*values("lemma_4_10_bias", position))
    for statement, bound in (("lemma_4_10_bias", "lipschitz"), ("lemma_4_10_taylor", "taylor")):
        check = ml.statement(statement).check(problem)
        assert check.verdict is not Verdict.VIOLATED
        assert table["bias"][position] == pytest.approx(check.left, rel=FOUR_DIGITS)
        assert table[bound][position] == pytest.approx(check.right, rel=FOUR_DIGITS)


@pytest.mark.parametrize("position", drawn("theorem_4_11", 6))
def test_theorem_4_11(shown: dict[str, Shown], position: tuple[int, ...]):
    table = shown["theorem_4_11"].table
    check = ml.statement("theorem_4_11").check(theorem_4_11.gap(*values("theorem_4_11", position)))
    assert check.verdict is Verdict.HOLDS
    assert table["gap"][position] == pytest.approx(check.left, rel=FOUR_DIGITS)
    assert table["bound"][position] == pytest.approx(check.right, rel=FOUR_DIGITS)
    assert table["first"][position] + table["second"][position] == pytest.approx(check.right, rel=FOUR_DIGITS)
    assert table["share"][position] == pytest.approx(check.ratio, rel=FOUR_DIGITS)


def test_theorem_4_11_s_instance_is_the_statement_s_own_where_they_meet():
    """With a : b = 1 : 2 the statement's instance has σ_H = 3/2."""
    ours, own = theorem_4_11.gap(1.0, 1.0, 1.5, 1), ml.statement("theorem_4_11").cases
    (skewed,) = (case.build(0) for case in own if case.name.startswith("ramp and lopsided"))
    assert float(ml.statement("theorem_4_11").lhs(ours)) == pytest.approx(
        float(ml.statement("theorem_4_11").lhs(skewed)), rel=1e-3
    )


@pytest.mark.parametrize("place", range(len(theorem_4_17.WALKERS)))
def test_theorem_4_17_walks_step_by_step(shown: dict[str, Shown], place: int):
    """The first frames from one start, by the definition of the step: w − E G(w)/(c L(w))."""
    table, start = shown["theorem_4_17"].table, 3
    walker = list(theorem_4_17.WALKERS)[place]
    setting = theorem_4_17.setting(walker, theorem_4_17.SLIDERS[0].values[start])
    w, divisor = setting.w, STEP_DIVISORS[theorem_4_17.WALKERS[walker][0]]
    for frame in range(3):
        assert table[f"w{place}"][start, frame] == pytest.approx(float(w), abs=6e-5)
        slope = abs(float(ml.meta_gradient(setting.family, setting.alpha, w)))
        assert table[f"slope{place}"][start, frame] == pytest.approx(slope, rel=FOUR_DIGITS)
        for _ in range(theorem_4_17.STRIDE):
            here = dataclasses.replace(setting, w=jnp.asarray(w))
            smoothness = ml.local_smoothness(setting.family, 1.0, 1.0, setting.alpha, here.w)
            w = here.w - large_batch_direction(here) / (divisor * smoothness)


def test_theorem_4_17_ends_where_the_chapter_says(shown: dict[str, Shown]):
    """MAML and the repair near F's zero; the printed δ at 0, where |F′| is 23/192; FO-MAML elsewhere."""
    table = shown["theorem_4_17"].table
    floor = float(ml.meta_gradient(instance_a().family, instance_a().alpha, instance_a().w))
    maml, repaired, printed, first_order = (table[f"slope{place}"][:, -1] for place in range(4))
    assert maml.max() < 1e-3
    assert repaired.max() < 5e-3
    assert printed == pytest.approx(floor, rel=0.02)
    assert first_order.min() > 0.18


@pytest.mark.parametrize("position", [(0, 0, 1, 0), (3, 2, 0, 1)])
def test_two_layer_width(shown: dict[str, Shown], position: tuple[int, ...]):
    table = shown["two_layer_width"].table
    case = projected_gradient(width.untrained(*values("two_layer_width", position)), width.STEPS, width.SIZE)
    check = TWO_LAYER_GAP.check(case)
    assert check.verdict is Verdict.HOLDS
    assert table["gap"][position] == pytest.approx(check.left, rel=2 * FOUR_DIGITS)
    assert table["bound"][position] == pytest.approx(check.right, rel=2 * FOUR_DIGITS, abs=width.LEAST)


@pytest.mark.parametrize("name", NAMES)
def test_a_table_is_complete_and_shown_to_four_digits(shown: dict[str, Shown], name: str):
    for column in shown[name].table.values():
        assert column.shape == shown[name].explorer.shape
        if column.dtype.kind == "f":
            assert np.isfinite(column).all()
            assert all(float(f"{value:.4g}") == value for value in column.ravel()[:500])


@pytest.mark.parametrize("name", NAMES)
def test_an_output_is_the_same_when_its_last_digits_differ(shown: dict[str, Shown], name: str):
    """Another machine's rounding, of the relative size 10⁻¹⁴, does not change what is stored."""
    one = shown[name]
    columns = one.explorer.columns()
    for column in columns.values():
        if column.dtype.kind == "f":
            for sign in (-1, 1):
                assert (rounded(column * (1 + sign * 1e-14)) == rounded(column)).all()


def test_an_output_is_the_same_in_every_figure_style(shown: dict[str, Shown]):
    """A chapter sets a style for its own figures."""
    one, other = shown["lemma_4_8"]._repr_html_(), {"figure.constrained_layout.use": True, "font.size": 20}
    with matplotlib.style.context(["ggplot", other]):
        assert shown["lemma_4_8"]._repr_html_() == one


def test_ties_are_rounded_alike():
    below, above = np.nextafter(0.015625, 0), np.nextafter(0.015625, 1)
    assert len({float(rounded(np.array([value]))[0]) for value in (below, 0.015625, above)}) == 1
    assert rounded(np.array([1.0, 1e-16])).tolist() == [1.0, 0.0]
    assert rounded(np.array([12345.678, -0.000123456])).tolist() == [12350.0, -0.0001235]


def test_an_unknown_name_is_refused_with_those_there_are():
    with pytest.raises(KeyError, match="lemma_4_8, theorem_4_17"):
        ml.explorers.show("lemma_9_9")


def test_in_a_terminal_it_is_one_line(shown: dict[str, Shown]):
    assert repr(shown["lemma_4_8"]) == "explorer lemma_4_8: a (4), αL (7), ρ (6), n (9)"
