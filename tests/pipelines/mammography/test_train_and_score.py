"""The use case from data to predictions, by its own steps: quality of the model, drift caught.

XGBoost is run directly with the pipeline's hyperparameters, as the image's algorithm mode does:
label in column 0, no header, empty field = missing. SageMaker's part is in the sandbox's tests.
"""

from __future__ import annotations

import csv
import json
import shutil
import tarfile
from typing import TYPE_CHECKING

import numpy as np
import pytest
import xgboost
from sklearn.metrics import roc_auc_score

from pipelines.mammography import data, settings, stand_in
from pipelines.mammography.steps import (
    evaluate,
    prepare_batch,
    preprocess,
    publish_predictions,
)
from pipelines.mammography.steps.data_quality import command as data_quality

if TYPE_CHECKING:
    from pathlib import Path

FEATURES = ",".join(settings.FEATURES)


def matrix(path: Path, first_line: int = 0) -> np.ndarray:
    lines = path.read_text().split()[first_line:]
    return np.array([[float(field or "nan") for field in line.split(",")] for line in lines])


def train(prepared: Path, parts: tuple[str, ...], out: Path) -> Path:
    """Runs preprocess, training, baseline and evaluate; returns the folder of their outputs."""
    for part in parts:
        (out / "in").mkdir(parents=True, exist_ok=True)
        shutil.copy(prepared / "training" / part, out / "in" / part)
    folders = ("train", "validation", "test", "features", "rejected", "dataset")
    argv = [part for name in folders for part in (f"--{name}-dir", str(out / name))]
    argv += ["--input-dir", str(out / "in"), "--features", FEATURES, "--label", settings.LABEL]
    argv += ["--seed", settings.SEED, "--test-fraction", settings.TEST_FRACTION]
    argv += ["--validation-fraction", settings.VALIDATION_FRACTION]
    argv += ["--maximum-rejected-fraction", settings.MAXIMUM_REJECTED_FRACTION]
    assert preprocess.main(argv) == 0
    train_model(out)
    options = ["--input-dir", str(out / "features"), "--output-dir", str(out / "baseline")]
    options += ["--categorical", ",".join(settings.CATEGORICAL)]
    assert data_quality.main(["baseline", *options]) == 0
    argv = ["--model-dir", str(out / "model"), "--test-dir", str(out / "test")]
    argv += ["--output-dir", str(out / "evaluation"), "--features", FEATURES]
    argv += ["--label", settings.LABEL, "--threshold", "0.5", "--seed", settings.SEED]
    argv += ["--bootstrap-replicates", settings.BOOTSTRAP_REPLICATES]
    assert evaluate.main(argv) == 0
    return out


def train_model(out: Path) -> None:
    table = matrix(out / "train/train.csv")
    parameters = dict(settings.HYPERPARAMETERS)
    rounds = int(parameters.pop("num_round"))
    booster = xgboost.train(parameters, xgboost.DMatrix(table[:, 1:], table[:, 0]), rounds)
    (out / "model").mkdir()
    (out / "xgboost-model").write_bytes(bytes(booster.save_raw("ubj")))
    with tarfile.open(out / "model/model.tar.gz", "w:gz") as archive:
        archive.add(out / "xgboost-model", "xgboost-model")


