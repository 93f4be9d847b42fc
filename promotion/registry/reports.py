"""Reads the reports of the train pipeline: evaluation.json and comparison.json.

Pure; standard library only. Whoever may train can write what he likes there, so that nothing is
taken for granted: what has not the form gives None.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from promotion.registry.checks.facts import Comparison, Interval

# Reports are for people; one that is longer was not written by a step of ours.
LARGEST_BYTES = 4_194_304


def document(content: bytes | None) -> Mapping[str, Any] | None:
    """Return the object that a report holds, or None when it holds none."""
    if content is None or len(content) > LARGEST_BYTES:
        return None
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def metrics_of(evaluation: Mapping[str, Any] | None) -> dict[str, Interval] | None:
    """Return the metrics of an evaluation by name; None when it has none."""
    if evaluation is None:
        return None
    return _intervals(evaluation.get("binary_classification_metrics")) or None


def comparison_of(report: Mapping[str, Any] | None) -> Comparison | None:
    """Return the comparison that a report tells of; None when it tells of none."""
    if report is None:
        return None
    champion, arn = report.get("champion"), report.get("champion_model_package_arn")
    rows, confidence = report.get("rows"), report.get("confidence")
    if not isinstance(rows, int) or not isinstance(confidence, int | float):
        return None
    return Comparison(
        champion_arn=arn if isinstance(arn, str) and champion else "",
        reason=str(report.get("reason") or ""),
        rows=rows,
        confidence=float(confidence),
        candidate=_intervals(report.get("candidate")),
        champion=_intervals(champion),
        difference=_intervals(report.get("difference")),
    )


def _intervals(found: object) -> dict[str, Interval]:
    if not isinstance(found, dict):
        return {}
    read = {str(name): _interval(each) for name, each in found.items()}
    return {name: interval for name, interval in read.items() if interval is not None}


def _interval(found: object) -> Interval | None:
    if not isinstance(found, dict):
        return None
    ends = [_number(found.get(each.name)) for each in fields(Interval)]
    return None if any(map(math.isnan, ends)) else Interval(*ends)


def _number(found: object) -> float:
    """Return a finite number, or NaN for whatever is none."""
    if isinstance(found, int | float) and math.isfinite(found):
        return float(found)
    return math.nan
