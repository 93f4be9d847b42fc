"""Lambda: hands a pipeline execution that has ended to the ledger of the registry account.

Reads the execution (see `execution_facts` and `job_facts`) and the versions of the data that it
read (see `dataset_versions`); invokes the function named by the environment variable
LEDGER_FUNCTION_ARN. Standard library, boto3 and `promotion.ledger` only.
"""

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from promotion.handlers.dataset_versions import read_versions
from promotion.handlers.execution_facts import Execution, read_execution
from promotion.handlers.job_facts import inputs_of, metrics_of, read_jobs
from promotion.handlers.ledger_client import submit
from promotion.ledger.check import record_from
from promotion.ledger.moments import timestamp
from promotion.ledger.record import Record

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient

ENDED = ("Succeeded", "Failed", "Stopped")
# Texts of AWS and values of parameters are cut here, so that the record fits into the ledger.
LONGEST_TEXT = 300


@dataclass(frozen=True)
class Settings:
    """Where the function runs.

    Attributes:
        environment: name of the environment.
        account_id: its account.
        data_bucket: its data bucket.
        use_cases: use case of each pipeline, by the pipeline's name.
        ledger_function_arn: the ledger's function, in the registry account.
    """

    environment: str
    account_id: str
    data_bucket: str
    use_cases: dict[str, str]
    ledger_function_arn: str


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Record the execution that an execution status change event tells of."""
    settings = Settings(
        environment=os.environ["ENVIRONMENT"],
        account_id=event["account"],
        data_bucket=os.environ["DATA_BUCKET"],
        use_cases=json.loads(os.environ["USE_CASES"]),
        ledger_function_arn=os.environ["LEDGER_FUNCTION_ARN"],
    )
    arn = event["detail"]["pipelineExecutionArn"]
    sagemaker, s3 = boto3.client("sagemaker"), boto3.client("s3")
    execution = read_execution(arn, sagemaker)
    if execution.status not in ENDED:
        return {"skipped": f"{arn} is {execution.status} again: its end will be told"}
    record = record_of(execution, settings, sagemaker, s3)
    # SageMaker may send several events for one change: the end, not the event, is the fact.
    token = f"execution/{arn}/{execution.status}/{record.at}"
    return submit(record, token, settings.ledger_function_arn, boto3.client("lambda"))


def record_of(
    execution: Execution, settings: Settings, sagemaker: "SageMakerClient", s3: "S3Client"
) -> Record:
    """Return what the ledger shall say of an execution that has ended.

    Raises:
        ClientError: SageMaker or S3 fails.
    """
    use_case = settings.use_cases[execution.pipeline_name]
    jobs = read_jobs(execution, sagemaker)
    own_data = f"s3://{settings.data_bucket}/{use_case}/"
    datasets = read_versions([uri for uri in inputs_of(jobs) if uri.startswith(own_data)], s3)
    return record_from(
        {
            "kind": "execution",
            "at": timestamp(execution.ended_at),
            "actor": execution.started_by,
            "account_id": settings.account_id,
            "environment": settings.environment,
            "use_case": use_case,
            **execution.release,
            "model_package_arn": execution.model_package_arn,
            "reason": execution.reason[:LONGEST_TEXT],
            "outcome": execution.status,
            "dataset_versions": [vars(version) for version in datasets.versions],
            "details": {
                "pipeline": execution.pipeline_name,
                "execution_arn": execution.arn,
                "definition_digest": execution.definition_digest,
                "started_at": timestamp(execution.started_at),
                "seconds": round((execution.ended_at - execution.started_at).total_seconds(), 3),
                "parameters": {
                    name: value[:LONGEST_TEXT] for name, value in execution.parameters.items()
                },
                "steps": [
                    {"name": step.name, "status": step.status, "seconds": step.seconds}
                    for step in execution.steps
                ],
                "metrics": dict(metrics_of(jobs, execution.property_files, s3)),
                "unread_datasets": list(datasets.unread),
            },
        }
    )
