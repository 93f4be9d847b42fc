"""Withdraws a release: from then on no environment takes it.

Reads the store and the ledger (see `promotion.releases.records`). `withdraw` mutates the ledger:
it has the ledger's function of an environment record what the deploy role there states.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from promotion.aws.session import Accounts
from promotion.aws.statements import Statements
from promotion.config import WorkloadEnvironment
from promotion.errors import ConfigError
from promotion.ledger.moments import timestamp
from promotion.ledger.record import Record
from promotion.releases.model import Withdrawal, withdrawal_token
from promotion.releases.records import ReleaseRecords

_REASON_LIMIT = 1000


class Stating(Protocol):
    """Where an environment states what it did."""

    def state(self, record: Record, token: str) -> None:
        """Have a record written to the ledger, once for each token."""


@dataclass(frozen=True)
class Request:
    """A withdrawal that can be stated.

    Attributes:
        environment: the environment that states it.
        record: what is stated.
        earlier: the withdrawal that is there already; None when there is none.
    """

    environment: WorkloadEnvironment
    record: Record
    earlier: Withdrawal | None


def prepare_withdrawal(
    records: ReleaseRecords,
    use_case: str,
    digest: str,
    reason: str,
    *,
    actor: Callable[[str], str],
    now: Callable[[], datetime],
) -> Request:
    """Look up the release and word its withdrawal. Mutates nothing.

    It is stated by the first environment, by name, that has the use case; all of them heed it.

    Args:
        records: what is known of releases.
        use_case: use case of the release.
        digest: first digits of a published release's digest, or all 64 of any release's.
        reason: why.
        actor: ARN of who withdraws, as AWS in a region takes the caller.
        now: the time.

    Raises:
        ConfigError: no environment has the use case, the digits fit no published release or
            several, or the reason is empty or too long.
        RemoteError: AWS fails.
    """
    words = " ".join(reason.split())
    if not words or len(words) > _REASON_LIMIT:
        raise ConfigError(f"--reason must have 1-{_REASON_LIMIT} characters")
    environment = _stated_by(records, use_case)
    whole = _whole_digest(records, use_case, digest)
    record = Record(
        kind="withdrawal",
        at=timestamp(now()),
        actor=actor(environment.region),
        account_id=environment.account_id,
        environment=environment.environment,
        use_case=use_case,
        release_digest=whole,
        reason=words,
        outcome="withdrawn",
    )
    return Request(environment, record, records.withdrawal(use_case, whole))


def withdraw(request: Request, statements: Stating) -> None:
    """State the withdrawal. Mutates the ledger.

    Raises:
        RemoteError: it was not recorded.
    """
    record = request.record
    statements.state(record, withdrawal_token(record.use_case, record.release_digest))


def open_statements(request: Request, accounts: Accounts) -> Statements:
    """Open where the request's environment states what it did, under its deploy role."""
    environment = request.environment
    session = accounts.open(environment, environment.deploy_role_arn)
    return Statements(session.lambda_, session.account_id, environment.ledger_function_arn)


def _stated_by(records: ReleaseRecords, use_case: str) -> WorkloadEnvironment:
    for environment in records.workloads:
        if use_case in environment.use_cases:
            return environment
    known = sorted({name for each in records.workloads for name in each.use_cases})
    raise ConfigError(
        f"no environment has use case {use_case}", hint=f"there are: {', '.join(known) or 'none'}"
    )


def _whole_digest(records: ReleaseRecords, use_case: str, digest: str) -> str:
    if re.fullmatch(r"[0-9a-f]{64}", digest):
        return digest
    if not re.fullmatch(r"[0-9a-f]{7,63}", digest):
        raise ConfigError(f"{digest!r} is no digest: give 7-64 digits 0-9 and a-f")
    found = records.store.digests(use_case, digest)
    if len(found) != 1:
        raise ConfigError(
            f"{len(found) or 'no'} published releases of {use_case} have a digest that begins with "
            f"{digest}",
            hint=f"promote releases {use_case} lists them; of one that is not published give all "
            "64 digits",
        )
    return found[0].digest
