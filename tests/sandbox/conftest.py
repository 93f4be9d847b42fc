"""Fixtures of the sandbox's tests: a sandbox in this process, with a pipeline engine that
only remembers what it is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.accounts import load_accounts
from sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.model import Principal

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class RecordingEngine:
    """A pipeline engine that starts executions on paper.

    Attributes:
        calls: Operation, request and principal of each call, in order.
    """

    OPERATIONS = frozenset({"StartPipelineExecution", "DescribePipeline"})
    calls: list[tuple[str, dict[str, Any], Principal]] = field(default_factory=list)

    def handle(
        self, operation: str, request: dict[str, Any], principal: Principal
    ) -> dict[str, Any]:
        self.calls.append((operation, request, principal))
        return {"PipelineExecutionArn": f"{request['PipelineName']}/execution/abcdefghijkl"}

    def wait_idle(self, timeout_seconds: float) -> None:
        return None


@pytest.fixture(autouse=True)
def no_real_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave nothing in the environment that could reach real AWS."""
    import os

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
def sandbox(engine: RecordingEngine, tmp_path: Path) -> Iterator[Sandbox]:
    accounts = load_accounts(ROOT / "environments")
    with Sandbox(accounts, engine=lambda *_: engine, workspace=tmp_path) as running:
        yield running


def trust(*services: str, **principals: str) -> str:
    """Return a trust policy for service principals, or for ``AWS=…``."""
    principal: dict[str, Any] = {"Service": list(services)} if services else dict(principals)
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
