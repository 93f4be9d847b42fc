"""Processing step: scores the candidate and the version in service on the same test rows.

Reads `model.tar.gz` from `--candidate-dir` and `--champion-dir` and `test.csv` from `--test-dir`;
writes `comparison.json` to `--output-dir`. Calls no service. `evaluate.py` lies beside it.

The difference (candidate minus champion) is measured on each bootstrap replicate of the rows, the
same rows for both, so that what is hard about the rows cancels out: a paired interval is narrower
than the intervals of the two models (Efron & Tibshirani 1993, ch. 13). The candidate has not seen
the rows; the champion may have been trained on some of them, where an earlier training split the
data otherwise: that speaks for the champion, never for the candidate.

Without a version in service, or with one that cannot score these rows, there is no champion; the
report says why, and the candidate is registered all the same.

Runs in the SageMaker XGBoost 1.7-1 image: Python 3.8, numpy 1.19, xgboost 1.7.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Sequence

import numpy as np
from evaluate import (
    CONFIDENCE,
    BadInputError,
    Metric,
    ScoredRows,
    auc,
    bootstrap_weights,
    brier,
    load_model,
    log_loss,
    pr_auc,
    predict,
    read_test,
    thresholded,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Intervals = dict[str, dict[str, float]]

LOG = logging.getLogger("compare")
NONE = "none"
"""Stands for no champion, and for no reason."""
CHUNK_BYTES = 1048576


def intervals(values: dict[str, tuple[float, Floats]]) -> Intervals:
    """Returns value and 95 % percentile interval of each metric.

    Args:
        values: Point estimate and (replicates,) values of each metric.
    """
    tail = 100 * (1 - CONFIDENCE) / 2
    measured = {}
    for name, (value, replicates) in values.items():
        low, high = np.percentile(replicates, [tail, 100 - tail])
        measured[name] = {"value": float(value), "low": float(low), "high": float(high)}
    return measured


def sampled(
    y: Floats, scores: Floats, weights: Floats, threshold: float
) -> dict[str, tuple[float, Floats]]:
    """Returns each metric on all rows and on each replicate.

    Args:
        y: (n,) 0.0 or 1.0.
        scores: (n,) probabilities.
        weights: (replicates, n) how often each replicate draws each row.
        threshold: Predicted 1 at or above it.
    """
    rows = ScoredRows(y, scores)
    metrics: dict[str, Metric] = {"auc": auc, "pr_auc": pr_auc, "log_loss": log_loss}
    metrics.update({"brier": brier, **thresholded(threshold)})
    ones = np.ones((1, len(y)))
    return {
        name: (float(metric(rows, ones)[0]), metric(rows, weights))
        for name, metric in metrics.items()
    }


def compared(
    y: Floats, candidate: Floats, champion: Floats | None, weights: Floats, threshold: float
) -> dict[str, Intervals | None]:
    """Returns the metrics of both models and their paired difference; None without a champion.

    Args:
        y: (n,) 0.0 or 1.0.
        candidate: (n,) probabilities of the candidate.
        champion: (n,) probabilities of the champion; None without one.
        weights: (replicates, n).
        threshold: Predicted 1 at or above it.
    """
    mine = sampled(y, candidate, weights, threshold)
    if champion is None:
        return {"candidate": intervals(mine), "champion": None, "difference": None}
    theirs = sampled(y, champion, weights, threshold)
    difference = {
        name: (value - theirs[name][0], replicates - theirs[name][1])
        for name, (value, replicates) in mine.items()
    }
    return {
        "candidate": intervals(mine),
        "champion": intervals(theirs),
        "difference": intervals(difference),
    }


def sha256_of(path: Path) -> str:
    """Returns the SHA-256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for chunk in iter(lambda: stream.read(CHUNK_BYTES), b""):
            digest.update(chunk)
    return digest.hexdigest()


def champion_scores(args: argparse.Namespace, features: Floats) -> tuple[Floats | None, str]:
    """Returns the champion's scores, or None and why there are none."""
    if args.champion == NONE:
        return None, args.reason
    try:
        return predict(load_model(args.champion_dir), features), NONE
    except BadInputError as error:
        LOG.warning("%s cannot be compared with: %s", args.champion, error)
        return None, str(error)


def run(args: argparse.Namespace) -> None:
    """Loads both models, scores, compares and writes.

    Raises:
        BadInputError: Rows or candidate cannot be used; nothing is written then.
    """
    y, features = read_test(args.test_dir / "test.csv", args.features.split(","), args.label)
    candidate = predict(load_model(args.candidate_dir), features)
    champion, reason = champion_scores(args, features)
    weights = bootstrap_weights(y, args.bootstrap_replicates, args.seed)
    report: dict[str, Any] = {
        "artifact_sha256": sha256_of(args.candidate_dir / "model.tar.gz"),
        "champion_model_package_arn": NONE if champion is None else args.champion,
        "reason": reason,
        "rows": len(y),
        "confidence": CONFIDENCE,
        "bootstrap_replicates": args.bootstrap_replicates,
        "seed": args.seed,
        "threshold": args.threshold,
        **compared(y, candidate, champion, weights, args.threshold),
    }
    args.output_dir.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, indent=2, sort_keys=True, allow_nan=False) + "\n"
    (args.output_dir / "comparison.json").write_text(text, encoding="utf-8")
    LOG.info("%d test rows, champion %s: %s", len(y), args.champion, report["difference"])


def parse_arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Parses the command line; every path and column comes from it."""
    parser = argparse.ArgumentParser(description="Compare a model with the one in service.")
    for folder in ("candidate", "champion", "test", "output"):
        parser.add_argument(f"--{folder}-dir", type=Path, required=True)
    parser.add_argument("--champion", required=True, help="ARN of the version in service, or none")
    parser.add_argument("--reason", required=True, help="why there is none, or none")
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
