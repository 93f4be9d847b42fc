"""Lambda functions really run: results, errors, environment, time, isolation."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox


def invoke(sandbox: Sandbox, name: str, event: Any = None, **settings: Any) -> dict[str, Any]:
    answer = sandbox.client("lambda", "prod-admin").invoke(
        FunctionName=name, Payload=json.dumps(event).encode(), **settings
    )
    payload = answer["Payload"].read()
    return {**answer, "Payload": json.loads(payload) if payload else None}


ABOUT = """
import os
def handler(event, context):
    import boto3
    return {
        "event": event,
        "caller": boto3.client("sts").get_caller_identity()["Arn"],
        "greeting": os.environ["GREETING"],
        "region": os.environ["AWS_REGION"],
        "name": context.function_name,
        "arn": context.invoked_function_arn,
        "memory": context.memory_limit_in_mb,
        "remaining": 0 < context.get_remaining_time_in_millis() <= 20000,
        "home": os.path.exists(os.path.join(os.environ["LAMBDA_TASK_ROOT"], "main.py")),
    }
"""


def test_invoke__handler__runs_as_its_role_with_its_environment(
    sandbox: Sandbox, create_function: Callable[..., str]
) -> None:
    arn = create_function(
        "about", ABOUT, Timeout=20, MemorySize=256, Environment={"Variables": {"GREETING": "hi"}}
    )
    answer = invoke(sandbox, "about", {"n": [1, None]})
    assert answer["StatusCode"] == 200
    assert answer["ExecutedVersion"] == "$LATEST"
    assert "FunctionError" not in answer
    assert answer["Payload"] == {
        "event": {"n": [1, None]},
        "caller": "arn:aws:sts::444444444444:assumed-role/about-role/lambda",
        "greeting": "hi",
        "region": "eu-west-1",
        "name": "about",
        "arn": arn,
        "memory": "256",
        "remaining": True,
        "home": True,
    }


def test_invoke__function_arn_of_another_account__runs_there(
    sandbox: Sandbox, create_function: Callable[..., str]
) -> None:
    arn = create_function("echo", "def handler(event, context): return event")
    with pytest.raises(ClientError, match="no resource-based policy allows"):
        sandbox.client("lambda", "dev-admin").invoke(FunctionName=arn, Payload=b"[1]")
    sandbox.client("lambda", "prod-admin").add_permission(
        FunctionName="echo",
        StatementId="dev",
        Action="lambda:InvokeFunction",
        Principal="333333333333",
    )
    answer = sandbox.client("lambda", "dev-admin").invoke(FunctionName=arn, Payload=b"[1]")
    assert json.loads(answer["Payload"].read()) == [1]


def test_invoke__handler_raises__is_a_function_error(
    sandbox: Sandbox, create_function: Callable[..., str]
) -> None:
    create_function(
        "fail",
        "class NoApprovedModel(Exception): pass\n"
        "def handler(event, context):\n    print('before')\n"
        "    raise NoApprovedModel('none in group x')\n",
    )
    answer = invoke(sandbox, "fail", {}, LogType="Tail")
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    payload = answer["Payload"]
    assert payload == {
        "errorMessage": "none in group x",
        "errorType": "NoApprovedModel",
        "requestId": payload["requestId"],
        "stackTrace": payload["stackTrace"],
    }
    (frame,) = payload["stackTrace"]
    assert 'main.py", line 4, in handler' in frame
    log = base64.b64decode(answer["LogResult"]).decode()
    assert log.startswith(f"START RequestId: {payload['requestId']} Version: $LATEST\nbefore\n")
    assert "Traceback" in log


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("import pydantic\ndef handler(e, c): pass", "Runtime.ImportModuleError",
         "Unable to import module 'main': No module named 'pydantic'"),
        ("def other(e, c): pass", "Runtime.HandlerNotFound",
         "Unable to import module 'main': module 'main' has no attribute 'handler'"),
        ("def handler(e, c): return object()", "Runtime.MarshalError",
         "Unable to marshal response: Object of type object is not JSON serializable"),
        ("import os\ndef handler(e, c): os._exit(3)", "Runtime.ExitError",
         "Error: Runtime exited with error: exit status 3"),
        ("def handler(e, c): return 'x' * 7_000_000", "Function.ResponseSizeTooLarge",
         "Response payload size exceeded maximum allowed payload size"),
    ],
)  # fmt: skip
def test_invoke__broken_function__is_a_runtime_error(
    sandbox: Sandbox, create_function: Callable[..., str], source: str, kind: str, message: str
) -> None:
    create_function("broken", source)
    answer = invoke(sandbox, "broken", {})
    assert answer["FunctionError"] == "Unhandled"
    assert answer["Payload"]["errorType"] == kind
    assert message in answer["Payload"]["errorMessage"]


def test_invoke__over_its_timeout__is_killed(
    sandbox: Sandbox, create_function: Callable[..., str]
) -> None:
    create_function("slow", "import time\ndef handler(e, c): time.sleep(60)", Timeout=1)
    answer = invoke(sandbox, "slow", {})
    assert answer["FunctionError"] == "Unhandled"
    assert answer["Payload"]["errorType"] == "Sandbox.Timedout"
    assert answer["Payload"]["errorMessage"].endswith(" Task timed out after 1.00 seconds")


def test_invoke__virtual_clock_moved__function_lives_in_it(
    sandbox: Sandbox, create_function: Callable[..., str]
) -> None:
    create_function(
        "clock",
        "import datetime, time\ndef handler(e, c):\n"
        "    return [datetime.datetime.now(datetime.timezone.utc).isoformat(), time.time()]\n",
    )
    sandbox.scheduler.advance_to(sandbox.clock.now() + timedelta(days=3))
    text, seconds = invoke(sandbox, "clock")["Payload"]
    now = sandbox.clock.now()
    assert abs((now.fromisoformat(text) - now).total_seconds()) < 30
    assert abs(seconds - now.timestamp()) < 30


def test_invoke__its_output__is_in_the_log_group(
    sandbox: Sandbox, create_function: Callable[..., str]
) -> None:
    create_function("talk", "def handler(e, c): print('one'); print('two')")
    invoke(sandbox, "talk", {})
    logs = sandbox.client("logs", "prod-admin")
    found = logs.filter_log_events(logGroupName="/aws/lambda/talk")["events"]
    messages = [event["message"] for event in found]
    assert messages[1:3] == ["one", "two"]
    assert [message.split(" ")[0] for message in messages] == [
        "START", "one", "two", "END", "REPORT",
    ]  # fmt: skip


def test_invoke__clock_days_ahead__output_is_in_the_log_group_all_the_same(
    sandbox: Sandbox, create_function: Callable[..., str]
) -> None:
    """CloudWatch Logs keeps nothing from the future, by the machine's clock in moto."""
    create_function("ahead", "def handler(e, c): print('later')")
    sandbox.scheduler.advance_to(sandbox.clock.now() + timedelta(days=3))
    invoke(sandbox, "ahead", {})
    logs = sandbox.client("logs", "prod-admin")
    found = logs.filter_log_events(logGroupName="/aws/lambda/ahead")["events"]
    assert found[1]["message"] == "later"


