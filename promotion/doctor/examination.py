"""What checks look at: the environment, and sessions in its account and in the registry's.

Calls STS when a session is first asked for.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from promotion.aws.session import Accounts, AccountSession
from promotion.config import Environment, RegistryEnvironment
from promotion.errors import PromotionError, RemoteError


class NoSession(PromotionError):
    """A check cannot be done, because a role lets the caller not in."""


@dataclass(frozen=True)
class Probes:
    """What may be tried by doing it.

    Attributes:
        objects: whether objects are written, read and removed.
        alerts: whether a message is sent to everybody who gets alerts.
    """

    objects: bool = True
    alerts: bool = False


class Examination:
    """One account as it is examined.

    Args:
        environment: the environment.
        environments: all environments, by name.
        accounts: opens sessions.
        probes: what may be tried.
        now: the time of this machine, aware.
        new_id: makes an id that no probe had before.
    """

    def __init__(
        self,
        environment: Environment,
        environments: Mapping[str, Environment],
        accounts: Accounts,
        *,
        probes: Probes = Probes(),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        new_id: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        """Keep what is given; nothing is called yet."""
        self.environment = environment
        self.environments = environments
        self.accounts = accounts
        self.probes = probes
        self.now = now
        self.new_id = new_id
        self._missing: dict[str, NoSession] = {}

    @property
    def name(self) -> str:
        """Name of the environment."""
        return self.environment.environment

    @cached_property
    def plan(self) -> AccountSession:
        """Session of the plan role, which reads.

        Raises:
            NoSession: the role lets the caller not in.
        """
        return self._open(self.environment, self.environment.plan_role_arn)

    @cached_property
    def deploy(self) -> AccountSession:
        """Session of the deploy role, which probes.

        Raises:
            NoSession: the role lets the caller not in.
        """
        return self._open(self.environment, self.environment.deploy_role_arn)

    @cached_property
    def registry(self) -> RegistryEnvironment:
        """The registry's environment.

        Raises:
            NoSession: there is no file of it.
        """
        found = self.environments.get("registry")
        if not isinstance(found, RegistryEnvironment):
            raise NoSession("there is no environments/registry.tfvars.json")
        return found

    @cached_property
    def registry_plan(self) -> AccountSession:
        """Session of the registry's plan role.

        Raises:
            NoSession: the role lets the caller not in.
        """
        return self._open(self.registry, self.registry.plan_role_arn)

    def _open(self, environment: Environment, role_arn: str) -> AccountSession:
        if role_arn in self._missing:
            raise self._missing[role_arn]
        try:
            return self.accounts.open(environment, role_arn)
        except RemoteError as error:
            self._missing[role_arn] = NoSession(
                f"no session as {role_arn}: see the check account of {environment.environment}"
            )
            raise self._missing[role_arn] from error
