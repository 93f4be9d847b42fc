"""boto3 clients with which the sandbox's services call the sandbox's own server.

Calls nothing until a client's method is called.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from sandbox.accounts import client_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.authorization.identity import Identities, Keys


class ServerAccess:
    """``AwsAccess`` (see ``sandbox.model``) over the server's own endpoint.

    Args:
        endpoint_url: Address of the server.
        identities: Where keys come from.
        regions: Region of each account, for clients that name none.
    """

    def __init__(
        self, endpoint_url: str, identities: Identities, regions: Mapping[str, str]
    ) -> None:
        self._endpoint_url = endpoint_url
        self._identities = identities
        self._regions = regions
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str, str], Any] = {}

    @property
    def endpoint_url(self) -> str:
        """Address of the server, without a trailing slash."""
        return self._endpoint_url

    def client(
        self,
        service: str,
        *,
        role_arn: str | None = None,
        account_id: str | None = None,
        region: str | None = None,
        service_principal: str | None = None,
        source_arn: str = "",
    ) -> Any:
        """Return a boto3 client for a role, for a service in an account, or for its root.

        With ``role_arn`` the role is assumed as ``service_principal``. Without it the calls
        are made in ``account_id`` by ``service_principal`` itself, or by the account's root
        when none is given; ``source_arn`` is the resource on whose behalf the service acts.

        Raises:
            ServiceError: ``AccessDenied`` when the role is missing or does not trust the
                service principal.
            ValueError: Neither or too little of role, account and service is given.
        """
        region = region or self._region_of(role_arn, account_id)
        keys = self._keys(role_arn, account_id, region, service_principal, source_arn)
        return self._client(service, region, keys)

    def environment(
        self, *, role_arn: str, service_principal: str, region: str | None = None
    ) -> dict[str, str]:
        """Return the environment variables with which a subprocess acts as the role."""
        region = region or self._region_of(role_arn, None)
        key, secret, token = self._identities.service_session(role_arn, service_principal, region)
        return {
            "AWS_ENDPOINT_URL": self._endpoint_url,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_SESSION_TOKEN": token,
            **client_settings(region),
        }

    def _region_of(self, role_arn: str | None, account_id: str | None) -> str:
        account = role_arn.split(":")[4] if role_arn else account_id
        if account is None or account not in self._regions:
            raise ValueError(f"no account {account!r}: there are {', '.join(self._regions)}")
        return self._regions[account]

    def _keys(
        self,
        role_arn: str | None,
        account_id: str | None,
        region: str,
        service: str | None,
        source_arn: str,
    ) -> Keys:
        if role_arn and service:
            return self._identities.service_session(role_arn, service, region, source_arn)
        if account_id and not role_arn:
            who = service or f"arn:aws:iam::{account_id}:root"
            return self._identities.internal_keys(account_id, who, source_arn)
        raise ValueError("give role_arn and service_principal, or account_id")

    def _client(self, service: str, region: str, keys: Keys) -> Any:
        import boto3
        from botocore.config import Config

        # Building a client reads a service description (0.1 s for the large ones); boto3
        # sessions are not thread-safe, clients are.
        with self._lock:
            known = self._clients.get((service, region, keys[0]))
            if known is None:
                factory: Any = boto3.client
                known = factory(
                    service,
                    region_name=region,
                    endpoint_url=self._endpoint_url,
                    aws_access_key_id=keys[0],
                    aws_secret_access_key=keys[1],
                    aws_session_token=keys[2] or None,
                    config=Config(
                        retries={"total_max_attempts": 1},
                        s3={"addressing_style": "path"},
                        max_pool_connections=20,
                        read_timeout=900,
                    ),
                )
                self._clients[service, region, keys[0]] = known
            return known
