"""Measurements of speed, side by side, and of the checks themselves; run by hand, never part of a test's verdict."""
