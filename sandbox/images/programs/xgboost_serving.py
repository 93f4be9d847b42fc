"""Answers the payloads of a transform job with an XGBoost model; runs inside a job.

Usage: ``xgboost_serving.py PAYLOADS RESPONSES``. Reads the model in ``SM_MODEL_DIR``
(default /opt/ml/model) and each file of PAYLOADS; writes for each a file of the same name in
RESPONSES with the body and ``NAME.json`` with ``{"status": HTTP status}``: the container's
HTTP protocol without the sockets.

Follows the published serving code of the image (encoder.py, serve.py, serve_utils.py of
https://github.com/aws/sagemaker-xgboost-container): CSV without header, an empty field is
missing, one prediction a line.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import traceback
from pathlib import Path

sys.modules["sklearn"] = None  # type: ignore[assignment]  # XGBoost imports it if it can: 2 s

import numpy as np  # noqa: E402
import xgboost as xgb  # noqa: E402

_ACCEPTED = ("", "*/*", "text/csv")


def main(arguments: list[str]) -> int:
    """Answer every payload; a model that cannot be loaded ends the container."""
    payloads, responses = Path(arguments[0]), Path(arguments[1])
    booster = load(Path(os.environ.get("SM_MODEL_DIR") or _default_model_folder(payloads)))
    for payload in sorted(payloads.iterdir()):
        status, body = answer(booster, payload.read_text(encoding="utf-8"))
        (responses / payload.name).write_text(body, encoding="utf-8")
        (responses / f"{payload.name}.json").write_text(json.dumps({"status": status}))
    return 0


def load(folder: Path) -> xgb.Booster:
    """Load the first model file of the artifact, as the image does."""
    files = sorted(
        path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")
    )
    if not files:
        raise FileNotFoundError(f"the model archive holds no model file in {folder}")
    booster = xgb.Booster()
    booster.load_model(bytearray(files[0].read_bytes()))
    return booster


def answer(booster: xgb.Booster, text: str) -> tuple[int, str]:
    """Return HTTP status and body for one payload."""
    if not text.strip():
        return 204, ""
    content_type = os.environ.get("SAGEMAKER_CONTENT_TYPE", "").partition(";")[0].strip().lower()
    accept = os.environ.get("SAGEMAKER_ACCEPT", "").partition(";")[0].strip().lower()
    try:
        matrix = decode(text.strip(), content_type)
    except ValueError as error:
        return 415, str(error)
    try:
        predictions = booster.predict(matrix, validate_features=False)
    except xgb.core.XGBoostError as error:
        traceback.print_exc()
        return 400, f"Unable to evaluate payload provided: {error}"
    if accept not in _ACCEPTED:
        return 406, f"Accept type {accept} is not supported. Please use text/csv."
    return 200, "\n".join(map(str, predictions.tolist())) + "\n"


def decode(text: str, content_type: str) -> xgb.DMatrix:
    """Return a payload as a matrix.

    Raises:
        ValueError: Another content type than CSV, or a field that is not a number.
    """
    if content_type not in {"text/csv", "csv"}:
        raise ValueError(f"Content-type {content_type or 'none'} is not supported.")
    lines = text.split("\n")
    delimiter = "," if "," in lines[0] else _sniff(lines[0])
    try:
        rows = [
            [float(field) if field.strip() else np.nan for field in line.split(delimiter)]
            for line in lines
        ]
        return xgb.DMatrix(np.array(rows, dtype=float))
    except ValueError as error:
        raise ValueError(
            f"Loading csv data failed with Exception, please ensure data is in csv format: {error}"
        ) from error


def _sniff(line: str) -> str:
    try:
        delimiter = csv.Sniffer().sniff(line[:512]).delimiter
    except csv.Error:  # one column only
        return ","
    return "," if delimiter.isalnum() or delimiter == "." else delimiter


def _default_model_folder(payloads: Path) -> Path:
    return payloads.parent.parent / "model"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
