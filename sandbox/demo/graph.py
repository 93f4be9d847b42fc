"""Lays out the graph of a pipeline for the report: steps in layers, edges that cross no step.

Pure: reads and writes nothing, draws nothing. After Sugiyama, Tagawa and Toda, "Methods for Visual
Understanding of Hierarchical System Structures", IEEE Trans. SMC 11(2), 1981: layers by longest
path, order by barycentres, and a long edge passes each layer between its nodes through a cell of
its own. Coordinates as in `charts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from sandbox.demo.charts import Box, Point, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Cell = tuple[str, ...]  # (step,) for a node; (source, target, layer) where an edge passes a layer
SWEEPS = 8
ARROW = 6.0


@dataclass(frozen=True)
class Edge:
    """A drawn dependency.

    Attributes:
        source: The step that goes first.
        target: The step that waits for it.
        path: SVG path data of the line.
        arrow: SVG path data of the head.
    """

    source: str
    target: str
    path: str
    arrow: str


@dataclass(frozen=True)
class Graph:
    """A laid out pipeline.

    Attributes:
        width: Of the drawing, pixels.
        height: Of the drawing, pixels.
        nodes: Rectangle of each step.
        edges: Direct dependencies, in the order of their targets.
    """

    width: float
    height: float
    nodes: Mapping[str, Box]
    edges: tuple[Edge, ...]


@dataclass(frozen=True)
class Spacing:
    """Sizes in a graph, pixels; "along" is the direction in which the pipeline runs.

    Attributes:
        width: Of a node.
        height: Of a node.
        along: Between layers.
        across: Between neighbours in a layer.
        margin: Around the drawing.
        down: Whether the pipeline runs downwards instead of to the right.
    """

    width: float
    height: float
    along: float
    across: float
    margin: float = 4.0
    down: bool = False

    @property
    def node_along(self) -> float:
        """Return a node's extent in the direction in which the pipeline runs."""
        return self.height if self.down else self.width

    @property
    def node_across(self) -> float:
        """Return a node's extent at right angles to that direction."""
        return self.width if self.down else self.height

    def pixel(self, along: float, across: float) -> Point:
        """Return where a place in the graph is drawn."""
        return (across, along) if self.down else (along, across)


