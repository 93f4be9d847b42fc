"""Processing step: describes training features (`baseline`), compares a batch (`check`).

File formats are those of SageMaker Model Monitor, so code made for them reads ours
(docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-violations.html and
.../model-monitor-byoc-{statistics,constraints}.html). Calls no service.

- `baseline` reads the CSV files of `--input-dir`; writes statistics.json, constraints.json.
- `check` reads a batch and a baseline; writes statistics.json (of the batch),
  constraint_violations.json and check.json (the verdict, for conditions and reports).

Distances and sketches are those of distributions.py.

Thresholds, chosen so that a batch of about 48 undrifted rows raises a false alarm in fewer
than 1 % of cases (measured: 0.2 %; the use case's README has the figures and the command that
repeats them):

- NUMERIC_THRESHOLD 0.05 on top of the Robust correction. The correction alone is the
  Kolmogorov-Smirnov critical value at 2 * exp(-2 * 1.8**2) = 0.3 % a feature.
- CATEGORICAL_THRESHOLD 0.30: with 48 rows a share near one half has a standard error of 0.072,
  so this is four of them.
- COMPLETENESS_TOLERANCE 0.15 below the baseline's completeness: nearly four standard errors,
  in 48 rows, of the feature that misses most (8 %).
- DOMAIN_THRESHOLD 0.90, TYPE_THRESHOLD 0.90: a stray new code or typing error among 48 rows is
  the rejection report's business, not drift; five of them are drift.

Runs in the SageMaker XGBoost 1.7-1 image: Python 3.8, numpy 1.19.
"""

from __future__ import annotations

import argparse
import csv
import json
import logging
import sys
from pathlib import Path
from typing import NamedTuple, Sequence

from distributions import (
    MISSING,
    NUMERIC_TYPES,
    Column,
    Json,
    categorical_distance,
    inferred_type,
    kll_sketch,
    number,
    numbers,
    numeric_distance,
    shares,
    statistics_of,
    type_of,
)

LOG = logging.getLogger("data_quality")
NUMERIC_THRESHOLD = 0.05
CATEGORICAL_THRESHOLD = 0.30
COMPLETENESS_TOLERANCE = 0.15
DOMAIN_THRESHOLD = 0.90
TYPE_THRESHOLD = 0.90


class BadInputError(Exception):
    """The input cannot be used; the message says what, where and what to do."""


class Violation(NamedTuple):
    """One entry of constraint_violations.json."""

    feature_name: str
    constraint_check_type: str
    description: str


# --- Reading ---------------------------------------------------------------------------------


def read_columns(directory: Path, ignored: Sequence[str]) -> list[Column]:
    """Reads the columns of all CSV files of a folder; all must have the same header.

    Rows with too many or too few fields are skipped here (with a warning): the step that
    prepares the rows for the model reports and limits them.

    Raises:
        BadInputError: No file, no header, differing or repeated columns, or no rows.
    """
    files = sorted(directory.glob("*.csv"))
    if not files:
        raise BadInputError(f"{directory}: no *.csv file; check the URI of the step's input")
    header: list[str] = []
    rows: list[list[str]] = []
    for path in files:
        names, lines = _read_file(path)
        if header and names != header:
            raise BadInputError(f"{path.name}: its header differs from that of {files[0].name}")
        header = names
        rows += lines
    if not rows:
        raise BadInputError(f"{files[0].name}: no rows below the header")
    columns = []
    for index, name in enumerate(header):
        if name not in ignored:
            fields = [row[index].strip() for row in rows]
            present = [field for field in fields if field not in MISSING]
            columns.append(Column(name, present, len(fields) - len(present)))
    return columns


