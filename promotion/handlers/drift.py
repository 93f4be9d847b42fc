"""A drift event and what a use case does about it, as the retrain function reads them.

Reads, writes and calls nothing. Standard library only.
"""

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Drift:
    """A batch that has drifted from a model's baseline.

    Attributes:
        event_id: id of the event; the same at each of its deliveries.
        at: when the event arose, aware. Not the clock of this machine: both differ when
            deliveries are late.
        use_case: name of the use case.
        model_package_arn: version that would have scored the batch.
        batch_uri: S3 URI of the batch.
        batch_version: version of that object.
        violations_uri: S3 URI of constraint_violations.json.
        worst_features: the features that violate most, in words.
        pipeline_execution_id: the run that found it.
    """

    event_id: str
    at: datetime.datetime
    use_case: str
    model_package_arn: str
    batch_uri: str
    batch_version: str
    violations_uri: str
    worst_features: str
    pipeline_execution_id: str

    @property
    def token(self) -> str:
        """The idempotency token: the same for the same model version and batch."""
        text = f"{self.model_package_arn}|{self.batch_uri}|{self.batch_version}"
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def display_name(self) -> str:
        """Name of the execution that this drift starts, by which it is found again."""
        return f"drift-{self.token[:24]}"


@dataclass(frozen=True)
class Target:
    """What drift starts in a use case, and when.

    Attributes:
        pipeline_name: the pipeline that is started.
        cooldown_seconds: after an execution's start, in which no other is started.
        model_package_group_arn: the group into which that pipeline registers.
        drifted_batches: how many of the last `of_batches` batches must have drifted.
        of_batches: how many batches are looked at; 1: this one only.
        watched_pipelines: pipelines whose executions check batches.
        drift_step: name of the step that stops a run whose batch has drifted.
    """

    pipeline_name: str
    cooldown_seconds: int
    model_package_group_arn: str
    drifted_batches: int
    of_batches: int
    watched_pipelines: tuple[str, ...]
    drift_step: str


def drift_of(event: Mapping[str, Any]) -> Drift:
    """Return the drift that a "Data Drift Detected" event tells of.

    Raises:
        KeyError: the event lacks a key.
    """
    detail = event["detail"]
    return Drift(
        event_id=event["id"],
        at=datetime.datetime.fromisoformat(event["time"]),
        use_case=detail["use_case"],
        model_package_arn=detail["model_package_arn"],
        batch_uri=detail["batch_uri"],
        batch_version=detail["batch_version"],
        violations_uri=detail["violations_uri"],
        worst_features=detail["worst_features"],
        pipeline_execution_id=detail["pipeline_execution_id"],
    )


def target_of(settings: Mapping[str, Any]) -> Target:
    """Return a use case's target from its settings in the function's environment.

    Raises:
        TypeError: a key is missing or unknown.
    """
    return Target(**{**settings, "watched_pipelines": tuple(settings["watched_pipelines"])})
