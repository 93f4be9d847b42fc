"""Processing step: measures a trained model on the test rows.

Reads `model.tar.gz` (the XGBoost algorithm mode's `xgboost-model`) from `--model-dir` and
`test.csv` (label and features with a header) from `--test-dir`; writes `evaluation.json` to
`--output-dir`. Calls no service.

Metrics are computed on probabilities, never on thresholded labels, except those that say so.
Intervals: 95 % percentile bootstrap over the test rows, resampled within each label so that
every replicate has both (Efron & Tibshirani 1993, ch. 13; the stratified form is the default of
pROC, Robin et al. 2011, doi 10.1186/1471-2105-12-77). Each replicate is a vector of row
weights, so one weighted formula serves the point estimate and all replicates.
`numpy.random.RandomState` is used because its stream is frozen for good (NEP 19).

Runs in the SageMaker XGBoost 1.7-1 image: Python 3.8, numpy 1.19, xgboost 1.7.
"""

from __future__ import annotations

import argparse
import csv
import json
import logging
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Sequence

import numpy as np

if TYPE_CHECKING:  # numpy.typing is younger than the image's numpy
    import xgboost
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LOG = logging.getLogger("evaluate")
MODEL_MEMBER = "xgboost-model"
CONFIDENCE = 0.95
CALIBRATION_BINS = 10
LOG_LOSS_CLIP = 1e-15


class BadInputError(Exception):
    """The input cannot be used; the message says what, where and what to do."""


def load_model(directory: Path) -> xgboost.Booster:
    """Loads the booster out of the folder's model.tar.gz without unpacking it to disk.

    Raises:
        BadInputError: The archive is missing, unreadable or holds no XGBoost model.
    """
    import xgboost  # noqa: PLC0415, RUF100 - slow to import; the metrics need no XGBoost

    path = directory / "model.tar.gz"
    try:
        with tarfile.open(str(path)) as archive:
            member = archive.extractfile(MODEL_MEMBER)
            content = member.read() if member else b""
    except (OSError, tarfile.TarError, KeyError) as error:
        raise BadInputError(f"{path}: no readable archive with {MODEL_MEMBER} ({error})") from error
    booster = xgboost.Booster()
    try:
        booster.load_model(bytearray(content))
    except xgboost.core.XGBoostError as error:
        first_line = str(error).strip().splitlines()[0]
        raise BadInputError(f"{path}: not an XGBoost model ({first_line})") from error
    return booster


def read_test(path: Path, features: Sequence[str], label: str) -> tuple[Floats, Floats]:
    """Reads the test rows.

    Returns:
        y: (n,) 0.0 or 1.0; X: (n, n_features), NaN where a value is missing.

    Raises:
        BadInputError: File missing, header or fields not as expected, or a label absent.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream)
            header = next(reader, [])
            lines = list(filter(None, reader))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInputError(f"{path}: not a readable CSV file ({error})") from error
    expected = [label, *features]
    if header != expected:
        raise BadInputError(
            f"{path.name}: wrong header {','.join(header)[:200]}; expected {','.join(expected)}"
        )
    try:
        table = np.array([[float(field or "nan") for field in line] for line in lines])
        table = table.reshape(len(lines), len(expected))
    except ValueError as error:
        raise BadInputError(
            f"{path.name}: a row is short, long or not numeric ({error})"
        ) from error
    if set(table[:, 0]) != {0.0, 1.0}:
        raise BadInputError(
            f"{path.name}: {len(table)} rows whose labels are not both 0 and 1; "
            "the metrics need both classes"
        )
    return table[:, 0], table[:, 1:]


def predict(booster: xgboost.Booster, features: Floats) -> Floats:
    """Returns the model's probability of label 1 for each row.

    Raises:
        BadInputError: The model was trained on another number of features.
    """
    import xgboost  # noqa: PLC0415, RUF100

    # XGBoost itself takes fewer columns than it was trained on, and predicts nonsense.
    if booster.num_features() != features.shape[1]:
        raise BadInputError(
            f"the model does not fit the test rows: it was trained on {booster.num_features()} "
            f"features, the rows have {features.shape[1]}"
        )
    try:
        scores = booster.predict(xgboost.DMatrix(features, missing=np.nan))
    except (ValueError, xgboost.core.XGBoostError) as error:
        first_line = str(error).strip().splitlines()[-1]
        raise BadInputError(f"the model does not fit the test rows: {first_line}") from error
    return np.asarray(scores, dtype=np.float64)


class ScoredRows:
    """Rows grouped by equal score, so that ranking metrics become sums over groups.

    Attributes:
        thresholds: (g,) the distinct scores, descending.
    """

    def __init__(self, y: Floats, scores: Floats) -> None:
        """Groups the rows.

        Args:
            y: (n,) 0.0 or 1.0.
            scores: (n,) probabilities.
        """
        self.y = y
        self.scores = scores
        negated, self._group = np.unique(-scores, return_inverse=True)
        self._group = self._group.reshape(-1)
        self.thresholds: Floats = -negated

    def cumulated(self, weights: Floats, label: int) -> Floats:
        """Returns the weight of a label's rows scored at least each threshold: (b, g)."""
        chosen = np.where(self.y == label, weights, 0.0)
        order = np.argsort(self._group, kind="stable")
        starts = np.searchsorted(self._group[order], np.arange(len(self.thresholds)))
        return np.cumsum(np.add.reduceat(chosen[:, order], starts, axis=1), axis=1)


