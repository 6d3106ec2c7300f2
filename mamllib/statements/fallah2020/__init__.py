"""Fallah, Mokhtari, Ozdaglar (AISTATS 2020): a file a statement, each item of the paper under its own name."""

from mamllib.statements.fallah2020 import equation_9, lemma_4_8, lemma_4_9, lemma_4_10, theorem_4_11

STATEMENTS = (
    *equation_9.STATEMENTS,
    *lemma_4_8.STATEMENTS,
    *lemma_4_9.STATEMENTS,
    *lemma_4_10.STATEMENTS,
    *theorem_4_11.STATEMENTS,
)
