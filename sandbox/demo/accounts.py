"""The demo's view of the accounts: clients of their administrators, files and executions.

Calls S3, SageMaker and SNS of the sandbox's server through boto3, like any user of AWS.
"""

from __future__ import annotations

import csv
import io
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3

from sandbox.demo.commands import DemoFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

ENDED = ("Succeeded", "Failed", "Stopped")


def client_of(session: boto3.Session, service: str, endpoint_url: str) -> Any:
    """Return a client of a service; boto3's types want the name as a literal, here it varies."""
    factory: Any = session.client
    return factory(service, endpoint_url=endpoint_url)


def session_of(variables: Mapping[str, str]) -> boto3.Session:
    """Return a session of a principal, by environment variables as `sandbox env` gives them."""
    return boto3.Session(
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=variables.get("AWS_SESSION_TOKEN"),
        region_name=variables["AWS_REGION"],
    )


def assume(
    variables: Mapping[str, str], role_arn: str, external_id: str | None = None
) -> boto3.Session:
    """Return a session of a role that a principal assumes.

    Raises:
        botocore.exceptions.ClientError: He may not.
    """
    sts = client_of(session_of(variables), "sts", variables["AWS_ENDPOINT_URL"])
    stated = {} if external_id is None else {"ExternalId": external_id}
    answer = sts.assume_role(RoleArn=role_arn, RoleSessionName="demo", **stated)
    return boto3.Session(
        aws_access_key_id=answer["Credentials"]["AccessKeyId"],
        aws_secret_access_key=answer["Credentials"]["SecretAccessKey"],
        aws_session_token=answer["Credentials"]["SessionToken"],
        region_name=variables["AWS_REGION"],
    )


@dataclass(frozen=True)
class Account:
    """One environment: its file, and clients that act as the account's administrator.

    Attributes:
        environment: The environment's name.
        settings: The decoded environment file.
        session: boto3 session of the administrator.
        endpoint_url: Address of the sandbox's server.
    """

    environment: str
    settings: Mapping[str, Any]
    session: boto3.Session
    endpoint_url: str

    @classmethod
    def connect(cls, path: Path, variables: Mapping[str, str]) -> Account:
        """Return the account of an environment file.

        Args:
            path: The file, `environments/<name>.tfvars.json`.
            variables: Environment variables of its administrator, as `sandbox env` gives them.
        """
        settings = json.loads(path.read_text(encoding="utf-8"))
        session = session_of(variables)
        return cls(settings["environment"], settings, session, variables["AWS_ENDPOINT_URL"])

    def client(self, service: str) -> Any:
        """Return a boto3 client of a service in this account."""
        return client_of(self.session, service, self.endpoint_url)

    def put(self, key: str, path: Path) -> str:
        """Upload a file to the data bucket and return its S3 URI."""
        bucket = self.settings["buckets"]["data"]
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=path.read_bytes())
        return f"s3://{bucket}/{key}"

    def read(self, s3_uri: str) -> str:
        """Return the text of an S3 object."""
        place = urlsplit(s3_uri)
        answer = self.client("s3").get_object(Bucket=place.netloc, Key=place.path.lstrip("/"))
        text: str = answer["Body"].read().decode("utf-8")
        return text

    def rows(self, s3_uri: str) -> list[dict[str, str]]:
        """Return the rows of a CSV object with a header."""
        return list(csv.DictReader(io.StringIO(self.read(s3_uri))))

    def pipeline_name(self, use_case: str, key: str) -> str:
        """Return the name of a use case's pipeline in this account."""
        name: str = self.settings["use_cases"][use_case]["pipelines"][key]
        return name

    def executions(self, pipeline_name: str) -> list[str]:
        """Return the ARNs of a pipeline's executions, oldest first; empty without the pipeline."""
        sagemaker = self.client("sagemaker")
        names = {
            summary["PipelineName"]
            for page in sagemaker.get_paginator("list_pipelines").paginate()
            for summary in page["PipelineSummaries"]
        }
        if pipeline_name not in names:
            return []
        pages = sagemaker.get_paginator("list_pipeline_executions").paginate(
            PipelineName=pipeline_name, SortBy="CreationTime", SortOrder="Ascending"
        )
        return [
            summary["PipelineExecutionArn"]
            for page in pages
            for summary in page["PipelineExecutionSummaries"]
        ]

    def steps(self, execution_arn: str) -> list[dict[str, Any]]:
        """Return the steps that an execution has started, oldest first."""
        pages = (
            self.client("sagemaker")
            .get_paginator("list_pipeline_execution_steps")
            .paginate(PipelineExecutionArn=execution_arn, SortOrder="Ascending")
        )
        return [step for page in pages for step in page["PipelineExecutionSteps"]]

    def parameters(self, execution_arn: str) -> dict[str, str]:
        """Return the parameters of an execution by name, defaults included."""
        answer = self.client("sagemaker").list_pipeline_parameters_for_execution(
            PipelineExecutionArn=execution_arn
        )
        return {found["Name"]: found["Value"] for found in answer["PipelineParameters"]}

    def follow(
        self,
        pipeline_name: str,
        known: int,
        say: Callable[[str], None],
        timeout_seconds: float = 120.0,
    ) -> str:
        """Wait for the next execution of a pipeline to start and to end.

        Args:
            pipeline_name: The pipeline.
            known: How many executions it had before.
            say: Told each step that ends.
            timeout_seconds: How long to wait, in real time.

        Returns:
            The execution's ARN.

        Raises:
            DemoFailed: None started, more than one did, or it did not end in time.
        """
        deadline = time.monotonic() + timeout_seconds
        told: set[str] = set()
        while time.monotonic() < deadline:
            started = self.executions(pipeline_name)[known:]
            if len(started) > 1:
                raise DemoFailed(
                    f"{len(started)} executions of {pipeline_name} started in "
                    f"{self.environment}, the demo expects one: {', '.join(started)}"
                )
            if started:
                status = self.client("sagemaker").describe_pipeline_execution(
                    PipelineExecutionArn=started[0]
                )["PipelineExecutionStatus"]
                self._tell(started[0], told, say)
                if status in ENDED:
                    return started[0]
            time.sleep(0.1)
        raise DemoFailed(
            f"No execution of {pipeline_name} in {self.environment} started and ended within "
            f"{timeout_seconds:.0f} s; see `sandbox status` and the sandbox's log."
        )

    def _tell(self, execution_arn: str, told: set[str], say: Callable[[str], None]) -> None:
        for step in self.steps(execution_arn):
            name, status = step["StepName"], step["StepStatus"]
            if status in ENDED and name not in told:
                told.add(name)
                seconds = (step["EndTime"] - step["StartTime"]).total_seconds()
                reason = step.get("FailureReason", "")
                say(f"{name:<20} {status:<10} {seconds:4.1f} s  {reason}".rstrip())
