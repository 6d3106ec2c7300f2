"""Gymnasium's environments as MDPs, MDPs as its environments, and a frozen lake.

Only functions that need it import gymnasium: ``pip install "mamllib[gymnasium]"``.
"""

import numpy as np

from mamllib.tasks.mdp import MDP

LAKE = ("SFFF", "FHFH", "FFFH", "HFFG")
MOVES = ((0, -1), (1, 0), (0, 1), (-1, 0))  # left, down, right, up, as gymnasium numbers them


def frozen_lake(discount: float, slip: float = 2 / 3, rows: tuple[str, ...] = LAKE) -> MDP:
    """Gymnasium's FrozenLake: from S over ice F to the goal G, past holes H; a move goes sideways with chance ``slip``.

    Reaching G gives 1; G and H are never left. ``slip`` = 2/3 is its slippery lake.

    Raises:
        ValueError: γ outside [0, 1), or a chance outside [0, 1].
    """
    if not 0 <= slip <= 1:
        raise ValueError(f"slip = {slip} is not allowed: a chance lies in [0, 1]")
    cells = np.array([list(row) for row in rows])
    states, actions = cells.size, len(MOVES)
    transitions, rewards = np.zeros((states, actions, states)), np.zeros((states, actions))
    for state in range(states):
        for action in range(actions):
            for turn, chance in ((-1, slip / 2), (0, 1 - slip), (1, slip / 2)):
                end = _moved(cells, state, MOVES[(action + turn) % actions])
                transitions[state, action, end] += chance
                rewards[state, action] += chance * (cells.flat[end] == "G" and end != state)
    start = (cells.ravel() == "S").astype(float)
    return MDP.of(transitions, rewards, discount, start / start.sum())


def _moved(cells, state: int, move: tuple[int, int]) -> int:
    if cells.flat[state] in "GH":
        return state
    row, column = np.clip(np.add(np.unravel_index(state, cells.shape), move), 0, np.subtract(cells.shape, 1))
    return int(row * cells.shape[1] + column)


def from_gymnasium(environment, discount: float) -> MDP:
    """The MDP of a tabular environment: its ``P[s][a]``, a list of (chance, next state, reward, whether it ends).

    What ends is never left, and earns nothing more. The start is its ``initial_state_distrib``.

    Raises:
        TypeError: an environment without such a table. ValueError: γ outside [0, 1).
    """
    own = environment.unwrapped
    if not hasattr(own, "P") or not hasattr(own, "initial_state_distrib"):
        raise TypeError(f"{type(own).__name__} has no table P and initial_state_distrib to read")
    states, actions = int(environment.observation_space.n), int(environment.action_space.n)
    transitions, rewards, ends = np.zeros((states, actions, states)), np.zeros((states, actions)), set()
    for state, action in np.ndindex(states, actions):
        for chance, end, reward, is_last in own.P[state][action]:
            transitions[state, action, end] += chance
            rewards[state, action] += chance * reward
            ends |= {end} if is_last else set()
    for state in ends:
        transitions[state], rewards[state] = np.eye(states)[state], 0.0
    return MDP.of(transitions, rewards, discount, np.asarray(own.initial_state_distrib, float))


def to_gymnasium(mdp: MDP):
    """A ``gymnasium.Env`` of this MDP, whose episodes end after each step with chance 1 − γ: their mean return is J."""
    import gymnasium

    class Tabular(gymnasium.Env):
        metadata = {"render_modes": []}  # noqa: RUF012  (gymnasium's own name)
        observation_space = gymnasium.spaces.Discrete(len(mdp.start))
        action_space = gymnasium.spaces.Discrete(mdp.rewards.shape[1])

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.state = int(self.np_random.choice(len(mdp.start), p=np.asarray(mdp.start, float)))
            return self.state, {}

        def step(self, action):
            law = np.asarray(mdp.transitions[self.state, action], float)
            reward = float(mdp.rewards[self.state, action])
            self.state = int(self.np_random.choice(len(law), p=law))
            return self.state, reward, bool(self.np_random.random() >= mdp.discount), False, {}

    return Tabular()
