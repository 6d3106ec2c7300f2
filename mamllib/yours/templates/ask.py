"""What holds on my tasks?   mamllib ask THIS_FILE

Change the four things below. What is not given is not asked: `mamllib statements` lists what each statement takes.
"""

import jax
import jax.numpy as jnp
import numpy as np

rng = np.random.default_rng(0)


# 1. The loss of ONE row: any function of w and a row that JAX can differentiate twice, in float64.
def loss(w, row):
    hidden = jnp.tanh(row["x"] @ w["in"])
    return -jax.nn.log_softmax(hidden @ w["out"])[row["y"]]


# 2. The tasks: for each its rows, along the first axis of every array. They may have unequal numbers of rows.
def rows(count):
    return {"x": rng.normal(size=(count, 4)), "y": rng.integers(0, 3, size=count)}


data = [rows(6), rows(8), rows(5)]

# 3. Where to ask: meta-parameters as a dict, tuple, NamedTuple or array, float64.
w = {"in": 0.5 * rng.normal(size=(4, 5)), "out": 0.5 * rng.normal(size=(5, 3))}

# 4. How: the inner step size, and the number of inner steps.
alpha = 0.1
steps = 1

# More words, as you need them:
# D_in = 2            # samples of the inner step; with samples = 4000 where all batches cannot be listed
# D_test = 2          # samples of the inner step at test time
# u = w               # another point: how smooth is F between the two?
# import mamllib as ml
# constants = ml.Constants(L=2.0, rho=5.0, sigma_tilde=2.0, sigma_H=6.0)  # what you believe; else what is met is used
# sigma = 1.0         # bound of the task deviation, likewise