def test_invoke__dry_run__runs_nothing(
    sandbox: Sandbox, create_function: Callable[..., str]
) -> None:
    create_function("fail", "def handler(e, c): raise ValueError")
    assert invoke(sandbox, "fail", {}, InvocationType="DryRun")["StatusCode"] == 204


@pytest.mark.parametrize(
    ("name", "payload", "code"),
    [
        ("none", b"{}", "ResourceNotFoundException"),
        ("echo", b"{", "InvalidRequestContentException"),
        ("echo", b'"' + b"x" * 6_300_000 + b'"', "RequestTooLargeException"),
    ],
)
def test_invoke__bad_request__is_refused(
    sandbox: Sandbox, create_function: Callable[..., str], name: str, payload: bytes, code: str
) -> None:
    create_function("echo", "def handler(event, context): return event")
    client = sandbox.client("lambda", "prod-admin")
    with pytest.raises(ClientError) as caught:
        client.invoke(FunctionName=name, Payload=payload)
    assert caught.value.response["Error"]["Code"] == code


def test_invoke__role_is_gone__is_refused(
    sandbox: Sandbox, create_function: Callable[..., str]
) -> None:
    create_function("echo", "def handler(event, context): return event")
    iam = sandbox.client("iam", "prod-admin")
    iam.delete_role_policy(RoleName="echo-role", PolicyName="work")
    iam.delete_role(RoleName="echo-role")
    with pytest.raises(ClientError, match="AccessDenied"):
        invoke(sandbox, "echo", {})


def test_invoke__other_runtime__is_refused(
    sandbox: Sandbox, create_function: Callable[..., str]
) -> None:
    create_function("echo", "def handler(event, context): return event")
    client = sandbox.client("lambda", "prod-admin")
    client.update_function_configuration(FunctionName="echo", Runtime="nodejs22.x")
    with pytest.raises(ClientError, match=r"runs Python functions, not nodejs22\.x"):
        invoke(sandbox, "echo", {})
