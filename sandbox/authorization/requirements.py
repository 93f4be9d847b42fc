"""What an AWS call needs: IAM actions, the resources they are needed on, and their accounts.

Pure but for the tables that it reads and for names that it looks up in the emulator's stores
(aliases, paths of roles, owners of buckets). No resource has to exist: what is unknown is the
caller's, at its plain name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.authorization.generic import by_tables
from sandbox.authorization.passed_roles import passed_roles
from sandbox.authorization.requirement import Requirement, UnmappedOperationError
from sandbox.authorization.services import (
    cloudwatch,
    dynamodb,
    ecr,
    events,
    functions,
    iam,
    kms,
    logs,
    s3,
    s3control,
    sagemaker,
    sns,
    sqs,
    sts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.services.call import Call

    Mapper = Callable[[Call], tuple[Requirement, ...]]

# Whose modules know the parameters that hold a role; "sts" passes none.
_PASS_ROLES_THEMSELVES = {"events", "iam", "lambda", "s3", "sagemaker", "sts"}
__all__ = ["Requirement", "UnmappedOperationError", "required"]

_MAPPERS: Mapping[str, Mapper] = {
    "cloudwatch": cloudwatch.required,
    "dynamodb": dynamodb.required,
    "ecr": ecr.required,
    "events": events.required,
    "iam": iam.required,
    "kms": kms.required,
    "lambda": functions.required,
    "logs": logs.required,
    "s3": s3.required,
    "s3control": s3control.required,
    "sagemaker": sagemaker.required,
    "sns": sns.required,
    "sqs": sqs.required,
    "sts": sts.required,
}


def required(call: Call) -> tuple[Requirement, ...]:
    """Return everything that must be allowed for a call; empty when AWS asks for nothing.

    Raises:
        UnmappedOperationError: Nothing tells what the operation needs.
    """
    if not call.operation:
        method, path = call.environ.get("REQUEST_METHOD"), call.environ.get("PATH_INFO")
        raise UnmappedOperationError(f"{call.service} {method} {path}")
    found = _MAPPERS.get(call.service, by_tables)(call)
    return found if call.service in _PASS_ROLES_THEMSELVES else (*found, *passed_roles(call))
