"""Removes a lock that its holder left behind, after the ledger was told who did so and why.

Calls S3 GetObject and invokes the ledger's function; mutates with S3 DeleteObject.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from promotion.apply.journal import Ledger
from promotion.apply.lock import EnvironmentLock, HeldLock
from promotion.aws.session import Accounts
from promotion.aws.statements import Statements
from promotion.config import Environment, load_environment
from promotion.errors import ConfigError, RemoteError
from promotion.ledger.moments import timestamp
from promotion.ledger.record import Record


@dataclass(frozen=True)
class Unlocking:
    """An environment whose lock is looked at.

    Attributes:
        environment: the environment.
        actor: ARN of whoever asks.
        lock: its lock.
        held: the lock as it is held; None when nobody holds it.
        ledger: where the removal is recorded.
    """

    environment: Environment
    actor: str
    lock: EnvironmentLock
    held: HeldLock | None
    ledger: Ledger


def open_unlocking(root: Path, name: str, *, accounts: Accounts) -> Unlocking:
    """Look at an environment's lock. Mutates nothing.

    Raises:
        ConfigError: there is no such environment, or its file is wrong.
        RemoteError: the caller cannot act in its account.
    """
    environment = load_environment(root, name)
    session = accounts.open(environment, environment.deploy_role_arn)
    lock = EnvironmentLock(session, environment)
    return Unlocking(
        environment=environment,
        actor=accounts.caller(environment.region).arn,
        lock=lock,
        held=lock.held(),
        ledger=Statements(
            session.lambda_, environment.registry_account_id, environment.ledger_function_arn
        ),
    )


def check_reason(text: str) -> str:
    """Return a reason on one line.

    Raises:
        ConfigError: it is empty, or has characters that do not print.
    """
    reason = " ".join(text.split())
    if not reason or not reason.isprintable():
        raise ConfigError(
            "--reason must say why the lock may go, in characters that print",
            hint='for example: --reason "build 812 was killed, its agent is gone"',
        )
    return reason


def unlock(
    unlocking: Unlocking,
    held: HeldLock,
    reason: str,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Record the removal, then remove the lock if it is still the one that was looked at.

    In this order a removal is never without its record. A lock whose holder releases it in between
    leaves a record of an unlocking that was not needed.

    Raises:
        RemoteError: the ledger does not take the record, and the lock stays; or the lock is
            another one by now.
    """
    environment, lock = unlocking.environment, held.lock
    record = Record(
        kind="unlock",
        at=timestamp(now()),
        actor=unlocking.actor,
        account_id=environment.account_id,
        environment=environment.environment,
        reason=reason,
        details={
            "holder": lock.who,
            "since": lock.since,
            "plan_digest": lock.plan_digest,
            "purpose": lock.purpose,
        },
    )
    try:
        unlocking.ledger.state(record, f"unlock/{_word(held)}")
    except RemoteError as error:
        raise RemoteError(
            f"{environment.environment} stays locked, because the ledger does not take the record: "
            f"{error.message}",
            account_id=error.account_id,
            operation=error.operation,
            resource=error.resource,
            hint="mend the ledger and run the command again; where there is no ledger yet, an "
            f"administrator of the account removes {unlocking.lock.uri} by hand",
        ) from error
    # Gone is gone, whoever removed it.
    if not unlocking.lock.remove(held) and unlocking.lock.held():
        raise RemoteError(
            f"the lock of {environment.environment} is another one by now: nothing was removed",
            account_id=environment.account_id,
            operation="s3.DeleteObject",
            resource=unlocking.lock.uri,
            hint="look again: promote unlock " + environment.environment + " --reason TEXT",
        )


def _word(held: HeldLock) -> str:
    """Return what tells this lock from every other, also when its content cannot be read."""
    return held.etag.strip('"')
