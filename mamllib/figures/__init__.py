"""Figures: style and publishing; imports nothing of the mathematics."""

from mamllib.figures.publish import publish
from mamllib.figures.style import use

__all__ = ["publish", "use"]
