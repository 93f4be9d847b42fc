"""Which principal an access key belongs to.

Reads the emulator's IAM and STS stores and the keys that AWS's own services use inside the
sandbox. Makes no call.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from sandbox.authorization.trust import require_service_trust
from sandbox.model import Principal, ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.accounts import Account
    from sandbox.authorization.judge import Judge
    from sandbox.principals import Instance

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
Keys = tuple[str, str, str]
"""Access key id, secret access key, session token (empty for long-lived keys)."""


def _random_key(prefix: str) -> str:
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(16))


class Identities:
    """Resolves access keys and hands out keys to the sandbox's own services.

    Args:
        accounts: The emulated accounts.
        judge: Decides whether roles trust services.
        instances: EC2 instances, whose keys are sessions of their roles.
    """

    def __init__(
        self, accounts: tuple[Account, ...], judge: Judge, instances: Iterable[Instance] = ()
    ) -> None:
        self._judge = judge
        self._account_ids = [account.account_id for account in accounts]
        self._instances = {instance.access_key_id: instance for instance in instances}
        self._internal: dict[str, Principal] = {}
        self._internal_keys: dict[tuple[str, str, str], Keys] = {}
        self._role_keys: dict[tuple[str, str], tuple[str, Keys]] = {}

    def resolve(self, access_key_id: str) -> Principal | None:
        """Return the principal of a key, ``None`` for a key that nobody has."""
        if access_key_id in self._internal:
            return self._internal[access_key_id]
        if instance := self._instances.get(access_key_id):
            if self._untrusted(instance):
                return None
            return Principal(instance.account.account_id, instance.arn, access_key_id)
        for account_id in self._account_ids:
            backend = iam_backends[account_id]["aws"]
            key = backend.access_keys.get(access_key_id)
            if key is None:
                continue
            if key.user_name is not None:
                active = key.status == "Active"
                arn = backend.get_user(key.user_name).arn
                return Principal(account_id, arn, access_key_id) if active else None
            session = sts_backends[account_id]["aws"].get_assumed_role_from_access_key(
                access_key_id
            )
            return Principal(account_id, session.arn, access_key_id) if session else None
        return None

    def reason_unknown(self, access_key_id: str) -> str:
        """Return why ``resolve`` knows nobody by a key, for the caller."""
        if instance := self._instances.get(access_key_id):
            name = instance.account.environment
            return (
                f"{instance.name} has no session of {instance.role_arn} yet "
                f"({self._untrusted(instance)}): `promote bootstrap {name}` as {name}-admin first"
            )
        return (
            f"no principal of the sandbox has access key {access_key_id}; "
            "`sandbox env PRINCIPAL` prints credentials"
        )

    def _untrusted(self, instance: Instance) -> str:
        """Return why EC2 cannot assume an instance's role; empty when it can."""
        try:
            require_service_trust(self._judge, instance.role_arn, "ec2.amazonaws.com")
        except ServiceError as error:
            return error.message.rpartition(" because ")[2]
        return ""

    def internal_keys(self, account_id: str, arn: str, source_arn: str = "") -> Keys:
        """Return keys for an account's root or for a service principal acting in it.

        Args:
            account_id: Account to act in.
            arn: ``arn:aws:iam::…:root`` or a service principal.
            source_arn: Resource on whose behalf a service acts; empty when it says none.
        """
        identity = (account_id, arn, source_arn)
        if identity not in self._internal_keys:
            key = _random_key("ASIA")
            self._internal[key] = Principal(account_id, arn, key, source_arn)
            self._internal_keys[identity] = (key, secrets.token_hex(20), "")
        return self._internal_keys[identity]

    def service_session(
        self, role_arn: str, service: str, region: str, source_arn: str = ""
    ) -> Keys:
        """Assume a role as an AWS service and return the session's keys.

        Args:
            role_arn: The role.
            service: Service principal.
            region: Region of the session.
            source_arn: Resource on whose behalf the service acts; empty when it says none.

        Raises:
            ServiceError: ``AccessDenied`` when the role is missing or does not trust the
                service.
        """
        role = require_service_trust(self._judge, role_arn, service, source_arn=source_arn)
        known = self._role_keys.get((role_arn, service))
        if known and known[0] == role.id:
            return known[1]
        account_id = role_arn.split(":")[4]
        session = sts_backends[account_id]["aws"].assume_role(
            region_name=region,
            role_session_name=service.split(".", maxsplit=1)[0],
            role_arn=role_arn,
            policy="",
            duration=3600,
            external_id="",
        )
        keys = (session.access_key_id, session.secret_access_key, session.session_token)
        self._role_keys[role_arn, service] = (role.id, keys)
        return keys
