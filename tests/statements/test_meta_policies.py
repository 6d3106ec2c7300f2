"""Meta-policies (Wang et al., reinforcement): values by hand, in fractions, and what the bound is worth."""

import dataclasses
import math
from fractions import Fraction as Q

import numpy as np
import pytest

import mamllib as ml
from mamllib.errors import PrecisionError, ShapeError
from mamllib.statements.wang2020 import flips, linearisation, policies, sampled_gradient
from mamllib.statements.wang2020 import frozen_features as frozen
from mamllib.statements.wang2020 import meta_policy_gradient as gradient
from mamllib.statements.wang2020 import neural_policy_gap as neural
from mamllib.statements.wang2020 import performance_difference as difference
from mamllib.statements.wang2020 import policy_gap as gap
from mamllib.statements.wang2020.policies import Log, MetaPolicy, matrix
from mamllib.tasks import mdp as tabular
from mamllib.tasks import two_layer as layers

LN_2 = math.log(2)


def test_the_gradient_by_hand():
    asked = gradient.two_states()
    assert asked.objective == Q(6763, 2622)
    assert (asked.measured.slope[0], asked.measured.slope_eta[0]) == (Q(2208767, 6874884), Q(-232033, 9166512))
    assert round(float(Q(2208767, 6874884)) - float(Q(232033, 9166512)) * LN_2, 10) == 0.3037349045
    wrong = gradient.formula(asked, gradient.started_at_the_pair(asked))
    assert list(wrong[:, 0]) == [Q(2208767, 6874884), Q(-1014433, 54999072)]
    assert list(gradient.formula(asked, gradient.without_moving(asked))[:, 0]) == [Q(2208767, 6874884), 0]


def test_the_gradient_is_the_slope_of_returns():
    """Central differences of 𝓛, in floats."""
    asked = gradient.random(5)
    for k in range(2):
        step = 1e-5 * np.eye(2)[k]
        ends = [dataclasses.replace(asked, theta=asked.theta + sign * step).objective for sign in (1, -1)]
        assert abs((ends[0] - ends[1]) / 2e-5 - gradient.formula(asked)[0, k]) < 1e-8


def test_the_difference_by_hand():
    asked = difference.improved()
    assert difference.difference(asked) == difference.formula(asked) == Q(86, 69)
    assert difference.formula(asked, visiting=0) == Q(4, 3)
    assert difference.averaged_under_the_old(asked) == Q(-1870, 1587)


@pytest.mark.parametrize(
    ("instance", "policy", "expected"),
    [
        (gap.spurious_a, (Q(2, 5), Q(8, 35)), Q(1, 4)),
        (gap.spurious_b, (Q(5, 9), Q(64, 189)), Q(725, 4041)),
        (gap.spurious_c, (Q(4, 5), Q(1, 2)), Q(21, 241)),
    ],
)
def test_the_spurious_maxima_by_hand(instance, policy, expected):
    asked = instance()
    assert tuple(asked.point.measured.policies[0, :, 1]) == policy
    assert gap.stationarity(asked) == 0
    assert gap.gap(asked) == expected
    assert gap.bound(asked).value == expected


def test_a_by_hand():
    asked = gap.spurious_a()
    assert asked.point.objective == Q(8, 27)
    assert gap.sizes(asked, horizon=False) == [Q(373, 2700)]
    best = gap.spurious_a(comparator=gap.BEST)
    assert gap.gap(best) == gap.bound(best).value == Q(19, 27)
    assert round(float(gap.bound(asked, centred=False).value), 4) == 0.3169
    assert round(float(gap.bound(gap.spurious_c(), centred=False).value), 4) == 0.1473


