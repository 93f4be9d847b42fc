"""Gathers what happened in the accounts, as the report wants it.

Reads SageMaker and S3 of the accounts through `Account`; writes nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.demo.distributions import bins
from sandbox.demo.story import USE_CASE
from sandbox.pipelines.definition.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.demo.accounts import Account
    from sandbox.demo.story import Story

SCHEMA_VERSION = 1


def gather(story: Story, *, seconds: float, data_source: str) -> dict[str, Any]:
    """Return the story as data: JSON values only, the shape that `report.render` takes.

    Args:
        story: The story, told to its end.
        seconds: Real time that the demo took.
        data_source: Where the rows came from.
    """
    executions = [
        execution
        for environment in ("dev", "prod")
        for execution in _executions(story.accounts[environment])
    ]
    executions.sort(key=lambda execution: str(execution["started_at"]))
    return {
        "schema_version": SCHEMA_VERSION,
        "title": "From a merge to a served model, and back by drift",
        "generated_at": story.now().isoformat(timespec="seconds"),
        "seconds": seconds,
        "data_source": data_source,
        "release": {
            name: story.release[name] for name in ("use_case", "digest", "git_commit", "dirty")
        },
        "accounts": [
            {"environment": name, **{key: account.settings[key] for key in ("account_id", "kind")}}
            for name, account in story.accounts.items()
        ],
        "stages": story.narrator.chapters(),
        "timeline": story.narrator.timeline,
        "executions": executions,
        "models": list(_models(story)),
        "drift": list(_drift(story, executions)),
        "predictions": story.predictions,
        "inbox": _mails(story),
        "refusals": story.refusals,
        "ledger": story.ledger,
        "plans": story.plans,
    }


def _mails(story: Story) -> list[dict[str, str]]:
    names = {account.settings["account_id"]: name for name, account in story.accounts.items()}
    return [
        {
            "at": mail["at"],
            "environment": names[mail["account"]],
            "topic": mail["topic"],
            "subject": mail["subject"],
            "body": mail["body"],
        }
        for mail in story.inbox()
    ]


def _executions(account: Account) -> Iterator[dict[str, Any]]:
    for key in ("train", "inference"):
        for arn in account.executions(account.pipeline_name(USE_CASE, key)):
            yield _execution(account, arn)


def _execution(account: Account, arn: str) -> dict[str, Any]:
    described = account.client("sagemaker").describe_pipeline_execution(PipelineExecutionArn=arn)
    parameters = account.parameters(arn)
    started, ended = described["CreationTime"], described["LastModifiedTime"]
    return {
        "environment": account.environment,
        "pipeline": described["PipelineArn"].rsplit("/", 1)[-1],
        "arn": arn,
        "execution_id": arn.rsplit("/", 1)[-1],
        "status": described["PipelineExecutionStatus"],
        "trigger": _trigger(parameters),
        "started_at": started.isoformat(timespec="seconds"),
        "seconds": (ended - started).total_seconds(),
        "parameters": parameters,
        "failure_reason": described.get("FailureReason"),
        "steps": _steps(account, arn),
    }


def _trigger(parameters: Mapping[str, str]) -> str:
    """Tell what started an execution, by the parameters that only that starter passes."""
    if parameters.get("DriftedBatchUri", "none") != "none":
        return "drift event"
    return "schedule" if "T" in parameters.get("BatchDate", "") else "promote run"


def _steps(account: Account, arn: str) -> list[dict[str, Any]]:
    """Return all steps of an execution's definition, with what became of each."""
    answer = account.client("sagemaker").describe_pipeline_definition_for_execution(
        PipelineExecutionArn=arn
    )
    ran = {step["StepName"]: step for step in account.steps(arn)}
    return [
        {
            "name": step.name,
            "type": step.type,
            "depends_on": sorted(
                {dependency.step for dependency in step.dependencies}
                | ({step.branch.condition} if step.branch else set())
            ),
            **_outcome(ran.get(step.name)),
        }
        for step in parse(answer["PipelineDefinition"]).steps.values()
    ]


