"""Where the boxes and arrows of a dependency map go: layers from left to right, as short arrows as can be.

The steps are Sugiyama's: layers, order within layers, coordinates. Layers minimise the total length of arrows, a linear
program whose solutions are integers (Gansner et al., 1993); coordinates are the nearest ones that keep the order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy.optimize import isotonic_regression, linprog
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

SWEEPS = 12
HUB = "hub-"

Edge = tuple[str, str]
Sides = tuple[list[str], list[str]]


@dataclass
class Layout:
    """Layers of names, top to bottom; bends are names too. ``y`` is the centre of each, ``edges`` go through bends."""

    layers: list[list[str]]
    y: dict[str, float]
    edges: dict[Edge, list[str]] = field(default_factory=dict)


def concentrated(premises: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The same graph with fewer arrows: where several share several premises, all go through one hub (``hub-…``).

    k premises of n statements are k·n arrows, and k + n through a hub. The hub that saves most is taken first.
    """
    graph = {name: tuple(used) for name, used in premises.items()}
    while (shared := _most_shared(graph)) is not None:
        common, users = shared
        hub = f"{HUB}{sum(name.startswith(HUB) for name in graph)}"
        for user in users:
            graph[user] = (*(used for used in graph[user] if used not in common), hub)
        graph[hub] = common
    return graph


def _most_shared(graph: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], list[str]] | None:
    best, most = None, 0
    for one in graph:
        for other in graph:
            common = tuple(used for used in graph[one] if used in graph[other]) if one < other else ()
            users = [name for name in graph if set(common) <= set(graph[name])]
            saving = len(common) * len(users) - len(common) - len(users)
            if common and saving > most:
                best, most = (common, users), saving
    return best


def lay_out(premises: Mapping[str, Sequence[str]], heights: Mapping[str, float], gap: float) -> Layout:
    """Layers, order and vertical places for a graph without circles; parts that nothing joins stand below each other.

    Args:
        premises: for each name what it rests on, which stands to its left.
        heights: of the boxes; a name without height is a hub.
        gap: least distance between two of a layer.
    """
    whole = Layout([], {}, {})
    for names in _parts(premises):
        part = _lay_out_part({name: premises[name] for name in names}, heights, gap)
        below = max((y + heights.get(name, 0) / 2 + 2 * gap for name, y in whole.y.items()), default=0)
        whole.layers += [[] for _ in part.layers[len(whole.layers) :]]
        for layer, more in zip(whole.layers, part.layers, strict=False):
            layer += more
        whole.y |= {name: y + below for name, y in part.y.items()}
        whole.edges |= part.edges
    return whole


def _parts(premises: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The names in groups that nothing joins, the largest first."""
    names = list(premises)
    pairs = [(names.index(used), names.index(name)) for name in names for used in premises[name]]
    joined = coo_array((np.ones(len(pairs)), tuple(np.array(pairs).T)), (len(names), len(names)))
    count, label = connected_components(joined, directed=False)
    groups = [[name for name, at in zip(names, label, strict=True) if at == part] for part in range(count)]
    return sorted(groups, key=len, reverse=True)


def _lay_out_part(premises: Mapping[str, Sequence[str]], heights: Mapping[str, float], gap: float) -> Layout:
    level = _levels(premises)
    layers: list[list[str]] = [[] for _ in range(max(level.values()) + 1)]
    for name in premises:
        layers[level[name]].append(name)
    edges = {(used, name): _bends(used, name, level, layers) for name in premises for used in premises[name]}
    layout = Layout(layers, {}, edges)
    neighbours = _neighbours(layout)
    _order(layout, neighbours)
    _place(layout, neighbours, heights, gap)
    return layout


def _levels(premises: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Boxes stand in even layers and hubs in odd ones, so that no arrow to a hub runs behind a box."""
    names = list(premises)
    pairs = [(used, name) for name in names for used in premises[name]]
    rises = np.zeros((len(pairs), len(names)))
    for row, (used, name) in enumerate(pairs):
        rises[row, names.index(used)], rises[row, names.index(name)] = -1, 1
    least = [0 if used.startswith(HUB) and not name.startswith(HUB) else 1 for used, name in pairs]
    found = linprog(rises.sum(axis=0), A_ub=-rises, b_ub=-np.array(least), bounds=(0, None))
    return {name: 2 * round(at) - name.startswith(HUB) for name, at in zip(names, found.x, strict=True)}


def _bends(used: str, name: str, level: Mapping[str, int], layers: list[list[str]]) -> list[str]:
    """What the arrow passes through: a bend in every layer between its ends."""
    between = {at: f"bend of {used}→{name}@{at}" for at in range(level[used] + 1, level[name])}
    for at, bend in between.items():
        layers[at].append(bend)
    return [used, *between.values(), name]


def _neighbours(layout: Layout) -> dict[str, Sides]:
    """For each name those it is joined to on its left and on its right."""
    joined: dict[str, Sides] = {name: ([], []) for layer in layout.layers for name in layer}
    for path in layout.edges.values():
        for left, right in pairwise(path):
            joined[right][0].append(left)
            joined[left][1].append(right)
    return joined


def _order(layout: Layout, neighbours: Mapping[str, Sides]) -> None:
    """Sort each layer by the mean place of its neighbours, rightwards and leftwards in turn; then swap what helps."""
    for sweep in range(SWEEPS):
        side = sweep % 2
        for layer in layout.layers if side == 0 else reversed(layout.layers):
            place = {name: at / len(each) for each in layout.layers for at, name in enumerate(each)}
            mean = {
                name: np.mean([place[other] for other in neighbours[name][side]] or [place[name]]) for name in layer
            }
            layer.sort(key=mean.__getitem__)
    while any(_swapped(layout, layer, at, neighbours) for layer in layout.layers for at in range(len(layer) - 1)):
        pass


def _swapped(layout: Layout, layer: list[str], at: int, neighbours: Mapping[str, Sides]) -> bool:
    """Whether two that stand below each other changed places, since fewer arrows cross then."""
    place = {name: row for each in layout.layers for row, name in enumerate(each)}
    upper, lower = (neighbours[name] for name in layer[at : at + 2])
    ups = [(place[a], place[b]) for side in (0, 1) for a in upper[side] for b in lower[side]]
    if sum(a > b for a, b in ups) <= sum(a < b for a, b in ups):
        return False
    layer[at], layer[at + 1] = layer[at + 1], layer[at]
    return True


def _place(layout: Layout, neighbours: Mapping[str, Sides], heights: Mapping[str, float], gap: float) -> None:
    """Move each to the mean height of its neighbours, as near as order and gap allow."""
    middles = {}
    for layer in layout.layers:
        sizes = np.array([heights.get(name, 0) + gap for name in layer])
        middles[id(layer)] = np.cumsum(sizes) - sizes / 2
        layout.y |= zip(layer, middles[id(layer)] - sizes.sum() / 2, strict=True)
    for sweep in range(SWEEPS):
        for layer in layout.layers if sweep % 2 == 0 else reversed(layout.layers):
            joined = [[*neighbours[name][0], *neighbours[name][1]] for name in layer]
            wanted = [np.mean([layout.y[other] for other in others]) for others in joined]
            kept = isotonic_regression(np.array(wanted) - middles[id(layer)]).x + middles[id(layer)]
            layout.y |= zip(layer, kept.tolist(), strict=True)
    top = min(y - heights.get(name, 0) / 2 for name, y in layout.y.items())
    layout.y = {name: y - top for name, y in layout.y.items()}
