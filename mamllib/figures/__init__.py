"""Figures: style, publishing and what their files carry; imports nothing of the mathematics."""

from mamllib.figures.carried import NothingCarriedError, whence
from mamllib.figures.publish import publish
from mamllib.figures.style import use

__all__ = ["NothingCarriedError", "publish", "use", "whence"]