@pytest.fixture(scope="module")
def trained(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the outputs of a training on both parts of the real data."""
    return train(prepared, ("part-1.csv", "part-2.csv"), tmp_path_factory.mktemp("both"))


@pytest.fixture(scope="module")
def trained_on_part_1(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the outputs of a training on the first part of the real data."""
    return train(prepared, ("part-1.csv",), tmp_path_factory.mktemp("part-1"))


def metrics_of(out: Path) -> dict[str, dict[str, float]]:
    found = json.loads((out / "evaluation/evaluation.json").read_text())
    return found["binary_classification_metrics"]


@pytest.mark.parametrize("outputs", ["trained", "trained_on_part_1"])
def test_evaluate__model_of_the_real_data__reaches_the_required_auc(outputs, request):
    out = request.getfixturevalue(outputs)
    test = matrix(out / "test/test.csv", first_line=1)
    scores = evaluate.predict(evaluate.load_model(out / "model"), test[:, 1:])
    auc = metrics_of(out)["auc"]
    assert auc["value"] >= 0.85
    assert auc["value"] == pytest.approx(roc_auc_score(test[:, 0], scores), abs=1e-12)
    assert auc["low"] < auc["value"] < auc["high"]


def test_preprocess__real_data__rejects_nothing_and_keeps_bi_rads_55(trained):
    record = json.loads((trained / "dataset/dataset.json").read_text())
    assert (record["rows"], record["rejected_rows"], record["positive_rows"]) == (769, 0, 364)
    kept = [
        row
        for name in ("train/train.csv", "validation/validation.csv", "test/test.csv")
        for row in (trained / name).read_text().split()
        if row.split(",")[1] == "55"
    ]
    assert len(kept) == 1


def check(trained: Path, batch: Path, out: Path) -> dict[str, object]:
    (out / "batch").mkdir(parents=True)
    shutil.copy(batch, out / "batch/batch.csv")
    argv = ["check", "--input-dir", str(out / "batch"), "--output-dir", str(out / "report")]
    argv += ["--statistics-dir", str(trained / "baseline")]
    argv += ["--constraints-dir", str(trained / "baseline"), "--ignore", settings.ID]
    assert data_quality.main(argv) == 0
    return json.loads((out / "report/check.json").read_text())


@pytest.mark.parametrize("outputs", ["trained", "trained_on_part_1"])
@pytest.mark.parametrize(
    ("batch", "summary"),
    [
        ("clean-1", "no violation"),
        ("clean-2", "no violation"),
        ("clean-3", "no violation"),
        ("clean-4", "no violation"),
        ("drifted-age", "age: baseline_drift_check"),
        ("drifted-category", "shape: categorical_values_check; shape: baseline_drift_check"),
        ("drifted-missing-column", "margin: missing_column_check"),
        ("drifted-missing-values", "margin: completeness_check; density: completeness_check"),
    ],
)
def test_check__batches_of_the_real_data__finds_the_planted_drifts_only(
    tmp_path, request, outputs, batch, summary
):
    trained = request.getfixturevalue(outputs)
    prepared = request.getfixturevalue("prepared")
    found = check(trained, prepared / f"batches/{batch}.csv", tmp_path)
    assert found["summary"] == summary
    assert found["drifted"] == ("false" if batch.startswith("clean") else "true")


def test_inference__clean_batch__predicts_held_back_labels(prepared, trained, tmp_path):
    (tmp_path / "in").mkdir()
    shutil.copy(prepared / "batches/clean-1.csv", tmp_path / "in/batch.csv")
    argv = ["--input-dir", str(tmp_path / "in"), "--batch-dir", str(tmp_path / "batch")]
    argv += ["--rejected-dir", str(tmp_path / "rejected"), "--id", settings.ID]
    argv += ["--features", FEATURES, "--maximum-rejected-fraction", "0"]
    assert prepare_batch.main(argv) == 0
    rows = [line.split(",") for line in (tmp_path / "batch/batch.csv").read_text().split()]
    features = np.array([[float(field or "nan") for field in row[1:]] for row in rows])
    scores = evaluate.predict(evaluate.load_model(trained / "model"), features)
    (tmp_path / "scores").mkdir()
    lines = [f"{row[0]},{score}\n" for row, score in zip(rows, scores, strict=True)]
    (tmp_path / "scores/batch.csv.out").write_text("".join(lines))
    argv = ["--batch-dir", str(tmp_path / "batch"), "--scores-dir", str(tmp_path / "scores")]
    argv += ["--output-dir", str(tmp_path / "out"), "--threshold", "0.5"]
    argv += ["--model-version", "1", "--model-package-arn", "arn", "--execution-id", "e1"]
    assert publish_predictions.main(argv) == 0
    with (tmp_path / "out/predictions.csv").open() as stream:
        predicted = {row["id"]: float(row["score"]) for row in csv.DictReader(stream)}
    with (prepared / "labels/clean-1.csv").open() as stream:
        labels = {row["id"]: int(row["severity"]) for row in csv.DictReader(stream)}
    assert list(predicted) == list(labels)
    # 48 rows: a standard error of about 0.05 around an AUC near 0.9.
    assert roc_auc_score(list(labels.values()), list(predicted.values())) >= 0.8


def test_evaluate__stand_in_data__passes_the_gate_too(tmp_path):
    data.write(data.Source("generated", stand_in.generate(data.SEED)), tmp_path / "prepared")
    for name, parts in {"one": ("part-1.csv",), "two": ("part-1.csv", "part-2.csv")}.items():
        out = train(tmp_path / "prepared", parts, tmp_path / name)
        assert metrics_of(out)["auc"]["value"] >= 0.85
        for number in range(1, data.CLEAN_BATCHES + 1):
            batch = tmp_path / f"prepared/batches/clean-{number}.csv"
            found = check(out, batch, tmp_path / name / f"check-{number}")
            assert found["summary"] == "no violation"
