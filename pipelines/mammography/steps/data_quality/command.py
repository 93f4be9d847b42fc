"""The command line: `baseline` and `check`. Every path and column comes from it."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import Sequence

from . import model_monitor
from .checking import check
from .errors import BadInputError
from .feature import NUMERIC_TYPES, Json
from .reading import open_table
from .sharing import describe_in_processes, processes_for
from .verdict import verdict, warnings_of

LOG = logging.getLogger("data_quality")
MINIMUM_ROWS = 35
"""From here on undrifted batches raise false alarms in fewer than 1 % of cases."""
WARN = "extra_column_check"
TOP_LEVEL = {
    "evaluate_constraints": str,
    "emit_metrics": str,
    "datatype_check_threshold": float,
    "domain_content_threshold": float,
}
COMPARISON = {
    "perform_comparison": str,
    "comparison_threshold": float,
    "comparison_method": str,
    "categorical_comparison_threshold": float,
    "categorical_drift_method": str,
}
WORDS = {
    "evaluate_constraints": ("Enabled", "Disabled"),
    "emit_metrics": ("Enabled", "Disabled"),
    "perform_comparison": ("Enabled", "Disabled"),
    "comparison_method": ("Simple", "Robust"),
    "categorical_drift_method": ("LInfinity", "ChiSquared"),
}


def names_of(text: str) -> list[str]:
    """Parses names that stand between commas."""
    return [name for name in text.split(",") if name]


def overrides_of(settings: Sequence[str]) -> dict[str, Json]:
    """Parses `[FEATURE:]KEY=VALUE`, KEY one of Model Monitor's monitoring configuration.

    Returns:
        Parts of the configuration by feature; under "" those for all.

    Raises:
        BadInputError: The key is unknown, or the value does not fit it.
    """
    overrides: dict[str, Json] = {}
    for setting in settings:
        path, _, text = setting.partition("=")
        feature, _, key = path.rpartition(":")
        kind = {**TOP_LEVEL, **COMPARISON}.get(key)
        if kind is None:
            known = ", ".join([*TOP_LEVEL, *COMPARISON])
            raise BadInputError(f"--set {setting}: unknown key {key!r}; there are {known}")
        try:
            value = kind(text)
        except ValueError:
            raise BadInputError(f"--set {setting}: {text!r} is not a number") from None
        if key in WORDS and value not in WORDS[key]:
            raise BadInputError(f"--set {setting}: must be {' or '.join(WORDS[key])}")
        target = overrides.setdefault(feature, {})
        if key in COMPARISON:
            target = target.setdefault("distribution_constraints", {})
        target[key] = value
    return overrides


def run_baseline(args: argparse.Namespace) -> None:
    """Describes the features and derives the constraints."""
    overrides = overrides_of(args.set)
    with open_table(args.input_dir, args.ignore, args.columns) as table:
        named = {*args.categorical, *filter(None, overrides)}
        unknown = sorted(named - set(table.numeric))
        if unknown:
            raise BadInputError(
                f"missing column(s) {', '.join(unknown)} named by --categorical or --set"
            )
        features = describe_in_processes(table, processes_for(table), args.categorical)
    constraints = model_monitor.constraints_of(features, overrides)
    model_monitor.write(args.output_dir, "statistics.json", model_monitor.statistics_of(features))
    model_monitor.write(args.output_dir, "constraints.json", constraints)
    LOG.info("baseline of %d rows, %d features", features[0].rows, len(features))


def run_check(args: argparse.Namespace) -> None:
    """Compares the batch with the baseline; drift is a result, not an error."""
    warn = warnings_of(args.warn)
    constraints = model_monitor.read(args.constraints_dir, "constraints.json")
    statistics = model_monitor.read(args.statistics_dir, "statistics.json")
    kinds = {feature["name"]: feature["inferred_type"] for feature in constraints["features"]}
    with open_table(args.input_dir, args.ignore, args.columns) as table:
        features = describe_in_processes(
            table,
            processes_for(table),
            categorical=[name for name, kind in kinds.items() if kind == "String"],
            numeric=[name for name, kind in kinds.items() if kind in NUMERIC_TYPES],
        )
    checked = check(features, statistics, constraints, args.minimum_rows)
    rows = features[0].rows if features else 0
    result = verdict(checked, warn, rows, args.minimum_rows)
    violations = {"violations": [violation._asdict() for violation in checked.violations]}
    out = args.output_dir
    model_monitor.write(out, "statistics.json", model_monitor.statistics_of(features))
    model_monitor.write(out, "constraint_violations.json", violations)
    model_monitor.write(out, "check.json", result)
    LOG.info("drifted: %s (%s)", result["drifted"], result["summary"])


def parse_arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Parses the command line."""
    parser = argparse.ArgumentParser(
        prog="data_quality", description="Describe features or check a batch."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    baseline = commands.add_parser("baseline", help="write statistics.json and constraints.json")
    baseline.add_argument("--categorical", type=names_of, default=[], help="columns of codes")
    baseline.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="[FEATURE:]KEY=VALUE",
        help="a threshold or method of constraints.json, for all features or for one",
    )
    baseline.set_defaults(run=run_baseline)
    compare = commands.add_parser("check", help="compare a batch with a baseline")
    compare.add_argument("--statistics-dir", type=Path, required=True)
    compare.add_argument("--constraints-dir", type=Path, required=True)
    compare.add_argument(
        "--minimum-rows", type=int, default=MINIMUM_ROWS, help="fewer: only columns are compared"
    )
    compare.add_argument(
        "--warn",
        default=WARN,
        metavar="CHECK[:FEATURE],...",
        help="violations that warn people and are no drift",
    )
    compare.set_defaults(run=run_check)
    for command in (baseline, compare):
        command.add_argument("--input-dir", type=Path, required=True)
        command.add_argument("--output-dir", type=Path, required=True)
        command.add_argument("--ignore", type=names_of, default=[], help="columns left out")
        command.add_argument(
            "--columns", type=names_of, default=[], help="of CSV files that have no header"
        )
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    """Runs the step; returns 0, or 1 with one line on stderr when the input is bad."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        args = parse_arguments(argv)
        args.run(args)
    except BadInputError as error:
        LOG.error("%s", error)
        return 1
    return 0
