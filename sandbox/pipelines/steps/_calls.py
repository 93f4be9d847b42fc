"""Calls of AWS from steps, with SageMaker's wording of their failures.

Calls the client that it is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.model import Document, ServiceError
from sandbox.pipelines.errors import RESOURCE_LIMIT, SERVICE_FAULT, THROTTLING, StepFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.pipelines.execution.context import StepContext

_SERVER_FAULT = 500
_KINDS = {
    "ThrottlingException": THROTTLING,
    "Throttling": THROTTLING,
    "TooManyRequestsException": THROTTLING,
    "ResourceLimitExceeded": RESOURCE_LIMIT,
}


def invoke(
    context: StepContext, service: str, operation: str, request: Document, region: str | None = None
) -> Any:
    """Call an operation as the pipeline's role.

    Args:
        operation: AWS's name, such as ``CreateModel``.

    Raises:
        StepFailure: "ClientError: Failed to invoke …", as SageMaker words it.
    """
    from botocore import xform_name
    from botocore.exceptions import BotoCoreError, ClientError

    what = f"{service}:{operation}"
    try:
        method: Callable[..., Any] = getattr(context.client(service, region), xform_name(operation))
        return method(**request)
    except ServiceError as error:
        raise _failure(context, what, error.message, "") from error
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        kind = _KINDS.get(code, SERVICE_FAULT if status >= _SERVER_FAULT else "")
        raise _failure(context, what, message, kind) from error
    except BotoCoreError as error:  # the request does not fit the operation's shape
        raise _failure(context, what, " ".join(str(error).split()), "") from error


def _failure(context: StepContext, what: str, message: str, kind: str) -> StepFailure:
    text = (
        f"ClientError: Failed to invoke {what}. Error Details: {message}\n"
        "Retry not appropriate on execution of step with PipelineExecutionArn "
        f"{context.execution.arn} and StepId {context.step.name}."
    )
    return StepFailure(text, kind)
