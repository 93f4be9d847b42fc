"""The Terraform plan lets nobody from outside into a role, nor Jenkins' own roles. Calls nothing.

Services are not looked at: what they may do as a role is the role's own policy.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from promotion.plan.gates import Facts
from promotion.plan.model import GateResult, Outcome
from promotion.terraform.access import in_access_module
from promotion.terraform.summary import ResourceChange

GATE = "role-trust"
SUMMARY = "the Terraform plan lets no stranger into a role, nor Jenkins' own roles"
OVERRIDABLE = True
_ACCOUNT = re.compile(r"(?:arn:[^:]+:(?:iam|sts)::)?([0-9]{12})(?::.*)?")
_JENKINS = re.compile(r"arn:[^:]+:(?:iam::[0-9]{12}:role|sts::[0-9]{12}:assumed-role)/(?:.*/)?(.+)")


def check(facts: Facts) -> GateResult:
    """Look who may assume the roles that the plan makes or changes."""
    if facts.terraform is None:
        return GateResult(GATE, Outcome.PASSED, "no Terraform planned")
    found = [
        f"{change.address}: {problem}"
        for change in facts.terraform.changes
        if not in_access_module(change.address)
        for problem in _problems(change, facts)
    ]
    if not found:
        return GateResult(GATE, Outcome.PASSED, "roles trust services and known accounts only")
    return GateResult(
        GATE,
        Outcome.REFUSED,
        f"Terraform would let strangers into roles: {'; '.join(found)}",
        "name services or accounts of the environment files in the role's assume_role_policy",
    )


def _problems(change: ResourceChange, facts: Facts) -> Iterator[str]:
    if change.trust is None:
        yield "its trust policy is not known before it is made"
        return
    if not change.trust:
        return
    statements = json.loads(change.trust).get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        if statement.get("Effect") != "Allow":
            continue
        if "NotPrincipal" in statement:
            yield "it trusts everybody but some (NotPrincipal)"
        for kind, principal in _principals(statement.get("Principal", {})):
            if kind != "Service" and not _known(kind, principal, facts):
                yield f"it trusts {principal}"


def _principals(principal: str | Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if isinstance(principal, str):
        yield "AWS", principal
        return
    for kind, values in principal.items():
        for value in [values] if isinstance(values, str) else values:
            yield kind, str(value)


def _known(kind: str, principal: str, facts: Facts) -> bool:
    """Return whether an AWS principal is of our accounts and none of Jenkins' roles."""
    environment = facts.environment
    account = _ACCOUNT.fullmatch(principal)
    if kind != "AWS" or account is None:
        return False
    role = _JENKINS.fullmatch(principal)
    # arn:...:assumed-role/ROLE/SESSION names the role before the session.
    names = set(principal.split("/")[1:]) if role else set()
    ours = {environment.account_id, *environment.linked_accounts.values()}
    roles = environment.roles
    return account[1] in ours and not names & {roles.build, roles.deploy, roles.plan}
