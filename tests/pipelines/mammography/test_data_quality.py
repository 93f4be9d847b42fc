"""steps/data_quality: baseline, the six kinds of violation, verdict, thresholds and bad input."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest

from pipelines.mammography.steps.data_quality import command

if TYPE_CHECKING:
    from pathlib import Path

HEADER = ["age", "shape"]
ROWS = [[str(30 + index % 40), str(1 + index % 4)] for index in range(100)]


def baseline(input_dir: Path, out: Path, *more: str, categorical: str = "shape") -> int:
    options = ["--input-dir", str(input_dir), "--output-dir", str(out)]
    return command.main(["baseline", *options, "--categorical", categorical, *more])


def check(batch_dir: Path, baseline_dir: Path, out: Path, *more: str) -> int:
    return command.main(
        [
            "check",
            *("--input-dir", str(batch_dir), "--output-dir", str(out), "--ignore", "id"),
            *("--statistics-dir", str(baseline_dir), "--constraints-dir", str(baseline_dir)),
            *more,
        ]
    )


@pytest.fixture
def baseline_dir(write, tmp_path) -> Path:
    """Returns the folder of the baseline of ROWS."""
    assert baseline(write("features/features.csv", [HEADER, *ROWS]), tmp_path / "baseline") == 0
    return tmp_path / "baseline"


def test_baseline__numbers_and_codes__writes_constraints_in_model_monitors_form(baseline_dir):
    assert json.loads((baseline_dir / "constraints.json").read_text()) == {
        "version": 0.0,
        "features": [
            {
                "name": "age",
                "inferred_type": "Integral",
                "completeness": 0.85,
                "num_constraints": {"is_non_negative": True},
            },
            {
                "name": "shape",
                "inferred_type": "String",
                "completeness": 0.85,
                "string_constraints": {"domains": ["1", "2", "3", "4"]},
            },
        ],
        "monitoring_config": {
            "evaluate_constraints": "Enabled",
            "emit_metrics": "Enabled",
            "datatype_check_threshold": 0.9,
            "domain_content_threshold": 0.9,
            "distribution_constraints": {
                "perform_comparison": "Enabled",
                "comparison_threshold": 0.05,
                "comparison_method": "Robust",
                "categorical_comparison_threshold": 0.3,
                "categorical_drift_method": "LInfinity",
            },
        },
    }


def test_baseline__run_twice__writes_the_same_bytes(write, baseline_dir, tmp_path):
    baseline(write("features/features.csv", [HEADER, *ROWS]), tmp_path / "again")
    for name in ("statistics.json", "constraints.json"):
        assert (tmp_path / "again" / name).read_bytes() == (baseline_dir / name).read_bytes()


def test_check__the_training_rows_themselves__finds_nothing(write, baseline_dir, tmp_path):
    batch = [["id", *HEADER], *([str(i), *row] for i, row in enumerate(ROWS))]
    assert check(write("batch/batch.csv", batch), baseline_dir, tmp_path / "out") == 0
    assert json.loads((tmp_path / "out/constraint_violations.json").read_text()) == {
        "violations": []
    }
    assert json.loads((tmp_path / "out/check.json").read_text()) == {
        "drifted": "false",
        "severity": "none",
        "violations": 0,
        "summary": "no violation",
        "worst_features": "none",
        "rows": 100,
        "features": {
            "age": {
                "completeness": 1.0,
                "required_completeness": 0.85,
                "type_match": 1.0,
                "simple_distance": 0.0,
                "robust_distance": 0.0,
                "distance": 0.0,
                "threshold": 0.05,
            },
            "shape": {
                "completeness": 1.0,
                "required_completeness": 0.85,
                "domain_match": 1.0,
                "l_infinity_distance": 0.0,
                "chi_squared_distance": 0.0,
                "distance": 0.0,
                "threshold": 0.3,
            },
        },
    }
    statistics = json.loads((tmp_path / "out/statistics.json").read_text())
    assert statistics == json.loads((baseline_dir / "statistics.json").read_text())


def test_check__fewer_rows_than_the_minimum__compares_columns_only_and_warns(
    write, baseline_dir, tmp_path
):
    folder = write("batch/batch.csv", [HEADER, ["90", "9"]])
    assert check(folder, baseline_dir, tmp_path / "out") == 0
    assert json.loads((tmp_path / "out/check.json").read_text()) == {
        "drifted": "false",
        "severity": "warn",
        "violations": 0,
        "summary": "only 1 row(s), values are compared from 35 on",
        "worst_features": "none",
        "rows": 1,
        "features": {},
    }
    without = write("other/batch.csv", [["age"], ["90"]])
    assert check(without, baseline_dir, tmp_path / "out") == 0
    found = json.loads((tmp_path / "out/check.json").read_text())
    assert (found["severity"], found["worst_features"]) == ("retrain", "shape (missing column)")


def test_check__one_row_that_is_to_be_compared__drifts_in_its_codes(write, baseline_dir, tmp_path):
    # The share of the row's own code is 1: too far from the baseline's, whatever the code.
    folder = write("batch/batch.csv", [HEADER, ["55", "9"]])
    assert check(folder, baseline_dir, tmp_path / "out", "--minimum-rows", "1") == 0
    verdict = json.loads((tmp_path / "out/check.json").read_text())
    assert (verdict["severity"], verdict["summary"]) == (
        "retrain",
        "shape: categorical_values_check; shape: baseline_drift_check",
    )


def changed(change) -> list[list[str]]:
    return [HEADER, *(change(index, age, shape) for index, (age, shape) in enumerate(ROWS))]


@pytest.mark.parametrize(
    ("batch", "violations"),
    [
        pytest.param(
            [[row[0]] for row in [HEADER, *ROWS]],
            [("shape", "missing_column_check", "There are missing columns in current dataset.")],
            id="missing column",
        ),
        pytest.param(
            [[*HEADER, "site"], *([*row, "x"] for row in ROWS)],
            [("site", "extra_column_check", "There are extra columns in current dataset.")],
            id="extra column",
        ),
        pytest.param(
            changed(lambda i, age, shape: ["?" if i % 5 == 0 else age, shape]),
            [("age", "completeness_check", "Data completeness: 0.8000; required: 0.8500")],
            id="missing values",
        ),
        pytest.param(
            changed(lambda i, age, shape: ["old" if i % 8 == 1 else age, shape]),
            [
                (
                    "age",
                    "data_type_check",
                    "Data type match: 0.8700 of the values are Integral; required: 0.9",
                )
            ],
            id="type",
        ),
        pytest.param(
            changed(lambda i, age, shape: [str(int(age) + 25), shape]),
            [
                (
                    "age",
                    "baseline_drift_check",
                    "Baseline drift distance: 0.4454 exceeds threshold: 0.05",
                )
            ],
            id="shifted numbers",
        ),
        pytest.param(
            changed(lambda i, age, shape: [age, "1" if shape == "2" else shape]),
            [],
            id="moved codes below the threshold",
        ),
        pytest.param(
            changed(lambda i, age, shape: [age, "1" if shape in "23" else shape]),
            [
                (
                    "shape",
                    "baseline_drift_check",
                    "Baseline drift distance: 0.5000 exceeds threshold: 0.3",
                )
            ],
            id="moved codes",
        ),
        pytest.param(
            changed(lambda i, age, shape: [age, "9" if i % 8 == 1 else shape]),
            [
                (
                    "shape",
                    "categorical_values_check",
                    "Values in the baseline's domain: 0.8700; new: 9; required: 0.9",
                )
            ],
            id="new code",
        ),
        pytest.param(
            changed(lambda i, age, shape: ["", shape]),
            [("age", "completeness_check", "Data completeness: 0.0000; required: 0.8500")],
            id="nothing but missing values",
        ),
    ],
)
def test_check__drifted_batch__reports_exactly_that(
    write, baseline_dir, tmp_path, batch, violations
):
    assert check(write("batch/batch.csv", batch), baseline_dir, tmp_path / "out") == 0
    found = json.loads((tmp_path / "out/constraint_violations.json").read_text())
    keys = ("feature_name", "constraint_check_type", "description")
    assert found == {"violations": [dict(zip(keys, v, strict=True)) for v in violations]}
    verdict = json.loads((tmp_path / "out/check.json").read_text())
    severe = [v for v in violations if v[1] != "extra_column_check"]
    assert verdict["drifted"] == ("true" if severe else "false")
    assert verdict["severity"] == ("retrain" if severe else "warn" if violations else "none")
    assert verdict["violations"] == len(violations)
    summary = "; ".join(f"{name}: {kind}" for name, kind, _ in violations)
    assert verdict["summary"] == (summary or "no violation")


def test_check__simple_comparison__does_not_correct_for_sample_size(write, baseline_dir, tmp_path):
    constraints = json.loads((baseline_dir / "constraints.json").read_text())
    comparison = constraints["monitoring_config"]["distribution_constraints"]
    comparison["comparison_method"] = "Simple"
    (baseline_dir / "constraints.json").write_text(json.dumps(constraints))
    batch = changed(lambda i, age, shape: [str(int(age) + 4), shape])
    assert check(write("batch/batch.csv", batch), baseline_dir, tmp_path / "out") == 0
    found = json.loads((tmp_path / "out/check.json").read_text())
    assert found["features"]["age"]["distance"] == found["features"]["age"]["simple_distance"]
    assert found["summary"] == "age: baseline_drift_check"


def test_check__rows_of_another_length__leaves_them_to_the_preparing_step(
    write, baseline_dir, tmp_path, caplog
):
    folder = write("batch/batch.csv", [HEADER, *ROWS, ["1"], ["1", "2", "3"]])
    assert check(folder, baseline_dir, tmp_path / "out") == 0
    assert "batch.csv: 2 malformed rows skipped" in caplog.text
    assert json.loads((tmp_path / "out/check.json").read_text())["rows"] == 100


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param([], "batch.csv: the file is empty", id="empty file"),
        pytest.param([HEADER], "batch.csv: no rows: the batch is empty", id="no rows"),
        pytest.param(ROWS, "batch.csv: the first row is not a header: 30,1", id="no header"),
        pytest.param([["age", "age"], ["1", "1"]], "batch.csv: a column appears twice", id="twice"),
    ],
)
def test_check__unusable_batch__fails_with_one_line_and_writes_nothing(
    write, baseline_dir, caplog, rows, message
):
    folder = write("batch/batch.csv", rows)
    caplog.clear()
    with caplog.at_level(logging.ERROR):
        assert check(folder, baseline_dir, folder.parent / "out") == 1
    assert [record.message[: len(message)] for record in caplog.records] == [message]
    assert not (folder.parent / "out").exists()


def test_check__no_batch__names_the_folder(baseline_dir, tmp_path, caplog):
    assert check(tmp_path / "batch", baseline_dir, tmp_path / "out") == 1
    assert f"{tmp_path / 'batch'}: no *.csv, *.csv.gz or *.parquet file" in caplog.text


def test_check__batch_that_is_not_utf8__names_the_file(baseline_dir, tmp_path, caplog):
    (tmp_path / "batch").mkdir()
    (tmp_path / "batch/batch.csv").write_bytes(b"age,shape\n\xff,1\n")
    assert check(tmp_path / "batch", baseline_dir, tmp_path / "out") == 1
    assert "batch.csv: not a UTF-8 CSV file" in caplog.text


def test_check__files_with_other_headers__says_which(write, baseline_dir, tmp_path, caplog):
    write("batch/a.csv", [HEADER, *ROWS])
    folder = write("batch/b.csv", [["age", "form"], *ROWS])
    assert check(folder, baseline_dir, tmp_path / "out") == 1
    assert "b.csv: its header differs from that of a.csv" in caplog.text


@pytest.mark.parametrize("content", ["", "[]", "{}"])
def test_check__unusable_baseline__names_the_file(write, baseline_dir, tmp_path, caplog, content):
    (baseline_dir / "statistics.json").write_text(content)
    folder = write("batch/batch.csv", [HEADER, *ROWS])
    assert check(folder, baseline_dir, tmp_path / "out") == 1
    assert f"{baseline_dir / 'statistics.json'}: not a Model Monitor statistics.json" in caplog.text


def test_check__statistics_without_a_feature__names_the_feature(
    write, baseline_dir, tmp_path, caplog
):
    (baseline_dir / "statistics.json").write_text('{"features": []}')
    folder = write("batch/batch.csv", [HEADER, *ROWS])
    assert check(folder, baseline_dir, tmp_path / "out") == 1
    assert "baseline of age: incomplete (KeyError('age'))" in caplog.text


def test_baseline__categorical_column_that_is_not_there__names_it(write, tmp_path, caplog):
    folder = write("features/features.csv", [HEADER, *ROWS])
    assert baseline(folder, tmp_path / "out", categorical="shape,margin") == 1
    assert "missing column(s) margin named by --categorical" in caplog.text
    assert not (tmp_path / "out").exists()


def test_baseline__feature_without_any_value__is_unknown_and_never_drifts(write, tmp_path):
    rows = [[row[0], ""] for row in ROWS]
    baseline(write("features/features.csv", [HEADER, *rows]), tmp_path / "baseline")
    constraint = json.loads((tmp_path / "baseline/constraints.json").read_text())["features"][1]
    assert constraint == {"name": "shape", "inferred_type": "Unknown", "completeness": 0.0}
    batch = write("batch/batch.csv", [HEADER, *ROWS])
    assert check(batch, tmp_path / "baseline", tmp_path / "out") == 0
    assert json.loads((tmp_path / "out/check.json").read_text())["drifted"] == "false"


@pytest.mark.parametrize(
    ("settings", "drifted"),
    [
        pytest.param([], True, id="default"),
        pytest.param(["comparison_threshold=0.9"], False, id="for all"),
        pytest.param(["age:comparison_threshold=0.9"], False, id="for one"),
        pytest.param(["shape:comparison_threshold=0.9"], True, id="for another"),
        pytest.param(["age:perform_comparison=Disabled"], False, id="not compared"),
    ],
)
def test_check__thresholds_of_the_baseline__decide(write, tmp_path, settings, drifted):
    options = [part for setting in settings for part in ("--set", setting)]
    folder = write("features/features.csv", [HEADER, *ROWS])
    assert baseline(folder, tmp_path / "baseline", *options) == 0
    batch = write("batch/batch.csv", changed(lambda i, age, shape: [str(int(age) + 25), shape]))
    assert check(batch, tmp_path / "baseline", tmp_path / "out") == 0
    verdict = json.loads((tmp_path / "out/check.json").read_text())
    assert verdict["drifted"] == ("true" if drifted else "false")


def test_baseline__threshold_of_one_feature__is_an_override_in_model_monitors_form(write, tmp_path):
    folder = write("features/features.csv", [HEADER, *ROWS])
    options = ["--set", "shape:categorical_drift_method=ChiSquared"]
    options += ["--set", "shape:categorical_comparison_threshold=0.999"]
    assert baseline(folder, tmp_path / "baseline", *options) == 0
    constraints = json.loads((tmp_path / "baseline/constraints.json").read_text())
    assert [f.get("monitoringConfigOverrides") for f in constraints["features"]] == [
        None,
        {
            "distribution_constraints": {
                "categorical_drift_method": "ChiSquared",
                "categorical_comparison_threshold": 0.999,
            }
        },
    ]
    # 60 of 100 against a quarter each: p is far below one in a thousand.
    rows = changed(lambda i, age, shape: [age, "1" if i % 2 and shape == "2" else shape])
    assert check(write("batch/batch.csv", rows), tmp_path / "baseline", tmp_path / "out") == 0
    found = json.loads((tmp_path / "out/check.json").read_text())
    assert found["worst_features"] == "shape (distance 1.00 over 0.999)"
    assert found["features"]["shape"]["distance"] > 0.999


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("threshold=1", "unknown key 'threshold'; there are evaluate_constraints"),
        ("comparison_threshold=much", "'much' is not a number"),
        ("comparison_method=Best", "must be Simple or Robust"),
        ("size:comparison_threshold=1", "missing column(s) size named by --categorical or --set"),
    ],
)
def test_baseline__setting_that_does_not_exist__is_refused(
    write, tmp_path, caplog, setting, message
):
    folder = write("features/features.csv", [HEADER, *ROWS])
    assert baseline(folder, tmp_path / "baseline", "--set", setting) == 1
    assert message in caplog.text
    assert not (tmp_path / "baseline").exists()


@pytest.mark.parametrize(
    ("warn", "severity"),
    [
        ("", "retrain"),
        ("baseline_drift_check", "warn"),
        ("baseline_drift_check:age", "warn"),
        ("baseline_drift_check:shape", "retrain"),
    ],
)
def test_check__violation_that_only_warns__is_no_drift(
    write, baseline_dir, tmp_path, warn, severity
):
    batch = write("batch/batch.csv", changed(lambda i, age, shape: [str(int(age) + 25), shape]))
    assert check(batch, baseline_dir, tmp_path / "out", "--warn", warn) == 0
    found = json.loads((tmp_path / "out/check.json").read_text())
    assert (found["severity"], found["drifted"]) == (
        severity,
        "true" if severity == "retrain" else "false",
    )
    assert (found["violations"], found["worst_features"]) == (1, "age (distance 0.45 over 0.05)")


def test_check__warning_of_a_check_that_does_not_exist__is_refused(
    write, baseline_dir, tmp_path, caplog
):
    folder = write("batch/batch.csv", [HEADER, *ROWS])
    assert check(folder, baseline_dir, tmp_path / "out", "--warn", "drift_check:age") == 1
    assert "--warn: unknown check(s) drift_check; there are data_type_check" in caplog.text
