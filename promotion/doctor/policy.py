"""What a resource's policy or a trust policy says of one request. Pure.

Knows what this project's policies use: principals, actions and resources with wildcards, and the
condition operators below. A condition that it does not know counts against the request: it lets
nobody in, and keeps everybody out.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """What somebody wants to do.

    Attributes:
        principal: ARN of a role, or the name of a service.
        action: `service:Action`.
        resource: ARN of what it is done to; empty for a trust policy, which names none.
        context: condition keys (lower case) and their values, beside the principal's ARN.
    """

    principal: str
    action: str
    resource: str = ""
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> dict[str, str]:
        """All condition keys."""
        own = {"aws:principalarn": self.principal} if self.principal.startswith("arn:") else {}
        return {**self.context, **own}


def allows(policy: str | Mapping[str, Any], request: Request) -> bool:
    """Return whether a policy (a document or its JSON) allows a request and denies it nowhere."""
    effects = {each["Effect"] for each in statements(policy) if _applies(each, request)}
    return effects == {"Allow"}


def denies(policy: str | Mapping[str, Any], request: Request) -> bool:
    """Return whether a statement of a policy denies a request."""
    return any(each["Effect"] == "Deny" and _applies(each, request) for each in statements(policy))


def statements(policy: str | Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the statements of a policy; none of an empty one."""
    if not policy:
        return []
    document = json.loads(policy) if isinstance(policy, str) else policy
    found = document.get("Statement", [])
    return [found] if isinstance(found, Mapping) else list(found)


def _applies(statement: Mapping[str, Any], request: Request) -> bool:
    is_deny = bool(statement["Effect"] == "Deny")
    if not {"NotPrincipal", "NotAction", "NotResource"}.isdisjoint(statement):
        return is_deny
    return bool(
        _is_principal(statement.get("Principal", {}), request.principal)
        and _matches_any(statement.get("Action", ()), request.action.lower(), lower=True)
        and (not request.resource or _matches_any(statement.get("Resource", ()), request.resource))
        and all(
            _holds(operator, key.lower(), values, request.keys, is_deny=is_deny)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _is_principal(principal: Any, wanted: str) -> bool:
    if principal == "*":
        return True
    if not wanted.startswith("arn:"):
        return wanted in _listed(principal.get("Service", ()))
    account_id = wanted.split(":")[4]
    root = re.sub(r":role/.*", ":root", wanted)
    return bool({"*", account_id, root, wanted} & set(_listed(principal.get("AWS", ()))))


def _holds(operator: str, key: str, values: Any, keys: Mapping[str, str], *, is_deny: bool) -> bool:
    plain = operator.removesuffix("IfExists")
    given = keys.get(key)
    listed = [str(value) for value in _listed(values)]
    if plain == "Null":
        return bool((given is None) == (listed == ["true"]))
    if plain not in _OPERATORS:
        return is_deny
    wants_match, with_wildcards = _OPERATORS[plain]
    if given is None:
        return plain != operator or not wants_match
    if with_wildcards:
        return _matches_any(listed, given) == wants_match
    return (given in listed) == wants_match


# Whether a value has to match, and whether wildcards count.
_OPERATORS = {
    "ArnEquals": (True, True),
    "ArnLike": (True, True),
    "ArnNotEquals": (False, True),
    "ArnNotLike": (False, True),
    "Bool": (True, False),
    "StringEquals": (True, False),
    "StringLike": (True, True),
    "StringNotEquals": (False, False),
    "StringNotLike": (False, True),
}


def _matches_any(patterns: Any, value: str, *, lower: bool = False) -> bool:
    return any(
        re.fullmatch(_expression(pattern.lower() if lower else pattern), value)
        for pattern in _listed(patterns)
    )


def _expression(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")


def _listed(values: Any) -> Iterable[Any]:
    return values if isinstance(values, (list, tuple)) else (values,)
