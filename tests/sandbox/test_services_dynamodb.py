"""DynamoDB under concurrent writers: no write is lost, no condition is passed by two."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from sandbox.server import Sandbox

WRITERS = 8
PLACES = 6


@pytest.mark.parametrize("batch", [1, 2])
def test_transactions__many_writers_for_each_place__one_wins_and_none_is_lost(
    sandbox: Sandbox, batch: int
) -> None:
    client = sandbox.client("dynamodb", "prod-admin")
    client.create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "place", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "place", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    def write(attempt: int) -> tuple[str, str] | None:
        place, writer = f"{attempt % PLACES}", f"{attempt}"
        puts = [
            {
                "Put": {
                    "TableName": "t",
                    "Item": {"place": {"S": f"{place}-{part}"}, "writer": {"S": writer}},
                    "ConditionExpression": "attribute_not_exists(place)",
                }
            }
            for part in range(batch)
        ]
        try:
            client.transact_write_items(TransactItems=puts)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "TransactionCanceledException"
            return None
        return place, writer

    with ThreadPoolExecutor(WRITERS) as pool:
        won = [each for each in pool.map(write, range(PLACES * WRITERS)) if each]
    found = client.scan(TableName="t", ConsistentRead=True)["Items"]
    assert len(won) == PLACES
    assert {(item["place"]["S"], item["writer"]["S"]) for item in found} == {
        (f"{place}-{part}", writer) for place, writer in won for part in range(batch)
    }
