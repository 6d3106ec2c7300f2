"""Tabular MDPs: by hand in fractions, against episodes, and in gymnasium's terms."""

from fractions import Fraction as Q

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from mamllib.errors import PrecisionError, ShapeError
from mamllib.statements.wang2020.meta_policy_gradient import random, two_states
from mamllib.statements.wang2020.policies import matrix
from mamllib.tasks import gym
from mamllib.tasks import mdp as tabular
from mamllib.tasks.mdp import MDP

UNIFORM = matrix([[Q(1, 2)] * 2] * 2)


def test_two_states_by_hand():
    first, second = two_states().mdps
    assert list(tabular.values(first, UNIFORM)) == [3, 5]
    assert list(tabular.values(second, UNIFORM)) == [-1, -3]
    improved = matrix([[Q(1, 9), Q(8, 9)], [Q(2, 3), Q(1, 3)]])
    assert list(tabular.values(first, improved)) == [Q(320, 69), Q(404, 69)]
    expected = matrix([[Q(-160, 69), Q(20, 69)], [Q(32, 69), Q(-64, 69)]])
    assert np.all(tabular.advantages(first, improved) == expected)
    assert tabular.visitation(first, improved).sum() == 1


def test_floats_and_fractions_agree():
    exact = two_states().mdps[0]
    floats = MDP.of(*(np.asarray(each, float) for each in (exact.transitions, exact.rewards)), 0.5, [0.5, 0.5])
    policy = matrix([[Q(1, 3), Q(2, 3)], [Q(3, 4), Q(1, 4)]])
    for of in (tabular.values, tabular.advantages, tabular.visitation, tabular.next_visits):
        np.testing.assert_allclose(np.asarray(of(exact, policy), float), of(floats, policy.astype(float)), rtol=1e-13)


def test_values_are_the_mean_of_episodes():
    """An episode of the environment ends with chance 1 − γ a step, so its plain return has the mean J."""
    mdp = random(3).mdps[0]
    policy, environment, rng = np.full((3, 2), 0.5), gym.to_gymnasium(mdp), np.random.default_rng(0)
    returns = []
    for episode in range(4000):
        _, total, ended = environment.reset(seed=episode), 0.0, False
        while not ended:
            _, reward, ended, _, _ = environment.step(int(rng.integers(2)))
            total += reward
        returns.append(total)
    error = np.std(returns) / np.sqrt(len(returns))
    assert abs(np.mean(returns) - tabular.performance(mdp, policy)) < 5 * error


def test_an_optimal_policy_is_at_least_as_good_as_any():
    for seed in range(5):
        mdp = random(seed, states=3, actions=3).mdps[0]
        best = tabular.performance(mdp, tabular.optimal(mdp))
        choices = np.indices((3, 3, 3)).reshape(3, -1).T
        assert best >= max(tabular.performance(mdp, np.eye(3)[chosen]) for chosen in choices) - 1e-12


def test_gymnasium_s_checker_passes():
    check_env(gym.to_gymnasium(random(0).mdps[0]), skip_render_check=True)


@pytest.mark.parametrize(("is_slippery", "slip"), [(True, 2 / 3), (False, 0.0)])
def test_the_lake_is_gymnasium_s(is_slippery, slip):
    environment = gymnasium.make("FrozenLake-v1", map_name="4x4", is_slippery=is_slippery)
    theirs, ours = gym.from_gymnasium(environment, 0.9), gym.frozen_lake(0.9, slip)
    np.testing.assert_allclose(theirs.transitions, ours.transitions, atol=1e-12)
    np.testing.assert_allclose(theirs.rewards, ours.rewards, atol=1e-12)
    np.testing.assert_array_equal(theirs.start, ours.start)


def test_an_environment_without_a_table_is_refused():
    with pytest.raises(TypeError, match="has no table P"):
        gym.from_gymnasium(gymnasium.make("CartPole-v1"), 0.9)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"transitions": [[[0.5, 0.4]], [[0.0, 1.0]]]}, ValueError, r"a row of transitions \(0\) sums to 0\.9"),
        ({"transitions": [[[1.5, -0.5]], [[0.0, 1.0]]]}, ValueError, "probabilities are ≥ 0"),
        ({"start": [0.5, 0.4]}, ValueError, "start"),
        ({"discount": 1.0}, ValueError, r"discount = 1\.0 is not allowed"),
        ({"discount": -0.1}, ValueError, r"discount = -0\.1 is not allowed"),
        ({"rewards": [[np.inf], [0.0]]}, ValueError, "rewards hold a non-finite value"),
        ({"rewards": [0.0, 1.0]}, ShapeError, r"rewards have shape \(2,\)"),
        ({"start": [1.0]}, ShapeError, r"start \(1,\)"),
        ({"discount": Q(1, 2)}, PrecisionError, "in fractions"),
    ],
)
def test_bad_input_is_named(change, error, message):
    given = {
        "transitions": [[[1.0, 0.0]], [[0.0, 1.0]]],
        "rewards": [[0.0], [1.0]],
        "discount": 0.9,
        "start": [0.5, 0.5],
    }
    with pytest.raises(error, match=message):
        MDP.of(**(given | change))


def test_a_slip_is_a_chance():
    with pytest.raises(ValueError, match=r"slip = 1\.5 is not allowed"):
        gym.frozen_lake(0.9, 1.5)
