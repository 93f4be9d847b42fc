"""``Principal`` and ``NotPrincipal``: whom a resource policy means.

Pure. Rules:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, cast

from sandbox.authorization.errors import PolicyError

if TYPE_CHECKING:
    from sandbox.authorization.evaluate import Caller

_ACCOUNT = re.compile(r"\d{12}")
_ARN = re.compile(
    r"arn:aws[a-z-]*:(iam::\d{12}:(root|(user|role)/[^*?]+)|sts::\d{12}:assumed-role/[^/*?]+/[^/*?]+)"
)
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?")


class Grant(IntEnum):
    """How directly a policy means a caller, and so which other policies still limit it.

    ``ACCOUNT`` hands the decision to the identity policies of that account, ``ROLE`` is
    limited by boundary and session policy, ``DIRECT`` (the user, the session, the service or
    everyone) by no implicit deny. Section "Resource-based policies" of
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
    """

    NONE = 0
    ACCOUNT = 1
    ROLE = 2
    DIRECT = 3


@dataclass(frozen=True)
class Principals:
    """A parsed ``Principal`` or ``NotPrincipal``.

    Attributes:
        everyone: Whether it is ``*``.
        arns: Users, roles, sessions and account roots; an account id counts as its root.
        services: Service principals.
    """

    everyone: bool
    arns: frozenset[str]
    services: frozenset[str]

    def grant(self, caller: Caller) -> Grant:
        """Return how directly a caller is meant."""
        if self.everyone or caller.arn in self.arns:
            return Grant.DIRECT
        if caller.kind == "service":
            return Grant.DIRECT if caller.service in self.services else Grant.NONE
        if caller.role_arn in self.arns:
            return Grant.ROLE
        return Grant.ACCOUNT if _root(caller.account_id) in self.arns else Grant.NONE

    def spares(self, caller: Caller, *, bounded: bool) -> bool:
        """Return whether a Deny with this ``NotPrincipal`` leaves a caller alone.

        A user must be listed with its account, a session's role with its account. One with
        a permissions boundary is never left alone ("Key points" of the page on
        NotPrincipal).
        """
        if bounded:
            return False
        if self.everyone:
            return True
        if caller.kind == "service":
            return caller.service in self.services
        return {_root(caller.account_id), caller.role_arn or caller.arn} <= self.arns


def _root(account_id: str) -> str:
    return f"arn:aws:iam::{account_id}:root"


def parse_principals(value: object) -> Principals:
    """Parse a statement's ``Principal`` or ``NotPrincipal``.

    Raises:
        PolicyError: Malformed, or identity providers and canonical users, which the sandbox
            does not have.
    """
    if value == "*":
        return Principals(True, frozenset(), frozenset())
    if not isinstance(value, dict) or not value:
        raise PolicyError(f"principal {value!r} is neither * nor an object")
    unknown = set(value) - {"AWS", "Service"}
    if unknown:
        raise PolicyError(
            f"principal of type {', '.join(sorted(unknown))} is not evaluated by the sandbox"
        )
    people = _list(value.get("AWS", []))
    services = _list(value.get("Service", []))
    wrong = [name for name in services if not _SERVICE.fullmatch(name)]
    if wrong:
        raise PolicyError(f"{wrong[0]} is not a service principal")
    arns = frozenset(_arn(name) for name in people if name != "*")
    return Principals("*" in people, arns, frozenset(services))


def _list(value: object) -> list[str]:
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in items):
        raise PolicyError(f"principal {value!r} is not text")
    return cast("list[str]", items)


def _arn(name: str) -> str:
    if _ACCOUNT.fullmatch(name):
        return _root(name)
    if not _ARN.fullmatch(name):
        raise PolicyError(f"principal {name} is not an account, user, role or session")
    return name