@pytest.mark.parametrize(
    ("z", "loss", "expected"), [(Q(3, 4), Q(169, 432), Q(8, 27)), (Q(3, 5), Q(361, 675), Q(5, 27))]
)
def test_others_like_a(z, loss, expected):
    asked = gap.one_state_law((Q(1, 2), Q(1, 2)), Q(1, 2), (Q(1), loss), z, Q(1))
    assert gap.stationarity(asked) == 0
    assert gap.gap(asked) == gap.bound(asked).value == expected


@pytest.mark.parametrize("instance", [gap.spurious_a, gap.spurious_b, gap.spurious_c])
def test_they_are_maxima(instance):
    """In floats: 𝓛 is less on both sides."""
    asked = instance()
    mdps = tuple(
        tabular.MDP.of(
            *(np.asarray(x, float) for x in (m.transitions, m.rewards)), float(m.discount), np.asarray(m.start, float)
        )
        for m in asked.mdps
    )
    theta, eta = np.array([math.log(asked.theta[0].of)]), math.log(asked.eta.of)
    features = np.asarray(asked.features, float)
    here, *beside = (MetaPolicy.of(mdps, features, theta + step, eta, 1.0).objective for step in (0.0, 0.05, -0.05))
    assert max(beside) < here


def test_nothing_is_violated_on_random_instances():
    largest = 0.0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        shape = {"states": int(rng.integers(1, 4)), "d": int(rng.integers(1, 4)), "n": int(rng.integers(1, 4))}
        asked = gap.against_the_best(gradient.random(seed, **shape, eta=float(rng.choice([0.0, 0.5, 3.0]))), 10.0)
        for statement in (gap.POLICY_GAP, gap.UNCENTRED):
            check = statement.check(asked)
            assert check.verdict != ml.Verdict.VIOLATED
        largest = max(largest, gap.POLICY_GAP.check(asked).ratio)
    assert largest > 0.1


def test_equality_wherever_one_parameter_stands_still():
    for draw in (4, 5, 6, 8, 13):
        assert gap.POLICY_GAP.check(gap.climbed(draw)).ratio == pytest.approx(1, abs=1e-5)


def test_one_state_and_two_actions_have_no_spurious_maximum():
    """The positive control: 𝓛' changes sign at most once, from + to −, for any tasks and any η."""
    rng = np.random.default_rng(0)
    for _ in range(300):
        gains, weights, eta = rng.normal(size=4), rng.dirichlet(np.ones(4)), rng.uniform(0, 5)
        theta = np.linspace(-30, 30, 2001)[:, None]
        share = 1 / (1 + np.exp(-np.clip(theta + eta * gains, -500, 500)))
        signs = np.sign((weights * gains * share * (1 - share)).sum(axis=1).round(14))
        changes = [
            pair for pair in zip(signs[signs != 0][:-1], signs[signs != 0][1:], strict=True) if pair[0] != pair[1]
        ]
        assert changes in ([], [(1.0, -1.0)])


def test_a_comparator_that_goes_where_the_policy_cannot_is_no_comparator():
    asked = gap.spurious_a()
    with pytest.raises(ValueError, match="comparator is no policy"):
        dataclasses.replace(asked, comparator=2 * asked.comparator).require()
    with pytest.raises(ShapeError, match="comparator has shape"):
        gap.PolicyGap.of(asked.mdps, asked.features, asked.theta, asked.eta, asked.tau, matrix([[[1]]]), Q(1))


def test_logs_and_numbers_do_not_mix():
    asked = gradient.two_states()
    with pytest.raises(PrecisionError, match="give Log"):
        MetaPolicy.of(asked.mdps, asked.features, (Q(1),), Log(Q(2)), Q(1))


def test_features_have_to_fit():
    asked = gradient.random(0)
    with pytest.raises(ShapeError, match="features have shape"):
        MetaPolicy.of(asked.mdps, asked.features[..., :1], asked.theta, 0.5, 1.0)


def test_an_exponent_that_is_no_whole_number_is_refused():
    asked = gradient.two_states()
    with pytest.raises(ArithmeticError, match="no whole number"):
        _ = MetaPolicy.of(asked.mdps, asked.features, (Log(Q(2)),), Log(Q(2)), Q(2)).measured


