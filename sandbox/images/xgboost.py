"""The sagemaker-xgboost image: XGBoost as algorithm, scripts for training, batch serving.

Names the programs that jobs run; runs nothing itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.images import PROGRAMS, Command, Image
from sandbox.pipelines.errors import JobFailure

if TYPE_CHECKING:
    from collections.abc import Mapping


def _training(hyperparameters: Mapping[str, str]) -> Command:
    program = (
        "script_training.py" if "sagemaker_program" in hyperparameters else "xgboost_training.py"
    )
    return Command(("python3", str(PROGRAMS / program)))


def _serving(environment: Mapping[str, str]) -> Command:
    if environment.get("SAGEMAKER_PROGRAM"):
        raise JobFailure(
            "ClientError: The sandbox serves XGBoost models in algorithm mode only, not with the "
            f"inference script {environment['SAGEMAKER_PROGRAM']}"
        )
    return Command(("python3", str(PROGRAMS / "xgboost_serving.py")))


IMAGE = Image(frozenset({"sagemaker-xgboost", "xgboost"}), _training, _serving)
