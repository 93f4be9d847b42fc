"""Calls at the same time: a service's one after the other, so that no write of DynamoDB is lost."""

from __future__ import annotations

import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from sandbox.model import Principal
from sandbox.services.call import Call
from sandbox.services.moto_server import MotoServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox

WRITERS = 8
PLACES = 6
WHO = Principal("333333333333", "arn:aws:iam::333333333333:user/admin", "AKIA")


class WatchedMoto:
    """A moto that runs what a test gives it inside each request."""

    def __init__(self, inside: Callable[[], object]) -> None:
        self._inside = inside

    def infer_service_region_host(self, environ: dict[str, Any], path: str) -> str:
        return "any.eu-west-1.amazonaws.com"

    def get_backend_for_host(self, host: str) -> str:
        return "any"

    def __call__(self, environ: Any, start_response: Callable[..., Any]) -> list[bytes]:
        self._inside()
        start_response("200 OK", [])
        return [b""]


def call(service: str) -> Call:
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/", "wsgi.input": io.BytesIO()}
    return Call(environ, service, "eu-west-1", "List", "json", WHO, WHO.account_id, b"")


@pytest.mark.parametrize("service", ["iam", "s3", "dynamodb"])
def test_serve__calls_of_one_service__one_at_a_time(service: str) -> None:
    together = threading.Semaphore(1)
    alone: list[bool] = []

    def stay() -> None:
        alone.append(together.acquire(blocking=False))
        time.sleep(0.01)
        together.release()

    moto = MotoServer(WatchedMoto(stay))
    with ThreadPoolExecutor(WRITERS) as pool:
        answers = list(pool.map(moto.serve, [call(service) for _ in range(WRITERS)]))
    assert ([each.status for each in answers], alone) == ([200] * WRITERS, [True] * WRITERS)


def test_serve__calls_of_two_services__at_the_same_time() -> None:
    moto = MotoServer(WatchedMoto(threading.Barrier(2, timeout=10).wait))
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(moto.serve, [call("iam"), call("s3")]))
    assert [each.status for each in answers] == [200, 200]


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
