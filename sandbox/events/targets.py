"""Sending one event to one target of a rule.

Calls the sandbox's own server: with the target's role where AWS uses one (SageMaker
pipelines), else as ``events.amazonaws.com``, for which the target's resource policy and the
policy of its key decide. Rules:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.events.inputs import pipeline_parameters, target_input
from sandbox.model import Document, ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.model import AwsAccess

EVENTS = "events.amazonaws.com"


@dataclass(frozen=True)
class Shipment:
    """One event on its way to one target.

    Attributes:
        rule_arn: Rule that matched.
        target: The target, as PutTargets stores it.
        event: The whole event.
    """

    rule_arn: str
    target: Document
    event: Document

    @property
    def arn(self) -> str:
        """ARN of the target."""
        return str(self.target["Arn"])

    @property
    def account_id(self) -> str:
        """Account of the target."""
        return self.arn.split(":")[4]

    @property
    def region(self) -> str:
        """Region of the target."""
        return self.arn.split(":")[3]

    @property
    def text(self) -> str:
        """What the target receives."""
        return target_input(self.target, self.event, rule_arn=self.rule_arn)

    @property
    def token(self) -> str:
        """The same for each attempt to deliver this event to this target."""
        identity = f"{self.event['id']} {self.rule_arn} {self.target['Id']}"
        return hashlib.sha256(identity.encode()).hexdigest()


class Targets:
    """Sends shipments.

    Args:
        aws: Clients for the sandbox's server.
        forward: Puts an event on the bus that is its target.
    """

    def __init__(self, aws: AwsAccess, forward: Callable[[Shipment], None]) -> None:
        self._aws = aws
        self._forward = forward

    def send(self, shipment: Shipment) -> None:
        """Deliver.

        Raises:
            ServiceError: The target refuses, or is of a kind that is not emulated.
            botocore.exceptions.ClientError: The target's service answers with an error.
        """
        kind = ":".join(shipment.arn.split(":")[2:3] + shipment.arn.split(":")[5:6])
        for prefix, send in (
            ("sagemaker:pipeline/", self._start_pipeline),
            ("lambda:function", self._invoke),
            ("sns:", self._publish),
            ("sqs:", self._send_message),
            ("events:event-bus/", self._forward),
            ("logs:log-group", self._log),
        ):
            if kind.startswith(prefix):
                send(shipment)
                return
        raise ServiceError(
            "UnsupportedTarget", f"the sandbox does not deliver events to {shipment.arn}"
        )

    def bury(self, shipment: Shipment, code: str, message: str, attempts: int) -> bool:
        """Send an event to the target's dead-letter queue, if it has one.

        Returns:
            Whether there is a queue.

        Raises:
            botocore.exceptions.ClientError: The queue does not let EventBridge send.
        """
        queue_arn = (shipment.target.get("DeadLetterConfig") or {}).get("Arn")
        if not queue_arn:
            return False
        facts = {
            "RULE_ARN": shipment.rule_arn,
            "TARGET_ARN": shipment.arn,
            "ERROR_CODE": code,
            "ERROR_MESSAGE": message,
            "RETRY_ATTEMPTS": str(attempts - 1),
            "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        }
        attributes = {
            name: {"DataType": "String", "StringValue": value} for name, value in facts.items()
        }
        self._send(shipment, queue_arn, MessageAttributes=attributes)
        return True

    def _as_events(self, service: str, arn: str, source_arn: str = "") -> Any:
        parts = arn.split(":")
        return self._aws.client(
            service,
            account_id=parts[4],
            region=parts[3],
            service_principal=EVENTS,
            source_arn=source_arn,
        )

    def _send(self, shipment: Shipment, queue_arn: str, **more: Any) -> None:
        _, _, _, _, account, name = queue_arn.split(":")
        self._as_events("sqs", queue_arn, shipment.rule_arn).send_message(
            QueueUrl=f"{self._aws.endpoint_url}/{account}/{name}",
            MessageBody=shipment.text,
            **more,
        )

    def _start_pipeline(self, shipment: Shipment) -> None:
        role_arn = shipment.target.get("RoleArn")
        if not role_arn:
            raise ServiceError(
                "ValidationException", f"target {shipment.target['Id']} needs a RoleArn"
            )
        client = self._aws.client(
            "sagemaker",
            role_arn=role_arn,
            region=shipment.region,
            service_principal=EVENTS,
            source_arn=shipment.rule_arn,
        )
        client.start_pipeline_execution(
            PipelineName=shipment.arn,
            PipelineParameters=pipeline_parameters(shipment.target, shipment.event),
            ClientRequestToken=shipment.token,
        )

    def _invoke(self, shipment: Shipment) -> None:
        self._as_events("lambda", shipment.arn, shipment.rule_arn).invoke(
            FunctionName=shipment.arn, InvocationType="Event", Payload=shipment.text.encode()
        )

    def _publish(self, shipment: Shipment) -> None:
        role_arn = shipment.target.get("RoleArn")
        if role_arn:
            client = self._aws.client(
                "sns",
                role_arn=role_arn,
                region=shipment.region,
                service_principal=EVENTS,
                source_arn=shipment.rule_arn,
            )
        else:
            # EventBridge tells a topic, and the key of one, nothing of the rule.
            client = self._as_events("sns", shipment.arn)
        client.publish(TopicArn=shipment.arn, Message=shipment.text)

    def _send_message(self, shipment: Shipment) -> None:
        group = (shipment.target.get("SqsParameters") or {}).get("MessageGroupId")
        more = {"MessageGroupId": group} if group else {}
        self._send(shipment, shipment.arn, **more)

    def _log(self, shipment: Shipment) -> None:
        group = shipment.arn.split(":log-group:", 1)[-1].removesuffix(":*")
        client = self._as_events("logs", shipment.arn, shipment.rule_arn)
        stream = shipment.token
        client.create_log_stream(logGroupName=group, logStreamName=stream)
        client.put_log_events(
            logGroupName=group,
            logStreamName=stream,
            logEvents=[{"timestamp": int(time.time() * 1000), "message": shipment.text}],
        )
