"""The principals of the sandbox: administrators, people, and Jenkins on its EC2 instance.

Writes IAM users into the emulator's stores. Makes no network call.
"""

from __future__ import annotations

import base64
import hashlib
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.accounts import Account, client_settings
from sandbox.model import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterable

# Sessions of an instance's role are named after the instance.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
_INSTANCE = "i-0123456789abcdef0"


@dataclass(frozen=True)
class Credentials(ABC):
    """A principal with keys that are the same on every start, so that exports stay valid.

    Attributes:
        name: What ``sandbox env NAME`` takes.
        account: Account of the principal.
    """

    name: str
    account: Account

    @property
    @abstractmethod
    def arn(self) -> str:
        """ARN of the principal."""

    @property
    def access_key_id(self) -> str:
        """Id of the key."""
        return self._key("AKIA")

    @property
    def secret_access_key(self) -> str:
        """Not secret: the sandbox does not check signatures."""
        return hashlib.sha256(f"secret {self.arn}".encode()).hexdigest()[:40]

    @property
    def session_token(self) -> str:
        """Token of a temporary key; empty for a long-lived one."""
        return ""

    def environment(self, endpoint_url: str) -> dict[str, str]:
        """Return the variables with which AWS clients act as this principal."""
        token = {"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {}
        return {
            "AWS_ENDPOINT_URL": endpoint_url,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            **token,
            **client_settings(self.account.region),
        }

    def _key(self, prefix: str) -> str:
        digest = hashlib.sha256(f"key {self.arn}".encode()).digest()
        return prefix + base64.b32encode(digest).decode()[:16]


@dataclass(frozen=True)
class User(Credentials):
    """An IAM user.

    Attributes:
        user: IAM user name.
        policy: Inline identity policy.
        path: IAM path.
    """

    user: str
    policy: dict[str, Any] = field(hash=False)
    path: str = "/"

    @property
    def arn(self) -> str:
        """ARN of the IAM user."""
        return f"arn:aws:iam::{self.account.account_id}:user{self.path}{self.user}"


@dataclass(frozen=True)
class Instance(Credentials):
    """An EC2 instance, with the session of its role that its metadata service hands out.

    Attributes:
        role: Name of the role in the instance's profile.
    """

    role: str

    @property
    def arn(self) -> str:
        """ARN of the role's session."""
        return f"arn:aws:sts::{self.account.account_id}:assumed-role/{self.role}/{_INSTANCE}"

    @property
    def role_arn(self) -> str:
        """ARN of the role."""
        return f"arn:aws:iam::{self.account.account_id}:role/{self.role}"

    @property
    def access_key_id(self) -> str:
        """Id of a temporary key; it works once the role exists and trusts EC2."""
        return self._key("ASIA")

    @property
    def session_token(self) -> str:
        """Not secret either."""
        return hashlib.sha256(f"token {self.arn}".encode()).hexdigest()


def principals_of(accounts: tuple[Account, ...]) -> tuple[Credentials, ...]:
    """Return the principals of the sandbox.

    An ``admin`` in each account; ``jenkins`` on its instance in the tooling account; a
    ``data-scientist`` in the first workload account without a schedule; the people whom the
    environment files name, where they are IAM users of an emulated account.

    Raises:
        SandboxError: Two principals have one name.
    """
    found: list[Credentials] = [
        User(f"{account.environment}-admin", account, "admin", _allow("*", "*"))
        for account in accounts
    ]
    found += [
        Instance("jenkins", account, account.roles["jenkins"])
        for account in accounts
        if account.kind == "tooling" and "jenkins" in account.roles
    ]
    development = [
        account for account in accounts if account.kind == "workload" and not account.scheduled
    ]
    # The account's data is encrypted with its own key.
    kms = ["kms:Decrypt", "kms:GenerateDataKey"]
    scientist = _allow(["sagemaker:*", "s3:*", "logs:Get*", "logs:Describe*", *kms], "*")
    found += [
        User("data-scientist", account, "data-scientist", scientist) for account in development[:1]
    ]
    found += _people(accounts)
    names = [principal.name for principal in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SandboxError(f"several principals are called {', '.join(twice)}: rename one of them")
    return tuple(found)


def _people(accounts: tuple[Account, ...]) -> list[User]:
    """Return an IAM user for each person, who may assume every role that lists him."""
    by_id = {account.account_id: account for account in accounts}
    roles: dict[str, list[str]] = {}
    for account in accounts:
        for purpose, people in account.people.items():
            for arn in people:
                roles.setdefault(arn, []).append(account.role_arn(purpose))
    users = []
    for arn, role_arns in roles.items():
        account_id, resource = arn.split(":")[4:6]
        kind, _, path_and_name = resource.partition("/")
        if kind == "user" and account_id in by_id:
            path, _, name = path_and_name.rpartition("/")
            policy = _allow("sts:AssumeRole", role_arns)
            place = f"/{path}/" if path else "/"
            users.append(User(name, by_id[account_id], name, policy, place))
    return users


def _allow(actions: str | list[str], resources: str | list[str]) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return {"Version": "2012-10-17", "Statement": [statement]}


def provision(principals: Iterable[Credentials]) -> None:
    """Create the IAM users with their keys and policies in the emulator's stores."""
    from moto.iam.models import iam_backends

    for user in (principal for principal in principals if isinstance(principal, User)):
        backend = iam_backends[user.account.account_id]["aws"]
        backend.create_user(user.account.region, user.user, path=user.path)
        key = backend.create_access_key(user.user)
        del backend.access_keys[key.access_key_id]
        key.access_key_id = user.access_key_id
        key.secret_access_key = user.secret_access_key
        backend.access_keys[key.access_key_id] = key
        backend.put_user_policy(user.user, "sandbox", json.dumps(user.policy))