Metric = Callable[[ScoredRows, "Floats"], "Floats"]
"""A function of rows and (b, n) weights that returns (b,) values."""


def auc(rows: ScoredRows, weights: Floats) -> Floats:
    """Area under the ROC curve by the trapezoid rule: ties count one half."""
    tpr = _from_zero(rows.cumulated(weights, 1))
    fpr = _from_zero(rows.cumulated(weights, 0))
    tpr, fpr = tpr / tpr[:, -1:], fpr / fpr[:, -1:]
    area: Floats = np.sum(np.diff(fpr, axis=1) * (tpr[:, 1:] + tpr[:, :-1]) / 2, axis=1)
    return area


def pr_auc(rows: ScoredRows, weights: Floats) -> Floats:
    """Average precision: sum of precision times gain in recall (no interpolation)."""
    positives = rows.cumulated(weights, 1)
    predicted = positives + rows.cumulated(weights, 0)
    precision = positives / np.maximum(predicted, np.finfo(float).tiny)
    gain = np.diff(_from_zero(positives), axis=1) / positives[:, -1:]
    average: Floats = np.sum(gain * precision, axis=1)
    return average


def log_loss(rows: ScoredRows, weights: Floats) -> Floats:
    """Mean negative log-likelihood in nats; probabilities clipped 1e-15 away from 0 and 1."""
    p = np.clip(rows.scores, LOG_LOSS_CLIP, 1 - LOG_LOSS_CLIP)
    return _mean(-np.where(rows.y == 1, np.log(p), np.log1p(-p)), weights)


def brier(rows: ScoredRows, weights: Floats) -> Floats:
    """Mean squared difference of probability and outcome."""
    return _mean((rows.scores - rows.y) ** 2, weights)


def thresholded(threshold: float) -> dict[str, Metric]:
    """Returns the metrics that depend on a threshold (predicted 1 at or above it)."""

    def of_label(label: int) -> Metric:
        def metric(rows: ScoredRows, weights: Floats) -> Floats:
            right = (rows.scores >= threshold) == (label == 1)
            return _mean(right.astype(float), weights * (rows.y == label))

        return metric

    def accuracy(rows: ScoredRows, weights: Floats) -> Floats:
        return _mean(((rows.scores >= threshold) == (rows.y == 1)).astype(float), weights)

    return {"accuracy": accuracy, "recall": of_label(1), "specificity": of_label(0)}


def _from_zero(curve: Floats) -> Floats:
    return np.concatenate([np.zeros((len(curve), 1)), curve], axis=1)


def _mean(values: Floats, weights: Floats) -> Floats:
    mean: Floats = np.sum(values * weights, axis=1) / np.sum(weights, axis=1)
    return mean


def bootstrap_weights(y: Floats, replicates: int, seed: int) -> Floats:
    """Returns (replicates, n): how often each replicate draws each row, by label."""
    random = np.random.RandomState(seed)
    weights = np.zeros((replicates, len(y)))
    for label in (0.0, 1.0):
        members = np.flatnonzero(y == label)
        for replicate in range(replicates):
            drawn = random.randint(0, len(members), len(members))
            weights[replicate, members] = np.bincount(drawn, minlength=len(members))
    return weights


