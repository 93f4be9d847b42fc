"""A project with many use cases of plain JSON, for tests and for `make bench`.

Writes a project folder; calls nothing.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

ENVIRONMENTS = Path(__file__).parents[1] / "environments"
PURPOSES = ("train", "inference")
STEPS = 8
SCRIPT = "import sys\n\nprint(sys.argv)\n"


def write_fleet(root: Path, use_cases: int) -> tuple[str, ...]:
    """Write a project whose environment dev has two pipelines for each use case.

    Args:
        root: folder to write to; what it has of an earlier fleet is replaced.
        use_cases: how many.

    Returns:
        The names of the use cases, sorted.
    """
    names = tuple(f"fleet-{number:04d}" for number in range(use_cases))
    shutil.rmtree(root / "pipelines", ignore_errors=True)
    shutil.copytree(ENVIRONMENTS, root / "environments", dirs_exist_ok=True)
    _edit(root, "dev", {name: _deployed(name) for name in names})
    _edit(root, "registry", {name: {"model_package_group": name} for name in names})
    for name in names:
        _write_use_case(root / "pipelines" / name, name)
    return names


def change_use_case(root: Path, name: str, depth: int) -> None:
    """Give both pipelines of a use case another argument."""
    for purpose in PURPOSES:
        path = root / "pipelines" / name / f"{purpose}.json"
        path.write_text(json.dumps(definition(purpose, depth)), encoding="utf-8")


def definition(purpose: str, depth: int = 1) -> dict[str, Any]:
    """Return a definition of some ten kilobytes: processing steps, one after the other."""
    return {
        "Version": "2020-12-01",
        "Metadata": {},
        "Parameters": [
            {"Name": "InstanceType", "Type": "String", "DefaultValue": "ml.m5.xlarge"},
            {"Name": "Threshold", "Type": "Float", "DefaultValue": 0.5},
        ],
        "PipelineExperimentConfig": {
            "ExperimentName": {"Get": "Execution.PipelineName"},
            "TrialName": {"Get": "Execution.PipelineExecutionId"},
        },
        "Steps": [_step(purpose, number, depth) for number in range(STEPS)],
    }


def _edit(root: Path, environment: str, use_cases: dict[str, Any]) -> None:
    path = root / "environments" / f"{environment}.tfvars.json"
    document = json.loads((ENVIRONMENTS / path.name).read_text(encoding="utf-8"))
    if environment == "dev":
        document["use_cases"] = {}
    document["use_cases"] |= use_cases
    path.write_text(json.dumps(document), encoding="utf-8")


def _deployed(name: str) -> dict[str, Any]:
    return {
        "model_package_group": name,
        "pipelines": {purpose: f"{name}-{purpose}" for purpose in PURPOSES},
        "parameters": {"train": {"InstanceType": "ml.m5.large"}},
    }


def _write_use_case(folder: Path, name: str) -> None:
    (folder / "steps").mkdir(parents=True)
    (folder / "steps" / "work.py").write_text(SCRIPT, encoding="utf-8")
    pipelines = "\n".join(f'{purpose} = "{purpose}.json"' for purpose in PURPOSES)
    (folder / "use_case.toml").write_text(
        f'name = "{name}"\ntitle = "One of many"\nowner = "fleet"\n\n[pipelines]\n{pipelines}\n',
        encoding="utf-8",
    )
    for purpose in PURPOSES:
        text = json.dumps(definition(purpose))
        (folder / f"{purpose}.json").write_text(text, encoding="utf-8")


def _step(purpose: str, number: int, depth: int) -> dict[str, Any]:
    name = f"{purpose.title()}{number}"
    folder = "/opt/ml/processing"
    return {
        "Name": name,
        "Type": "Processing",
        "DependsOn": [f"{purpose.title()}{number - 1}"] if number else [],
        "Arguments": {
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceType": {"Get": "Parameters.InstanceType"},
                    "InstanceCount": 1,
                    "VolumeSizeInGB": 30,
                    "VolumeKmsKeyId": "${env.kms_key_arn}",
                }
            },
            "AppSpecification": {
                "ImageUri": "${image.xgboost}",
                "ContainerEntrypoint": ["python3", f"{folder}/input/code/work.py"],
                "ContainerArguments": ["--depth", str(depth), "--step", str(number)],
            },
            "RoleArn": "${env.execution_role_arn}",
            "Environment": {"USE_CASE": "${use_case.name}", "BUCKET": "${env.data_bucket}"},
            "ProcessingInputs": [
                _input("data", f"s3://${{env.data_bucket}}/${{use_case.name}}/{number}/", folder),
                _input("code", "${code.steps/work.py}", folder),
            ],
            "ProcessingOutputConfig": {
                "KmsKeyId": "${env.kms_key_arn}",
                "Outputs": [
                    {
                        "OutputName": "result",
                        "AppManaged": False,
                        "S3Output": {
                            "S3Uri": {
                                "Std:Join": {
                                    "On": "/",
                                    "Values": [
                                        "s3:/",
                                        "${env.data_bucket}",
                                        "${use_case.name}",
                                        {"Get": "Execution.PipelineExecutionId"},
                                        name,
                                    ],
                                }
                            },
                            "LocalPath": f"{folder}/output",
                            "S3UploadMode": "EndOfJob",
                        },
                    }
                ],
            },
        },
    }


def _input(name: str, uri: str, folder: str) -> dict[str, Any]:
    return {
        "InputName": name,
        "AppManaged": False,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{folder}/input/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
            "S3CompressionType": "None",
        },
    }