def direct(depends_on: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return each step's direct dependencies, steps before those that wait for them.

    Left out are unknown names, dependencies that a longer way implies and, should the definition
    have a circle, the one that closes it.
    """
    waiting = dict(depends_on)
    ordered: dict[str, tuple[str, ...]] = {}
    ancestors: dict[str, set[str]] = {}
    while waiting:
        name = next(
            (step for step, needs in waiting.items() if not waiting.keys() & set(needs)),
            next(iter(waiting)),
        )
        needs = [need for need in dict.fromkeys(waiting.pop(name)) if need in ordered]
        implied = set[str]().union(*(ancestors[need] for need in needs))
        ancestors[name] = implied.union(needs)
        ordered[name] = tuple(need for need in needs if need not in implied)
    return ordered


def layers(depends_on: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return each step's layer: the number of steps on the longest way to it."""
    found: dict[str, int] = {}
    for name, needs in direct(depends_on).items():
        found[name] = max((found[need] + 1 for need in needs), default=0)
    return found


def lay_out(depends_on: Mapping[str, Sequence[str]], spacing: Spacing) -> Graph:
    """Lay out the steps of a pipeline.

    Args:
        depends_on: For each step, in the definition's order, the steps it waits for.
        spacing: Sizes and direction.
    """
    needs, layer_of = direct(depends_on), layers(depends_on)
    chains = {
        (source, target): _chain(source, target, layer_of)
        for target in depends_on
        for source in needs[target]
    }
    rows: list[list[Cell]] = [[] for _ in range(max(layer_of.values(), default=-1) + 1)]
    for name in depends_on:
        rows[layer_of[name]].append((name,))
    for chain in chains.values():
        for cell in chain[1:-1]:
            rows[int(cell[2])].append(cell)
    links = [link for chain in chains.values() for link in pairwise(chain)]
    rows = _untangled(rows, links)
    return _drawn(rows, chains, _centres(rows, links, spacing), spacing)


def _chain(source: str, target: str, layer_of: Mapping[str, int]) -> list[Cell]:
    between = range(layer_of[source] + 1, layer_of[target])
    return [(source,), *((source, target, str(layer)) for layer in between), (target,)]


def _neighbours(links: Iterable[tuple[Cell, Cell]], forward: bool) -> dict[Cell, list[Cell]]:
    found: dict[Cell, list[Cell]] = {}
    for source, target in links:
        cell, neighbour = (target, source) if forward else (source, target)
        found.setdefault(cell, []).append(neighbour)
    return found


def _untangled(rows: list[list[Cell]], links: Sequence[tuple[Cell, Cell]]) -> list[list[Cell]]:
    """Return the layers, each in the order, of those tried, that makes the fewest edges cross."""
    best, fewest = rows, _crossings(rows, links)
    for sweep in range(SWEEPS):
        rows = _swept(rows, _neighbours(links, forward=sweep % 2 == 0))
        if (count := _crossings(rows, links)) < fewest:
            best, fewest = rows, count
    return best


def _swept(rows: list[list[Cell]], neighbours: Mapping[Cell, list[Cell]]) -> list[list[Cell]]:
    place = {cell: float(index) for row in rows for index, cell in enumerate(row)}

    def barycentre(cell: Cell) -> float:
        near = [place[neighbour] for neighbour in neighbours.get(cell, ())]
        return sum(near) / len(near) if near else place[cell]

    swept = []
    for row in rows:
        swept.append(sorted(row, key=barycentre))
        place.update({cell: float(index) for index, cell in enumerate(swept[-1])})
    return swept


def _crossings(rows: list[list[Cell]], links: Sequence[tuple[Cell, Cell]]) -> int:
    place = {
        cell: (layer, index) for layer, row in enumerate(rows) for index, cell in enumerate(row)
    }
    ends = [(*place[source], place[target][1]) for source, target in links]
    return sum(
        1
        for number, (layer, start, end) in enumerate(ends)
        for other, other_start, other_end in ends[:number]
        if layer == other and (start - other_start) * (end - other_end) < 0
    )


def _centres(
    rows: list[list[Cell]], links: Sequence[tuple[Cell, Cell]], spacing: Spacing
) -> dict[Cell, float]:
    """Return each cell's centre across the graph: near its neighbours', and none overlapping."""
    sizes = {cell: spacing.node_across if len(cell) == 1 else 0.0 for row in rows for cell in row}
    centre = dict.fromkeys(sizes, 0.0)
    before, after = _neighbours(links, forward=True), _neighbours(links, forward=False)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        near = before if forward else after
        for row in rows if forward else reversed(rows):
            wanted = [
                sum(centre[neighbour] for neighbour in near[cell]) / len(near[cell])
                if cell in near
                else centre[cell]
                for cell in row
            ]
            placed = spread(wanted, [sizes[cell] for cell in row], spacing.across)
            centre.update(zip(row, placed, strict=True))
    first = min((centre[cell] - sizes[cell] / 2 for cell in sizes), default=0.0)
    return {cell: at - first + spacing.margin for cell, at in centre.items()}


def spread(wanted: Sequence[float], sizes: Sequence[float], gap: float) -> list[float]:
    """Return centres in the given order that do not overlap and are nearest to the wanted ones.

    Nearest by least squares: once each centre is lessened by the room that those before it need,
    the order is the only condition left, which pooling adjacent violators meets best
    (Barlow et al., "Statistical Inference under Order Restrictions", 1972).

    Args:
        wanted: Centres, pixels.
        sizes: Of the cells, pixels.
        gap: Least distance of neighbours, pixels.
    """
    room = [0.0]
    for one, other in pairwise(sizes):
        room.append(room[-1] + (one + other) / 2 + gap)
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, room, strict=False):
        total, count = want - offset, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            total, count = total + pools[-1][0], count + pools[-1][1]
            pools.pop()
        pools.append((total, count))
    means = [total / count for total, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, room, strict=False)]


def _drawn(
    rows: list[list[Cell]],
    chains: Mapping[tuple[str, str], Sequence[Cell]],
    centre: Mapping[Cell, float],
    spacing: Spacing,
) -> Graph:
    pitch, half = spacing.node_along + spacing.along, spacing.node_across / 2
    start = {cell: spacing.margin + pitch * layer for layer, row in enumerate(rows) for cell in row}
    nodes = {
        cell[0]: _box(spacing.pixel(start[cell], centre[cell] - half), spacing)
        for row in rows
        for cell in row
        if len(cell) == 1
    }
    edges = tuple(
        _edge(source, target, [(start[cell], centre[cell]) for cell in chain], spacing)
        for (source, target), chain in chains.items()
    )
    along = pitch * len(rows) - (spacing.along if rows else 0) + 2 * spacing.margin
    across = max((at + (half if len(cell) == 1 else 0) for cell, at in centre.items()), default=0)
    width, height = spacing.pixel(round(along, 2), round(across + spacing.margin, 2))
    return Graph(width, height, nodes, edges)


def _box(corner: Point, spacing: Spacing) -> Box:
    return Box(round(corner[0], 2), round(corner[1], 2), spacing.width, spacing.height)


def _edge(source: str, target: str, cells: Sequence[Point], spacing: Spacing) -> Edge:
    """Draw an edge: across each layer it passes straight, between layers as an S."""
    size = spacing.node_along

    def at(along: float, across: float) -> str:
        x, y = spacing.pixel(along, across)
        return f"{number(x)} {number(y)}"

    path = "M" + at(cells[0][0] + size, cells[0][1])
    for (before, old), (begin, new) in pairwise(cells):
        middle = (before + size + begin) / 2
        path += f"C{at(middle, old)} {at(middle, new)} {at(begin, new)}"
        if (begin, new) != cells[-1]:
            path += "L" + at(begin + size, new)
    tip, level = cells[-1]
    head = [(tip - ARROW, level - ARROW / 2), (tip, level), (tip - ARROW, level + ARROW / 2)]
    return Edge(source, target, path, "M" + "L".join(at(*corner) for corner in head) + "Z")
