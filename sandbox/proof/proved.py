"""What is known of each permission: from this run, and from the record of an earlier one. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.proof.acts import terraform
from sandbox.proof.record import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.proof.policies import Permission


@dataclass
class Proved:
    """What live runs showed.

    Attributes:
        acts: The act that failed, by permission.
        tolerated: Acts that went well although a request of theirs was denied, by permission.
        failures: Acts that failed for another reason, one line each.
        recorded: Evidence of an earlier run, for permissions whose statements are unchanged.
        watched: Names of the Terraform acts that this run has done.
        tried: What all Terraform acts were done without.
    """

    acts: dict[Permission, str] = field(default_factory=dict)
    tolerated: dict[Permission, list[str]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    recorded: dict[Permission, Evidence] = field(default_factory=dict)
    watched: set[str] = field(default_factory=lambda: {terraform.SET_UP})
    tried: set[Permission] = field(default_factory=set)

    def is_live(self, permission: Permission) -> bool:
        """Return whether some act is known to fail without a permission."""
        earlier = self.recorded.get(permission)
        return permission in self.acts or (earlier is not None and earlier.proof == "live")

    def is_settled(self, permission: Permission) -> bool:
        """Return whether there is nothing left to try with Terraform's acts."""
        earlier = self.recorded.get(permission)
        return self.is_live(permission) or (earlier is not None and earlier.tried)

    def shows(self, permission: Permission, needed_to: Iterable[str]) -> Evidence | None:
        """Return the evidence that a permission is needed, if there is any.

        Args:
            permission: The permission.
            needed_to: Acts of this run with a request that is denied without it.
        """
        earlier = self.recorded.get(permission, Evidence("reason"))
        by = self.acts.get(permission, earlier.by)
        unwatched = {each.name for each in terraform.deeds()} - self.watched
        seen = {*needed_to, *(set(earlier.acts) & unwatched)}
        if permission in self.acts:
            seen.add(by)
        missed = tuple(sorted(seen - set(self.tolerated.get(permission, []))))
        if by in missed:
            return Evidence("live", missed, by=by)
        tried = earlier.tried or permission in self.tried
        return Evidence("replayed", missed, tried=tried) if missed else None
