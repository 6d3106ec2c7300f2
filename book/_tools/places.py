"""Where things lie, named once."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

BUILD = ROOT / "_build"
EXECUTED = BUILD / "executed"
STAGE = BUILD / "stage"
SITE = BUILD / "html"

STORED_FIGURES = ROOT / "book" / "figures"
MATHJAX = ROOT / "node_modules" / "mathjax" / "es5"

# The library writes the figures a chapter publishes to the folder named by this variable.
FIGURES_VARIABLE = "MAMLLIB_FIGURES"
