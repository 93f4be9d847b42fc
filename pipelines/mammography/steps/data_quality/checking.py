"""Compares a batch with a baseline: the six checks of Model Monitor. Pure.

docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-violations.html
"""

from __future__ import annotations

from typing import Iterator, Mapping, NamedTuple, Sequence

from . import distances
from .errors import BadInputError
from .feature import NUMERIC_TYPES, Feature, Json
from .model_monitor import categories_of, merged, sketch_of

SHOWN = 200
CHECKS = (
    "data_type_check",
    "completeness_check",
    "baseline_drift_check",
    "missing_column_check",
    "extra_column_check",
    "categorical_values_check",
)


class Violation(NamedTuple):
    """One entry of constraint_violations.json."""

    feature_name: str
    constraint_check_type: str
    description: str


class Checked(NamedTuple):
    """Outcome of a comparison.

    Attributes:
        violations: In the baseline's order of features.
        measured: Figures by feature, for check.json.
        compared: Whether there were rows enough to compare values.
    """

    violations: list[Violation]
    measured: dict[str, Json]
    compared: bool


def check(
    features: Sequence[Feature], statistics: Json, constraints: Json, minimum_rows: int = 1
) -> Checked:
    """Compares a batch with a baseline.

    Args:
        features: The batch's columns.
        statistics: statistics.json of the baseline.
        constraints: constraints.json of the baseline.
        minimum_rows: With fewer rows only the columns' names are compared.

    Raises:
        BadInputError: The baseline's files do not fit each other.
    """
    by_name = {feature.name: feature for feature in features}
    baselines = {feature["name"]: feature for feature in statistics["features"]}
    expected = [feature["name"] for feature in constraints["features"]]
    violations = list(_check_columns(expected, list(by_name)))
    measured: dict[str, Json] = {}
    rows = features[0].rows if features else 0
    compared = rows >= minimum_rows
    for constraint in constraints["features"]:
        name = constraint["name"]
        if name not in by_name or not compared:
            continue
        try:
            config = merged(
                constraints["monitoring_config"], constraint.get("monitoringConfigOverrides", {})
            )
            measured[name] = measure(by_name[name], constraint, baselines[name], config)
            violations += _violations(by_name[name], constraint, config, measured[name])
        except (KeyError, TypeError) as error:
            raise BadInputError(f"baseline of {name}: incomplete ({error!r})") from error
    return Checked(violations, measured, compared)


def _check_columns(expected: Sequence[str], found: Sequence[str]) -> Iterator[Violation]:
    for name in expected:
        if name not in found:
            text = "There are missing columns in current dataset."
            yield Violation(name, "missing_column_check", text)
    for name in found:
        if name not in expected:
            text = "There are extra columns in current dataset."
            yield Violation(name, "extra_column_check", text)


def measure(feature: Feature, constraint: Json, baseline: Json, config: Json) -> Json:
    """Returns every figure of one feature, whatever method decides.

    `distance` and `threshold` are those that decide; they are missing where nothing is compared.
    """
    kind = constraint["inferred_type"]
    measured: Json = {
        "completeness": feature.completeness,
        "required_completeness": constraint.get("completeness", 0.0),
    }
    if not feature.present or kind == "Unknown":
        return measured
    comparison = config["distribution_constraints"]
    if kind in NUMERIC_TYPES:
        measured["type_match"] = _type_match(feature, kind)
        measured.update(_numeric(feature, baseline, comparison))
    elif "string_constraints" in constraint:
        domain = constraint["string_constraints"]["domains"]
        known = sum(feature.categories.get(value, 0) for value in domain)
        measured["domain_match"] = known / feature.present
        measured.update(_categorical(feature.categories, categories_of(baseline), comparison))
    return measured


def _type_match(feature: Feature, kind: str) -> float:
    matching = feature.integers if kind == "Integral" else feature.numbers
    return matching / feature.present


def _numeric(feature: Feature, baseline: Json, comparison: Json) -> Json:
    sketch = sketch_of(baseline)
    plain = distances.simple(sketch, feature.sketch)
    corrected = distances.robust(plain, distances.size(sketch), distances.size(feature.sketch))
    return {
        "simple_distance": plain,
        "robust_distance": corrected,
        "distance": corrected if comparison["comparison_method"] == "Robust" else plain,
        "threshold": comparison["comparison_threshold"],
    }


def _categorical(batch: Mapping[str, int], baseline: Mapping[str, int], comparison: Json) -> Json:
    largest, tested = (
        distances.l_infinity(baseline, batch),
        distances.chi_squared(baseline, batch),
    )
    chosen = comparison["categorical_drift_method"]
    return {
        "l_infinity_distance": largest,
        "chi_squared_distance": tested,
        "distance": tested if chosen == "ChiSquared" else largest,
        "threshold": comparison["categorical_comparison_threshold"],
    }


def _violations(
    feature: Feature, constraint: Json, config: Json, measured: Json
) -> Iterator[Violation]:
    name = feature.name
    if config["evaluate_constraints"] == "Enabled":
        have, need = measured["completeness"], measured["required_completeness"]
        if have < need:
            text = f"Data completeness: {have:.4f}; required: {need:.4f}"
            yield Violation(name, "completeness_check", text)
        need = config["datatype_check_threshold"]
        if measured.get("type_match", 1.0) < need:
            kind = constraint["inferred_type"]
            text = f"Data type match: {measured['type_match']:.4f} of the values are {kind}"
            yield Violation(name, "data_type_check", f"{text}; required: {need:g}")
        need = config["domain_content_threshold"]
        if measured.get("domain_match", 1.0) < need:
            domain = set(constraint["string_constraints"]["domains"])
            new = ", ".join(value for value in feature.categories if value not in domain)[:SHOWN]
            text = f"Values in the baseline's domain: {measured['domain_match']:.4f}; new: {new}"
            yield Violation(name, "categorical_values_check", f"{text}; required: {need:g}")
    comparison = config["distribution_constraints"]
    if comparison["perform_comparison"] == "Enabled" and "distance" in measured:
        distance, threshold = measured["distance"], measured["threshold"]
        if distance > threshold:
            text = f"Baseline drift distance: {distance:.4f} exceeds threshold: {threshold:g}"
            yield Violation(name, "baseline_drift_check", text)