def test_the_count_by_hand():
    """E sup k/K at m = 64 and 512, and K itself at d = 3, R = 1."""
    found = [flips.one_point(1, 64, 2000), flips.one_point(1, 512, 2000)]
    ratios = [each.changes.mean() / flips.one_input_bound(each) for each in found]
    np.testing.assert_allclose(ratios, [0.956, 0.990], atol=0.006)
    assert flips.one_input_bound(found[1]) == pytest.approx((18 / math.pi) ** (1 / 3) * 64)


def test_the_nearest_neurons_are_turned_first():
    start, units = np.array([[0.3], [-0.1], [0.9], [0.6]]), np.array([[1.0]])
    assert [flips._drawn(start, units, radius)[0] for radius in (0.05, 0.1, 0.32, 0.7, 2.0)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("change", "message"),
    [({"changes": np.array([1.0, np.nan])}, "changes"), ({"m": 0}, "m = 0"), ({"radius": 0.0}, "radius = 0")],
)
def test_a_count_that_is_none_is_refused(change, message):
    given = {"changes": np.ones(2), "scales": np.ones(2), "m": 4, "d": 3, "radius": 1.0, "inputs": 1}
    with pytest.raises(ValueError, match=message):
        flips.Flips(**(given | change))


def test_the_constant_of_the_linearisation_is_attained():
    assert math.sqrt(linearisation.sharp_bound(2**20, 3, 1.0)) == pytest.approx(0.05261, abs=5e-6)
    assert math.sqrt(linearisation.atoms_bound(2**20, 3, 1.0)) == pytest.approx(0.152, abs=5e-4)
    rng, ratios = np.random.default_rng(0), []
    for m in (16, 64, 256, 1024):
        squares = [max(exact_error(z), exact_error(rest)) ** 2 for z, rest in halves(rng, m, 2000)]
        ratios.append(math.sqrt(np.mean(squares) / m / linearisation.sharp_bound(m, 3, 1.0)))
    np.testing.assert_allclose(ratios, [0.830, 0.893, 0.930, 0.956], atol=0.01)


def halves(rng, m: int, count: int):
    """|W_{0,r}ᵀx| of the neurons of either sign, nearest first."""
    for _ in range(count):
        distances, positive = np.abs(rng.normal(size=m)) / math.sqrt(3), np.arange(m) % 2 == 0
        yield np.sort(distances[positive]), np.sort(distances[~positive])


def exact_error(distances) -> float:
    """max_k (√k − Σ_{i≤k} z_(i)), R = 1."""
    k = np.arange(len(distances) + 1)
    return float((np.sqrt(k) - np.concatenate([[0.0], np.cumsum(distances)])).max())


def test_walks_end_as_pairs_are_visited():
    asked = gradient.random(4)
    ends = sampled_gradient.last_pairs(asked.mdps[0], asked.measured.policies[0], np.random.default_rng(0), 40_000)
    counts = np.zeros((3, 2))
    np.add.at(counts, ends, 1 / 40_000)
    law = asked.measured.visitations[0]
    assert np.all(np.abs(counts - law) < 5 * np.sqrt(law * (1 - law) / 40_000))


def test_the_gradient_from_walks_is_that_of_the_formula_and_not_the_one_without_moving_values():
    drawn = gradient.random(9, d=1, n=1, eta=3.0, tau=1.0)
    asked = dataclasses.replace(drawn, mdps=(dataclasses.replace(drawn.mdps[0], discount=0.9),), theta=np.zeros(1))
    exact = gradient.formula(asked)[0]
    whole, part = (
        sampled_gradient.sampled_gradient(asked, np.random.default_rng(1), 40_000, moved=moved)
        for moved in (True, False)
    )
    assert np.all(np.abs(whole.mean - exact) <= whole.half)
    assert np.all(np.abs(part.mean - exact) > part.half)


