"""Renders the demo's story as one self-contained HTML page.

Reads the templates beside this file and nothing else; writes and calls nothing. The same story
gives the same page. This module decides what is shown and where (with `charts` and `graph`), the
templates how: text reaches the page through Jinja2's autoescape only.
"""

from __future__ import annotations

import json
import math
import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sandbox.demo import charts, formats, graph

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HEADLINE = ("auc", "pr_auc", "log_loss")
LOWER_IS_BETTER = {"log_loss", "brier", "brier_score", "calibration_error", "error_rate"}
CHANGE = re.compile(r"\s*(?:(?P<swap>-/\+|\+/-)|(?P<mark>[+~-])(?![+~-]))")
CHANGES = {"+": "added", "-": "removed", "~": "changed", "-/+": "changed", "+/-": "changed"}
UNIT = charts.Plot(left=44, top=10, width=286, height=250)  # both axes are shares from 0 to 1
BINS = charts.Plot(left=40, top=8, width=292, height=120)
INTERVAL_WIDTH = 88.0
RIGHT = graph.Spacing(width=126, height=66, along=32, across=16)
DOWN = graph.Spacing(width=114, height=66, along=26, across=10, down=True)
WIDE = 1150.0  # pixels; a graph beyond that is printed downwards, to stay readable on paper
LANE = {"label": 78.0, "slot": 36.0, "day": 14.0, "top": 40.0, "height": 46.0, "radius": 12.0}


