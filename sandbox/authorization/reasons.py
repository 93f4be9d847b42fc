"""How AWS words a denial.

Pure. The wording is that of
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sandbox.authorization.request import Request

Layer = Literal["identity", "resource", "boundary", "session"]

_NAMES: dict[Layer, tuple[str, str]] = {
    "identity": ("an", "identity-based policy"),
    "resource": ("a", "resource-based policy"),
    "boundary": ("a", "permissions boundary"),
    "session": ("a", "session policy"),
}
_TRUST = ("the", "role trust policy")


def explicit_deny(layer: Layer, request: Request) -> str:
    """Return the end of the message for a Deny statement."""
    article, name = _name(layer, request)
    return f"with an explicit deny in {article} {name}"


def implicit_deny(layer: Layer, request: Request) -> str:
    """Return the end of the message for a missing Allow."""
    _, name = _name(layer, request)
    return f"because no {name} allows the {request.action} action"


def _name(layer: Layer, request: Request) -> tuple[str, str]:
    trust = layer == "resource" and request.action.lower().startswith("sts:")
    return _TRUST if trust else _NAMES[layer]
