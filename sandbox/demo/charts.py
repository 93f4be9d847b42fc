"""Geometry of the report's charts: data in, coordinates and SVG path data out.

Pure: reads nothing, writes nothing and holds no markup or colour; the templates draw what these
functions return. Coordinates are pixels of the drawing, x to the right and y down, rounded to
1/100. The same data gives the same drawing.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Point = tuple[float, float]
CHARACTER_WIDTH = 0.58  # of the font size: mean advance of the interface fonts that the page names


@dataclass(frozen=True)
class Plot:
    """A rectangle of the drawing onto which a rectangle of data is mapped.

    Attributes:
        left: First pixel column of the data.
        top: First pixel row of the data.
        width: Of the mapped rectangle, pixels.
        height: Of the mapped rectangle, pixels.
        x_high: Data value at the right edge; the left edge is 0.
        y_high: Data value at the top edge; the bottom edge is 0.
    """

    left: float
    top: float
    width: float
    height: float
    x_high: float = 1.0
    y_high: float = 1.0

    @property
    def right(self) -> float:
        """Return the pixel column of `x_high`."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Return the pixel row of the value 0."""
        return self.top + self.height

    def x(self, value: float) -> float:
        """Return the pixel column of a value."""
        return round(self.left + self.width * value / self.x_high, 2)

    def y(self, value: float) -> float:
        """Return the pixel row of a value."""
        return round(self.bottom - self.height * value / self.y_high, 2)

    def points(self, xs: Iterable[float | None], ys: Iterable[float | None]) -> tuple[Point, ...]:
        """Return the pixels of data points, those that lack a finite coordinate left out."""
        return tuple(
            (self.x(x), self.y(y))
            for x, y in zip(xs, ys, strict=False)
            if x is not None and y is not None and math.isfinite(x) and math.isfinite(y)
        )


@dataclass(frozen=True)
class Box:
    """An upright rectangle: its upper left corner and its size, pixels."""

    x: float
    y: float
    width: float
    height: float


def ticks(high: float, count: int = 5) -> tuple[float, ...]:
    """Return round values from 0 up to the first that is at least `high`.

    Args:
        high: The largest value to show; 0 or less counts as 1.
        count: About how many intervals are wanted.
    """
    high = high if high > 0 else 1.0
    rough = high / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * unit for unit in (1, 2, 2.5, 5, 10) if power * unit >= rough * (1 - 1e-9))
    steps = math.ceil(high / step - 1e-9)
    return tuple(round(step * index, 10) for index in range(steps + 1))


def line(points: Sequence[Point]) -> str:
    """Return path data of the straight lines through points; empty for fewer than two."""
    if len(points) < 2:  # noqa: PLR2004 - a line has two ends
        return ""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def curve(points: Sequence[Point]) -> str:
    """Return path data of a line through points that leaves and reaches each one level."""
    if len(points) < 2:  # noqa: PLR2004 - a line has two ends
        return ""
    path = f"M{number(points[0][0])} {number(points[0][1])}"
    for (x, y), (to_x, to_y) in pairwise(points):
        middle = number((x + to_x) / 2)
        path += f"C{middle} {number(y)} {middle} {number(to_y)} {number(to_x)} {number(to_y)}"
    return path


def stairs(points: Sequence[Point]) -> tuple[Point, ...]:
    """Return the corners of the steps through points: first along x, then along y.

    The area under the steps of a precision-recall curve is its average precision; straight lines
    between the points would flatter it (Davis and Goadrich, ICML 2006,
    doi 10.1145/1143844.1143874).
    """
    corners = [corner for (_, y), after in pairwise(points) for corner in ((after[0], y), after)]
    return (*points[:1], *corners)


def bars(plot: Plot, groups: Sequence[Sequence[float]], fill: float = 0.8) -> tuple[Box, ...]:
    """Return the bars of groups side by side, group after group.

    Args:
        plot: Where; the groups share its width evenly.
        groups: Values from 0 to `plot.y_high`, the same number in each group.
        fill: Share of a group's width that its bars take.
    """
    slot = plot.width / max(len(groups), 1)
    boxes = []
    for place, values in enumerate(groups):
        width = slot * fill / max(len(values), 1)
        start = plot.left + slot * (place + (1 - fill) / 2)
        for index, value in enumerate(values):
            top = plot.y(min(max(value, 0.0), plot.y_high))
            height = round(plot.bottom - top, 2)
            boxes.append(Box(round(start + width * index, 2), top, round(width, 2), height))
    return tuple(boxes)


def marker(shape: int, at: Point, size: float) -> str:
    """Return path data of a series' mark: circle, square, triangle or diamond, then again.

    Args:
        shape: The series' number, from 0.
        at: The centre.
        size: Radius, pixels.
    """
    (x, y), r = at, size
    if shape % 4 == 0:
        return (
            f"M{number(x - r)} {number(y)}"
            + f"a{number(r)} {number(r)} 0 1 0 {number(2 * r)} 0"
            + f"a{number(r)} {number(r)} 0 1 0 {number(-2 * r)} 0Z"
        )
    corners: dict[int, tuple[Point, ...]] = {
        1: ((x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)),
        2: ((x, y - 1.15 * r), (x + 1.15 * r, y + r), (x - 1.15 * r, y + r)),
        3: ((x, y - 1.3 * r), (x + 1.3 * r, y), (x, y + 1.3 * r), (x - 1.3 * r, y)),
    }
    return line(corners[shape % 4]) + "Z"


def text_width(text: str, font_size: float) -> float:
    """Return about how wide a text is drawn, pixels."""
    return len(text) * font_size * CHARACTER_WIDTH


def shorten(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters, its cut end marked with an ellipsis."""
    return text if len(text) <= limit else text[: max(limit - 1, 1)] + "…"


def label_lines(name: str, limit: int) -> tuple[str, ...]:
    """Return a step's name in one or two lines, broken between its words.

    Args:
        name: Such as `RegisterModel`, `register-model` or `register model`.
        limit: Characters a line.
    """
    if len(name) <= limit:
        return (name,)
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z\s_-]+|[\s_-]+|.", name)
    first = ""
    for word in words:
        if len(first + word) > limit:
            break
        first += word
    first = first or name[:limit]
    return (first.rstrip(), shorten(name[len(first) :].lstrip(), limit))


def number(value: float) -> str:
    """Return a coordinate as path data has it: at most two decimals."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