def _read_file(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = list(filter(None, csv.reader(stream)))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInputError(f"{path.name}: not a UTF-8 CSV file ({error})") from error
    if not lines:
        raise BadInputError(f"{path.name}: the file is empty; expected a header row")
    header = [name.strip() for name in lines[0]]
    if len(set(header)) != len(header):
        raise BadInputError(f"{path.name}: a column appears twice: {','.join(header)[:200]}")
    if any(name in MISSING or number(name) is not None for name in header):
        raise BadInputError(f"{path.name}: the first row is not a header: {','.join(header)[:200]}")
    rows = [line for line in lines[1:] if len(line) == len(header)]
    if len(rows) < len(lines) - 1:
        LOG.warning("%s: %d malformed rows skipped", path.name, len(lines) - 1 - len(rows))
    return header, rows


def read_json(directory: Path, name: str) -> Json:
    """Returns the parsed file.

    Raises:
        BadInputError: It is missing, not JSON, or lacks the list of features.
    """
    path = directory / name
    try:
        content: Json = json.loads(path.read_text(encoding="utf-8"))
        content["features"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInputError(f"{path}: not a Model Monitor {name} ({error!r})") from error
    return content


# --- Baseline --------------------------------------------------------------------------------


def constraints_of(columns: Sequence[Column], types: dict[str, str]) -> Json:
    """Returns constraints.json with the thresholds of the module's docstring."""
    features = []
    for column in columns:
        kind = types[column.name]
        feature: Json = {
            "name": column.name,
            "inferred_type": kind,
            "completeness": round(max(0.0, column.completeness - COMPLETENESS_TOLERANCE), 6),
        }
        if kind in NUMERIC_TYPES:
            lowest = numbers(column)[0]
            feature["num_constraints"] = {"is_non_negative": bool(lowest >= 0)}
        elif kind == "String":
            feature["string_constraints"] = {"domains": list(shares(column))}
        features.append(feature)
    comparison = {
        "perform_comparison": "Enabled",
        "comparison_threshold": NUMERIC_THRESHOLD,
        "comparison_method": "Robust",
        "categorical_comparison_threshold": CATEGORICAL_THRESHOLD,
        "categorical_drift_method": "LInfinity",
    }
    monitoring = {
        "evaluate_constraints": "Enabled",
        "emit_metrics": "Enabled",
        "datatype_check_threshold": TYPE_THRESHOLD,
        "domain_content_threshold": DOMAIN_THRESHOLD,
        "distribution_constraints": comparison,
    }
    return {"version": 0.0, "features": features, "monitoring_config": monitoring}


# --- Check -----------------------------------------------------------------------------------


def check_columns(expected: Sequence[str], found: Sequence[str]) -> list[Violation]:
    """Returns violations for columns that are missing or unknown."""
    missing = [
        Violation(name, "missing_column_check", "There are missing columns in current dataset.")
        for name in expected
        if name not in found
    ]
    extra = [
        Violation(name, "extra_column_check", "There are extra columns in current dataset.")
        for name in found
        if name not in expected
    ]
    return missing + extra


def check_feature(
    column: Column, constraint: Json, baseline: Json, config: Json
) -> tuple[list[Violation], Json]:
    """Compares one column with its constraint and its baseline statistics.

    Returns:
        Violations, and the measured figures for check.json.
    """
    violations: list[Violation] = []

    def violated(check: str, text: str) -> None:
        violations.append(Violation(column.name, check, text))

    kind = constraint["inferred_type"]
    required = constraint.get("completeness", 0.0)
    measured: Json = {"completeness": column.completeness, "required_completeness": required}
    if column.completeness < required:
        text = f"Data completeness: {column.completeness:.4f}; required: {required:.4f}"
        violated("completeness_check", text)
    if not column.present or kind == "Unknown":
        return violations, measured
    matching = sum(_is_of_type(text, kind) for text in column.present) / len(column.present)
    if matching < config["datatype_check_threshold"]:
        text = f"Data type match: {matching:.4f} of the values are {kind}"
        violated("data_type_check", f"{text}; required: {config['datatype_check_threshold']:g}")
    comparison = config["distribution_constraints"]
    if kind in NUMERIC_TYPES:
        sketch = baseline["numerical_statistics"]["distribution"]["kll"]["sketch"]["data"]
        plain, robust = numeric_distance(sketch, kll_sketch(numbers(column)))
        distance = robust if comparison["comparison_method"] == "Robust" else plain
        threshold = comparison["comparison_threshold"]
        measured["simple_distance"] = plain
    else:
        counts = shares(column)
        domain = constraint["string_constraints"]["domains"]
        known = sum(counts.get(value, 0) for value in domain) / len(column.present)
        if known < config["domain_content_threshold"]:
            new = ", ".join(value for value in counts if value not in domain)[:200]
            text = f"Values in the baseline's domain: {known:.4f}; new: {new}; required: "
            violated("categorical_values_check", f"{text}{config['domain_content_threshold']:g}")
        buckets = baseline["string_statistics"]["distribution"]["categorical"]["buckets"]
        distance = categorical_distance({b["value"]: b["count"] for b in buckets}, counts)
        threshold = comparison["categorical_comparison_threshold"]
    measured.update({"distance": distance, "threshold": threshold})
    if comparison["perform_comparison"] == "Enabled" and distance > threshold:
        text = f"Baseline drift distance: {distance:.4f} exceeds threshold: {threshold:g}"
        violated("baseline_drift_check", text)
    return violations, measured


def _is_of_type(text: str, kind: str) -> bool:
    return kind in ("String", type_of(text)) or (kind, type_of(text)) == ("Fractional", "Integral")


def check(
    columns: Sequence[Column], statistics: Json, constraints: Json
) -> tuple[list[Violation], Json]:
    """Compares a batch with a baseline.

    Returns:
        Violations, and each feature's measured figures by name.

    Raises:
        BadInputError: The baseline's files do not fit each other.
    """
    by_name = {column.name: column for column in columns}
    baselines = {feature["name"]: feature for feature in statistics["features"]}
    expected = [feature["name"] for feature in constraints["features"]]
    violations = check_columns(expected, list(by_name))
    measured: Json = {}
    for constraint in constraints["features"]:
        name = constraint["name"]
        if name not in by_name:
            continue
        try:
            found, measured[name] = check_feature(
                by_name[name], constraint, baselines[name], constraints["monitoring_config"]
            )
        except (KeyError, TypeError) as error:
            raise BadInputError(f"baseline of {name}: incomplete ({error!r})") from error
        violations += found
    return violations, measured


def verdict(violations: Sequence[Violation], measured: Json, rows: int) -> Json:
    """Returns check.json; `drifted` is text so that a pipeline condition can compare it."""
    parts = [
        f"{violation.feature_name}: {violation.constraint_check_type}" for violation in violations
    ]
    return {
        "drifted": "true" if violations else "false",
        "violations": len(violations),
        "summary": "; ".join(parts)[:1000] or "no violation",
        "rows": rows,
        "features": measured,
    }


# --- Commands --------------------------------------------------------------------------------


def write_json(directory: Path, name: str, content: Json) -> None:
    """Writes one JSON file, creating the folder."""
    directory.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=2, allow_nan=False) + "\n"
    (directory / name).write_text(text, encoding="utf-8")


def run_baseline(args: argparse.Namespace) -> None:
    """Describes the features and derives the constraints."""
    columns = read_columns(args.input_dir, args.ignore)
    unknown = sorted(set(args.categorical) - {column.name for column in columns})
    if unknown:
        raise BadInputError(f"missing column(s) {', '.join(unknown)} named by --categorical")
    types = {c.name: inferred_type(c, c.name in args.categorical) for c in columns}
    write_json(args.output_dir, "statistics.json", statistics_of(columns, types))
    write_json(args.output_dir, "constraints.json", constraints_of(columns, types))
    LOG.info("baseline of %d rows, %d features", columns[0].rows, len(columns))


def run_check(args: argparse.Namespace) -> None:
    """Compares the batch with the baseline; drift is a result, not an error."""
    columns = read_columns(args.input_dir, args.ignore)
    constraints = read_json(args.constraints_dir, "constraints.json")
    statistics = read_json(args.statistics_dir, "statistics.json")
    violations, measured = check(columns, statistics, constraints)
    declared = {feature["name"]: feature["inferred_type"] for feature in constraints["features"]}
    types = {c.name: inferred_type(c, declared.get(c.name) == "String") for c in columns}
    result = verdict(violations, measured, columns[0].rows if columns else 0)
    write_json(args.output_dir, "statistics.json", statistics_of(columns, types))
    entries = [violation._asdict() for violation in violations]
    write_json(args.output_dir, "constraint_violations.json", {"violations": entries})
    write_json(args.output_dir, "check.json", result)
    LOG.info("drifted: %s (%s)", result["drifted"], result["summary"])


def parse_arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Parses the command line; every path and column comes from it."""

    def names(text: str) -> list[str]:
        return [name for name in text.split(",") if name]

    parser = argparse.ArgumentParser(description="Describe features or check a batch.")
    commands = parser.add_subparsers(dest="command", required=True)
    baseline = commands.add_parser("baseline", help="write statistics.json and constraints.json")
    baseline.add_argument("--categorical", type=names, default=[], help="columns of codes")
    baseline.set_defaults(run=run_baseline)
    compare = commands.add_parser("check", help="compare a batch with a baseline")
    compare.add_argument("--statistics-dir", type=Path, required=True)
    compare.add_argument("--constraints-dir", type=Path, required=True)
    compare.set_defaults(run=run_check)
    for command in (baseline, compare):
        command.add_argument("--input-dir", type=Path, required=True)
        command.add_argument("--output-dir", type=Path, required=True)
        command.add_argument("--ignore", type=names, default=[], help="columns to leave out")
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    """Runs the step; returns 0, or 1 with one line on stderr when the input is bad."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    args = parse_arguments(argv)
    try:
        args.run(args)
    except BadInputError as error:
        LOG.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
