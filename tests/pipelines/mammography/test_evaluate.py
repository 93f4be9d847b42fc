"""steps/evaluate.py: metrics against scikit-learn and hand-made cases, intervals, bad input."""

from __future__ import annotations

import io
import json
import logging
import tarfile
from typing import TYPE_CHECKING

import numpy as np
import pytest
import xgboost
from sklearn import calibration, metrics

from pipelines.mammography.steps import evaluate

if TYPE_CHECKING:
    from pathlib import Path

FEATURES = "bi_rads,age"
HEADER = ["severity", "bi_rads", "age"]


@pytest.fixture
def scored() -> tuple[np.ndarray, np.ndarray]:
    """Returns 200 labels and scores with many ties."""
    random = np.random.RandomState(3)
    y = (random.rand(200) < 0.4).astype(float)
    return y, np.clip(np.round(0.5 * y + 0.25 + random.normal(0, 0.3, 200), 1), 0.01, 0.99)


def archive(folder: Path, member: str, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(str(folder / "model.tar.gz"), "w:gz") as tar:
        info = tarfile.TarInfo(member)
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    return folder


@pytest.fixture
def model_dir(tmp_path: Path) -> Path:
    """Returns a folder with a small model of two features, trained with missing values."""
    random = np.random.RandomState(1)
    features = random.rand(100, 2)
    features[::7, 1] = np.nan
    label = (features[:, 0] > 0.5).astype(float)
    booster = xgboost.train(
        {"objective": "binary:logistic", "max_depth": 2}, xgboost.DMatrix(features, label), 5
    )
    return archive(tmp_path / "model", "xgboost-model", bytes(booster.save_raw("ubj")))


def run(model_dir: Path, test_dir: Path, out: Path) -> int:
    return evaluate.main(
        [
            *("--model-dir", str(model_dir), "--test-dir", str(test_dir)),
            *("--output-dir", str(out), "--features", FEATURES, "--label", "severity"),
            *("--threshold", "0.5", "--bootstrap-replicates", "50", "--seed", "1"),
        ]
    )


def test_measure__tied_scores__equals_scikit_learn(scored):
    y, p = scored
    found = evaluate.measure(evaluate.ScoredRows(y, p), 0.5, 10, 1)
    expected = {
        "auc": metrics.roc_auc_score(y, p),
        "pr_auc": metrics.average_precision_score(y, p),
        "log_loss": metrics.log_loss(y, p),
        "brier": metrics.brier_score_loss(y, p),
        "accuracy": metrics.accuracy_score(y, p >= 0.5),
        "recall": metrics.recall_score(y, p >= 0.5),
        "specificity": metrics.recall_score(y, p >= 0.5, pos_label=0),
    }
    # The same sums in another order: only rounding differs.
    assert {name: part["value"] for name, part in found.items()} == pytest.approx(
        expected, rel=1e-12
    )


def test_metrics__row_weights__equal_scikit_learns_sample_weights(scored):
    y, p = scored
    weights = np.random.RandomState(9).randint(0, 4, len(y)).astype(float)
    rows = evaluate.ScoredRows(y, p)
    found = [m(rows, weights[None, :])[0] for m in (evaluate.auc, evaluate.pr_auc)]
    assert found == pytest.approx(
        [
            metrics.roc_auc_score(y, p, sample_weight=weights),
            metrics.average_precision_score(y, p, sample_weight=weights),
        ],
        rel=1e-12,
    )


def test_auc__every_pair_counted_by_hand__is_the_share_of_right_pairs():
    y, p = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.4, 0.4, 0.8])
    # Pairs (benign, malignant): three ranked right, one tie that counts one half.
    assert evaluate.auc(evaluate.ScoredRows(y, p), np.ones((1, 4)))[0] == 3.5 / 4


def test_curves__tied_scores__equal_scikit_learn(scored):
    y, p = scored
    found = evaluate.curves(evaluate.ScoredRows(y, p))
    fpr, tpr, _ = metrics.roc_curve(y, p, drop_intermediate=False)
    precision, recall, _ = metrics.precision_recall_curve(y, p)
    assert found["roc_curve"]["fpr"] == pytest.approx(fpr.tolist())
    assert found["roc_curve"]["tpr"] == pytest.approx(tpr.tolist())
    # scikit-learn lists the points ascending and appends (recall 0, precision 1).
    assert found["pr_curve"]["precision"] == pytest.approx(precision[:-1][::-1].tolist())
    assert found["pr_curve"]["recall"] == pytest.approx(recall[:-1][::-1].tolist())


def test_calibration__ten_bins__equals_scikit_learn(scored):
    y, p = scored
    p = np.clip(p + 0.05, 0, 0.99)  # off the bins' edges, whose side is a convention
    observed, mean = calibration.calibration_curve(y, p, n_bins=10)
    found = evaluate.calibration(y, p)
    assert [row["observed"] for row in found] == pytest.approx(observed.tolist())
    assert [row["mean_predicted"] for row in found] == pytest.approx(mean.tolist())
    assert sum(row["count"] for row in found) == len(y)


def test_confusion_matrix__score_at_the_threshold__counts_as_malignant():
    y, p = np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.5, 0.5, 0.2, 0.1])
    assert evaluate.confusion_matrix(y, p, 0.5) == {
        "true_positive": 1,
        "false_positive": 1,
        "false_negative": 1,
        "true_negative": 1,
    }