@pytest.mark.parametrize("theta", [np.array([np.inf, 0.0]), np.array([np.nan, 0.0])])
def test_energies_have_to_be_finite(theta):
    asked = gradient.random(0)
    with pytest.raises(ValueError, match="theta holds a non-finite value"):
        MetaPolicy.of(asked.mdps, asked.features, theta, 0.5, 1.0)


@pytest.mark.parametrize(
    ("eta", "message"), [(-1.0, r"eta = -1\.0 is not allowed"), (math.inf, "eta"), (math.nan, "eta")]
)
def test_an_inner_step_downhill_is_refused(eta, message):
    asked = gradient.random(0)
    with pytest.raises(ValueError, match=message):
        MetaPolicy.of(asked.mdps, asked.features, asked.theta, eta, 1.0)


def test_so_is_the_log_of_less_than_one():
    asked = gradient.two_states()
    with pytest.raises(ValueError, match="eta = ln 1/2 is not allowed"):
        MetaPolicy.of(asked.mdps, asked.features, asked.theta, Log(Q(1, 2)), Q(1))


def test_what_features_at_the_start_cost_is_what_full_features_say():
    """ψ_i and ψ_i⁰ with all m·d columns, for one task."""
    asked = frozen.three_states(0, 16, eta=1.0, tau=0.5)
    activity = [np.asarray(layers.activity(asked.net, W, asked.flat)) for W in (asked.net.start, asked.omega)]
    at_start, at_omega = ((each[..., None] * asked.flat[:, None]).reshape(3, 2, -1) for each in activity)
    full = MetaPolicy.of(asked.mdps, at_omega, asked.omega.ravel(), 1.0, 0.5).measured
    (mdp,), base = asked.mdps, np.exp(at_omega @ asked.omega.ravel() / 0.5)
    base /= base.sum(axis=1, keepdims=True)
    psi_start = at_start / 0.5 + policies._moved_values(mdp, base, at_start / 0.5)
    moved = (full.psi + full.psi_eta)[0] - psi_start
    root = np.sqrt(full.visitations[0])[..., None]
    assert frozen.change(asked)[0] == pytest.approx(np.linalg.norm((root * moved).reshape(6, -1), 2))
    slope = np.linalg.norm(full.slope + full.slope_eta)
    assert asked.measured.stationarity == pytest.approx(slope)


def test_the_bound_with_features_at_the_start_by_hand():
    asked = neural.dead_neuron()
    assert float(neural.representation(asked).value) == pytest.approx(0, abs=1e-9)
    assert neural.cost_of_features(asked) == pytest.approx(math.sqrt(0.5))
    assert [float(np.max(frozen.change(p) / frozen.bound(p))) for p in (frozen.same_input(), frozen.across())] == [
        pytest.approx(0.9975, abs=1e-4),
        pytest.approx(0.99998, abs=5e-6),
    ]


def test_a_neuron_at_its_kink_has_no_features():
    asked = frozen.across()
    kinked = dataclasses.replace(asked, omega=np.zeros_like(asked.omega))
    assert frozen.FROZEN_FEATURES.check(kinked).verdict == ml.Verdict.SILENT


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"radius": 0.0}, "radius"),
        ({"tau": -1.0}, "tau"),
        ({"eta": math.nan}, "eta"),
        ({"omega": np.full((1, 2), np.inf)}, "omega"),
        ({"omega": np.ones((2, 2))}, "omega"),
        ({"inputs": np.ones((2, 2))}, "inputs have shape"),
    ],
)
def test_a_neural_policy_that_is_none_is_refused(change, message):
    asked = frozen.across()
    names = ("mdps", "inputs", "net", "omega", "eta", "tau", "radius")
    with pytest.raises(ValueError, match=message):
        frozen.NeuralPolicy.of(**({name: getattr(asked, name) for name in names} | change))
