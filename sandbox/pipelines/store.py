"""Pipelines and executions of all accounts, in memory.

Reads and writes its own memory only. ``lock`` guards the tables and the pipelines in them; an
execution has a lock of its own.
"""

from __future__ import annotations

import re
import secrets
import string
import threading
from typing import TYPE_CHECKING

from sandbox.pipelines.errors import not_found

if TYPE_CHECKING:
    from sandbox.model import Document, Principal
    from sandbox.pipelines.records import Execution, Pipeline

_EXECUTION_ARN = re.compile(
    r"arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:(\d{12}):pipeline/[^/]+/execution/[^/]+"
)


class Store:
    """The engine's tables."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._pipelines: dict[str, Pipeline] = {}
        self._executions: dict[str, Execution] = {}
        self._tokens: dict[tuple[str, str, str], tuple[Document, Document]] = {}

    def pipelines(self, account_id: str, region: str) -> list[Pipeline]:
        """Return an account's pipelines in a region."""
        with self.lock:
            return [
                pipeline
                for pipeline in self._pipelines.values()
                if (pipeline.account_id, pipeline.region) == (account_id, region)
            ]

    def pipeline(self, name_or_arn: str, principal: Principal, region: str) -> Pipeline:
        """Return a pipeline of the caller's account.

        Raises:
            ServiceError: ``ResourceNotFound``.
        """
        arn = name_or_arn
        if not name_or_arn.startswith("arn:"):
            arn = pipeline_arn(name_or_arn, principal.account_id, region)
        with self.lock:
            pipeline = self._pipelines.get(arn)
        if pipeline is None or pipeline.account_id != principal.account_id:
            raise not_found(f"Pipeline '{arn}' does not exist.")
        return pipeline

    def has_pipeline(self, arn: str) -> bool:
        """Tell whether a pipeline exists."""
        with self.lock:
            return arn in self._pipelines

    def put_pipeline(self, pipeline: Pipeline) -> None:
        """Add a pipeline."""
        with self.lock:
            self._pipelines[pipeline.arn] = pipeline

    def remove_pipeline(self, pipeline: Pipeline) -> None:
        """Remove a pipeline; its executions stay readable."""
        with self.lock:
            del self._pipelines[pipeline.arn]

    def executions(self, pipeline_arn: str) -> list[Execution]:
        """Return a pipeline's executions."""
        with self.lock:
            found = self._executions.values()
            return [one for one in found if one.pipeline_arn == pipeline_arn]

    def all_executions(self) -> list[Execution]:
        """Return every execution."""
        with self.lock:
            return list(self._executions.values())

    def execution(self, arn: str, principal: Principal) -> Execution:
        """Return an execution of the caller's account.

        Raises:
            ServiceError: ``ResourceNotFound``.
        """
        match = _EXECUTION_ARN.fullmatch(arn)
        with self.lock:
            execution = self._executions.get(arn)
        if execution is None or not match or match[1] != principal.account_id:
            raise not_found(f"Pipeline execution with ARN '{arn}' does not exist.")
        return execution

    def put_execution(self, execution: Execution) -> None:
        """Add an execution."""
        with self.lock:
            self._executions[execution.arn] = execution

    def answered(self, operation: str, scope: str, token: str) -> tuple[Document, Document] | None:
        """Return request and response of an earlier call with this ClientRequestToken."""
        with self.lock:
            return self._tokens.get((operation, scope, token))

    def remember(
        self, operation: str, scope: str, token: str, request: Document, response: Document
    ) -> None:
        """Keep a response for calls that repeat a ClientRequestToken."""
        with self.lock:
            self._tokens[(operation, scope, token)] = (request, response)


def pipeline_arn(name: str, account_id: str, region: str) -> str:
    """Return a pipeline's ARN."""
    return f"arn:aws:sagemaker:{region}:{account_id}:pipeline/{name}"


def new_execution_id() -> str:
    """Return twelve lower-case letters and digits, as SageMaker's."""
    alphabet = string.ascii_lowercase + string.digits
    return "".join(secrets.choice(alphabet) for _ in range(12))
