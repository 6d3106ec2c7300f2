"""Sliders that redraw a bound and what was measured, in the page itself, from a table computed here.

>>> import mamllib as ml
>>> ml.explorers.NAMES[0]
'lemma_4_8'
"""

from mamllib.explorers import (
    inner_steps,
    landscape,
    lemma_4_8,
    lemma_4_10_bias,
    spurious_policies,
    theorem_4_11,
    theorem_4_17,
    two_layer_width,
)
from mamllib.explorers.explorer import Explorer, Shown

_EXPLORERS = {
    each.name: each
    for each in (
        lemma_4_8.EXPLORER,
        theorem_4_17.EXPLORER,
        theorem_4_11.EXPLORER,
        lemma_4_10_bias.EXPLORER,
        two_layer_width.EXPLORER,
        inner_steps.EXPLORER,
        landscape.EXPLORER,
        spurious_policies.EXPLORER,
    )
}
NAMES = tuple(_EXPLORERS)

__all__ = ["NAMES", "Explorer", "Shown", "explorer", "show"]


def explorer(name: str) -> Explorer:
    """The explorer of this name.

    Raises:
        KeyError: no explorer of this name; the message lists those there are.
    """
    if name not in _EXPLORERS:
        raise KeyError(f"no explorer {name!r}; there are {', '.join(NAMES)}")
    return _EXPLORERS[name]


def show(name: str) -> Shown:
    """Compute the explorer's table and show it: as sliders on a page, as one line in a terminal.

    Raises:
        KeyError: no explorer of this name; the message lists those there are.
    """
    return Shown(explorer(name))
