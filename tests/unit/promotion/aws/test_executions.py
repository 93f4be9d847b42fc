"""Executions as the gateway reads them, from answers laid down for the client."""

from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import Stubber

from promotion.aws.errors import RemoteDenied
from promotion.aws.executions import Executions, ExecutionState, StepState

PIPELINE = "arn:aws:sagemaker:eu-west-1:333333333333:pipeline/p"
ARN = f"{PIPELINE}/execution/abcdefghijkl"
JOB = "arn:aws:sagemaker:eu-west-1:333333333333:processing-job/j"
START = datetime(2026, 1, 31, 6, 0, tzinfo=UTC)


@pytest.fixture
def stubber():
    client = boto3.client(
        "sagemaker", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(client) as found:
        yield found
        found.assert_no_pending_responses()


@pytest.fixture
def executions(stubber):
    return Executions(stubber.client, "333333333333")


def test_steps__of_every_kind__over_pages(stubber, executions):
    stubber.add_response(
        "list_pipeline_execution_steps",
        {
            "PipelineExecutionSteps": [
                {
                    "StepName": "Check",
                    "StepStatus": "Succeeded",
                    "StartTime": START,
                    "EndTime": START,
                    "Metadata": {"ProcessingJob": {"Arn": JOB}},
                },
            ],
            "NextToken": "more",
        },
        {"PipelineExecutionArn": ARN, "SortOrder": "Ascending"},
    )
    stubber.add_response(
        "list_pipeline_execution_steps",
        {
            "PipelineExecutionSteps": [
                {
                    "StepName": "IsDrifted",
                    "StepStatus": "Succeeded",
                    "Metadata": {"Condition": {"Outcome": "True"}},
                },
                {
                    "StepName": "DataDriftDetected",
                    "StepStatus": "Failed",
                    "Metadata": {"Fail": {"ErrorMessage": "age has drifted"}},
                },
                {"StepName": "Waiting", "StepStatus": "Starting"},
            ]
        },
        {"PipelineExecutionArn": ARN, "SortOrder": "Ascending", "NextToken": "more"},
    )
    assert executions.steps(ARN) == (
        StepState("Check", "Succeeded", started_at=START, ended_at=START, resource_arn=JOB),
        StepState("IsDrifted", "Succeeded", outcome="True"),
        StepState("DataDriftDetected", "Failed", "age has drifted"),
        StepState("Waiting", "Starting"),
    )


def test_describe__failed__has_the_reason(stubber, executions):
    stubber.add_response(
        "describe_pipeline_execution",
        {"PipelineExecutionStatus": "Failed", "FailureReason": "why", "CreationTime": START},
        {"PipelineExecutionArn": ARN},
    )
    assert executions.describe(ARN) == ExecutionState(ARN, "Failed", "why", START)


def test_latest__none_yet__is_none(stubber, executions):
    stubber.add_response("list_pipeline_executions", {"PipelineExecutionSummaries": []})
    assert executions.latest("p") is None


def test_start__denied__names_account_operation_and_pipeline(stubber, executions):
    stubber.add_client_error("start_pipeline_execution", "AccessDeniedException", "no")
    with pytest.raises(RemoteDenied) as caught:
        executions.start("p", {"A": "1"})
    assert caught.value.message == (
        "sagemaker.StartPipelineExecution in account 333333333333 for p was denied: no"
    )
