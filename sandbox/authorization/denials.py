"""Denials as each service words and numbers them.

Pure. https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.model import ServiceError

if TYPE_CHECKING:
    from sandbox.authorization.request import Caller
    from sandbox.authorization.requirement import Requirement

_FORBIDDEN, _BAD_REQUEST = 403, 400
# Services whose code is not what their protocol's other services use.
_CODES = {
    "ec2": ("UnauthorizedOperation", _FORBIDDEN),
    "lambda": ("AccessDeniedException", _FORBIDDEN),
    "sns": ("AuthorizationError", _FORBIDDEN),
    "sqs": ("AccessDenied", _FORBIDDEN),
}
_BY_PROTOCOL = {
    "ec2": ("UnauthorizedOperation", _FORBIDDEN),
    "query": ("AccessDenied", _FORBIDDEN),
    "rest-xml": ("AccessDenied", _FORBIDDEN),
    "rest-json": ("AccessDeniedException", _FORBIDDEN),
    "json": ("AccessDeniedException", _BAD_REQUEST),
    "cbor": ("AccessDeniedException", _BAD_REQUEST),
}
# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors and
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
_KEY_CODES = {"sns": "KMSAccessDenied", "sqs": "KmsAccessDenied"}


def message(caller: Caller, requirement: Requirement, reason: str) -> str:
    """Return AWS's sentence: who may not do what on which resource, and why."""
    resource = requirement.resource_arn
    if requirement.action.startswith("s3:"):
        resource = f'"{resource}"'
    return (
        f"User: {caller.arn} is not authorized to perform: {requirement.action} "
        f"on resource: {resource} {reason}"
    )


def denial(service: str, protocol: str, requirement: Requirement, text: str) -> ServiceError:
    """Return the error with which a service answers a call that is denied."""
    code, status = code_of(service, protocol)
    if requirement.via and requirement.action.startswith("kms:") and service in _KEY_CODES:
        return ServiceError(_KEY_CODES[service], text, _BAD_REQUEST)
    return ServiceError(code, text, status)


def code_of(service: str, protocol: str) -> tuple[str, int]:
    """Return the error code and HTTP status of a service's denials."""
    fallback = ("AccessDeniedException", _BAD_REQUEST)
    return _CODES.get(service) or _BY_PROTOCOL.get(protocol, fallback)
