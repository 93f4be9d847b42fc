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
from sandbox.model import Principal

if TYPE_CHECKING:
    from sandbox.accounts import Account

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
Keys = tuple[str, str, str]
"""Access key id, secret access key, session token (empty for long-lived keys)."""


def _random_key(prefix: str) -> str:
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(16))


class Identities:
    """Resolves access keys and hands out keys to the sandbox's own services.

    Args:
        accounts: The emulated accounts.
    """

    def __init__(self, accounts: tuple[Account, ...]) -> None:
        self._account_ids = [account.account_id for account in accounts]
        self._internal: dict[str, Principal] = {}
        self._internal_keys: dict[tuple[str, str], Keys] = {}
        self._role_keys: dict[tuple[str, str], tuple[str, Keys]] = {}

    def resolve(self, access_key_id: str) -> Principal | None:
        """Return the principal of a key, ``None`` for a key that nobody has."""
        if access_key_id in self._internal:
            return self._internal[access_key_id]
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

    def internal_keys(self, account_id: str, arn: str) -> Keys:
        """Return keys for an account's root or for a service principal acting in it.

        Args:
            account_id: Account to act in.
            arn: ``arn:aws:iam::…:root`` or a service principal.
        """
        if (account_id, arn) not in self._internal_keys:
            key = _random_key("ASIA")
            self._internal[key] = Principal(account_id, arn, key)
            self._internal_keys[account_id, arn] = (key, secrets.token_hex(20), "")
        return self._internal_keys[account_id, arn]

    def service_session(self, role_arn: str, service: str, region: str) -> Keys:
        """Assume a role as an AWS service and return the session's keys.

        Raises:
            ServiceError: ``AccessDenied`` when the role is missing or does not trust the
                service.
        """
        role = require_service_trust(role_arn, service)
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
