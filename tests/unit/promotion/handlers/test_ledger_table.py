"""The one writer of the ledger's table: what it asks DynamoDB, and what it does when it loses."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from promotion.handlers.ledger_table import ATTEMPTS, LedgerBusy, LedgerTable
from promotion.ledger.chain import Entry, next_entry
from promotion.ledger.record import Record

MakeStub = Callable[[str], tuple[Any, Stubber]]
NOW = "2026-01-02T06:00:01.000000Z"
RECORD = Record(
    kind="apply",
    at="2026-01-02T06:00:00.000000Z",
    actor="arn:aws:iam::333333333333:user/a",
    account_id="333333333333",
    environment="dev",
)
NEWEST = {"TableName": "ledger", "ScanIndexForward": False, "Limit": 1, "ConsistentRead": True}
RECEIPT_QUERY = {
    **NEWEST,
    "KeyConditionExpression": "series = :series AND place BETWEEN :first AND :last",
    "ExpressionAttributeValues": {
        ":series": {"S": "receipts"},
        ":first": {"S": "t"},
        ":last": {"S": "t"},
    },
}
ENTRY_QUERY = {
    **NEWEST,
    "KeyConditionExpression": "series = :series",
    "ExpressionAttributeValues": {":series": {"S": "entries"}},
}


def put(series: str, place: str, **values: Any) -> dict[str, Any]:
    return {
        "Put": {
            "TableName": "ledger",
            "Item": {"series": {"S": series}, "place": {"S": place}, **values},
            "ConditionExpression": "attribute_not_exists(place)",
        }
    }


def transaction(entry: Entry) -> dict[str, Any]:
    digest, sequence = {"S": entry.digest}, str(entry.sequence)
    return {
        "TransactItems": [
            put("entries", sequence.zfill(12), digest=digest, body={"S": entry.body}),
            put("receipts", "t", digest=digest, sequence={"N": sequence}),
        ]
    }


def stored(entry: Entry) -> dict[str, Any]:
    return transaction(entry)["TransactItems"][0]["Put"]["Item"]


def cancelled(calls: Stubber, *codes: str) -> None:
    calls.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        modeled_fields={"CancellationReasons": [{"Code": code} for code in codes]},
    )


def table_of(client: Any, waits: list[float]) -> LedgerTable:
    return LedgerTable(client, "ledger", lambda: NOW, waits.append)


def test_append__empty_table__puts_entry_and_receipt_in_one_transaction(stub: MakeStub) -> None:
    client, calls = stub("dynamodb")
    entry = next_entry(None, RECORD, "t", NOW)
    calls.add_response("query", {"Items": []}, RECEIPT_QUERY)
    calls.add_response("query", {"Items": []}, ENTRY_QUERY)
    calls.add_response("transact_write_items", {}, transaction(entry))
    waits: list[float] = []
    assert table_of(client, waits).append(RECORD, "t") == {
        "sequence": 1,
        "digest": entry.digest,
        "repeated": False,
    }
    calls.assert_no_pending_responses()
    assert waits == []


def test_append__another_was_first__follows_that_one(stub: MakeStub) -> None:
    client, calls = stub("dynamodb")
    other = next_entry(None, RECORD, "other", NOW)
    entry = next_entry(other, RECORD, "t", NOW)
    for items in ([], [stored(other)]):
        calls.add_response("query", {"Items": []}, RECEIPT_QUERY)
        calls.add_response("query", {"Items": items}, ENTRY_QUERY)
        if not items:
            cancelled(calls, "ConditionalCheckFailed", "None")
    calls.add_response("transact_write_items", {}, transaction(entry))
    waits: list[float] = []
    assert table_of(client, waits).append(RECORD, "t")["sequence"] == 2
    assert [0 <= wait < 0.02 for wait in waits] == [True]


def test_append__token_known__writes_nothing(stub: MakeStub) -> None:
    client, calls = stub("dynamodb")
    found = {"place": {"S": "t"}, "sequence": {"N": "7"}, "digest": {"S": "ab"}}
    calls.add_response("query", {"Items": [found]}, RECEIPT_QUERY)
    assert table_of(client, []).append(RECORD, "t") == {
        "sequence": 7,
        "digest": "ab",
        "repeated": True,
    }
    calls.assert_no_pending_responses()


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError"])
def test_append__every_attempt_lost__is_busy(stub: MakeStub, code: str) -> None:
    client, calls = stub("dynamodb")
    for _ in range(ATTEMPTS):
        calls.add_response("query", {"Items": []})
        calls.add_response("query", {"Items": []})
        cancelled(calls, code, "None")
    waits: list[float] = []
    with pytest.raises(LedgerBusy, match=r"40 attempts to write to ledger lost .* send the record"):
        table_of(client, waits).append(RECORD, "t")
    assert len(waits) == ATTEMPTS
    assert max(waits) < 1


@pytest.mark.parametrize("codes", [("ValidationError", "None"), ()])
def test_append__refused_for_another_reason__is_raised(
    stub: MakeStub, codes: tuple[str, ...]
) -> None:
    client, calls = stub("dynamodb")
    calls.add_response("query", {"Items": []})
    calls.add_response("query", {"Items": []})
    if codes:
        cancelled(calls, *codes)
    else:
        calls.add_client_error("transact_write_items", "AccessDeniedException")
    with pytest.raises(ClientError, match=r"TransactionCanceledException|AccessDeniedException"):
        table_of(client, []).append(RECORD, "t")
