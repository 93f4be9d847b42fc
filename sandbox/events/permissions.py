"""Whether AWS would let EventBridge deliver to a target: resource policies and keys.

Calls the sandbox's own server as the target account's root, to read policies. Rules:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sandbox.authorization.statements import decide, service_asker
from sandbox.model import ServiceError

if TYPE_CHECKING:
    from sandbox.authorization.conditions import Context
    from sandbox.model import AwsAccess

EVENTS = "events.amazonaws.com"
_FORBIDDEN = 403


def context_for(source_arn: str) -> Context:
    """Return the condition keys of a request that EventBridge makes for a rule."""
    account = source_arn.split(":")[4]
    absent = dict.fromkeys(
        (
            "aws:principalarn",
            "aws:principalaccount",
            "aws:principalorgid",
            "aws:sourceowner",
            "kms:viaservice",
        )
    )
    known = {
        "aws:sourcearn": source_arn,
        "aws:sourceaccount": account,
        "aws:securetransport": "true",
    }
    return {**absent, **known}


def require(policy: str | None, *, action: str, resource: str, source_arn: str) -> None:
    """Return when a resource's policy lets EventBridge act for a rule.

    Raises:
        ServiceError: ``AccessDenied`` naming action, resource and what the policy lacks.
    """
    decision = decide(
        policy,
        who=service_asker(EVENTS),
        action=action,
        context=context_for(source_arn),
        resource=resource,
    )
    if not decision.allowed:
        raise ServiceError(
            "AccessDenied",
            f"{EVENTS} is not authorized to perform: {action} on resource: {resource} for "
            f"{source_arn}; of its resource policy: {decision.reason}",
            _FORBIDDEN,
        )


def require_topic(aws: AwsAccess, topic_arn: str, source_arn: str) -> None:
    """Return when EventBridge may publish to a topic and use its key."""
    account, region = _place(topic_arn)
    client = aws.client("sns", account_id=account, region=region)
    attributes = client.get_topic_attributes(TopicArn=topic_arn)["Attributes"]
    require(
        attributes.get("Policy"), action="sns:Publish", resource=topic_arn, source_arn=source_arn
    )
    require_key(aws, attributes.get("KmsMasterKeyId"), topic_arn, source_arn)


def require_queue(aws: AwsAccess, queue_arn: str, source_arn: str) -> str:
    """Return a queue's URL when EventBridge may send to it and use its key."""
    account, region = _place(queue_arn)
    client = aws.client("sqs", account_id=account, region=region)
    url = str(client.get_queue_url(QueueName=queue_arn.rsplit(":", 1)[-1])["QueueUrl"])
    found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    attributes: dict[str, str] = found.get("Attributes", {})
    require(
        attributes.get("Policy"),
        action="sqs:SendMessage",
        resource=queue_arn,
        source_arn=source_arn,
    )
    require_key(aws, attributes.get("KmsMasterKeyId"), queue_arn, source_arn)
    return url


def require_function(aws: AwsAccess, function_arn: str, source_arn: str) -> None:
    """Return when a function's policy lets EventBridge invoke it."""
    account, region = _place(function_arn)
    client = aws.client("lambda", account_id=account, region=region)
    try:
        policy = client.get_policy(FunctionName=function_arn)["Policy"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        policy = None
    require(policy, action="lambda:InvokeFunction", resource=function_arn, source_arn=source_arn)


def require_key(aws: AwsAccess, key: str | None, resource_arn: str, source_arn: str) -> None:
    """Return when EventBridge may use the key that encrypts a topic or queue.

    Raises:
        ServiceError: ``KMSAccessDenied`` for an AWS-managed key, whose policy cannot be
            changed, and for a key whose policy does not name EventBridge.
    """
    if not key:
        return
    if key.rsplit(":", 1)[-1].startswith("alias/aws/"):
        raise _key_denied(key, resource_arn, "its policy is AWS's own; use a customer-managed key")
    account, region = _place(resource_arn)
    client = aws.client("kms", account_id=account, region=region)
    metadata: dict[str, Any] = client.describe_key(KeyId=key)["KeyMetadata"]
    policy = client.get_key_policy(KeyId=metadata["KeyId"], PolicyName="default")["Policy"]
    for action in ("kms:GenerateDataKey", "kms:Decrypt"):
        decision = decide(
            policy,
            who=service_asker(EVENTS),
            action=action,
            context=context_for(source_arn),
            resource=metadata["Arn"],
        )
        if not decision.allowed:
            raise _key_denied(key, resource_arn, f"{action}: {decision.reason}")


def _key_denied(key: str, resource_arn: str, reason: str) -> ServiceError:
    return ServiceError(
        "KMSAccessDenied",
        f"{EVENTS} may not use key {key} of {resource_arn}: {reason}",
        _FORBIDDEN,
    )


def _place(arn: str) -> tuple[str, str]:
    parts = arn.split(":")
    return parts[4], parts[3]
