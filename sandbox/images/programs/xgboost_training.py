"""Trains XGBoost as the image's algorithm mode does; runs inside a job.

Reads ``/opt/ml/input`` (channels train and validation, configuration), writes the model as
``/opt/ml/model/xgboost-model`` and, when it fails, ``/opt/ml/output/failure``. The folder is
``/opt/ml`` or the program's argument.

Follows the published code of the image (algorithm_mode/train.py, hyperparameter_validation.py,
data_utils.py of https://github.com/aws/sagemaker-xgboost-container). Not reproduced: k-fold
cross-validation, custom metrics of scikit-learn, Parquet and RecordIO, several hosts, GPUs.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from pathlib import Path
from typing import Any

sys.modules["sklearn"] = None  # type: ignore[assignment]  # XGBoost imports it if it can: 2 s

import xgboost as xgb  # noqa: E402
from xgboost_data import (  # type: ignore[import-not-found]  # noqa: E402 - beside this file
    UserError,
    read_channel,
)
from xgboost_hyperparameters import validate  # type: ignore[import-not-found]  # noqa: E402

MODEL_NAME = "xgboost-model"
_log = logging.getLogger("sagemaker_xgboost_container")


def main(arguments: list[str]) -> int:
    """Train; a failure is written for SageMaker and ends with code 1."""
    logging.basicConfig(level=logging.INFO, format="[%(asctime)s:%(levelname)s] %(message)s")
    root = Path(arguments[0] if arguments else "/opt/ml")
    try:
        train(root)
    except UserError as error:
        return _fail(
            root, f"framework error: \nsagemaker_algorithm_toolkit.exceptions.UserError: {error}"
        )
    except Exception as error:  # whatever it is, SageMaker must be told
        return _fail(root, f"framework error: \n{traceback.format_exc()}\n{error}")
    return 0


def train(root: Path) -> None:
    """Train and save the model.

    Raises:
        UserError: The hyperparameters or the data cannot be used.
    """
    config = root / "input" / "config"
    parameters = validate(json.loads((config / "hyperparameters.json").read_text()))
    channels = json.loads((config / "inputdataconfig.json").read_text())
    if "train" not in channels:
        raise UserError("Missing required channel: train")
    unknown = sorted(set(channels) - {"train", "validation"})
    if unknown:
        raise UserError(f"Extraneous channel found: {unknown[0]}")
    weights = parameters.pop("csv_weights", 0) == 1
    matrices = {
        name: read_channel(root / "input" / "data" / name, name, channels[name], weights)
        for name in ("train", "validation")
        if name in channels
    }
    booster = _boost(parameters, matrices)
    booster.save_model(str(root / "model" / f"{MODEL_NAME}.ubj"))
    (root / "model" / f"{MODEL_NAME}.ubj").rename(root / "model" / MODEL_NAME)


def _boost(parameters: dict[str, Any], matrices: dict[str, xgb.DMatrix]) -> xgb.Booster:
    rounds = parameters.pop("num_round")
    stopping_rounds = parameters.pop("early_stopping_rounds", None)
    parameters.pop("save_model_on_termination", None)
    callbacks: list[Any] = [xgb.callback.EvaluationMonitor(logger=_log_evaluation)]
    if stopping_rounds:
        metrics = parameters.get("eval_metric")
        callbacks.append(
            xgb.callback.EarlyStopping(
                rounds=stopping_rounds,
                data_name="validation" if "validation" in matrices else None,
                metric_name=metrics[-1] if metrics else None,
                save_best=True,
            )
        )
    _log.info("Train matrix has %d rows and %d columns", *_size(matrices["train"]))
    if "validation" in matrices:
        _log.info("Validation matrix has %d rows", matrices["validation"].num_row())
    try:
        return xgb.train(
            parameters,
            matrices["train"],
            num_boost_round=rounds,
            evals=[(matrix, name) for name, matrix in matrices.items()],
            callbacks=callbacks,
            verbose_eval=False,
        )
    except (xgb.core.XGBoostError, ValueError) as error:
        raise UserError(f"XGB train call failed with exception:\n {error}") from error


def _size(matrix: xgb.DMatrix) -> tuple[int, int]:
    return matrix.num_row(), matrix.num_col()


def _log_evaluation(line: str) -> None:
    sys.stdout.write(line.rstrip("\n") + "\n")


def _fail(root: Path, message: str) -> int:
    _log.error(message)
    target = root / "output"
    target.mkdir(parents=True, exist_ok=True)
    (target / "failure").write_text(message, encoding="utf-8")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
