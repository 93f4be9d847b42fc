"""steps/publish_predictions.py: from scores to predictions.csv."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from pipelines.mammography.steps import publish_predictions

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/3"
BATCH = [["case-1", "4", "50"], ["case-2", "", ""], ["case-3", "5", "70"]]
SCORES = [["case-1", "0.25"], ["case-2", "0.5"], ["case-3", "0.875"]]


def run(batch_dir: Path, scores_dir: Path, out: Path) -> int:
    return publish_predictions.main(
        [
            *("--batch-dir", str(batch_dir), "--scores-dir", str(scores_dir)),
            *("--output-dir", str(out), "--threshold", "0.5"),
            *("--model-version", "3", "--model-package-arn", PACKAGE),
            *("--execution-id", "abc123"),
        ]
    )


def test_main__every_case_scored__writes_predictions_in_the_batchs_order(write, tmp_path):
    batch = write("batch/batch.csv", BATCH)
    scores = write("scores/batch.csv.out", SCORES[::-1])
    assert run(batch, scores, tmp_path / "out") == 0
    assert (tmp_path / "out/predictions.csv").read_text() == (
        "id,score,prediction,model_version,model_package_arn,execution_id\n"
        f"case-1,0.25,0,3,{PACKAGE},abc123\n"
        f"case-2,0.5,1,3,{PACKAGE},abc123\n"
        f"case-3,0.875,1,3,{PACKAGE},abc123\n"
    )


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        pytest.param(
            SCORES[:2],
            "the batch has 3 rows and the transform scored 2; 1 row(s) have no score, "
            "for example case-3: nothing was published",
            id="a score is missing",
        ),
        pytest.param(
            [*SCORES, ["case-4", "0.1"]],
            "the batch has 3 rows and the transform scored 4; 0 row(s) have no score: "
            "nothing was published",
            id="a score too many",
        ),
        pytest.param(
            [*SCORES[:2], ["case-9", "0.1"]],
            "the batch has 3 rows and the transform scored 3; 1 row(s) have no score, "
            "for example case-3: nothing was published",
            id="another case",
        ),
        pytest.param(
            [*SCORES, SCORES[0]],
            "transform output line 4: case-1 was scored twice",
            id="scored twice",
        ),
        pytest.param(
            [["case-1", "high"]],
            "transform output line 1: expected identifier and probability, got: case-1,high",
            id="not a number",
        ),
        pytest.param(
            [["case-1", "1.5"]],
            "transform output line 1: expected identifier and probability, got: case-1,1.5",
            id="not a probability",
        ),
        pytest.param(
            [["0.5"]],
            "transform output line 1: expected identifier and probability, got: 0.5",
            id="no identifier",
        ),
    ],
)
def test_main__scores_that_do_not_fit__fails_with_one_line_and_writes_nothing(
    write, tmp_path, caplog, scores, message
):
    folders = write("batch/batch.csv", BATCH), write("scores/batch.csv.out", scores)
    with caplog.at_level(logging.ERROR):
        assert run(*folders, tmp_path / "out") == 1
    assert [record.message for record in caplog.records] == [message]
    assert not (tmp_path / "out").exists()


def test_main__no_scores__names_the_folder(write, tmp_path, caplog):
    assert run(write("batch/batch.csv", BATCH), tmp_path / "scores", tmp_path / "out") == 1
    assert f"{tmp_path / 'scores'}: no *.out file" in caplog.text


def test_main__scores_that_are_not_utf8__names_the_file(write, tmp_path, caplog):
    (tmp_path / "scores").mkdir()
    (tmp_path / "scores/batch.csv.out").write_bytes(b"\xff\n")
    assert run(write("batch/batch.csv", BATCH), tmp_path / "scores", tmp_path / "out") == 1
    assert "batch.csv.out: not a UTF-8 CSV file" in caplog.text
