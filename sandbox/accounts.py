"""The emulated accounts and the people in them.

Reads ``environments/*.tfvars.json`` (plain JSON; the files are validated elsewhere) and
writes IAM users into the emulator's stores. Makes no network call.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.model import SandboxError

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = ".tfvars.json"


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
    """

    environment: str
    kind: str
    account_id: str
    region: str
    roles: dict[str, str]
    scheduled: bool


@dataclass(frozen=True)
class UserCredentials:
    """A named person or robot of the sandbox, with a key pair.

    Attributes:
        name: What ``sandbox env NAME`` takes.
        user: IAM user name.
        account: Account of the user.
        policy: Inline identity policy.
    """

    name: str
    user: str
    account: Account
    policy: dict[str, Any]

    @property
    def arn(self) -> str:
        """ARN of the IAM user."""
        return f"arn:aws:iam::{self.account.account_id}:user/{self.user}"

    @property
    def access_key_id(self) -> str:
        """The same on every start, so that exported credentials survive a restart."""
        digest = hashlib.sha256(f"key {self.arn}".encode()).digest()
        return "AKIA" + base64.b32encode(digest).decode()[:16]

    @property
    def secret_access_key(self) -> str:
        """Not secret: the sandbox does not check signatures."""
        return hashlib.sha256(f"secret {self.arn}".encode()).hexdigest()[:40]

    def environment(self, endpoint_url: str) -> dict[str, str]:
        """Return the variables with which AWS clients act as this user."""
        return {
            "AWS_ENDPOINT_URL": endpoint_url,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            **client_settings(self.account.region),
        }


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
        )
    except (json.JSONDecodeError, AttributeError, TypeError) as error:
        raise SandboxError(f"{path} is not an environment file: {error}") from error
    except KeyError as error:
        raise SandboxError(f"{path} has no key {error}: see `promote validate`") from error


def users_of(accounts: tuple[Account, ...]) -> tuple[UserCredentials, ...]:
    """Return the principals of the sandbox.

    An ``admin`` in each account; ``jenkins`` and ``approver`` in the tooling account; a
    ``data-scientist`` in the first workload account without a schedule.
    """
    users = [
        UserCredentials(f"{account.environment}-admin", "admin", account, _allow("*", "*"))
        for account in accounts
    ]
    for account in (account for account in accounts if account.kind == "tooling"):
        roles = [account.roles[key] for key in ("deploy", "jenkins") if key in account.roles]
        users.append(UserCredentials("jenkins", "jenkins", account, _assume(roles)))
        approver = [account.roles[key] for key in ("approver",) if key in account.roles]
        users.append(UserCredentials("approver", "approver", account, _assume(approver)))
    development = [
        account for account in accounts if account.kind == "workload" and not account.scheduled
    ]
    for account in development[:1]:
        policy = _allow(["sagemaker:*", "s3:*", "logs:Get*", "logs:Describe*"], "*")
        users.append(UserCredentials("data-scientist", "data-scientist", account, policy))
    return tuple(users)


def _allow(actions: str | list[str], resources: str | list[str]) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _assume(role_names: list[str]) -> dict[str, Any]:
    resources = [f"arn:aws:iam::*:role/{name}" for name in role_names]
    return _allow("sts:AssumeRole", resources or "arn:aws:iam::*:role/none")


def provision(users: tuple[UserCredentials, ...]) -> None:
    """Create the IAM users with their keys and policies in the emulator's stores."""
    from moto.iam.models import iam_backends

    for user in users:
        backend = iam_backends[user.account.account_id]["aws"]
        backend.create_user(user.account.region, user.user)
        key = backend.create_access_key(user.user)
        del backend.access_keys[key.access_key_id]
        key.access_key_id = user.access_key_id
        key.secret_access_key = user.secret_access_key
        backend.access_keys[key.access_key_id] = key
        backend.put_user_policy(user.user, "sandbox", json.dumps(user.policy))
