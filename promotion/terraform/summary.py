"""A saved Terraform plan as a few facts. Reads and calls nothing.

Source of the format: https://developer.hashicorp.com/terraform/internals/json-format
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from promotion.changes import FieldChange
from promotion.terraform.attributes import MOST, changed_attributes

# Attributes in which resources keep their name in AWS, in the order of preference.
_NAMES = ("bucket", "model_package_group_name", "function_name", "name")


@dataclass(frozen=True)
class ResourceChange:
    """What the plan does to one resource.

    Attributes:
        address: address in the configuration.
        type: resource type, such as "aws_s3_bucket".
        action: create, update, replace, delete, forget or import (and nothing else).
        name: name in AWS where the plan knows it; empty otherwise.
        imported: whether the plan adopts a resource that exists already.
        trust: trust policy that a role will have, as JSON; None where it is not known before the
            role is made, and empty for all but roles.
        attributes: what changes of a resource that is updated or replaced, at most MOST of
            `promotion.terraform.attributes` fields.
        more: whether more attributes change than those.
        forced_by: attributes for whose sake the resource is replaced, keys joined by dots.
    """

    address: str
    type: str
    action: str
    name: str = ""
    imported: bool = False
    trust: str | None = ""
    attributes: tuple[FieldChange, ...] = ()
    more: bool = False
    forced_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class StateVersion:
    """Which version of a Terraform state it is.

    Attributes:
        lineage: made when the state was; a state of another lineage is another state.
        serial: grows with every change of the state.
    """

    lineage: str
    serial: int

    def __str__(self) -> str:
        """Return the version in words."""
        return f"serial {self.serial} of lineage {self.lineage}"


@dataclass(frozen=True)
class TerraformSummary:
    """What a saved plan does.

    Attributes:
        changes: every resource that is not left as it is, by address.
        has_changes: whether applying does anything; true for a change of outputs alone.
        state: the state that the plan was made from; None when there was none yet.
    """

    changes: tuple[ResourceChange, ...] = ()
    has_changes: bool = False
    state: StateVersion | None = None

    def count(self, *actions: str) -> int:
        """Return how many resources have one of the actions."""
        return sum(change.action in actions for change in self.changes)

    @property
    def sentence(self) -> str:
        """The counts in words."""
        if not self.has_changes:
            return "no changes"
        counts = {
            "to import": sum(change.imported for change in self.changes),
            "to add": self.count("create", "replace"),
            "to change": self.count("update"),
            "to destroy": self.count("delete", "replace"),
        }
        told = [f"{number} {what}" for what, number in counts.items() if number]
        return ", ".join(told) or "outputs change"

    def creates(self, type_: str, name: str) -> bool:
        """Return whether the plan makes a resource of a type and name."""
        return any(
            change.type == type_ and change.name == name and change.action in {"create", "replace"}
            for change in self.changes
        )


def summarize(plan: Mapping[str, Any], *, has_changes: bool) -> TerraformSummary:
    """Return the facts of a plan.

    Args:
        plan: output of `terraform show -json PLAN`.
        has_changes: what `terraform plan -detailed-exitcode` said.
    """
    found = [
        _resource(resource, action)
        for resource in plan.get("resource_changes", [])
        if resource.get("mode") == "managed" and (action := _action(resource["change"]))
    ]
    return TerraformSummary(
        changes=tuple(sorted(found, key=lambda change: change.address)), has_changes=has_changes
    )


def _resource(resource: Mapping[str, Any], action: str) -> ResourceChange:
    change = resource["change"]
    attributes = changed_attributes(change) if action in {"update", "replace"} else ()
    return ResourceChange(
        address=resource["address"],
        type=resource["type"],
        action=action,
        name=_name(change),
        imported=bool(change.get("importing")),
        trust=_trust(resource),
        attributes=attributes[:MOST],
        more=len(attributes) > MOST,
        forced_by=tuple(".".join(map(str, path)) for path in change.get("replace_paths") or ()),
    )


def _action(change: Mapping[str, Any]) -> str:
    actions = list(change["actions"])
    if set(actions) == {"create", "delete"}:
        return "replace"
    if actions in (["no-op"], ["read"]):
        return "import" if change.get("importing") else ""
    return str(actions[0])


def _name(change: Mapping[str, Any]) -> str:
    values = change.get("after") or change.get("before") or {}
    return next((str(values[key]) for key in _NAMES if values.get(key)), "")


def _trust(resource: Mapping[str, Any]) -> str | None:
    if resource["type"] != "aws_iam_role":
        return ""
    change = resource["change"]
    # Unknown values are absent here, and true there. A role that goes has neither.
    if (change.get("after_unknown") or {}).get("assume_role_policy"):
        return None
    return str((change.get("after") or {}).get("assume_role_policy") or "")
