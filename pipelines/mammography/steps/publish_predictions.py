"""Processing step: joins the transform's scores to the batch and writes predictions.csv.

Reads `batch.csv` from `--batch-dir` (identifier first, no header) and every `*.out` of
`--scores-dir` (the transform's output: identifier and score, no header). Writes
`predictions.csv` to `--output-dir`: id, score (probability of a malignant mass), prediction (1
when the score is at least the threshold), model_version, model_package_arn, execution_id; one
line per row of the batch and in its order. Calls no service.

Runs in the SageMaker XGBoost 1.7-1 image: Python 3.8, standard library only.
"""

from __future__ import annotations

import argparse
import csv
import logging
import sys
from pathlib import Path
from typing import Iterable, NamedTuple, Sequence

LOG = logging.getLogger("publish_predictions")
SCORE_FIELDS = 2


class BadInputError(Exception):
    """The input cannot be used; the message says what, where and what to do."""


class Prediction(NamedTuple):
    """One line of predictions.csv; `score` is the text that the model wrote."""

    id: str
    score: str
    prediction: int
    model_version: str
    model_package_arn: str
    execution_id: str


def read_lines(directory: Path, pattern: str) -> list[list[str]]:
    """Returns the fields of every line of the matching files, in name order.

    Raises:
        BadInputError: There is no such file, or it is not UTF-8 CSV.
    """
    files = sorted(directory.glob(pattern))
    if not files:
        raise BadInputError(f"{directory}: no {pattern} file; did the step before write one?")
    lines: list[list[str]] = []
    for path in files:
        try:
            with path.open(encoding="utf-8", newline="") as stream:
                lines += filter(None, csv.reader(stream))
        except (UnicodeDecodeError, csv.Error) as error:
            raise BadInputError(f"{path.name}: not a UTF-8 CSV file ({error})") from error
    return lines


def scores_by_id(lines: Iterable[Sequence[str]]) -> dict[str, str]:
    """Returns the score of each identifier as the text that the model wrote.

    Raises:
        BadInputError: A line is not an identifier and a probability, or repeats an identifier.
    """
    scores: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if len(line) != SCORE_FIELDS or not _is_probability(line[1]):
            raise BadInputError(
                f"transform output line {number}: expected identifier and probability, "
                f"got: {','.join(line)[:200]}"
            )
        if line[0] in scores:
            raise BadInputError(f"transform output line {number}: {line[0]} was scored twice")
        scores[line[0]] = line[1]
    return scores


def _is_probability(text: str) -> bool:
    try:
        return 0.0 <= float(text) <= 1.0
    except ValueError:
        return False


def join(ids: Sequence[str], scores: dict[str, str], args: argparse.Namespace) -> list[Prediction]:
    """Returns one prediction for each case of the batch, in the batch's order.

    Raises:
        BadInputError: Batch and scores are not about the same cases.
    """
    unscored = [case for case in ids if case not in scores]
    if unscored or len(ids) != len(scores):
        example = f", for example {unscored[0]}" if unscored else ""
        raise BadInputError(
            f"the batch has {len(ids)} rows and the transform scored {len(scores)}; "
            f"{len(unscored)} row(s) have no score{example}: nothing was published"
        )
    return [
        Prediction(
            id=case,
            score=scores[case],
            prediction=int(float(scores[case]) >= args.threshold),
            model_version=args.model_version,
            model_package_arn=args.model_package_arn,
            execution_id=args.execution_id,
        )
        for case in ids
    ]


def run(args: argparse.Namespace) -> None:
    """Reads, joins and writes.

    Raises:
        BadInputError: The input cannot be used; nothing is written then.
    """
    ids = [line[0] for line in read_lines(args.batch_dir, "*.csv")]
    predictions = join(ids, scores_by_id(read_lines(args.scores_dir, "*.out")), args)
    args.output_dir.mkdir(parents=True, exist_ok=True)
    path = args.output_dir / "predictions.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(Prediction._fields)
        writer.writerows(predictions)
    LOG.info("%d predictions written", len(predictions))


def parse_arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Parses the command line; every path and fact about the run comes from it."""
    parser = argparse.ArgumentParser(description="Publish predictions.")
    for folder in ("batch", "scores", "output"):
        parser.add_argument(f"--{folder}-dir", type=Path, required=True)
    parser.add_argument("--threshold", type=float, required=True)
    parser.add_argument("--model-version", required=True)
    parser.add_argument("--model-package-arn", required=True)
    parser.add_argument("--execution-id", required=True)
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
