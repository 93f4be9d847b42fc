"""Values and protocols shared by the server, the services and the pipeline engine.

Reads, writes and calls nothing. Every module of the sandbox may import this one; it
imports no other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from datetime import datetime

Document = dict[str, Any]
"""A decoded JSON object: an AWS request, response or event."""

Emit = Callable[[str, Document], None]
"""``emit(account_id, event)`` publishes an event to the default bus of an account.

``event`` needs ``source``, ``detail-type`` and ``detail``; ``resources`` (list), ``region``
and ``time`` (aware datetime or ISO text) are optional. The rest of the EventBridge
envelope (version, id, account, time from the virtual clock) is added.
"""


@dataclass(frozen=True)
class Principal:
    """Who makes a request.

    Attributes:
        account_id: Account that the request acts in (12 digits).
        arn: ``arn:aws:iam::…:user/NAME``, ``arn:aws:sts::…:assumed-role/ROLE/SESSION``,
            ``arn:aws:iam::…:root``, or an AWS service that acts by itself
            (``events.amazonaws.com``).
        access_key_id: Key that signed the request; empty when the request is unsigned.
        source_arn: Resource on whose behalf a service acts; empty when it says none.
    """

    account_id: str
    arn: str
    access_key_id: str = ""
    source_arn: str = ""

    @property
    def service(self) -> str:
        """Service principal of an AWS service that acts by itself, empty for all others."""
        return "" if self.arn.startswith("arn:") else self.arn


class SandboxError(Exception):
    """The sandbox itself cannot do what was asked; the message says what, where, next step."""

    exit_code = 1


class ServiceError(Exception):
    """An AWS error answer of an emulated service.

    Attributes:
        code: AWS's error code, such as ``ValidationException``.
        message: Text for the caller.
        status: HTTP status, 400 unless AWS uses another.
        extra: Further members of the error body, as AWS adds for some errors.
    """

    def __init__(
        self, code: str, message: str, status: int = 400, extra: Document | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.extra = extra or {}


class Clock(Protocol):
    """Source of the virtual time."""

    def now(self) -> datetime:
        """Return the virtual time as an aware UTC datetime."""
        ...


class AwsAccess(Protocol):
    """Hands out boto3 clients that call the sandbox's own server."""

    @property
    def endpoint_url(self) -> str:
        """Address of the server, without a trailing slash."""
        ...

    def client(
        self,
        service: str,
        *,
        role_arn: str | None = None,
        account_id: str | None = None,
        region: str | None = None,
        service_principal: str | None = None,
        source_arn: str = "",
    ) -> Any:
        """Return a boto3 client.

        Args:
            service: boto3's service name.
            role_arn: Role whose session makes the calls. Its trust policy must name
                ``service_principal``.
            account_id: Account to call as its root, instead of a role: for the service's
                own bookkeeping only.
            region: Region, the account's own unless given.
            service_principal: Such as ``sagemaker.amazonaws.com``; needed with ``role_arn``.
            source_arn: Resource on whose behalf the service acts, for conditions on
                ``aws:SourceArn``; empty where AWS sends none.

        Raises:
            ServiceError: ``AccessDenied`` when the role is missing or does not trust the
                service principal.
        """
        ...

    def environment(
        self,
        *,
        role_arn: str,
        service_principal: str,
        region: str | None = None,
    ) -> dict[str, str]:
        """Return the environment variables with which a subprocess acts as the role.

        Holds AWS_ENDPOINT_URL, the three credential variables, AWS_REGION,
        AWS_DEFAULT_REGION, AWS_EC2_METADATA_DISABLED and AWS_MAX_ATTEMPTS.

        Raises:
            ServiceError: As ``client``.
        """
        ...


class PipelineEngine(Protocol):
    """What the server needs of the pipeline engine (``sandbox.pipelines.PipelineService``)."""

    OPERATIONS: frozenset[str]

    def handle(self, operation: str, request: Document, principal: Principal) -> Document:
        """Serve one SageMaker operation; raises ``ServiceError``."""
        ...

    def wait_idle(self, timeout_seconds: float) -> None:
        """Return once no execution and no job runs; raises ``SandboxError`` on timeout."""
        ...
