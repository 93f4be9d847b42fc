"""Errors of the pipeline engine and AWS's wording of them.

Reads, writes and calls nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.model import SandboxError, ServiceError

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERNAL_ERROR = "SageMaker.JOB_INTERNAL_ERROR"
CAPACITY_ERROR = "SageMaker.CAPACITY_ERROR"
RESOURCE_LIMIT = "SageMaker.RESOURCE_LIMIT"
SERVICE_FAULT = "Step.SERVICE_FAULT"
THROTTLING = "Step.THROTTLING"
RETRYABLE = frozenset({INTERNAL_ERROR, CAPACITY_ERROR, RESOURCE_LIMIT, SERVICE_FAULT, THROTTLING})


class DefinitionError(Exception):
    """A pipeline definition that SageMaker would refuse.

    Attributes:
        problems: Every problem found, each naming its step and field.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class UnsupportedStepError(SandboxError):
    """A step of a type that the engine cannot execute for real."""

    def __init__(self, step_name: str, step_type: str, supported: Sequence[str]) -> None:
        super().__init__(
            f"Step '{step_name}' is of type '{step_type}', which the sandbox cannot execute; "
            f"it executes {', '.join(supported)}. Use one of these or run the pipeline on AWS"
        )
        self.step_name = step_name
        self.step_type = step_type


class ExpressionError(Exception):
    """A reference, join or path that has no value in this execution."""


class StepFailure(Exception):
    """A step that ended Failed.

    Attributes:
        reason: The step's FailureReason.
        kind: SageMaker's name of the kind of failure, matched by retry policies; empty when
            none may retry it.
    """

    def __init__(self, reason: str, kind: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind


class StepStopped(Exception):
    """A step that ended because the execution was stopped."""


class JobFailure(Exception):
    """A job that ended Failed; the text is its FailureReason."""


class JobStopped(Exception):
    """A job that was stopped before it ended by itself."""


def validation(message: str) -> ServiceError:
    """Return the error for a request that breaks a rule."""
    return ServiceError("ValidationException", message)


def not_found(message: str) -> ServiceError:
    """Return the error for a pipeline or execution that does not exist."""
    return ServiceError("ResourceNotFound", message)


def conflict(message: str) -> ServiceError:
    """Return the error for a change that the present state does not allow."""
    return ServiceError("ConflictException", message)


def in_use(message: str) -> ServiceError:
    """Return the error for a name that is taken."""
    return ServiceError("ResourceInUse", message)
