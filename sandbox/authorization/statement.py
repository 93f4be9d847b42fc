"""One statement of a policy, parsed, and what it is about.

Pure. Elements:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sandbox.authorization.patterns import Template, like
from sandbox.authorization.principals import Grant, Principals

if TYPE_CHECKING:
    from sandbox.authorization.conditions import Condition, Context
    from sandbox.authorization.evaluate import Caller

Effect = Literal["Allow", "Deny"]


@dataclass(frozen=True, eq=False)
class Statement:
    """A parsed statement.

    Attributes:
        sid: Its Sid, or ``#0`` (its place, from 0) when it has none.
        effect: ``Allow`` or ``Deny``.
        actions: ``Action`` or ``NotAction`` as written.
        patterns: The same as patterns in lower case, in the same order.
        not_action: Whether they are ``NotAction``.
        resources: ``Resource`` or ``NotResource``; ``None`` when the statement has neither
            and means the resource that the policy is attached to.
        not_resource: Whether they are ``NotResource``.
        principals: ``Principal`` or ``NotPrincipal``; ``None`` in identity policies.
        not_principal: Whether they are ``NotPrincipal``.
        conditions: All of them must hold.
    """

    sid: str
    effect: Effect
    actions: tuple[str, ...]
    patterns: tuple[str, ...]
    not_action: bool
    resources: tuple[Template, ...] | None
    not_resource: bool
    principals: Principals | None
    not_principal: bool
    conditions: tuple[Condition, ...]

    def names_action(self, action: str) -> bool:
        """Return whether the statement is about an action; case does not count."""
        wanted = action.lower()
        return any(like(pattern, wanted) for pattern in self.patterns) != self.not_action

    def names_resource(self, resource: str, context: Context) -> bool:
        """Return whether the statement is about a resource.

        ``*`` reaches over slashes and colons:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
        """
        if self.resources is None:
            return True
        patterns = (template.resolve(context) for template in self.resources)
        named = any(pattern is not None and like(pattern, resource) for pattern in patterns)
        return named != self.not_resource

    def grant(self, caller: Caller, *, bounded: bool) -> Grant:
        """Return how directly the statement means a caller."""
        if self.principals is None:
            return Grant.DIRECT
        if self.not_principal:
            spared = self.principals.spares(caller, bounded=bounded)
            return Grant.NONE if spared else Grant.DIRECT
        return self.principals.grant(caller)

    def holds(self, context: Context) -> bool:
        """Return whether all conditions hold."""
        return all(condition.holds(context) for condition in self.conditions)
