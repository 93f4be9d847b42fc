"""train.py and inference.py: built offline by SDK v3, twice, and checked whole."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

ROOT = Path(__file__).parents[3]
STEPS = ROOT / "pipelines" / "mammography" / "steps"
REGION = "xx-build-1"

# One process builds them once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("definitions")]

OPERATIONS = {
    "Processing": ("create_processing_job", "ProcessingJobName"),
    "Training": ("create_training_job", "TrainingJobName"),
    "Transform": ("create_transform_job", "TransformJobName"),
    "Model": ("create_model", "ModelName"),
    "RegisterModel": ("create_model_package", None),
}
TOKENS = {
    "env.artifact_bucket",
    "env.data_bucket",
    "env.emit_drift_function_arn",
    "env.environment",
    "env.execution_role_arn",
    "env.kms_key_arn",
    "env.model_package_group_arn",
    "env.resolve_batch_function_arn",
    "env.resolve_model_function_arn",
    "image.xgboost",
    "release.digest",
    "release.git_commit",
    "use_case.name",
    "wheels.data_quality",
}


def build(hash_seed: str) -> dict[str, Any]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": hash_seed,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAGEMAKER_VALIDATE_ROLE": "false",
        "SAGEMAKER_TELEMETRY_OPT_OUT": "1",
    }
    script = Path(__file__).with_name("build_definitions.py")
    done = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def built() -> dict[str, Any]:
    """Returns both definitions as text and the AWS operations that building them asked for."""
    return build("1")


@pytest.fixture(scope="module")
def definitions(built) -> dict[str, dict[str, Any]]:
    """Returns both definitions, parsed."""
    return {name: json.loads(text) for name, text in built["definitions"].items()}


def all_steps(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for step in steps:
        found.append(step)
        if step["Type"] == "Condition":
            arguments = step["Arguments"]
            found += all_steps(arguments["IfSteps"]) + all_steps(arguments["ElseSteps"])
    return found


def outline(steps: list[dict[str, Any]]) -> list[Any]:
    return [
        (s["Name"], outline(s["Arguments"]["IfSteps"]), outline(s["Arguments"]["ElseSteps"]))
        if s["Type"] == "Condition"
        else f"{s['Name']}: {s['Type']}"
        for s in steps
    ]


def test_definition__train__has_the_agreed_steps_and_parameters(definitions):
    assert outline(definitions["train"]["Steps"]) == [
        "Preprocess: Processing",
        "Train: Training",
        "Baseline: Processing",
        "Evaluate: Processing",
        "ResolveChampion: Lambda",
        "Compare: Processing",
        ("CheckAuc", ["RegisterModel: RegisterModel"], ["AucTooLow: Fail"]),
    ]
    assert {p["Name"]: p["DefaultValue"] for p in definitions["train"]["Parameters"]} == {
        "InputUri": "s3://${env.data_bucket}/${use_case.name}/training/",
        "DriftedBatchUri": "none",
        "DriftedBatchVersion": "none",
        "ProcessingInstanceType": "ml.m5.large",
        "ProcessingInstanceCount": 1,
        "TrainingInstanceType": "ml.m5.large",
        "TrainingInstanceCount": 1,
        "MinimumAuc": 0.85,
        "Threshold": 0.5,
    }


def test_definition__inference__has_the_agreed_steps_and_parameters(definitions):
    assert outline(definitions["inference"]["Steps"]) == [
        "ResolveModel: Lambda",
        "ResolveBatch: Lambda",
        "CheckDrift: Processing",
        ("HasWarnings", ["EmitWarning: Lambda"], []),
        (
            "IsDrifted",
            ["EmitDrift: Lambda", "DataDriftDetected: Fail"],
            [
                "PrepareBatch: Processing",
                "CreateModel: Model",
                "Transform: Transform",
                "PublishPredictions: Processing",
            ],
        ),
    ]
    assert {p["Name"]: p["DefaultValue"] for p in definitions["inference"]["Parameters"]} == {
        "BatchUri": "s3://${env.data_bucket}/${use_case.name}/batches/",
        "BatchDate": "latest",
        "ProcessingInstanceType": "ml.m5.large",
        "ProcessingInstanceCount": 1,
        "TransformInstanceType": "ml.m5.large",
        "TransformInstanceCount": 1,
        "Threshold": 0.5,
    }
    failure = next(s for s in all_steps(definitions["inference"]["Steps"]) if s["Type"] == "Fail")
    assert failure["DependsOn"] == ["EmitDrift"]


def test_definition__built_again_with_another_hash_seed__is_the_same_text(built):
    assert build("2")["definitions"] == built["definitions"]


def test_definition__building__asks_aws_for_nothing_but_who_and_which_bucket(built):
    assert set(built["operations"]) <= {"GetCallerIdentity", "ListBuckets", "HeadBucket"}


def test_definition__text__holds_tokens_and_nothing_of_the_building_machine(built):
    text = "".join(built["definitions"].values())
    code = {f"code.steps/{path.name}" for path in STEPS.glob("*.py")}
    code.add("code.steps/data_quality.pyz")
    assert set(re.findall(r"\$\{([^}]+)\}", text)) == TOKENS | code
    for local in (REGION, "eu-west-1", "999999999999", str(ROOT), "set-below"):
        assert local not in text


def test_definition__register_model__records_where_the_version_comes_from(definitions):
    steps = {step["Name"]: step for step in all_steps(definitions["train"]["Steps"])}
    request = steps["RegisterModel"]["Arguments"]
    metadata = request["CustomerMetadataProperties"]
    assert sorted(metadata) == [
        "artifact_sha256",
        "auc",
        "auc_high",
        "auc_low",
        "champion_model_package_arn",
        "comparison_uri",
        "dataset_rows",
        "dataset_sha256",
        "drifted_batch_uri",
        "drifted_batch_version",
        "environment",
        "git_commit",
        "pipeline_execution_id",
        "release_digest",
        "use_case",
    ]
    assert metadata["dataset_sha256"] == {
        "Std:JsonGet": {
            "PropertyFile": {"Get": "Steps.Preprocess.PropertyFiles.Dataset"},
            "Path": "sha256",
        }
    }
    assert request["ModelApprovalStatus"] == "PendingManualApproval"
    quality = request["ModelMetrics"]["ModelDataQuality"]
    assert quality == request["DriftCheckBaselines"]["ModelDataQuality"]
    assert sorted(quality) == ["Constraints", "Statistics"]


@pytest.mark.parametrize("pipeline", ["train", "inference"])
def test_definition__every_output_path__carries_the_execution_id(definitions, pipeline):
    places = []
    for step in all_steps(definitions[pipeline]["Steps"]):
        arguments = step["Arguments"]
        outputs = arguments.get("ProcessingOutputConfig", {}).get("Outputs", [])
        places += [output["S3Output"]["S3Uri"] for output in outputs]
        places += [
            arguments[key]["S3OutputPath"]
            for key in ("OutputDataConfig", "TransformOutput")
            if key in arguments
        ]
    assert len(places) >= 5
    for place in places:
        assert place["Std:Join"]["Values"][1] == {"Get": "Execution.PipelineExecutionId"}


@pytest.mark.parametrize("pipeline", ["train", "inference"])
def test_definition__step_arguments__fit_the_services_request_shapes(definitions, pipeline):
    service = botocore.session.get_session().get_service_model("sagemaker")
    checked = set()
    for step in all_steps(definitions[pipeline]["Steps"]):
        if step["Type"] not in OPERATIONS:
            continue
        method, name = OPERATIONS[step["Type"]]
        operation = "".join(part.title() for part in method.split("_"))
        shape = service.operation_model(operation).input_shape
        request = filled(step["Arguments"], shape)
        if name:
            assert name not in request
            request[name] = "name"
        errors = ParamValidator().validate(request, shape)
        assert not errors.has_errors(), f"{step['Name']}: {errors.generate_report()}"
        checked.add(step["Type"])
    assert len(checked) >= 3


def filled(value: Any, shape: Any) -> Any:
    """Returns the value with every pipeline variable replaced by one of the shape's type."""
    if isinstance(value, dict):
        if set(value) & {"Get", "Std:Join", "Std:JsonGet"}:
            return {"integer": 1, "long": 1, "float": 1.0, "boolean": True}.get(
                shape.type_name, "x" * max(1, shape.metadata.get("min", 1))
            )
        if shape.type_name == "map":
            return {key: filled(item, shape.value) for key, item in value.items()}
        members = getattr(shape, "members", {})
        return {k: filled(v, members[k]) if k in members else v for k, v in value.items()}
    if isinstance(value, list):
        return [filled(item, shape.member) for item in value]
    return value
