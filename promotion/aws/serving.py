"""Asks the code that decides which model version serves, from the registry account.

Runs `promotion.handlers.resolve_model` with the caller's clients: SageMaker ListModelPackages and
DescribeModelPackage, S3 HeadObject. Mutates nothing.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from promotion.aws.errors import Call, RemoteDenied, remote_call
from promotion.handlers.resolve_model import NotServable, RegistryNotPermitted, resolve

if TYPE_CHECKING:
    from promotion.aws.session import AccountSession


@dataclass(frozen=True)
class Answer:
    """What an inference run would be told.

    Attributes:
        version: number of the version that serves; 0 when none can.
        arn: the version that serves; empty when none can.
        failure: name of the failure with which the run would end; empty without one.
        reason: why none can serve; empty without a failure.
    """

    version: int = 0
    arn: str = ""
    failure: str = ""
    reason: str = ""


def ask(session: "AccountSession", group: str) -> Answer:
    """Return which version of a group serves, or why none can.

    Raises:
        RemoteDenied: the caller may not read the group.
        RemoteError: AWS fails.
    """
    call = Call(session.account_id, "sagemaker.ListModelPackages", group)
    try:
        with remote_call(call):
            found = resolve(group, session.sagemaker, session.s3)
    except NotServable as error:
        return Answer(failure=type(error).__name__, reason=str(error))
    except RegistryNotPermitted as error:
        raise RemoteDenied(
            f"{call} was denied",
            account_id=call.account_id,
            operation=call.operation,
            resource=group,
            problems=[str(error)],
        ) from error
    return Answer(version=int(found["model_version"]), arn=found["model_package_arn"])
