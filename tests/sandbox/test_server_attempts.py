"""Creations when the answer to an attempt is lost on its way to the client."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox


@pytest.fixture
def create(sandbox: Sandbox, create_role: Callable[..., str]) -> Callable[[str], dict[str, Any]]:
    """Return what asks for the same function, as an attempt of the call with an id."""
    role = create_role("prod-admin", "once-role", {"Service": "lambda.amazonaws.com"})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("main.py", "def handler(event, context):\n    pass\n")

    def attempt(invocation: str) -> dict[str, Any]:
        def of_call(request: Any, **_: Any) -> None:
            request.headers["amz-sdk-invocation-id"] = invocation

        client = sandbox.client("lambda", "prod-admin")
        client.meta.events.register("before-send.lambda.CreateFunction", of_call)
        answer: dict[str, Any] = client.create_function(
            FunctionName="once",
            Role=role,
            Runtime="python3.12",
            Handler="main.handler",
            Code={"ZipFile": packed.getvalue()},
            DeadLetterConfig={"TargetArn": "arn:aws:sqs:eu-west-1:444444444444:dead"},
        )
        del answer["ResponseMetadata"]
        return answer

    return attempt


def test_create_function__next_attempt_of_the_same_call__gets_the_answer_of_the_first(
    sandbox: Sandbox, create: Callable[[str], dict[str, Any]]
) -> None:
    first = create("call-1")
    assert create("call-1") == first
    functions = sandbox.client("lambda", "prod-admin").list_functions()["Functions"]
    assert [each["FunctionName"] for each in functions] == ["once"]


def test_create_function__another_call__is_refused(
    create: Callable[[str], dict[str, Any]],
) -> None:
    create("call-1")
    with pytest.raises(ClientError) as caught:
        create("call-2")
    assert caught.value.response["Error"]["Code"] == "ResourceConflictException"


def test_create_policy__next_attempt_of_the_same_call__gets_the_answer_of_the_first(
    sandbox: Sandbox,
) -> None:
    def of_call(request: Any, **_: Any) -> None:
        request.headers["amz-sdk-invocation-id"] = "call-1"

    arns = []
    for principal in ("prod-admin", "prod-admin", "dev-admin"):
        client = sandbox.client("iam", principal)
        client.meta.events.register("before-send.iam.CreatePolicy", of_call)
        statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        made = client.create_policy(PolicyName="once", PolicyDocument=document)
        arns.append(made["Policy"]["Arn"])
    assert arns == [f"arn:aws:iam::{account * 12}:policy/once" for account in "443"]
    found = sandbox.client("iam", "prod-admin").list_policies(Scope="Local")["Policies"]
    assert [each["PolicyName"] for each in found] == ["once"]
