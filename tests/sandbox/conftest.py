"""Fixtures of the sandbox's tests: a sandbox in this process, with a pipeline engine that
only remembers what it is asked."""

from __future__ import annotations

import io
import json
import os
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.accounts import load_accounts
from sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.accounts import Account
    from sandbox.model import Principal

ROOT = Path(__file__).resolve().parents[2]


def policy_text(*statements: dict[str, Any]) -> str:
    """Return the text of a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allowing(
    action: str | list[str], resource: str | list[str] = "*", **more: Any
) -> dict[str, Any]:
    """Return a statement that allows actions."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@dataclass
class RecordingEngine:
    """A pipeline engine that starts executions on paper.

    Attributes:
        calls: Operation, request and principal of each call, in order.
    """

    OPERATIONS = frozenset({"CreatePipeline", "StartPipelineExecution", "DeletePipeline"})
    calls: list[tuple[str, dict[str, Any], Principal]] = field(default_factory=list)

    def handle(
        self, operation: str, request: dict[str, Any], principal: Principal
    ) -> dict[str, Any]:
        self.calls.append((operation, request, principal))
        prefix = f"arn:aws:sagemaker:eu-west-1:{principal.account_id}:pipeline/"
        return {"PipelineArn": prefix + request["PipelineName"].split("/")[-1]}

    def wait_idle(self, timeout_seconds: float) -> None:
        return None


@pytest.fixture(autouse=True)
def no_real_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave nothing in the environment that could reach real AWS."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")


@pytest.fixture
def engine() -> RecordingEngine:
    return RecordingEngine()


@pytest.fixture
def sandbox_accounts() -> tuple[Account, ...]:
    return load_accounts(ROOT / "tests" / "environments")


@pytest.fixture
def sandbox(
    sandbox_accounts: tuple[Account, ...], engine: RecordingEngine, tmp_path: Path
) -> Iterator[Sandbox]:
    with Sandbox(
        sandbox_accounts, engine=lambda *_: engine, workspace=tmp_path / "work"
    ) as running:
        yield running


@pytest.fixture
def create_role(sandbox: Sandbox) -> Callable[..., str]:
    """Return what creates a role that trusts a service or, with ``AWS``, a caller.

    ``allow`` are the statements of its policy; without any it may do nothing.
    """

    def create(
        principal: str,
        name: str,
        trusted: dict[str, Any],
        *allow: dict[str, Any],
        **condition: Any,
    ) -> str:
        statement = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
        if condition:
            statement["Condition"] = condition
        iam = sandbox.client("iam", principal)
        created = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy_text(statement))
        if allow:
            iam.put_role_policy(
                RoleName=name, PolicyName="work", PolicyDocument=policy_text(*allow)
            )
        return str(created["Role"]["Arn"])

    return create


@pytest.fixture
def create_function(sandbox: Sandbox, create_role: Callable[..., str]) -> Callable[..., str]:
    """Return what creates a Lambda function in prod from the text of its module.

    Its role may write the function's log, and what ``allow`` says.
    """

    def create(name: str, source: str, *allow: dict[str, Any], **settings: Any) -> str:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("main.py", source)
        trusted = {"Service": "lambda.amazonaws.com"}
        group = f"arn:aws:logs:eu-west-1:444444444444:log-group:/aws/lambda/{name}:*"
        log = allowing(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], group)
        role = create_role("prod-admin", f"{name}-role", trusted, log, *allow)
        created = sandbox.client("lambda", "prod-admin").create_function(
            FunctionName=name,
            Role=role,
            Runtime="python3.12",
            Handler="main.handler",
            Code={"ZipFile": packed.getvalue()},
            **settings,
        )
        return str(created["FunctionArn"])

    return create


@pytest.fixture
def may() -> Callable[..., dict[str, Any]]:
    """Return what writes a statement that allows actions."""
    return allowing


@pytest.fixture
def document() -> Callable[..., str]:
    """Return what writes a policy of statements."""
    return policy_text


@pytest.fixture
def share_group(sandbox: Sandbox) -> Callable[..., None]:
    """Return what lets dev and prod use a model package group of the registry account."""

    def share(group: str, *actions: str) -> None:
        accounts = ["333333333333", "444444444444"]
        prefix = "arn:aws:sagemaker:eu-west-1:222222222222"
        resources = [f"{prefix}:model-package-group/{group}", f"{prefix}:model-package/{group}/*"]
        statement = allowing(
            [f"sagemaker:{action}" for action in actions],
            resources,
            Principal={"AWS": [f"arn:aws:iam::{account}:root" for account in accounts]},
        )
        sandbox.client("sagemaker", "registry-admin").put_model_package_group_policy(
            ModelPackageGroupName=group, ResourcePolicy=policy_text(statement)
        )

    return share


@pytest.fixture
def allow_events() -> Callable[..., str]:
    """Return what writes a resource policy for EventBridge."""

    def policy(action: str | list[str], resource: str = "*") -> str:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": action,
            "Resource": resource,
        }
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    return policy
