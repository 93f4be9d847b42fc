"""The reviewed list of permissions that the sandbox cannot show to be needed, with the reason.

Reads ``mlops-infra/permissions-reasons.toml``. One table ``[[reason]]`` each:
``kind``, ``holder`` and ``policy`` (patterns with ``*``), ``sid``, ``actions`` (patterns) and
``because``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from sandbox.model import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sandbox.proof.policies import Permission

FILE = "mlops-infra/permissions-reasons.toml"
_KEYS = {"account": "*", "kind": "*", "holder": "*", "policy": "*", "sid": "*"}


@dataclass(frozen=True)
class Reason:
    """Why some permissions stay although nothing in the sandbox needs them.

    Attributes:
        account: Pattern of the environment.
        kind: Pattern of the policy's kind.
        holder: Pattern of the holder.
        policy: Pattern of the policy's name.
        sid: Pattern of the statement's Sid.
        actions: Patterns of the actions.
        because: The reason, a sentence with its source.
    """

    account: str
    kind: str
    holder: str
    policy: str
    sid: str
    actions: tuple[str, ...]
    because: str

    def covers(self, permission: Permission) -> bool:
        """Return whether this is a reason for a permission."""
        return all(
            fnmatchcase(getattr(permission, name), getattr(self, name)) for name in _KEYS
        ) and any(fnmatchcase(permission.action, pattern) for pattern in self.actions)

    @property
    def name(self) -> str:
        """One line for messages."""
        return f"{self.account} {self.holder} {self.policy} {self.sid} {', '.join(self.actions)}"


def load_reasons(path: Path) -> tuple[Reason, ...]:
    """Read the list.

    Raises:
        SandboxError: Not TOML, an unknown or missing key, or an entry without reason.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SandboxError(f"{path}: {error}") from error
    if unknown := set(document) - {"reason"}:
        raise SandboxError(f"{path}: unknown key {', '.join(sorted(unknown))}; it has [[reason]]")
    return tuple(
        _reason(f"{path}: reason {number}", entry)
        for number, entry in enumerate(document.get("reason", []), start=1)
    )


def _reason(place: str, entry: dict[str, Any]) -> Reason:
    if unknown := set(entry) - {*_KEYS, "actions", "because"}:
        raise SandboxError(f"{place}: unknown key {', '.join(sorted(unknown))}")
    if not entry.get("actions") or not entry.get("because"):
        raise SandboxError(f"{place}: needs actions and because")
    return Reason(
        **{name: str(entry.get(name, default)) for name, default in _KEYS.items()},
        actions=tuple(entry["actions"]),
        because=" ".join(entry["because"].split()),
    )


def reason_for(permission: Permission, reasons: Iterable[Reason]) -> str:
    """Return the reason for a permission; empty when there is none."""
    return next((reason.because for reason in reasons if reason.covers(permission)), "")


def idle_reasons(reasons: Iterable[Reason], unneeded: Iterable[Permission]) -> list[str]:
    """Return the reasons that are a reason for nothing: what they cover is needed, or gone."""
    left = list(unneeded)
    each_alone = [
        replace(reason, actions=(pattern,)) for reason in reasons for pattern in reason.actions
    ]
    return [alone.name for alone in each_alone if not any(map(alone.covers, left))]
