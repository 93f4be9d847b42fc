"""The ledger's table, read. Calls DynamoDB Query; `promotion.handlers.ledger` alone writes.

The table holds two series of items: `entries`, sorted by place, and `receipts`, sorted by token.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from promotion.aws.errors import Call, remote_call
from promotion.errors import RemoteError
from promotion.ledger.chain import Entry, Receipt, place_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class LedgerItems:
    """Reads entries and receipts, a page at a time.

    Args:
        client: DynamoDB client of the registry account.
        account_id: that account, for messages.
        table_name: name of the table.
    """

    def __init__(self, client: "DynamoDBClient", account_id: str, table_name: str) -> None:
        """Keep the client."""
        self._client = client
        self._account_id = account_id
        self._table_name = table_name

    def entries(self, *, newest_first: bool = False) -> Iterator[Entry]:
        """Yield all entries in the order of their places; pages are read as they are needed.

        Raises:
            RemoteMissing: there is no such table.
            RemoteDenied: the caller may not read it.
        """
        for item in self._items("entries", newest_first=newest_first):
            yield self._entry(item)

    def entry_of(self, token: str) -> Entry | None:
        """Return the entry that was written under a token, or None; two items are read at most.

        Raises:
            RemoteMissing: there is no such table.
            RemoteDenied: the caller may not read it.
        """
        for item in self._items("receipts", place=token):
            place = place_of(self._receipt(item).sequence)
            return next(map(self._entry, self._items("entries", place=place)), None)
        return None

    def receipts(self) -> Iterator[Receipt]:
        """Yield all receipts.

        Raises:
            RemoteMissing: there is no such table.
            RemoteDenied: the caller may not read it.
        """
        yield from map(self._receipt, self._items("receipts"))

    def _entry(self, item: dict[str, Any]) -> Entry:
        place, digest, body = (self._text(item, name) for name in ("place", "digest", "body"))
        if not place.isdecimal():
            raise self._foreign(item)
        return Entry(int(place), digest, body)

    def _receipt(self, item: dict[str, Any]) -> Receipt:
        sequence = item.get("sequence", {}).get("N", "")
        if not sequence.isdecimal():
            raise self._foreign(item)
        return Receipt(self._text(item, "place"), int(sequence), self._text(item, "digest"))

    def _items(
        self, series: str, *, newest_first: bool = False, place: str = ""
    ) -> Iterator[dict[str, Any]]:
        request: dict[str, Any] = {
            "TableName": self._table_name,
            "KeyConditionExpression": "series = :series",
            "ExpressionAttributeValues": {":series": {"S": series}},
            "ScanIndexForward": not newest_first,
            "ConsistentRead": True,
        }
        if place:
            request["KeyConditionExpression"] += " AND place = :place"
            request["ExpressionAttributeValues"][":place"] = {"S": place}
        while True:
            with remote_call(Call(self._account_id, "dynamodb.Query", self._table_name)):
                page = self._client.query(**request)
            yield from (dict(item) for item in page["Items"])
            if not page.get("LastEvaluatedKey"):
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _text(self, item: dict[str, Any], name: str) -> str:
        text = item.get(name, {}).get("S")
        if not isinstance(text, str):
            raise self._foreign(item)
        return text

    def _foreign(self, item: dict[str, Any]) -> RemoteError:
        place = item["place"]["S"]
        return RemoteError(
            f"item {place!r} of table {self._table_name} was not written by the ledger's function: "
            "it lacks what every item has",
            account_id=self._account_id,
            operation="dynamodb.Query",
            resource=self._table_name,
            hint="the ledger was tampered with: find out in CloudTrail who wrote the item, and "
            "restore the table to the time before",
        )
