"""The layout of pipeline graphs: layers, order, and edges that cross no step."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.demo.charts import Box
from sandbox.demo.graph import Graph, Spacing, direct, lay_out, layers, spread

RIGHT = Spacing(width=100, height=50, along=30, across=16)
DOWN = Spacing(width=100, height=50, along=30, across=16, down=True)
INFERENCE = {
    "ResolveModel": [],
    "ResolveBatch": [],
    "CheckDrift": ["ResolveModel", "ResolveBatch"],
    "IsDrifted": ["CheckDrift"],
    "PrepareBatch": ["IsDrifted", "ResolveBatch"],
    "CreateModel": ["IsDrifted", "ResolveModel"],
    "Transform": ["CreateModel", "PrepareBatch"],
    "PublishPredictions": ["Transform", "ResolveModel", "ResolveBatch"],
    "EmitDrift": ["IsDrifted", "CheckDrift"],
    "DataDriftDetected": ["EmitDrift"],
}


@st.composite
def pipelines(draw: st.DrawFn) -> dict[str, list[str]]:
    """Draw a definition of up to twelve steps that depend on earlier ones, in any order."""
    names = [f"Step{number}" for number in range(draw(st.integers(0, 12)))]
    found = {
        name: draw(st.lists(st.sampled_from(names[:place]), max_size=3, unique=True))
        if place
        else []
        for place, name in enumerate(names)
    }
    return {name: found[name] for name in draw(st.permutations(names))}


def _sampled(path: str) -> list[tuple[float, float]]:
    """Return points of path data of M, C and L commands, 25 to a curve."""
    points: list[tuple[float, float]] = []
    for command, values in re.findall(r"([MCL])([^MCL]*)", path):
        numbers = [float(value) for value in values.split()]
        corners = list(zip(numbers[::2], numbers[1::2], strict=True))
        if command == "M":
            points += corners
            continue
        start = points[-1]
        one, two, end = corners if command == "C" else (start, *corners, *corners)
        for step in range(1, 26):
            t = step / 25
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            points.append(
                tuple(
                    sum(weight * corner[axis] for weight, corner in zip(weights, way, strict=True))
                    for way in [(start, one, two, end)]
                    for axis in (0, 1)
                )
            )
    return points


def _inside(point: tuple[float, float], box: Box) -> bool:
    slack = 0.1
    return (
        box.x + slack < point[0] < box.x + box.width - slack
        and box.y + slack < point[1] < box.y + box.height - slack
    )


def _faults(graph: Graph) -> list[str]:
    faults = [
        f"{one} overlaps {other}"
        for (one, a), (other, b) in combinations(graph.nodes.items(), 2)
        if a.x < b.x + b.width
        and b.x < a.x + a.width
        and a.y < b.y + b.height
        and b.y < a.y + a.height
    ]
    for edge in graph.edges:
        for point in _sampled(edge.path):
            faults += [
                f"{edge.source}-{edge.target} crosses {name}"
                for name, box in graph.nodes.items()
                if _inside(point, box)
            ]
            if not (0 <= point[0] <= graph.width and 0 <= point[1] <= graph.height):
                faults.append(f"{edge.source}-{edge.target} leaves the drawing")
    for name, box in graph.nodes.items():
        if box.x < 0 or box.y < 0:
            faults.append(f"{name} leaves the drawing")
        if box.x + box.width > graph.width or box.y + box.height > graph.height:
            faults.append(f"{name} leaves the drawing")
    return faults


def test_layers__are_the_longest_way_to_a_step() -> None:
    assert layers(INFERENCE) == {
        "ResolveModel": 0,
        "ResolveBatch": 0,
        "CheckDrift": 1,
        "IsDrifted": 2,
        "PrepareBatch": 3,
        "CreateModel": 3,
        "EmitDrift": 3,
        "Transform": 4,
        "DataDriftDetected": 4,
        "PublishPredictions": 5,
    }


def test_direct__drops_what_a_longer_way_implies_and_what_is_unknown() -> None:
    assert direct({"c": ["a", "b", "gone"], "b": ["a"], "a": []}) == {
        "a": (),
        "b": ("a",),
        "c": ("b",),
    }


def test_direct__circle__is_cut_where_it_closes() -> None:
    assert direct({"a": ["b"], "b": ["a"], "self": ["self"]}) == {
        "a": (),
        "b": ("a",),
        "self": (),
    }


def test_lay_out__chain__is_a_straight_row() -> None:
    graph = lay_out({"a": [], "b": ["a"], "c": ["b"]}, RIGHT)
    assert graph.nodes == {
        "a": Box(4, 4, 100, 50),
        "b": Box(134, 4, 100, 50),
        "c": Box(264, 4, 100, 50),
    }
    assert [edge.path for edge in graph.edges] == [
        "M104 29C119 29 119 29 134 29",
        "M234 29C249 29 249 29 264 29",
    ]
    assert graph.edges[0].arrow == "M128 26L134 29L128 32Z"
    assert (graph.width, graph.height) == (368, 58)


def test_lay_out__downwards__is_the_same_chain_as_a_column() -> None:
    graph = lay_out({"a": [], "b": ["a"]}, DOWN)
    assert graph.nodes == {"a": Box(4, 4, 100, 50), "b": Box(4, 84, 100, 50)}
    assert graph.edges[0].path == "M54 54C54 69 54 69 54 84"
    assert (graph.width, graph.height) == (108, 138)


def test_lay_out__fork__is_symmetrical() -> None:
    graph = lay_out({"a": [], "b": ["a"], "c": ["a"]}, RIGHT)
    assert graph.nodes == {
        "a": Box(4, 37, 100, 50),
        "b": Box(134, 4, 100, 50),
        "c": Box(134, 70, 100, 50),
    }


def test_lay_out__crossed_definition__is_untangled() -> None:
    graph = lay_out({"a": [], "b": [], "after-b": ["b"], "after-a": ["a"]}, RIGHT)
    assert graph.nodes["after-a"].y == graph.nodes["a"].y
    assert graph.nodes["after-b"].y == graph.nodes["b"].y


@pytest.mark.parametrize("spacing", [RIGHT, DOWN], ids=["right", "down"])
def test_lay_out__inference_pipeline__is_whole_and_free_of_collisions(spacing: Spacing) -> None:
    graph = lay_out(INFERENCE, spacing)
    assert set(graph.nodes) == set(INFERENCE)
    assert _faults(graph) == []


def test_lay_out__long_edge__passes_beside_the_steps_between() -> None:
    graph = lay_out({"a": [], "b": ["a"], "c": ["b"], "d": ["c", "x"], "x": []}, RIGHT)
    assert ("x", "d") in [(edge.source, edge.target) for edge in graph.edges]
    assert _faults(graph) == []


@settings(max_examples=150, deadline=None)
@given(pipelines(), st.sampled_from([RIGHT, DOWN]))
def test_lay_out__any_pipeline__draws_every_direct_edge_and_crosses_no_step(
    depends_on: dict[str, list[str]], spacing: Spacing
) -> None:
    graph = lay_out(depends_on, spacing)
    assert list(sorted(graph.nodes)) == sorted(depends_on)
    drawn = {(edge.source, edge.target) for edge in graph.edges}
    assert drawn == {
        (source, target) for target, needs in direct(depends_on).items() for source in needs
    }
    assert _faults(graph) == []
    assert lay_out(depends_on, spacing) == graph


@given(pipelines())
def test_direct__any_pipeline__keeps_what_can_be_reached(depends_on: dict[str, list[str]]) -> None:
    def ancestors(edges: dict[str, tuple[str, ...]], name: str) -> set[str]:
        return set(edges[name]).union(*(ancestors(edges, need) for need in edges[name]))

    before = {name: tuple(needs) for name, needs in depends_on.items()}
    after = direct(depends_on)
    assert {name: ancestors(after, name) for name in before} == {
        name: ancestors(before, name) for name in before
    }


def test_lay_out__no_step__is_an_empty_drawing() -> None:
    graph = lay_out({}, RIGHT)
    assert (graph.nodes, graph.edges) == ({}, ())


def test_spread__moves_only_what_overlaps_and_shares_the_way() -> None:
    assert spread([0, 0, 100], [10, 10, 10], 2) == [-6, 6, 100]
    assert spread([5], [10], 2) == [5]
    assert spread([], [], 2) == []
