"""Theorem 4.17 of Fallah et al. (2020): the statement as printed, what fails in it, what it does give, and its repair.

    HF-MAML, α ≤ 1/(6L), D_h ≥ ⌈36(αρσ̃)²⌉, B ≥ 20, β_k = β̃/25, δ = 1/(6ρα‖g‖)  ⇒  that of Theorem 4.12

With this δ the probes move by the fixed distance δ‖g‖ = 1/(6ρα), however large the batches are, so the central
difference has a relative error that no batch lowers. Where ∇F = 0 the task gradients g_i are still of order σ, and
their errors need not cancel: a floor of order αLσ remains, the order of FO-MAML's. ``printed.py`` refutes it in
the limit B → ∞ in fractions, ``proposition.py`` for every choice of the constants in its O(·), ``floor.py`` bounds the
floor from above, ``printed_step.py`` is what the printed δ does guarantee, and ``repair.py`` puts √B into δ.
"""

from mamllib.statements.fallah2020.theorem_4_17 import instances, polynomial, trap
from mamllib.statements.fallah2020.theorem_4_17.floor import FLOOR
from mamllib.statements.fallah2020.theorem_4_17.large_batch_run import LargeBatchRun, large_batch_run
from mamllib.statements.fallah2020.theorem_4_17.printed import PRINTED
from mamllib.statements.fallah2020.theorem_4_17.printed_step import PRINTED_STEP
from mamllib.statements.fallah2020.theorem_4_17.proposition import PROPOSITION, Quantifiers
from mamllib.statements.fallah2020.theorem_4_17.repair import REPAIR, REPAIR_MEAN
