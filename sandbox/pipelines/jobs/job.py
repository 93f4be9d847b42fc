"""One job: its request, its state and how the Describe and List operations show it.

Reads, writes and calls nothing. ``lock`` guards the state; times are aware UTC of the virtual
clock and become seconds since 1970 in descriptions, as AWS's JSON protocol has them.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from sandbox.model import Document

_END = frozenset({"Completed", "Failed", "Stopped"})
_MAX_REASON = 1024


@dataclass
class Job:
    """A job.

    Attributes:
        kind: Processing, Training or Transform.
        request: As created, without Tags.
        secondary: Training's finer status, with the times at which each began.
        facts: What the run adds to the description, such as ModelArtifacts.
        stop: Set when the job is being stopped.
        kill: Ends the job's process, while it has one.
        done: Set when the job has ended.
    """

    kind: str
    name: str
    arn: str
    account_id: str
    region: str
    request: Document
    folder: Path
    created_at: datetime
    modified_at: datetime
    status: str = "InProgress"
    failure_reason: str = ""
    exit_message: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    secondary: list[tuple[str, datetime]] = field(default_factory=list)
    facts: Document = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    kill: Callable[[], None] | None = None
    done: threading.Event = field(default_factory=threading.Event)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def log_path(self) -> Path:
        """File with the standard output and error of the job's container."""
        return self.folder / "log"

    @property
    def role_arn(self) -> str:
        """Role that the job acts as; a transform job has its model's instead."""
        return str(self.request.get("RoleArn", ""))

    def end(self, status: str, reason: str, now: datetime) -> None:
        """Set the final status."""
        with self.lock:
            self.status, self.failure_reason = status, reason[:_MAX_REASON]
            self.ended_at = self.modified_at = now
            self.started_at = self.started_at or now

    def description(self) -> Document:
        """Return the body of the Describe operation."""
        with self.lock:
            found: Document = {**self.request, **self.summary(), **self.facts}
            if self.started_at:
                found[f"{self.kind}StartTime"] = self.started_at.timestamp()
            if self.kind == "Training":
                found.setdefault("ModelArtifacts", {"S3ModelArtifacts": ""})
                found["SecondaryStatusTransitions"] = self._transitions()
                if self.started_at and self.ended_at:
                    seconds = int((self.ended_at - self.started_at).total_seconds())
                    found["TrainingTimeInSeconds"] = found["BillableTimeInSeconds"] = seconds
            return found

    def summary(self) -> Document:
        """Return the job's row of the List operation."""
        with self.lock:
            kind = self.kind
            row: Document = {
                f"{kind}JobName": self.name,
                f"{kind}JobArn": self.arn,
                f"{kind}JobStatus": self.status,
                "CreationTime": self.created_at.timestamp(),
                "LastModifiedTime": self.modified_at.timestamp(),
            }
            if self.ended_at:
                row[f"{kind}EndTime"] = self.ended_at.timestamp()
            if self.failure_reason:
                row["FailureReason"] = self.failure_reason
            if self.exit_message:
                row["ExitMessage"] = self.exit_message
            if kind == "Training":
                row["SecondaryStatus"] = self._secondary_status()
            return row

    def _secondary_status(self) -> str:
        if self.status in {*_END, "Stopping"}:
            return self.status
        return self.secondary[-1][0] if self.secondary else "Starting"

    def _transitions(self) -> list[Document]:
        rows: list[Document] = []
        for index, (status, start) in enumerate(self.secondary):
            following = self.secondary[index + 1 :]
            end = following[0][1] if following else self.ended_at
            row: Document = {"Status": status, "StartTime": start.timestamp()}
            if end:
                row["EndTime"] = end.timestamp()
            rows.append(row)
        return rows
