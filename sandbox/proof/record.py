"""The recorded proof, ``docs/permissions.json``: every policy, and why each permission is there.

Pure but for reading and writing the file. No times and no ids stand in it: the same policies and
the same acts give the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sandbox.model import SandboxError
from sandbox.proof.policies import HeldPolicy, Permission, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from sandbox.model import Document

FILE = "docs/permissions.json"
SCHEMA_VERSION = 1
Proof = Literal["live", "replayed", "reason"]
_ELEMENTS = ("Resource", "NotResource", "NotAction")


@dataclass(frozen=True)
class Evidence:
    """Why a permission is there.

    Attributes:
        proof: ``live``: an act failed without it. ``replayed``: a request of an act is denied
            without it. ``reason``: nothing in the sandbox needs it.
        acts: Names of the acts that need it, sorted.
        because: The reason, for ``reason``.
        by: The act that failed, for ``live``; one of ``acts``.
        tried: Whether it was removed all the same, for ``replayed``, and Terraform told nothing of
            it: what went before has failed or was not done again.
    """

    proof: Proof
    acts: tuple[str, ...] = ()
    because: str = ""
    by: str = ""
    tried: bool = False

    def document(self) -> Document:
        """Return the evidence for JSON."""
        if self.proof == "reason":
            return {"proof": self.proof, "because": self.because}
        by = {"by": self.by} if self.by else {}
        tried = {"tried": True} if self.tried else {}
        return {"proof": self.proof, "acts": list(self.acts), **by, **tried}


def compose(
    policies: Iterable[HeldPolicy],
    evidence: Mapping[Permission, Evidence],
    accounts: Mapping[str, str],
) -> Document:
    """Return the record of policies; permissions without evidence have none in it.

    Args:
        policies: Every policy of the estate.
        evidence: Why each permission is there.
        accounts: Account id by environment.
    """
    ordered = sorted(policies, key=lambda policy: policy.key)
    return {
        "schema_version": SCHEMA_VERSION,
        "accounts": dict(accounts),
        "policies": [_policy(policy, evidence) for policy in ordered],
    }


def _policy(policy: HeldPolicy, evidence: Mapping[Permission, Evidence]) -> Document:
    account, kind, holder, name = policy.key
    return {
        "account": account, "kind": kind, "holder": holder, "policy": name,
        **({"purpose": policy.purpose} if policy.purpose else {}),
        **({"boundary": policy.boundary} if policy.boundary else {}),
        "statements": [
            _statement(policy, sid, statement, evidence) for sid, statement in policy.statements()
        ],
    }  # fmt: skip


def _statement(
    policy: HeldPolicy, sid: str, statement: Document, evidence: Mapping[Permission, Evidence]
) -> Document:
    actions = {
        action: _evidence(evidence.get(Permission(*policy.key, sid, action)))
        for action in sorted(listed(statement.get("Action", [])))
    }
    if "NotAction" in statement and statement["Effect"] == "Allow":
        actions = {"NotAction": _evidence(evidence.get(Permission(*policy.key, sid, "NotAction")))}
    elements = {name: sorted(listed(statement[name])) for name in _ELEMENTS if name in statement}
    return {
        "sid": sid, "effect": statement["Effect"], "actions": actions,
        "elements": {
            **elements,
            **{name: _sorted(statement[name]) for name in ("Principal", "NotPrincipal", "Condition")
               if name in statement},
        },
    }  # fmt: skip


def _evidence(found: Evidence | None) -> Document:
    return found.document() if found else {}


def _sorted(element: Any) -> Any:
    """Return a principal or condition with its lists sorted, and single values as lists."""
    if isinstance(element, dict):
        return {name: _sorted(value) for name, value in element.items()}
    return sorted(listed(element), key=str)


def evidence_of(record: Document) -> dict[Permission, Evidence]:
    """Return the evidence that a record holds."""
    return {
        Permission(*_key(policy), statement["sid"], action): Evidence(
            found["proof"],
            tuple(found.get("acts", ())),
            found.get("because", ""),
            found.get("by", ""),
            found.get("tried", False),
        )
        for policy in record["policies"]
        for statement in policy["statements"]
        for action, found in statement["actions"].items()
        if found
    }


def differences(record: Document, policies: Iterable[HeldPolicy]) -> list[str]:
    """Return how a record differs from today's policies, one line a statement.

    A statement, or the boundary of a role, is missing from the record, gone from the policies, or
    another than recorded.
    """
    composed = compose(policies, {}, {})
    recorded = dict([*_outline(record), *_boundaries(record)])
    today = dict([*_outline(composed), *_boundaries(composed)])
    lines = [f"not recorded: {' '.join(key)}" for key in today.keys() - recorded.keys()]
    lines += [f"gone: {' '.join(key)}" for key in recorded.keys() - today.keys()]
    lines += [
        f"changed: {' '.join(key)}"
        for key in today.keys() & recorded.keys()
        if today[key] != recorded[key]
    ]
    return sorted(lines)


def still_valid(record: Document, policies: Iterable[HeldPolicy]) -> dict[Permission, Evidence]:
    """Return the evidence of a record for statements that today are as they were recorded.

    A reason is no evidence of a need, and is not among it.
    """
    recorded, today = dict(_outline(record)), dict(_outline(compose(policies, {}, {})))
    return {
        permission: found
        for permission, found in evidence_of(record).items()
        if found.proof != "reason"
        and (key := (*_holder(permission), permission.sid)) in today
        and recorded[key] == today[key]
    }


def _holder(permission: Permission) -> tuple[str, str, str, str]:
    return (permission.account, permission.kind, permission.holder, permission.policy)


def unproven(record: Document) -> list[str]:
    """Return the permissions of a record that have no evidence, one line each."""
    return [
        Permission(*_key(policy), statement["sid"], action).name
        for policy in record["policies"]
        for statement in policy["statements"]
        for action, found in statement["actions"].items()
        if statement["effect"] == "Allow" and not found
    ]


def _outline(record: Document) -> Iterator[tuple[tuple[str, ...], Any]]:
    for policy in record["policies"]:
        for statement in policy["statements"]:
            whole = {**statement, "actions": sorted(statement["actions"])}
            yield (*_key(policy), statement["sid"]), whole


def _boundaries(record: Document) -> Iterator[tuple[tuple[str, ...], str]]:
    for policy in record["policies"]:
        if "boundary" in policy:
            yield (*_key(policy), "boundary"), policy["boundary"]


def _key(policy: Document) -> tuple[str, str, str, str]:
    return (policy["account"], policy["kind"], policy["holder"], policy["policy"])


def read_record(path: Path) -> Document:
    """Read the record.

    Raises:
        SandboxError: It is missing or of another version.
    """
    try:
        record: Document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise SandboxError(f"{path}: {error}: run `make prove-permissions`") from error
    if record.get("schema_version") != SCHEMA_VERSION:
        raise SandboxError(f"{path} is of another version: run `make prove-permissions`")
    return record


def write_record(path: Path, record: Document) -> None:
    """Write the record."""
    path.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
