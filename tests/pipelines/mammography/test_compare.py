"""steps/compare.py: paired differences against plain loops, no champion, a broken champion."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
import xgboost
from sklearn.metrics import brier_score_loss, roc_auc_score

# In a job `evaluate.py` lies beside it, on PYTHONPATH.
sys.path.append(str(Path(__file__).parents[3] / "pipelines/mammography/steps"))

from pipelines.mammography.steps import compare

CHAMPION = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/m/1"


def model(folder: Path, seed: int, columns: int = 2, rounds: int = 3) -> Path:
    """Write a small model and return its folder."""
    random = np.random.RandomState(seed)
    features = random.rand(100, columns)
    label = (features[:, 0] + random.normal(0, 0.3, 100) > 0.5).astype(float)
    booster = xgboost.train(
        {"objective": "binary:logistic", "max_depth": 2}, xgboost.DMatrix(features, label), rounds
    )
    content = bytes(booster.save_raw("ubj"))
    folder.mkdir(parents=True)
    with tarfile.open(str(folder / "model.tar.gz"), "w:gz") as archive:
        info = tarfile.TarInfo("xgboost-model")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return folder


@pytest.fixture
def test_dir(write) -> Path:
    random = np.random.RandomState(9)
    rows = [(int(value > 0.5), value, random.rand()) for value in random.rand(60)]
    return write("test/test.csv", [("severity", "a", "b"), *rows])


def run(tmp_path: Path, test_dir: Path, candidate: Path, champion: Path, *more: str) -> int:
    return compare.main(
        [
            *("--candidate-dir", str(candidate), "--champion-dir", str(champion)),
            *("--test-dir", str(test_dir), "--output-dir", str(tmp_path / "out")),
            *("--features", "a,b", "--label", "severity", "--threshold", "0.5"),
            *("--bootstrap-replicates", "100", "--seed", "7"),
            *(more or ("--champion", CHAMPION, "--reason", "none")),
        ]
    )


def report(tmp_path: Path) -> dict[str, object]:
    return json.loads((tmp_path / "out/comparison.json").read_text())


def test_compared__two_models__difference_is_that_of_each_replicate() -> None:
    random = np.random.RandomState(3)
    y = (random.rand(80) < 0.4).astype(float)
    better = np.clip(y * 0.4 + 0.3 + random.normal(0, 0.2, 80), 0.01, 0.99)
    worse = np.clip(y * 0.2 + 0.4 + random.normal(0, 0.2, 80), 0.01, 0.99)
    weights = compare.bootstrap_weights(y, 200, 1)
    found = compare.compared(y, better, worse, weights, 0.5)["difference"]
    for name, score in (("auc", roc_auc_score), ("brier", brier_score_loss)):
        each = [
            score(y, better, sample_weight=row) - score(y, worse, sample_weight=row)
            for row in weights
        ]
        low, high = np.percentile(each, [2.5, 97.5])
        expected = {"value": score(y, better) - score(y, worse), "low": low, "high": high}
        assert found[name] == pytest.approx(expected, abs=1e-12)


def test_compared__a_model_with_itself__differs_by_nothing() -> None:
    y = np.array([0.0, 1.0] * 20)
    scores = np.linspace(0.01, 0.99, 40)
    weights = compare.bootstrap_weights(y, 50, 1)
    found = compare.compared(y, scores, scores, weights, 0.5)["difference"]
    assert set(map(tuple, (each.values() for each in found.values()))) == {(0.0, 0.0, 0.0)}


def test_main__champion__is_scored_beside_the_candidate(tmp_path, test_dir) -> None:
    candidate, champion = model(tmp_path / "new", 1, rounds=8), model(tmp_path / "old", 2)
    assert run(tmp_path, test_dir, candidate, champion) == 0
    found = report(tmp_path)
    assert {key: found[key] for key in ("champion_model_package_arn", "reason", "rows")} == {
        "champion_model_package_arn": CHAMPION,
        "reason": "none",
        "rows": 60,
    }
    archive = (candidate / "model.tar.gz").read_bytes()
    assert found["artifact_sha256"] == hashlib.sha256(archive).hexdigest()
    assert sorted(found["candidate"]) == sorted(found["champion"]) == sorted(found["difference"])
    first = (tmp_path / "out/comparison.json").read_bytes()
    assert run(tmp_path, test_dir, candidate, champion) == 0
    assert (tmp_path / "out/comparison.json").read_bytes() == first


def test_main__no_champion__reports_why_and_the_candidate_alone(tmp_path, test_dir) -> None:
    candidate = model(tmp_path / "new", 1)
    words = ("--champion", "none", "--reason", "NoApprovedModel")
    assert run(tmp_path, test_dir, candidate, candidate, *words) == 0
    found = report(tmp_path)
    assert [found[key] for key in ("champion_model_package_arn", "reason")] == [
        "none",
        "NoApprovedModel",
    ]
    assert (found["champion"], found["difference"]) == (None, None)
    assert set(found["candidate"]["auc"]) == {"value", "low", "high"}


def test_main__champion_of_other_features__is_none_and_the_run_goes_on(tmp_path, test_dir) -> None:
    candidate, champion = model(tmp_path / "new", 1), model(tmp_path / "old", 2, columns=4)
    assert run(tmp_path, test_dir, candidate, champion) == 0
    found = report(tmp_path)
    assert (found["champion_model_package_arn"], found["champion"]) == ("none", None)
    assert found["reason"] == (
        "the model does not fit the test rows: it was trained on 4 features, the rows have 2"
    )


def test_main__candidate_does_not_load__fails_with_one_line(tmp_path, test_dir, caplog) -> None:
    champion = model(tmp_path / "old", 2)
    (tmp_path / "new").mkdir()
    (tmp_path / "new/model.tar.gz").write_bytes(b"no archive")
    assert run(tmp_path, test_dir, tmp_path / "new", champion) == 1
    assert "no readable archive with xgboost-model" in caplog.text
    assert not (tmp_path / "out").exists()
