"""Policies are checked when they are stored: what cannot be evaluated never is.

Reads moto's IAM store. A policy that AWS would refuse, or with a condition key, operator or
principal that the sandbox does not evaluate, is refused with the service's own code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from moto.iam.models import iam_backends

from sandbox.authorization import names
from sandbox.authorization.errors import PolicyError
from sandbox.authorization.policy import parse_policy
from sandbox.model import SandboxError, ServiceError
from sandbox.services.call import body_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sandbox.services.call import Call

# Parameter with the policy, by service and operation; a dot goes into an object.
_GIVEN: Mapping[tuple[str, str], str] = {
    ("dynamodb", "CreateTable"): "ResourcePolicy",
    ("dynamodb", "PutResourcePolicy"): "Policy",
    ("events", "PutPermission"): "Policy",
    ("iam", "CreatePolicy"): "PolicyDocument",
    ("iam", "CreatePolicyVersion"): "PolicyDocument",
    ("iam", "CreateRole"): "AssumeRolePolicyDocument",
    ("iam", "PutGroupPolicy"): "PolicyDocument",
    ("iam", "PutRolePolicy"): "PolicyDocument",
    ("iam", "PutUserPolicy"): "PolicyDocument",
    ("iam", "UpdateAssumeRolePolicy"): "PolicyDocument",
    ("kms", "CreateKey"): "Policy",
    ("kms", "PutKeyPolicy"): "Policy",
    ("logs", "PutResourcePolicy"): "policyDocument",
    ("s3", "PutBucketPolicy"): "",
    ("sagemaker", "PutModelPackageGroupPolicy"): "ResourcePolicy",
    ("secretsmanager", "PutResourcePolicy"): "ResourcePolicy",
    ("sns", "CreateTopic"): "Attributes.Policy",
    ("sns", "SetTopicAttributes"): "AttributeValue",
    ("sqs", "CreateQueue"): "Attributes.Policy",
    ("sqs", "SetQueueAttributes"): "Attributes.Policy",
    ("sts", "AssumeRole"): "Policy",
}
_ATTACHED = {"AttachRolePolicy", "AttachUserPolicy", "AttachGroupPolicy"}
_CODES = {
    "iam": "MalformedPolicyDocument",
    "kms": "MalformedPolicyDocumentException",
    "s3": "MalformedPolicy",
    "sns": "InvalidParameter",
    "sqs": "InvalidAttributeValue",
    "sts": "MalformedPolicyDocument",
}


def check_given(call: Call) -> None:
    """Return when the policy that a call stores, if it does, can be evaluated.

    Raises:
        ServiceError: It cannot; the message says why.
    """
    try:
        for text in _texts(call):
            parse_policy(f"in {call.service}:{call.operation}", text)
    except PolicyError as error:
        code = _CODES.get(call.service, "ValidationException")
        raise ServiceError(code, f"Syntax errors in policy: {error.problem}") from error


def check_accounts(account_ids: Iterable[str]) -> None:
    """Return when every policy that IAM stores in some accounts can be evaluated.

    Raises:
        SandboxError: One cannot: it is named, with the reason.
    """
    for account_id in account_ids:
        backend = iam_backends[account_id]["aws"]
        for owner in (*backend.users.values(), *backend.roles.values()):
            for name, text in owner.policies.items():
                try:
                    parse_policy(f"{owner.arn}#{name}", text)
                except PolicyError as error:
                    raise SandboxError(str(error)) from error


def _texts(call: Call) -> Iterator[str]:
    if call.service == "iam" and call.operation in _ATTACHED:
        arn = call.parameters.get("PolicyArn")
        stored = iam_backends[call.account_id]["aws"].managed_policies.get(arn)
        if stored is not None:
            yield names.managed_document(stored)
        return
    place = _GIVEN.get((call.service, call.operation))
    if place is None:
        return
    text = body_of(call).decode("utf-8", "replace") if call.service == "s3" else _at(call, place)
    if text:
        yield text


def _at(call: Call, place: str) -> str:
    given = call.parameters
    if (call.service, call.operation) == ("sns", "SetTopicAttributes"):
        is_policy = given.get("AttributeName") == "Policy"
        return str(given.get("AttributeValue") or "") if is_policy else ""
    *path, last = place.split(".")
    for name in path:
        given = given.get(name) or {}
    text = str(given.get(last) or "")
    return unquote(text) if text.startswith("%") else text