def render(story: Mapping[str, Any]) -> str:
    """Return the report: HTML that needs no other file, no script and no network.

    Args:
        story: What happened, JSON values in the shape that `evidence.gather` returns.

    Raises:
        jinja2.UndefinedError: The story lacks something that the page tells.
        KeyError: Likewise.
    """
    here = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader([here, here / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=formats.printable,
    )
    words = (formats.duration, formats.figure, formats.moment, formats.share, formats.word)
    environment.filters.update(
        {filter_.__name__: filter_ for filter_ in (*words, formats.tone, formats.metric)}
    )
    environment.globals.update(glyphs=formats.GLYPHS, marker=charts.marker)
    return environment.get_template("report.html.j2").render(view(story))


def view(story: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the templates show, section by section."""
    anchors = {
        str(execution["execution_id"]): f"execution-{number}"
        for number, execution in enumerate(story["executions"], start=1)
    }
    return {
        "story": story,
        "anchors": anchors,
        "stages": _stages(story["stages"]),
        "timeline": _timeline(story),
        "executions": [_execution(execution) for execution in story["executions"]],
        "models": _models(story["models"]),
        "drift": [_drift(check) for check in story["drift"]],
        "predictions": _predictions(story["predictions"]),
        "ledger": [_ledger_entry(entry) for entry in story["ledger"].get("entries", ())],
        "plans": [{**plan, "diff": _diff(plan["text"])} for plan in story["plans"]],
    }


def _stages(stages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    longest = max((stage["seconds"] for stage in stages), default=0) or 1
    return [{**stage, "part": stage["seconds"] / longest} for stage in stages]


def _timeline(story: Mapping[str, Any]) -> dict[str, Any]:
    """Return the events in order, by day, and their places in the lanes of the environments."""
    events = sorted(story["timeline"], key=lambda event: str(formats.utc(event["at"])))
    named = [account["environment"] for account in story["accounts"]]
    acting = [event["environment"] for event in events]
    lanes = [name for name in dict.fromkeys(named + acting) if name in acting]
    days: list[dict[str, Any]] = []
    x = LANE["label"]
    number = 0
    for day, group in groupby(events, key=lambda event: formats.day(event["at"])):
        placed: list[dict[str, Any]] = []
        for event in group:
            number += 1
            y = LANE["top"] + LANE["height"] * (lanes.index(event["environment"]) + 0.5)
            at = x + LANE["slot"] * (len(placed) + 0.5)
            placed.append(
                {**event, "number": number, "x": at, "y": y, "time": formats.clock(event["at"])}
            )
        width = max(LANE["slot"] * len(placed), charts.text_width(day, 11) + 6)
        days.append({"day": day, "x": x, "width": width, "events": placed})
        x += width + LANE["day"]
    flow = [(event["x"], event["y"]) for day in days for event in day["events"]]
    height = LANE["top"] + LANE["height"] * len(lanes)
    return {
        "days": days,
        "lanes": lanes,
        "lane": LANE,
        "width": x,
        "height": height,
        "flow": charts.curve(flow),
    }


def _execution(execution: Mapping[str, Any]) -> dict[str, Any]:
    steps = execution["steps"]
    reasons = [step for step in steps if step["failure_reason"]]
    told = {step["failure_reason"] for step in reasons}
    graphs = [_graph(steps, RIGHT), _graph(steps, DOWN)] if steps else []
    return {
        **execution,
        "reasons": reasons,
        "reason": None if execution["failure_reason"] in told else execution["failure_reason"],
        "done": sum(formats.tone(step["status"]) != "skipped" for step in steps),
        "graphs": graphs,
        "wide": bool(graphs) and graphs[0]["width"] > WIDE,
    }


def _graph(steps: Sequence[Mapping[str, Any]], spacing: graph.Spacing) -> dict[str, Any]:
    laid = graph.lay_out({step["name"]: step["depends_on"] for step in steps}, spacing)
    skipped = {step["name"] for step in steps if formats.tone(step["status"]) == "skipped"}
    room = spacing.width - 20
    # Names are 12 pixels and bold, which is about a tenth wider; the other lines 10.5 and plain.
    limits = [int(room / charts.text_width("n", size)) for size in (13.2, 10.5)]
    return {
        "down": spacing.down,
        "width": laid.width,
        "height": laid.height,
        "edges": [
            {
                "path": edge.path,
                "arrow": edge.arrow,
                "idle": bool({edge.source, edge.target} & skipped),
            }
            for edge in laid.edges
        ],
        "nodes": [
            {
                **step,
                "kind": charts.shorten(step["type"], limits[1]),
                "box": laid.nodes[step["name"]],
                "lines": charts.label_lines(step["name"], limits[0]),
                "state": charts.shorten(_state(step), limits[1]),
            }
            for step in steps
        ],
    }


def _state(step: Mapping[str, Any]) -> str:
    """Return a step's last line in the graph: how it ended, how long it took, what came out."""
    family = formats.tone(step["status"])
    if family == "skipped":
        return "not executed"
    parts = [formats.GLYPHS[family] if family in ("ok", "failed") else formats.word(step["status"])]
    parts += [formats.duration(step["seconds"])] if step["seconds"] is not None else []
    parts += [f"· {step['outcome']}"] if step["outcome"] else []
    return " ".join(parts)


def _models(models: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    versions = [
        {
            **model,
            "series": series,
            "roc": charts.line(UNIT.points(model["roc_curve"]["fpr"], model["roc_curve"]["tpr"])),
            "pr": charts.line(charts.stairs(UNIT.points(*_descending(model["pr_curve"])))),
            "reliability": _reliability(model["calibration"]),
            "at_threshold": (rates := _rates(model["confusion_matrix"])),
            "operating_point": _operating_point(rates),
        }
        for series, model in enumerate(sorted(models, key=lambda model: int(model["version"])))
    ]
    prevalences = {
        round(model["at_threshold"]["prevalence"], 2): None
        for model in versions
        if model["at_threshold"]["prevalence"] is not None
    }
    found = dict.fromkeys(name for model in versions for name in model["metrics"])
    names = sorted(found, key=lambda name: (*HEADLINE, name).index(name))
    return {
        "versions": versions,
        "plot": UNIT,
        "prevalences": list(prevalences),
        "metrics": [_metric(name, versions) for name in names],
    }


def _descending(curve: Mapping[str, Sequence[float]]) -> tuple[list[float], list[float]]:
    """Return recall and precision from the highest recall to the lowest, as scikit-learn does."""
    recall, precision = list(curve["recall"]), list(curve["precision"])
    if recall and recall[0] < recall[-1]:
        return recall[::-1], precision[::-1]
    return recall, precision


def _reliability(bins: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the calibration points; the area of each is in proportion to its rows."""
    ordered = sorted(bins, key=lambda found: float(found["mean_predicted"]))
    most = max((found["count"] for found in ordered), default=0) or 1
    points = UNIT.points(
        [found["mean_predicted"] for found in ordered], [found["observed"] for found in ordered]
    )
    sizes = [1.5 + 5 * math.sqrt(found["count"] / most) for found in ordered]
    dots = [
        {**found, "at": at, "size": size}
        for found, at, size in zip(ordered, points, sizes, strict=True)
    ]
    return {"line": charts.line(points), "dots": dots}


def _rates(matrix: Mapping[str, int]) -> dict[str, float | None]:
    """Return the usual rates of a confusion matrix, fractions; None where nothing was counted."""
    hit, miss = matrix["true_positive"], matrix["false_negative"]
    alarm, rest = matrix["false_positive"], matrix["true_negative"]
    total = hit + miss + alarm + rest

    def ratio(part: int, whole: int) -> float | None:
        return part / whole if whole else None

    return {
        "sensitivity": ratio(hit, hit + miss),
        "specificity": ratio(rest, rest + alarm),
        "precision": ratio(hit, hit + alarm),
        "accuracy": ratio(hit + rest, total),
        "prevalence": ratio(hit + miss, total),
    }


def _operating_point(rates: Mapping[str, float | None]) -> charts.Point | None:
    specificity, sensitivity = rates["specificity"], rates["sensitivity"]
    if specificity is None or sensitivity is None:
        return None
    return UNIT.x(1 - specificity), UNIT.y(sensitivity)


def _metric(name: str, versions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a column of the table of versions: values, intervals and whiskers on one scale."""
    found = [model["metrics"].get(name) for model in versions]
    ends = [
        end
        for metric in found
        if metric
        for end in (metric["low"], metric["value"], metric["high"])
        if end is not None
    ]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    room = (high - low) * 0.06 or 0.5
    scale = charts.Plot(0, 0, INTERVAL_WIDTH, 1, x_high=high - low + 2 * room)
    return {
        "label": formats.metric(name),
        "better": "lower is better" if name in LOWER_IS_BETTER else None,
        "cells": [_whisker(metric, scale, low - room) for metric in found],
    }


def _whisker(
    metric: Mapping[str, float | None] | None, scale: charts.Plot, start: float
) -> dict[str, Any] | None:
    if not metric or metric["value"] is None:
        return None
    places = {
        f"{name}_x": None if (value := metric[name]) is None else scale.x(value - start)
        for name in ("low", "value", "high")
    }
    return {**metric, **places}


def _drift(check: Mapping[str, Any]) -> dict[str, Any]:
    features = sorted(check["features"], key=_excess, reverse=True)
    measured = [
        value
        for feature in features
        for value in (feature["distance"], feature["threshold"])
        if value is not None
    ]
    scale = charts.ticks(max(measured, default=0) * 1.02)
    return {
        **check,
        "scale": scale,
        "drifted": sum(bool(feature["drifted"]) for feature in features),
        "features": [{**feature, "plot": _distribution(feature)} for feature in features],
    }


def _excess(feature: Mapping[str, Any]) -> tuple[bool, float]:
    """Return what features are sorted by: drifted first, then distance in thresholds."""
    distance, threshold = feature["distance"] or 0.0, feature["threshold"]
    return bool(feature["drifted"]), distance / threshold if threshold else distance


def _distribution(feature: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the bars of baseline and batch side by side, bin by bin; None without bins."""
    bins = feature["bins"]
    if not bins:
        return None
    levels = charts.ticks(max(max(found["baseline"], found["batch"]) for found in bins), count=4)
    plot = charts.Plot(BINS.left, BINS.top, BINS.width, BINS.height, y_high=levels[-1])
    pairs = charts.bars(plot, [(found["baseline"], found["batch"]) for found in bins])
    return {
        "plot": plot,
        "levels": levels,
        "bins": [
            {
                **found,
                "baseline_bar": pairs[2 * place],
                "batch_bar": pairs[2 * place + 1],
                "text": text,
            }
            for place, (found, text) in enumerate(
                zip(bins, _bin_labels(feature, plot.width / len(bins)), strict=True)
            )
        ],
    }


def _bin_labels(feature: Mapping[str, Any], slot: float) -> list[str]:
    """Return the labels under the bars: cut to fit for categories, every few for ranges."""
    labels = [str(found["label"]) for found in feature["bins"]]
    if feature["type"] == "categorical":
        labels = [
            charts.shorten(label, max(3, int(slot / charts.text_width("n", 10))))
            for label in labels
        ]
    widest = max(charts.text_width(label, 10) for label in labels) + 4
    every = math.ceil(widest / slot)
    return [label if place % every == 0 else "" for place, label in enumerate(labels)]


def _predictions(predictions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sample as columns and rows; empty when nothing was predicted."""
    sample: Sequence[Mapping[str, Any]] = predictions.get("sample") or []
    columns = list(dict.fromkeys(name for row in sample for name in row))
    rows = [[_cell(row.get(name)) for name in columns] for row in sample]
    numeric = [all(_is_number(row[place]) for row in rows) for place in range(len(columns))]
    return {"columns": columns, "rows": rows, "numeric": numeric}


def _ledger_entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry with its subject in a few words, and its actor by his name."""
    version = entry["model_package_arn"].rsplit("/", 1)[-1]
    return {
        **entry,
        "about": entry["pipeline"] or f"version {version}",
        "who": entry["actor"].rsplit(":", 1)[-1].removeprefix("assumed-role/"),
    }


def _cell(value: Any) -> Any:
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return value in (None, "")
    return True


def _diff(text: str) -> dict[str, Any]:
    """Return a plan's lines with what each does, and how many do so."""
    lines = [
        {"text": line, "change": _change(line)} for line in formats.printable(text).splitlines()
    ]
    kinds: Iterable[str] = ("added", "changed", "removed")
    return {
        "lines": lines,
        "counts": {kind: sum(line["change"] == kind for line in lines) for kind in kinds},
    }


def _change(line: str) -> str:
    found = CHANGE.match(line)
    return CHANGES[found["swap"] or found["mark"]] if found else "same"
