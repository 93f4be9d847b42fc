"""What botocore raises, as `RemoteError` with account, operation, resource and the next step.

Reads the environment variable `AWS_ENDPOINT_URL` for a hint; writes and calls nothing.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import (
    ConnectionError as BotocoreConnectionError,
)

from promotion.aws.throttling import THROTTLED
from promotion.errors import RemoteError

# Codes that services use for the same condition; from their API references.
# Services say a quota of resources like that too, which waiting does not help.
_TOO_MUCH = THROTTLED | {"LimitExceededException"}
_EXPIRED = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
)
_INVALID_KEYS = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
        "InvalidAccessKeyId",
        "AuthFailure",
        "IncompleteSignature",
        "MissingAuthenticationToken",
    }
)
_DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Forbidden", "403"}
)
_MISSING = frozenset(
    {
        "ResourceNotFound",
        "ResourceNotFoundException",
        "NoSuchBucket",
        "NoSuchKey",
        "NoSuchEntity",
        "NotFound",
        "NotFoundException",
        "404",
        # What a bucket may lack.
        "NoSuchBucketPolicy",
        "NoSuchPublicAccessBlockConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)
_LOST = frozenset(
    {"PreconditionFailed", "ConditionalRequestConflict", "412", "BucketAlreadyOwnedByYou"}
)
# SageMaker answers ValidationException for several missing resources.
_MISSING_TEXT = re.compile(
    r"does not exist|not found|could not find|cannot find|unable to find", re.IGNORECASE
)

_MESSAGE_LIMIT = 600


class RemoteMissing(RemoteError):
    """What was asked for does not exist."""


class RemoteDenied(RemoteError):
    """The caller may not do this."""


class RemoteConflict(RemoteError):
    """The write's precondition does not hold: somebody else wrote first."""


class RemoteTaken(RemoteError):
    """The name belongs to another account."""


@dataclass(frozen=True)
class Call:
    """What was being done when an error came.

    Attributes:
        account_id: account that was called, or None while it is not known.
        operation: `service.Operation`.
        resource: name, ARN or URI of what it was about, or None.
    """

    account_id: str | None
    operation: str
    resource: str | None = None

    def __str__(self) -> str:
        """Return the call in words for a message."""
        where = f" in account {self.account_id}" if self.account_id else ""
        return f"{self.operation}{where}" + (f" for {self.resource}" if self.resource else "")


@contextmanager
def remote_call(call: Call) -> Iterator[None]:
    """Raise what botocore raises inside the block as `RemoteError`.

    Raises:
        RemoteMissing: the resource does not exist.
        RemoteDenied: the caller may not do this.
        RemoteConflict: a conditional write lost.
        RemoteError: anything else: credentials, network, throttling, a refused request.
    """
    try:
        yield
    except ClientError as error:
        raise _from_response(error, call) from error
    except BotoCoreError as error:
        raise _from_client(error, call) from error


def _from_response(error: ClientError, call: Call) -> RemoteError:
    answer = error.response
    code = str(answer.get("Error", {}).get("Code", "Unknown"))
    text = _bounded(str(answer.get("Error", {}).get("Message", "")) or str(error))
    attempts = answer.get("ResponseMetadata", {}).get("RetryAttempts", 0) + 1
    missing = code in _MISSING or (code.startswith("Validation") and _MISSING_TEXT.search(text))
    for applies, kind, what, hint in (
        (missing, RemoteMissing, f": not found: {text}", None),
        (
            code in _DENIED,
            RemoteDenied,
            f" was denied: {text}",
            "check the caller's policies and the resource's own policy (bucket, key, group, role)",
        ),
        (code == "BucketAlreadyExists", RemoteTaken, f": the name is taken: {text}", None),
        (code in _LOST, RemoteConflict, f": somebody else wrote first: {text}", None),
        (
            code in _EXPIRED,
            RemoteError,
            ": the AWS credentials have expired",
            "renew the AWS credentials of this shell and run the command again",
        ),
        (
            code in _INVALID_KEYS,
            RemoteError,
            f": AWS does not accept the credentials: {text}",
            "check AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, of this shell",
        ),
        (
            code in _TOO_MUCH,
            RemoteError,
            f" was throttled, {attempts} attempts: {text}",
            "wait a minute and run the command again",
        ),
    ):
        if applies:
            return _error(kind, call, f"{call}{what}", hint)
    return _error(RemoteError, call, f"{call} failed: {code}: {text}")


def _from_client(error: BotoCoreError, call: Call) -> RemoteError:
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        hint = "export AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in"
        return _error(RemoteError, call, f"{call}: there are no AWS credentials", hint)
    if isinstance(error, ProfileNotFound):
        hint = "check AWS_PROFILE against ~/.aws/config"
        return _error(RemoteError, call, f"{call}: {_bounded(str(error))}", hint)
    if isinstance(error, (CredentialRetrievalError, TokenRetrievalError, SSOError)):
        hint = "log in again (aws sso login) and run the command again"
        message = f"{call}: the AWS credentials cannot be obtained: {_bounded(str(error))}"
        return _error(RemoteError, call, message, hint)
    if isinstance(error, (HTTPClientError, BotocoreConnectionError)):
        message = f"{call}: AWS cannot be reached: {_bounded(str(error))}"
        return _error(RemoteError, call, message, _network_hint())
    if isinstance(error, ParamValidationError):
        return _error(RemoteError, call, f"{call}: not a valid request: {_bounded(str(error))}")
    return _error(RemoteError, call, f"{call} failed: {_bounded(str(error))}")


def _network_hint() -> str:
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        return f"AWS_ENDPOINT_URL is {endpoint}: check that it is up, or unset it to reach AWS"
    return "check the network, the proxy (HTTPS_PROXY) and the region, then run the command again"


def _error(
    kind: type[RemoteError], call: Call, message: str, hint: str | None = None
) -> RemoteError:
    return kind(
        message,
        account_id=call.account_id,
        operation=call.operation,
        resource=call.resource,
        hint=hint,
    )


def _bounded(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MESSAGE_LIMIT else text[: _MESSAGE_LIMIT - 1] + "…"
