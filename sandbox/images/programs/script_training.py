"""Trains with the user's script as the SageMaker training toolkit does; runs inside a job.

Reads ``/opt/ml/input/config``, fetches ``sagemaker_submit_directory`` from S3 with the job's
credentials into ``/opt/ml/code``, and runs ``sagemaker_program`` with the hyperparameters as
arguments and the ``SM_*`` environment; writes ``/opt/ml/output/failure`` when it fails. Source:
https://github.com/aws/sagemaker-training-toolkit/blob/master/ENVIRONMENT_VARIABLES.md
Not reproduced: requirements.txt is not installed, and there is one host.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any


def main(arguments: list[str]) -> int:
    """Run the script; its exit code is the container's."""
    root = Path(arguments[0] if arguments else "/opt/ml")
    config = root / "input" / "config"
    given = json.loads((config / "hyperparameters.json").read_text())
    values = {name: _decode(value) for name, value in given.items()}
    hyperparameters = {
        name: value for name, value in values.items() if not name.startswith("sagemaker_")
    }
    code = root / "code"
    program = str(values["sagemaker_program"])
    if values.get("sagemaker_submit_directory"):
        _fetch(str(values["sagemaker_submit_directory"]), code)
    user_arguments = [
        part
        for name, value in sorted(hyperparameters.items())
        for part in (f"--{name}", _text(value))
    ]
    environment = {**os.environ, **_environment(root, hyperparameters, user_arguments, program)}
    command = [sys.executable, program, *user_arguments]
    result = subprocess.run(  # noqa: S603 - running the user's script is the purpose
        command, cwd=code, env=environment, stderr=subprocess.PIPE, text=True, check=False
    )
    sys.stderr.write(result.stderr)
    if result.returncode:
        _fail(root, result, command)
    return result.returncode


def _fetch(uri: str, code: Path) -> None:
    import boto3

    bucket, _, key = uri.removeprefix("s3://").partition("/")
    code.mkdir(parents=True, exist_ok=True)
    archive = code.parent / "sourcedir.tar.gz"
    boto3.client("s3").download_file(bucket, key, str(archive))
    with tarfile.open(archive) as tar:
        tar.extractall(code, filter="data")


def _environment(
    root: Path, hyperparameters: dict[str, Any], user_arguments: list[str], program: str
) -> dict[str, str]:
    config = root / "input" / "config"
    resources = json.loads((config / "resourceconfig.json").read_text())
    channels = sorted(json.loads((config / "inputdataconfig.json").read_text()))
    data = root / "input" / "data"
    return {
        "SM_MODEL_DIR": str(root / "model"),
        "SM_OUTPUT_DIR": str(root / "output"),
        "SM_OUTPUT_DATA_DIR": str(root / "output" / "data"),
        "SM_INPUT_DIR": str(root / "input"),
        "SM_INPUT_CONFIG_DIR": str(config),
        "SM_MODULE_DIR": str(root / "code"),
        "SM_USER_ENTRY_POINT": program,
        "SM_CHANNELS": json.dumps(channels),
        **{f"SM_CHANNEL_{name.upper()}": str(data / name) for name in channels},
        "SM_HPS": json.dumps(hyperparameters),
        **{f"SM_HP_{name.upper()}": _text(value) for name, value in hyperparameters.items()},
        "SM_USER_ARGS": json.dumps(user_arguments),
        "SM_HOSTS": json.dumps(resources["hosts"]),
        "SM_CURRENT_HOST": resources["current_host"],
        "SM_CURRENT_INSTANCE_TYPE": resources["current_instance_type"],
        "SM_NUM_CPUS": str(os.cpu_count() or 1),
        "SM_NUM_GPUS": "0",
    }


def _decode(value: str) -> Any:
    # The SDK writes hyperparameters as JSON texts; plain texts are allowed too.
    try:
        return json.loads(value)
    except ValueError:
        return value


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _fail(root: Path, result: subprocess.CompletedProcess[str], command: list[str]) -> None:
    message = (
        f"ExecuteUserScriptError:\nExitCode {result.returncode}\n"
        f'ErrorMessage "{result.stderr.strip()[-700:]}"\nCommand "{" ".join(command)}"'
    )
    (root / "output").mkdir(parents=True, exist_ok=True)
    (root / "output" / "failure").write_text(message, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
