"""Fallah, Mokhtari, Ozdaglar (AISTATS 2020): a file a statement, each item of the paper under its own name."""

from mamllib.statements.fallah2020 import (
    auxiliary_inequality,
    corollary_4_13,
    corollary_4_16,
    descent,
    equation_9,
    lemma_4_8,
    lemma_4_9,
    lemma_4_10,
    remark_4_14,
    table_1,
    theorem_4_11,
    theorem_4_12,
    theorem_4_15,
    theorem_4_17,
)

STATEMENTS = (
    *equation_9.STATEMENTS,
    *lemma_4_8.STATEMENTS,
    *descent.STATEMENTS,
    *lemma_4_9.STATEMENTS,
    *lemma_4_10.STATEMENTS,
    *auxiliary_inequality.STATEMENTS,
    *theorem_4_11.STATEMENTS,
    *theorem_4_12.STATEMENTS,
    *corollary_4_13.STATEMENTS,
    *remark_4_14.STATEMENTS,
    *theorem_4_15.STATEMENTS,
    *corollary_4_16.STATEMENTS,
    *theorem_4_17.STATEMENTS,
    *table_1.STATEMENTS,
)