def measure(
    rows: ScoredRows, threshold: float, replicates: int, seed: int
) -> dict[str, dict[str, float]]:
    """Returns each metric's value and the ends of its 95 % interval."""
    metrics: dict[str, Metric] = {"auc": auc, "pr_auc": pr_auc, "log_loss": log_loss}
    metrics.update({"brier": brier, **thresholded(threshold)})
    ones = np.ones((1, len(rows.y)))
    weights = bootstrap_weights(rows.y, replicates, seed)
    tail = 100 * (1 - CONFIDENCE) / 2
    measured = {}
    for name, metric in metrics.items():
        low, high = np.percentile(metric(rows, weights), [tail, 100 - tail])
        value = float(metric(rows, ones)[0])
        measured[name] = {"value": value, "low": float(low), "high": float(high)}
    return measured


def calibration(y: Floats, scores: Floats) -> list[dict[str, float]]:
    """Returns mean prediction and observed rate in ten bins of equal width, empty ones left out."""
    bins = np.minimum((scores * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    return [
        {
            "mean_predicted": float(scores[bins == index].mean()),
            "observed": float(y[bins == index].mean()),
            "count": int(np.sum(bins == index)),
        }
        for index in sorted(set(bins.tolist()))
    ]


def confusion_matrix(y: Floats, scores: Floats, threshold: float) -> dict[str, int]:
    """Returns the four counts at the threshold."""
    predicted = scores >= threshold
    return {
        "true_positive": int(np.sum(predicted & (y == 1))),
        "false_positive": int(np.sum(predicted & (y == 0))),
        "false_negative": int(np.sum(~predicted & (y == 1))),
        "true_negative": int(np.sum(~predicted & (y == 0))),
    }


def curves(rows: ScoredRows) -> dict[str, dict[str, list[float]]]:
    """Returns ROC and precision-recall points, one for each distinct score, descending."""
    ones = np.ones((1, len(rows.y)))
    positives, negatives = rows.cumulated(ones, 1)[0], rows.cumulated(ones, 0)[0]
    recall, fpr = positives / positives[-1], negatives / negatives[-1]
    precision = positives / (positives + negatives)
    return {
        "roc_curve": {"fpr": [0.0, *fpr.tolist()], "tpr": [0.0, *recall.tolist()]},
        "pr_curve": {"precision": precision.tolist(), "recall": recall.tolist()},
    }


def evaluation(
    y: Floats, scores: Floats, *, threshold: float, replicates: int, seed: int
) -> dict[str, object]:
    """Returns the content of evaluation.json."""
    rows = ScoredRows(y, scores)
    return {
        "binary_classification_metrics": measure(rows, threshold, replicates, seed),
        "confidence": CONFIDENCE,
        "bootstrap_replicates": replicates,
        "threshold": threshold,
        "confusion_matrix": confusion_matrix(y, scores, threshold),
        **curves(rows),
        "calibration": calibration(y, scores),
        "n_test": len(y),
    }


def run(args: argparse.Namespace) -> None:
    """Loads, scores, measures and writes.

    Raises:
        BadInputError: The input cannot be used; nothing is written then.
    """
    y, features = read_test(args.test_dir / "test.csv", args.features.split(","), args.label)
    scores = predict(load_model(args.model_dir), features)
    result = evaluation(
        y,
        scores,
        threshold=args.threshold,
        replicates=args.bootstrap_replicates,
        seed=args.seed,
    )
    args.output_dir.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=2, sort_keys=True, allow_nan=False) + "\n"
    (args.output_dir / "evaluation.json").write_text(text, encoding="utf-8")
    LOG.info("%d test rows: %s", len(y), result["binary_classification_metrics"])


def parse_arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Parses the command line; every path and column comes from it."""
    parser = argparse.ArgumentParser(description="Evaluate a model on the test rows.")
    for folder in ("model", "test", "output"):
        parser.add_argument(f"--{folder}-dir", type=Path, required=True)
    parser.add_argument("--features", required=True, help="feature columns, comma-separated")
    parser.add_argument("--label", required=True, help="label column, 0 or 1")
    parser.add_argument("--threshold", type=float, required=True)
    parser.add_argument("--bootstrap-replicates", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    """Runs the step; returns 0, or 1 with one line on stderr when the input is bad."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        run(parse_arguments(argv))
    except BadInputError as error:
        LOG.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
