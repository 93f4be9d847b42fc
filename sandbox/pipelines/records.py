"""The engine's state: pipelines, their versions, executions and steps.

Reads, writes and calls nothing. Times are aware UTC of the virtual clock. ``lock`` of an
execution guards its fields and its steps.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.model import Document, Principal
    from sandbox.pipelines.definition.model import Definition, Scalar

TERMINAL = frozenset({"Succeeded", "Failed", "Stopped"})


@dataclass
class PipelineVersion:
    """One stored definition."""

    number: int
    definition: Definition
    created_at: datetime
    display_name: str = ""
    description: str = ""
    aliases: list[str] = field(default_factory=list)
    last_execution_arn: str = ""


@dataclass
class Pipeline:
    """A pipeline and its versions, oldest first."""

    name: str
    arn: str
    account_id: str
    region: str
    display_name: str
    description: str
    role_arn: str
    parallelism: Document | None
    created_at: datetime
    modified_at: datetime
    created_by: Principal
    modified_by: Principal
    versions: list[PipelineVersion]
    tags: list[Document]
    last_run_at: datetime | None = None

    @property
    def current(self) -> PipelineVersion:
        """The version that executions use unless they name another."""
        return self.versions[-1]


@dataclass
class StepRecord:
    """A step that has started.

    Attributes:
        metadata: As in ListPipelineExecutionSteps.
        properties: What references read, once succeeded.
    """

    name: str
    type: str
    display_name: str
    description: str
    started_at: datetime
    status: str = "Starting"
    ended_at: datetime | None = None
    failure_reason: str = ""
    metadata: Document = field(default_factory=dict)
    properties: Document = field(default_factory=dict)
    attempts: int = 1
    cache_source_arn: str = ""


@dataclass
class Execution:
    """One execution of a pipeline.

    Attributes:
        steps: Those that have started, in order of start.
        stop: Set when the execution is being stopped.
        stop_actions: What to call at a stop, one a running step that can be interrupted.
        done: Set when it has ended.
        thread: Runs it.
    """

    id: str
    arn: str
    pipeline_arn: str
    pipeline_name: str
    account_id: str
    region: str
    version: int
    definition: Definition
    parameters: dict[str, Scalar]
    role_arn: str
    parallelism: Document | None
    display_name: str
    description: str
    created_at: datetime
    modified_at: datetime
    created_by: Principal
    modified_by: Principal
    status: str = "Executing"
    failure_reason: str = ""
    steps: dict[str, StepRecord] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    stop_actions: dict[str, Callable[[], None]] = field(default_factory=dict)
    done: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    lock: threading.Condition = field(default_factory=threading.Condition)
