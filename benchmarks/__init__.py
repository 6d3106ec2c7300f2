"""Measurements of speed, side by side; run by hand, and never part of a test's verdict."""