def test_bootstrap_weights__any_replicate__keeps_the_number_of_each_label(scored):
    y, _ = scored
    weights = evaluate.bootstrap_weights(y, 20, 1)
    assert weights[:, y == 1].sum(axis=1).tolist() == [float(np.sum(y == 1))] * 20
    assert weights[:, y == 0].sum(axis=1).tolist() == [float(np.sum(y == 0))] * 20
    assert np.array_equal(weights, evaluate.bootstrap_weights(y, 20, 1))
    assert not np.array_equal(weights, evaluate.bootstrap_weights(y, 20, 2))


def test_measure__interval_of_auc__agrees_with_the_formula_of_hanley_and_mcneil():
    random = np.random.RandomState(11)
    y = np.repeat([0.0, 1.0], 150)
    p = 1 / (1 + np.exp(-(random.normal(0, 1, 300) + 1.5 * y)))
    found = evaluate.measure(evaluate.ScoredRows(y, p), 0.5, 2000, 1)["auc"]
    a = found["value"]
    q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
    variance = (a * (1 - a) + 149 * (q1 - a * a) + 149 * (q2 - a * a)) / 150**2
    # Hanley & McNeil (1982) assume exponential scores; agreement to a fifth is expected.
    assert (found["high"] - found["low"]) / 2 == pytest.approx(1.96 * variance**0.5, rel=0.2)
    assert found["low"] < a < found["high"]


def test_main__model_and_test_rows__writes_the_whole_evaluation(write, model_dir, tmp_path):
    rows = [["1", "0.9", ""], ["0", "0.1", "0.5"], ["1", "0.7", "0.2"], ["0", "0.3", ""]]
    assert run(model_dir, write("test/test.csv", [HEADER, *rows]), tmp_path / "out") == 0
    found = json.loads((tmp_path / "out/evaluation.json").read_text())
    assert sorted(found) == [
        "binary_classification_metrics",
        "bootstrap_replicates",
        "calibration",
        "confidence",
        "confusion_matrix",
        "n_test",
        "pr_curve",
        "roc_curve",
        "threshold",
    ]
    assert found["binary_classification_metrics"]["auc"] == {"value": 1, "low": 1, "high": 1}
    assert found["confusion_matrix"] == {
        "true_positive": 2,
        "false_positive": 0,
        "false_negative": 0,
        "true_negative": 2,
    }
    assert (found["n_test"], found["threshold"], found["confidence"]) == (4, 0.5, 0.95)


def test_main__run_twice__writes_the_same_bytes(write, model_dir, tmp_path):
    folder = write("test/test.csv", [HEADER, ["1", "0.9", ""], ["0", "0.1", "0.5"]])
    for name in ("one", "two"):
        assert run(model_dir, folder, tmp_path / name) == 0
    first, second = ((tmp_path / n / "evaluation.json").read_bytes() for n in ("one", "two"))
    assert first == second


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param(
            [["severity", "age"], ["1", "0.1"]],
            "test.csv: wrong header severity,age; expected severity,bi_rads,age",
            id="missing column",
        ),
        pytest.param([], "test.csv: wrong header ; expected severity", id="empty file"),
        pytest.param([HEADER], "test.csv: 0 rows whose labels are not both 0 and 1", id="no rows"),
        pytest.param(
            [HEADER, ["1", "0.1", "0.2"]],
            "test.csv: 1 rows whose labels are not both 0 and 1",
            id="one label",
        ),
        pytest.param(
            [HEADER, ["1", "a", "0.2"], ["0", "0.1", "0.2"]],
            "test.csv: a row is short, long or not numeric",
            id="not numeric",
        ),
        pytest.param(
            [HEADER, ["1", "0.2"], ["0", "0.1", "0.2"]],
            "test.csv: a row is short, long or not numeric",
            id="short row",
        ),
    ],
)
def test_main__unusable_test_rows__fails_with_one_line_and_writes_nothing(
    write, model_dir, caplog, rows, message
):
    folder = write("test/test.csv", rows)
    with caplog.at_level(logging.ERROR):
        assert run(model_dir, folder, folder.parent / "out") == 1
    assert [record.message[: len(message)] for record in caplog.records] == [message]
    assert not (folder.parent / "out").exists()


def test_main__no_test_file__names_it(model_dir, tmp_path, caplog):
    assert run(model_dir, tmp_path / "test", tmp_path / "out") == 1
    assert f"{tmp_path / 'test/test.csv'}: not a readable CSV file" in caplog.text


@pytest.mark.parametrize(
    ("member", "content", "message"),
    [
        ("other", b"", "no readable archive with xgboost-model"),
        ("xgboost-model", b"{}", "not an XGBoost model"),
    ],
)
def test_main__unusable_model__fails_with_one_line(write, caplog, member, content, message):
    folder = write("test/test.csv", [HEADER, ["1", "0.9", ""], ["0", "0.1", "0.5"]])
    with caplog.at_level(logging.ERROR):
        assert (
            run(archive(folder.parent / "model", member, content), folder, folder.parent / "out")
            == 1
        )
    assert len(caplog.records) == 1
    assert message in caplog.records[0].message
    assert "\n" not in caplog.records[0].message


def test_main__no_model__names_the_archive(write, tmp_path, caplog):
    folder = write("test/test.csv", [HEADER, ["1", "0.9", ""], ["0", "0.1", "0.5"]])
    assert run(tmp_path / "model", folder, tmp_path / "out") == 1
    assert f"{tmp_path / 'model/model.tar.gz'}: no readable archive" in caplog.text


def test_predict__other_number_of_features__says_so(model_dir):
    booster = evaluate.load_model(model_dir)
    with pytest.raises(evaluate.BadInputError, match="the model does not fit the test rows"):
        evaluate.predict(booster, np.zeros((2, 3)))