def _outcome(ran: Mapping[str, Any] | None) -> dict[str, Any]:
    if ran is None:
        return {"status": "NotExecuted", "seconds": None, "failure_reason": None, "outcome": None}
    return {
        "status": ran["StepStatus"],
        "seconds": (ran["EndTime"] - ran["StartTime"]).total_seconds(),
        "failure_reason": ran.get("FailureReason"),
        "outcome": ran.get("Metadata", {}).get("Condition", {}).get("Outcome"),
    }


def _packages(registry: Account) -> Iterator[dict[str, Any]]:
    sagemaker = registry.client("sagemaker")
    group = registry.settings["use_cases"][USE_CASE]["model_package_group"]
    pages = sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Ascending"
    )
    for page in pages:
        for summary in page["ModelPackageSummaryList"]:
            yield sagemaker.describe_model_package(ModelPackageName=summary["ModelPackageArn"])


def _models(story: Story) -> Iterator[dict[str, Any]]:
    registry = story.accounts["registry"]
    for package in _packages(registry):
        metadata = package["CustomerMetadataProperties"]
        quality = package["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]
        evaluation = json.loads(registry.read(quality))
        curves = ("threshold", "confusion_matrix", "roc_curve", "pr_curve", "calibration")
        yield {
            "version": package["ModelPackageVersion"],
            "status": package["ModelApprovalStatus"],
            "environment": metadata["environment"],
            "created_at": package["CreationTime"].isoformat(timespec="seconds"),
            "approval": package.get("ApprovalDescription"),
            "git_commit": metadata["git_commit"],
            "release_digest": metadata["release_digest"],
            "dataset_sha256": metadata["dataset_sha256"],
            "dataset_rows": int(metadata["dataset_rows"]),
            "metrics": evaluation["binary_classification_metrics"],
            **{name: evaluation[name] for name in curves},
            "served_by": story.served.get(package["ModelPackageVersion"], []),
        }


def _drift(story: Story, executions: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield each drift check that stopped an inference run of prod."""
    for execution in executions:
        stopped = {step["name"] for step in execution["steps"] if step["status"] == "Failed"}
        if execution["environment"] == "prod" and "DataDriftDetected" in stopped:
            yield _drift_check(story, execution["arn"])


def _drift_check(story: Story, execution_arn: str) -> dict[str, Any]:
    execution_id = execution_arn.rsplit("/", 1)[-1]
    folder = story.data_quality_uri(execution_id)
    check, batch, violations = (
        json.loads(story.prod.read(f"{folder}/{name}.json"))
        for name in ("check", "statistics", "constraint_violations")
    )
    drifted = {found["feature_name"] for found in violations["violations"]}
    resolved = {
        output["Name"]: output["Value"]
        for step in story.prod.steps(execution_arn)
        for output in step["Metadata"].get("Lambda", {}).get("OutputParameters", [])
    }
    registry = story.accounts["registry"]
    package = registry.client("sagemaker").describe_model_package(
        ModelPackageName=resolved["model_package_arn"]
    )
    baseline_uri = package["ModelMetrics"]["ModelDataQuality"]["Statistics"]["S3Uri"]
    baseline = json.loads(registry.read(baseline_uri))
    in_batch = {feature["name"]: feature for feature in batch["features"]}
    return {
        "batch_uri": resolved["batch_uri"],
        "model_version": package["ModelPackageVersion"],
        "execution_id": execution_id,
        "violations": violations["violations"],
        "features": [
            {
                "name": feature["name"],
                "type": "numeric" if "numerical_statistics" in feature else "categorical",
                "distance": check["features"].get(feature["name"], {}).get("distance"),
                "threshold": check["features"].get(feature["name"], {}).get("threshold"),
                "drifted": feature["name"] in drifted,
                "bins": bins(feature, in_batch.get(feature["name"])),
            }
            for feature in baseline["features"]
        ],
    }
