"""Opens the ledger, chooses entries from it, and verifies it.

Calls DynamoDB Query in the registry account. Mutates nothing.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path

from promotion.aws.errors import RemoteDenied, RemoteMissing
from promotion.aws.ledger import LedgerItems
from promotion.aws.session import Accounts
from promotion.config import RegistryEnvironment, load_registry
from promotion.errors import RemoteError
from promotion.ledger.chain import Entry, Receipt
from promotion.ledger.check import record_from
from promotion.ledger.record import Record
from promotion.ledger.verify import Fault, Head, verify


@dataclass(frozen=True)
class Line:
    """An entry, read.

    Attributes:
        sequence: its place in the ledger, from 1.
        recorded_at: when it was written, UTC.
        digest: its digest.
        token: what the writer calls the fact.
        record: the fact.
    """

    sequence: int
    recorded_at: str
    digest: str
    token: str
    record: Record


@dataclass(frozen=True)
class Filter:
    """Which entries are wanted; what is empty does not matter.

    Attributes:
        environment: environment that it happened in.
        use_case: use case that it is about.
        kind: kind of the record.
        since: earliest time, as the ledger writes times.
        limit: how many at most, the newest of them; 0 is all.
    """

    environment: str = ""
    use_case: str = ""
    kind: str = ""
    since: str = ""
    limit: int = 0

    def takes(self, record: Record) -> bool:
        """Return whether a record is wanted."""
        return (
            self.environment in ("", record.environment)
            and self.use_case in ("", record.use_case)
            and self.kind in ("", record.kind)
            and record.at >= self.since
        )


@dataclass(frozen=True)
class Verdict:
    """What the check of the whole ledger found.

    Attributes:
        count: number of entries.
        head: place and digest of the newest; None in an empty ledger.
        faults: what is wrong; empty when the ledger is whole.
    """

    count: int
    head: Head | None
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Ledger:
    """The ledger, opened.

    Attributes:
        environment: the registry's environment.
        items: gateway to the table.
        caller_arn: whom AWS takes the caller for.
    """

    environment: RegistryEnvironment
    items: LedgerItems
    caller_arn: str

    def lines(self, wanted: Filter) -> tuple[Line, ...]:
        """Return the wanted entries, the newest first.

        Raises:
            RemoteError: the table is missing or may not be read, or an entry cannot be read.
        """
        return tuple(islice(self.each(wanted), wanted.limit or None))

    def each(self, wanted: Filter) -> Iterator[Line]:
        """Yield the wanted entries, the newest first, whatever the limit; reads as it goes.

        Raises:
            RemoteError: the table is missing or may not be read, or an entry cannot be read.
        """
        found = self._recorded_since(wanted.since)
        return (line for line in found if wanted.takes(line.record))

    def backwards(self) -> Iterator[Line]:
        """Yield all entries, the newest first; they are read as they are needed.

        Raises:
            RemoteError: as `lines`.
        """
        return self._recorded_since("")

    def stated(self, environment: str, token: str) -> Line | None:
        """Return the entry of what an environment stated under a token, or None.

        Raises:
            RemoteError: as `lines`.
        """
        with _explained(self.environment):
            # As `promotion.handlers.ledger` calls what it is told.
            entry = self.items.entry_of(f"stated/{environment}/{token}")
        return _line(entry) if entry else None

    def verify(self, noted: Head | None) -> Verdict:
        """Check the whole ledger, and a head that was noted earlier.

        Raises:
            RemoteError: the table is missing or may not be read.
        """
        with _explained(self.environment):
            entries = tuple(self.items.entries())
            receipts = self._receipts_up_to(entries[-1].sequence if entries else 0)
        return Verdict(
            count=len(entries),
            head=Head(entries[-1].sequence, entries[-1].digest) if entries else None,
            faults=verify(entries, receipts, noted),
        )

    def _receipts_up_to(self, last: int) -> tuple[Receipt, ...]:
        """Return the receipts, without those of entries that were written while we read."""
        receipts = tuple(self.items.receipts())
        if all(receipt.sequence <= last for receipt in receipts):
            return receipts
        newer = takewhile(
            lambda entry: entry.sequence > last, self.items.entries(newest_first=True)
        )
        written = {entry.sequence for entry in newer}
        return tuple(receipt for receipt in receipts if receipt.sequence not in written)

    def _recorded_since(self, since: str) -> Iterator[Line]:
        """Yield the entries, the newest first, that can be of `since` or later.

        Nothing is recorded before it happens: whatever was recorded earlier is earlier.
        """
        with _explained(self.environment):
            lines = (_line(entry) for entry in self.items.entries(newest_first=True))
            yield from takewhile(lambda line: line.recorded_at >= since, lines)


def open_ledger(root: Path, accounts: Accounts) -> Ledger:
    """Open the ledger as the auditor role.

    Args:
        root: top folder of the project.
        accounts: opens sessions.

    Raises:
        ConfigError: the registry's environment file is missing or wrong.
        RemoteError: the caller cannot act in the registry account.
    """
    environment = load_registry(root)
    try:
        session = accounts.open(environment, environment.role_arn(environment.roles.auditor))
    except RemoteDenied as error:
        error.hint = f"only auditors may: {', '.join(environment.auditors)}"
        raise
    items = LedgerItems(session.dynamodb, session.account_id, environment.ledger.table)
    return Ledger(environment, items, session.caller_arn)


def _line(entry: Entry) -> Line:
    try:
        document = json.loads(entry.body)
        return Line(
            sequence=entry.sequence,
            recorded_at=str(document["recorded_at"]),
            digest=entry.digest,
            token=str(document["token"]),
            record=record_from(document["record"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RemoteError(
            f"entry {entry.sequence} of the ledger cannot be read: {error}",
            hint="it was altered: promote history --verify tells what else is wrong",
        ) from error


@contextmanager
def _explained(environment: RegistryEnvironment) -> Iterator[None]:
    try:
        yield
    except RemoteMissing as error:
        raise RemoteError(
            f"the registry account {environment.account_id} has no table "
            f"{environment.ledger.table}",
            account_id=environment.account_id,
            operation=error.operation,
            resource=environment.ledger.table,
            hint="apply the registry's Terraform: promote plan registry",
        ) from error
