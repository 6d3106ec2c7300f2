"""Wang, Cai, Yang, Wang (ICML 2020), supervised half: this companion's own derivations in the paper's setting."""

from mamllib.statements.wang2020.linearisation_statements import ATOMS, IN_MEAN, SURE
from mamllib.statements.wang2020.optimality_gap import OPTIMALITY_GAP
from mamllib.statements.wang2020.two_layer_statements import TWO_LAYER_GAP, TWO_LAYER_GAP_HALVED

STATEMENTS = (OPTIMALITY_GAP, TWO_LAYER_GAP, TWO_LAYER_GAP_HALVED, SURE, IN_MEAN, ATOMS)
