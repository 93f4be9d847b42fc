"""The plan role, with which every pull request's plan runs, writes nothing in any service."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.demo.story import USE_CASE

from .attack import denied

if TYPE_CHECKING:
    from collections.abc import Callable

    from .attack import Attacker, Ground

# One process applies the Terraform of all of these tests once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("estate")]

_EVENT = {"Source": "promotion.data-quality", "DetailType": "Data Drift Detected", "Detail": "{}"}


@dataclass(frozen=True)
class Write:
    """One attempt to write.

    Attributes:
        service: boto3's name.
        action: The IAM action.
        request: Makes the request with a client.
        resource: ARN that the denial names.
        state: Reads what would change.
    """

    service: str
    action: str
    request: Callable[[Any, Ground], object]
    resource: Callable[[Ground], str]
    state: Callable[[Ground], Any]


def _queue(ground: Ground) -> str:
    urls = ground.admin("sqs", "prod").list_queues()["QueueUrls"]
    return str(sorted(urls)[0])


def _queue_arn(ground: Ground) -> str:
    return ground.arn("prod", "sqs", _queue(ground).rsplit("/", 1)[-1])


def _topic(ground: Ground) -> str:
    return ground.arn("prod", "sns", ground.settings["prod"]["alerts"]["topic"])


def _rule(ground: Ground) -> str:
    return ground.name("prod", "retrain-on-drift")


def _function(ground: Ground) -> str:
    return ground.name("prod", "start-retrain")


def _function_arn(ground: Ground) -> str:
    return ground.arn("prod", "lambda", f"function:{_function(ground)}")


def _train(ground: Ground) -> str:
    return str(ground.settings["prod"]["use_cases"][USE_CASE]["pipelines"]["train"])


def _role(ground: Ground) -> str:
    return ground.role("prod", "lambda", "-start-retrain")


def _state_key(ground: Ground) -> str:
    return f"{ground.bucket('prod', 'state')}/accounts/prod/terraform.tfstate"


def _mails(ground: Ground) -> int:
    ground.estate.sandbox.settle()
    return len(ground.estate.sandbox.inbox.listing())


def _code(ground: Ground) -> Any:
    found = ground.admin("lambda", "prod").get_function(FunctionName=_function(ground))
    return found["Configuration"]["CodeSha256"]


WRITES = {
    "state": Write(
        "s3", "s3:PutObject",
        lambda client, ground: client.put_object(
            Bucket=ground.bucket("prod", "state"), Key="accounts/prod/terraform.tfstate", Body=b""
        ),
        lambda ground: f"arn:aws:s3:::{_state_key(ground)}",
        lambda ground: ground.objects("prod", "state"),
    ),
    "state-removed": Write(
        "s3", "s3:DeleteObject",
        lambda client, ground: client.delete_object(
            Bucket=ground.bucket("prod", "state"), Key="accounts/prod/terraform.tfstate"
        ),
        lambda ground: f"arn:aws:s3:::{_state_key(ground)}",
        lambda ground: ground.objects("prod", "state"),
    ),
    "bucket-policy": Write(
        "s3", "s3:DeleteBucketPolicy",
        lambda client, ground: client.delete_bucket_policy(Bucket=ground.bucket("prod")),
        lambda ground: f"arn:aws:s3:::{ground.bucket('prod')}",
        lambda ground: ground.admin("s3", "prod").get_bucket_policy(Bucket=ground.bucket("prod"))[
            "Policy"
        ],
    ),
    "code": Write(
        "lambda", "lambda:UpdateFunctionConfiguration",
        lambda client, ground: client.update_function_configuration(
            FunctionName=_function(ground), Handler="attack.handler"
        ),
        _function_arn, _code,
    ),
    "invocation": Write(
        "lambda", "lambda:InvokeFunction",
        lambda client, ground: client.invoke(FunctionName=_function(ground), Payload=b"{}"),
        _function_arn, lambda ground: ground.executions("prod"),
    ),
    "rule-disabled": Write(
        "events", "events:DisableRule",
        lambda client, ground: client.disable_rule(Name=_rule(ground)),
        lambda ground: ground.arn("prod", "events", f"rule/{_rule(ground)}"),
        lambda ground: ground.admin("events", "prod").describe_rule(Name=_rule(ground))["State"],
    ),
    "rule-retargeted": Write(
        "events", "events:RemoveTargets",
        lambda client, ground: client.remove_targets(Rule=_rule(ground), Ids=["start-retrain"]),
        lambda ground: ground.arn("prod", "events", f"rule/{_rule(ground)}"),
        lambda ground: ground.admin("events", "prod").list_targets_by_rule(Rule=_rule(ground))[
            "Targets"
        ],
    ),
    "event": Write(
        "events", "events:PutEvents",
        lambda client, ground: client.put_events(Entries=[_EVENT]),
        lambda ground: ground.arn("prod", "events", "event-bus/default"),
        lambda ground: ground.deliveries(),
    ),
    "queue": Write(
        "sqs", "sqs:SetQueueAttributes",
        lambda client, ground: client.set_queue_attributes(
            QueueUrl=_queue(ground), Attributes={"MessageRetentionPeriod": "60"}
        ),
        _queue_arn,
        lambda ground: ground.admin("sqs", "prod").get_queue_attributes(
            QueueUrl=_queue(ground), AttributeNames=["MessageRetentionPeriod"]
        )["Attributes"],
    ),
    "alert": Write(
        "sns", "sns:Publish",
        lambda client, ground: client.publish(TopicArn=_topic(ground), Message="all is well"),
        _topic, _mails,
    ),
    "role": Write(
        "iam", "iam:PutRolePolicy",
        lambda client, ground: client.put_role_policy(
            RoleName=_role(ground), PolicyName="more", PolicyDocument=json.dumps({
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
            })
        ),
        lambda ground: ground.role_arn("prod", _role(ground)),
        lambda ground: ground.role_policies("prod", _role(ground)),
    ),
    "key": Write(
        "kms", "kms:DisableKeyRotation",
        lambda client, ground: client.disable_key_rotation(KeyId=ground.key_arn("prod")),
        lambda ground: ground.key_arn("prod"),
        lambda ground: ground.admin("kms", "prod").get_key_rotation_status(
            KeyId=ground.key_arn("prod")
        )["KeyRotationEnabled"],
    ),
    "execution": Write(
        "sagemaker", "sagemaker:StartPipelineExecution",
        lambda client, ground: client.start_pipeline_execution(
            PipelineName=_train(ground), ClientRequestToken="attack" * 8
        ),
        lambda ground: ground.pipeline_arn("prod", "train"),
        lambda ground: ground.executions("prod"),
    ),
    "pipeline": Write(
        "sagemaker", "sagemaker:DeletePipeline",
        lambda client, ground: client.delete_pipeline(
            PipelineName=_train(ground), ClientRequestToken="attack" * 8
        ),
        lambda ground: ground.pipeline_arn("prod", "train"),
        lambda ground: ground.admin("sagemaker", "prod").describe_pipeline(
            PipelineName=_train(ground)
        )["PipelineDefinition"],
    ),
    "logs": Write(
        "logs", "logs:DeleteLogGroup",
        lambda client, ground: client.delete_log_group(
            logGroupName=f"/aws/lambda/{_function(ground)}"
        ),
        lambda ground: ground.arn("prod", "logs", f"log-group:/aws/lambda/{_function(ground)}"),
        lambda ground: [
            group["logGroupName"]
            for group in ground.admin("logs", "prod").describe_log_groups()["logGroups"]
        ],
    ),
    "alarm": Write(
        "cloudwatch", "cloudwatch:DeleteAlarms",
        lambda client, ground: client.delete_alarms(AlarmNames=_alarms(ground)[:1]),
        lambda ground: ground.arn("prod", "cloudwatch", f"alarm:{_alarms(ground)[0]}"),
        lambda ground: _alarms(ground),  # noqa: PLW0108 - defined below
    ),
}  # fmt: skip


def _alarms(ground: Ground) -> list[str]:
    found = ground.admin("cloudwatch", "prod").describe_alarms()["MetricAlarms"]
    return sorted(alarm["AlarmName"] for alarm in found)


@pytest.mark.parametrize("write", WRITES)
def test_plan_role__writes_to_a_service__is_denied(
    ground: Ground, attacker: Attacker, write: str
) -> None:
    """The role that plans reads: it changes, starts, sends and removes nothing."""
    attempt = WRITES[write]
    denied(
        attacker.by_purpose("prod", "plan"),
        lambda client: attempt.request(client, ground),
        service=attempt.service, action=attempt.action, resource=attempt.resource(ground),
        state=lambda: attempt.state(ground),
    )  # fmt: skip


@pytest.mark.parametrize("write", ["code", "rule-disabled", "alarm", "queue"])
def test_pipeline__changes_the_infrastructure_around_it__is_denied(
    ground: Ground, attacker: Attacker, write: str
) -> None:
    """Code of a data scientist, which runs as the execution role, cannot switch its guards off."""
    attempt = WRITES[write]
    denied(
        attacker.by_purpose("prod", "execution", f"-{USE_CASE}"),
        lambda client: attempt.request(client, ground),
        service=attempt.service, action=attempt.action, resource=attempt.resource(ground),
        state=lambda: attempt.state(ground),
    )  # fmt: skip
