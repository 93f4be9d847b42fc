"""The sagemaker-scikit-learn image: scripts for processing and training.

Names the programs that jobs run; runs nothing itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.images import PROGRAMS, Command, Image
from sandbox.pipelines.errors import JobFailure

if TYPE_CHECKING:
    from collections.abc import Mapping


def _training(hyperparameters: Mapping[str, str]) -> Command:
    if "sagemaker_program" not in hyperparameters:
        raise JobFailure(
            "ClientError: The scikit-learn image trains with a script only: give the "
            "hyperparameters sagemaker_program and sagemaker_submit_directory"
        )
    return Command(("python3", str(PROGRAMS / "script_training.py")))


IMAGE = Image(frozenset({"sagemaker-scikit-learn"}), _training)
