"""The ledger's DynamoDB table, as its one writer uses it.

Two series of items: `entries`, sorted by place, and `receipts`, sorted by token. An entry and its
receipt are put in one transaction, each on the condition that it is not there yet: so neither is
ever overwritten, two writers never take the same place, and a fact that is told twice is written
once. Calls dynamodb Query and TransactWriteItems (which needs dynamodb:PutItem). Standard library,
boto3 and `promotion.ledger` only.
"""

import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypedDict

from botocore.exceptions import ClientError

from promotion.ledger.chain import Entry, Receipt, next_entry, place_of, receipt_of
from promotion.ledger.record import Record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ENTRIES, RECEIPTS = "entries", "receipts"
ATTEMPTS = 40
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.02, 1.0
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
_LOST = {"ConditionalCheckFailed", "TransactionConflict"}
_LATER = _LOST | {"ProvisionedThroughputExceeded", "ThrottlingError"}


class LedgerBusy(Exception):
    """Others wrote first at every attempt: nothing was recorded, try again."""


class Written(TypedDict):
    """Where a record stands; `repeated` when it stood there before."""

    sequence: int
    digest: str
    repeated: bool


class LedgerTable:
    """Appends to the ledger.

    Args:
        client: DynamoDB client.
        table_name: name of the table.
        now: the time, as `promotion.ledger.moments.timestamp` writes it.
        sleep: waits for a number of seconds.
    """

    def __init__(
        self,
        client: "DynamoDBClient",
        table_name: str,
        now: Callable[[], str],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Keep what is given; nothing is called yet."""
        self._client = client
        self._table_name = table_name
        self._now = now
        self._sleep = sleep

    def append(self, record: Record, token: str) -> Written:
        """Write a record behind the newest one, unless the token has one already.

        Raises:
            RecordTooLarge: the record is too long; nothing is written.
            LedgerBusy: others wrote first at every attempt.
        """
        for attempt in range(ATTEMPTS):
            found = self.newest_receipt(token, token)
            if found is not None:
                return Written(sequence=found.sequence, digest=found.digest, repeated=True)
            entry = next_entry(self._newest(), record, token, self._now())
            if self._put(entry, receipt_of(entry, token)):
                return Written(sequence=entry.sequence, digest=entry.digest, repeated=False)
            longest = min(FIRST_WAIT_SECONDS * 2**attempt, LONGEST_WAIT_SECONDS)
            self._sleep(longest * secrets.randbelow(1000) / 1000)
        raise LedgerBusy(
            f"{ATTEMPTS} attempts to write to {self._table_name} lost against other writers: "
            "nothing was recorded, send the record again"
        )

    def newest_receipt(self, first: str, last: str) -> Receipt | None:
        """Return the receipt with the greatest token from `first` to `last`, or None."""
        item = self._last_item(
            KeyConditionExpression="series = :series AND place BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":series": {"S": RECEIPTS},
                ":first": {"S": first},
                ":last": {"S": last},
            },
        )
        if item is None:
            return None
        return Receipt(item["place"]["S"], int(item["sequence"]["N"]), item["digest"]["S"])

    def _newest(self) -> Entry | None:
        item = self._last_item(
            KeyConditionExpression="series = :series",
            ExpressionAttributeValues={":series": {"S": ENTRIES}},
        )
        if item is None:
            return None
        return Entry(int(item["place"]["S"]), item["digest"]["S"], item["body"]["S"])

    def _last_item(self, **condition: Any) -> dict[str, Any] | None:
        items = self._client.query(
            TableName=self._table_name,
            ScanIndexForward=False,
            Limit=1,
            ConsistentRead=True,
            **condition,
        )["Items"]
        return dict(items[0]) if items else None

    def _put(self, entry: Entry, receipt: Receipt) -> bool:
        """Return whether both were written; False when somebody else was first.

        Raises:
            ClientError: DynamoDB refuses for another reason.
        """
        try:
            self._client.transact_write_items(
                TransactItems=[
                    self._item(
                        ENTRIES,
                        place_of(entry.sequence),
                        digest={"S": entry.digest},
                        body={"S": entry.body},
                    ),
                    self._item(
                        RECEIPTS,
                        receipt.token,
                        digest={"S": receipt.digest},
                        sequence={"N": str(receipt.sequence)},
                    ),
                ]
            )
        except ClientError as error:
            reasons = error.response.get("CancellationReasons", [])
            codes = {str(reason.get("Code", "None")) for reason in reasons} - {"None"}
            if not codes or not codes <= _LATER:
                raise
            return False
        return True

    def _item(self, series: str, place: str, **values: Any) -> Any:
        return {
            "Put": {
                "TableName": self._table_name,
                "Item": {"series": {"S": series}, "place": {"S": place}, **values},
                "ConditionExpression": "attribute_not_exists(place)",
            }
        }
