"""Processes whose numbers are held against those of this one, to the last digit."""

import os


def environment() -> dict[str, str]:
    """The variables for a process that compiles as this one does: else the last digits differ."""
    return os.environ | {"JAX_DISABLE_MOST_OPTIMIZATIONS": "true"}  # as in conftest.py
