"""Fallah, Mokhtari, Ozdaglar (AISTATS 2020): a file a statement, each item of the paper under its own name."""
