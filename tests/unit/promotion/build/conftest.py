"""A small definition that is valid, a release of it, and an environment that fits."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from promotion.build.archive import new_release
from promotion.build.release import Release
from promotion.config import WorkloadEnvironment

ROOT = Path(__file__).parents[4]
SCRIPT = b"print('checked')\n"
DECLARATION = b'name = "mammography"\n'

DEFINITION: dict[str, Any] = {
    "Version": "2020-12-01",
    "Metadata": {},
    "Parameters": [
        {"Name": "InputUri", "Type": "String", "DefaultValue": "s3://${env.data_bucket}/in/"},
        {"Name": "Count", "Type": "Integer", "DefaultValue": 1},
        {"Name": "MinimumAuc", "Type": "Float", "DefaultValue": 0.8},
        {"Name": "Mode", "Type": "String", "DefaultValue": "a", "EnumValues": ["a", "b"]},
    ],
    "PipelineExperimentConfig": None,
    "Steps": [
        {
            "Name": "Find",
            "Type": "Lambda",
            "FunctionArn": "${env.resolve_model_function_arn}",
            "Arguments": {"group": "${env.model_package_group_arn}"},
            "OutputParameters": [{"OutputName": "arn", "OutputType": "String"}],
        },
        {
            "Name": "Check",
            "Type": "Processing",
            "Arguments": {
                "ProcessingResources": {
                    "ClusterConfig": {
                        "InstanceType": "ml.m5.large",
                        "InstanceCount": {"Get": "Parameters.Count"},
                        "VolumeSizeInGB": 30,
                    }
                },
                "AppSpecification": {
                    "ImageUri": "${image.xgboost}",
                    "ContainerArguments": [
                        "--model",
                        {"Get": "Steps.Find.OutputParameters['arn']"},
                    ],
                },
                "RoleArn": "${env.execution_role_arn}",
                "ProcessingInputs": [
                    {
                        "InputName": "code",
                        "S3Input": {
                            "S3Uri": "${code.steps/check.py}",
                            "LocalPath": "/opt/ml/processing/code",
                            "S3DataType": "S3Prefix",
                            "S3InputMode": "File",
                        },
                    }
                ],
                "ProcessingOutputConfig": {
                    "Outputs": [
                        {
                            "OutputName": "report",
                            "S3Output": {
                                "S3Uri": {
                                    "Std:Join": {
                                        "On": "/",
                                        "Values": [
                                            "s3://${env.data_bucket}",
                                            {"Get": "Execution.PipelineExecutionId"},
                                        ],
                                    }
                                },
                                "LocalPath": "/opt/ml/processing/output",
                                "S3UploadMode": "EndOfJob",
                            },
                        }
                    ]
                },
                "Environment": {"COMMIT": "${release.git_commit}", "DIGEST": "${release.digest}"},
            },
            "PropertyFiles": [
                {"PropertyFileName": "Report", "OutputName": "report", "FilePath": "report.json"}
            ],
        },
        {
            "Name": "IsGood",
            "Type": "Condition",
            "Arguments": {
                "Conditions": [
                    {
                        "Type": "GreaterThanOrEqualTo",
                        "LeftValue": {
                            "Std:JsonGet": {
                                "PropertyFile": {"Get": "Steps.Check.PropertyFiles.Report"},
                                "Path": "auc",
                            }
                        },
                        "RightValue": {"Get": "Parameters.MinimumAuc"},
                    }
                ],
                "IfSteps": [],
                "ElseSteps": [
                    {
                        "Name": "Bad",
                        "Type": "Fail",
                        "Arguments": {
                            "ErrorMessage": {
                                "Std:Join": {
                                    "On": " ",
                                    "Values": [
                                        "see",
                                        {
                                            "Get": "Steps.Check.ProcessingOutputConfig"
                                            ".Outputs['report'].S3Output.S3Uri"
                                        },
                                        "of ${use_case.name}",
                                    ],
                                }
                            }
                        },
                    }
                ],
            },
        },
    ],
}


@pytest.fixture
def definition() -> dict[str, Any]:
    return copy.deepcopy(DEFINITION)


@pytest.fixture
def release(definition: dict[str, Any]) -> Release:
    definitions = {"train": definition}
    code = {"steps/check.py": SCRIPT}
    return new_release(
        use_case="mammography",
        git_commit="c" * 40,
        dirty=False,
        built_with={"sagemaker-promotion": "0.1.0"},
        definitions=definitions,
        code=code,
        declaration=DECLARATION,
        functions=b"zip",
    )


@pytest.fixture
def environment_document() -> dict[str, Any]:
    """The prod file, for one pipeline and without parameters."""
    text = (ROOT / "tests" / "environments" / "prod.tfvars.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    document["use_cases"]["mammography"] = {
        "model_package_group": "mammography",
        "pipelines": {"train": "mammography-train"},
    }
    return document


@pytest.fixture
def prod(environment_document: dict[str, Any]) -> WorkloadEnvironment:
    return WorkloadEnvironment.model_validate_json(json.dumps(environment_document))
