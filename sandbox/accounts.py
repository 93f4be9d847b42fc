"""The emulated accounts.

Reads ``environments/*.tfvars.json`` (plain JSON; the files are validated elsewhere). Makes no
network call.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.model import SandboxError

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = ".tfvars.json"
# Key of an environment file that lists people, by the purpose of the role that they may assume.
_PEOPLE = {"approver": "approvers", "auditor": "auditors", "break_glass": "break_glass"}


@dataclass(frozen=True)
class Account:
    """One emulated AWS account.

    Attributes:
        environment: Name of the environment file.
        kind: ``tooling``, ``registry`` or ``workload``.
        account_id: 12 digits.
        region: Home region.
        roles: Role names by purpose, as in the environment file.
        scheduled: Whether any use case runs on a schedule here.
        people: ARNs of the people who may assume a role of this account, by the role's purpose.
    """

    environment: str
    kind: str
    account_id: str
    region: str
    roles: dict[str, str]
    scheduled: bool
    people: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def role_arn(self, purpose: str) -> str:
        """Return the ARN of a role of this account.

        Raises:
            KeyError: The environment file names no role for the purpose.
        """
        return f"arn:aws:iam::{self.account_id}:role/{self.roles[purpose]}"


def client_settings(region: str) -> dict[str, str]:
    """Return the variables that keep AWS clients off real AWS and from long retries."""
    return {
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "2",
    }


def load_accounts(directory: Path) -> tuple[Account, ...]:
    """Read every environment file of a directory, in the order of their names.

    Raises:
        SandboxError: No file, a file that is not JSON, a key that is missing, or an account
            id that occurs twice.
    """
    paths = sorted(directory.glob(f"*{SUFFIX}"))
    if not paths:
        raise SandboxError(
            f"no *{SUFFIX} in {directory}: run from the project's root or pass --root"
        )
    accounts = tuple(_load(path) for path in paths)
    ids = [account.account_id for account in accounts]
    twice = sorted({account_id for account_id in ids if ids.count(account_id) > 1})
    if twice:
        raise SandboxError(f"account id {', '.join(twice)} occurs twice in {directory}")
    return accounts


def _load(path: Path) -> Account:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return Account(
            environment=document["environment"],
            kind=document["kind"],
            account_id=document["account_id"],
            region=document["region"],
            roles=dict(document.get("roles", {})),
            scheduled=any("schedule" in case for case in document.get("use_cases", {}).values()),
            people={role: tuple(document[key]) for role, key in _PEOPLE.items() if key in document},
        )
    except (json.JSONDecodeError, AttributeError, TypeError) as error:
        raise SandboxError(f"{path} is not an environment file: {error}") from error
    except KeyError as error:
        raise SandboxError(f"{path} has no key {error}: see `promote validate`") from error
