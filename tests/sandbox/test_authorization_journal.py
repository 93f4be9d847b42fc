"""The journal of decisions, its label, and statements that count as not there."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError

from sandbox.authorization.policy import Removed
from sandbox.authorization.stored_policies import check_accounts
from sandbox.model import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox

SCIENTIST = "arn:aws:iam::333333333333:user/data-scientist"
POLICY = f"{SCIENTIST}#sandbox"


def control(sandbox: Sandbox, method: str, name: str, body: Any = None) -> Any:
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{sandbox.endpoint_url}/_sandbox/{name}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.loads(answer.read())


def decisions(sandbox: Sandbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = control(sandbox, "GET", "journal")["decisions"]
    return found


def test_journal__distinct_decisions__with_what_decided_them(sandbox: Sandbox) -> None:
    s3, sqs = sandbox.client("s3", "data-scientist"), sandbox.client("sqs", "data-scientist")
    assert control(sandbox, "PUT", "label", {"label": "look around"}) == {"label": "look around"}
    for _ in range(2):
        s3.list_buckets()
    with pytest.raises(ClientError):
        sqs.list_queues()
    allowed, denied = decisions(sandbox)
    context = allowed.pop("context")
    assert allowed == {
        "label": "look around",
        "operation": "s3:ListBuckets",
        "principal": SCIENTIST,
        "account": "333333333333",
        "action": "s3:ListAllMyBuckets",
        "resource": "*",
        "resource_account": "333333333333",
        "allowed": True,
        "explicit_deny": False,
        "layer": "identity",
        "reason": "",
        "statements": [{"policy": POLICY, "sid": "#0", "effect": "Allow"}],
    }
    assert context["aws:principalarn"] == [SCIENTIST]
    assert context["aws:username"] == ["data-scientist"]
    assert context["aws:requestedregion"] == ["eu-west-1"]
    assert "aws:currenttime" not in context
    assert (denied["allowed"], denied["action"], denied["statements"]) == (
        False, "sqs:ListQueues", [],
    )  # fmt: skip
    assert denied["reason"] == "because no identity-based policy allows the sqs:ListQueues action"


def test_journal__trust_of_a_service__is_a_decision(
    sandbox: Sandbox, create_function: Callable[..., str]
) -> None:
    create_function("echo", "def handler(event, context): return event")
    sandbox.client("lambda", "prod-admin").invoke(FunctionName="echo")
    role = "arn:aws:iam::444444444444:role/echo-role"
    (one,) = (each for each in decisions(sandbox) if each["action"] == "sts:AssumeRole")
    assert (one["principal"], one["resource"], one["allowed"]) == (
        "lambda.amazonaws.com", role, True,
    )  # fmt: skip
    assert one["statements"] == [{"policy": role, "sid": "#0", "effect": "Allow"}]


@pytest.mark.parametrize("action", [None, "s3:*"])
def test_without__statement_or_action__counts_as_not_there_until_it_is_back(
    sandbox: Sandbox, action: str | None
) -> None:
    s3 = sandbox.client("s3", "data-scientist")
    sandbox.authorizer.without = frozenset({Removed(POLICY, "#0", action)})
    with pytest.raises(ClientError, match="no identity-based policy allows the s3:ListAllMyB"):
        s3.list_buckets()
    sagemaker = sandbox.client("sagemaker", "data-scientist")
    if action:
        assert sagemaker.list_models()["Models"] == []
    else:
        with pytest.raises(ClientError, match="AccessDenied"):
            sagemaker.list_models()
    sandbox.authorizer.without = frozenset()
    assert s3.list_buckets()["Buckets"] == []


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("label", {}, 'give {"label": TEXT}'),
        ("without", {"without": []}, "no /_sandbox/without"),
    ],
)
def test_control__bad_body__is_refused(
    sandbox: Sandbox, name: str, body: dict[str, Any], message: str
) -> None:
    with pytest.raises(HTTPError) as caught:
        control(sandbox, "PUT", name, body)
    with caught.value:
        assert message in json.loads(caught.value.read())["error"]


UNKNOWN = {
    "Version": "2012-10-17",
    "Statement": [{
        "Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:Unheard": "x"}}}],
}  # fmt: skip


def test_put_role_policy__unknown_condition_key__is_refused_and_not_stored(
    sandbox: Sandbox, create_role: Callable[..., str]
) -> None:
    create_role("prod-admin", "r", {"Service": "lambda.amazonaws.com"})
    iam = sandbox.client("iam", "prod-admin")
    with pytest.raises(ClientError) as caught:
        iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=json.dumps(UNKNOWN))
    assert caught.value.response["Error"]["Code"] == "MalformedPolicyDocument"
    assert caught.value.response["Error"]["Message"] == (
        "Syntax errors in policy: statement #0: condition key aws:Unheard is not evaluated by "
        "the sandbox"
    )
    assert iam.list_role_policies(RoleName="r")["PolicyNames"] == []


def test_put_bucket_policy__unknown_condition_key__is_refused_and_not_stored(
    sandbox: Sandbox,
) -> None:
    s3 = sandbox.client("s3", "prod-admin")
    s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    policy = json.loads(json.dumps(UNKNOWN))
    policy["Statement"][0]["Principal"] = "*"
    with pytest.raises(ClientError) as caught:
        s3.put_bucket_policy(Bucket="data", Policy=json.dumps(policy))
    assert caught.value.response["Error"]["Code"] == "MalformedPolicy"
    assert "condition key aws:Unheard" in caught.value.response["Error"]["Message"]
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket="data")


def test_start__stored_policy_that_cannot_be_evaluated__is_an_error(sandbox: Sandbox) -> None:
    from moto.iam.models import iam_backends

    accounts = [account.account_id for account in sandbox.accounts]
    check_accounts(accounts)
    admin = iam_backends["444444444444"]["aws"].get_user("admin")
    admin.policies["bad"] = json.dumps(UNKNOWN)
    with pytest.raises(SandboxError) as caught:
        check_accounts(accounts)
    assert str(caught.value) == (
        "policy arn:aws:iam::444444444444:user/admin#bad: statement #0: condition key aws:Unheard "
        "is not evaluated by the sandbox"
    )
