"""Background jobs: retries, dead letters, records of what failed, waiting."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from sandbox.clock import VirtualClock
from sandbox.events.deliveries import Deliveries, Delivery, may_mend
from sandbox.model import SandboxError, ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def deliveries() -> Iterator[Deliveries]:
    running = Deliveries(VirtualClock(lambda: NOON), pause_seconds=0)
    yield running
    running.close()


def record() -> Delivery:
    return Delivery(kind="event", account="444444444444", source="rule", target="queue")


def failing(times: int, error: Exception) -> tuple[Callable[[], None], list[int]]:
    attempts: list[int] = []

    def job() -> None:
        attempts.append(1)
        if len(attempts) <= times:
            raise error

    return job, attempts


def client_error(code: str, status: int) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "why"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "Publish")


def outcome(deliveries: Deliveries) -> tuple[str, int, str]:
    deliveries.wait_idle(5)
    (listed,) = deliveries.listing()
    return listed["status"], listed["attempts"], listed["error"]


def test_run__succeeds__is_delivered_at_virtual_time(deliveries: Deliveries) -> None:
    job, _ = failing(0, ValueError())
    deliveries.run(record(), job)
    assert outcome(deliveries) == ("delivered", 1, "")
    assert deliveries.listing()[0]["at"] == "2026-11-21T12:00:00Z"


def test_run__throttled_then_well__is_delivered(deliveries: Deliveries) -> None:
    job, _ = failing(2, client_error("ThrottlingException", 400))
    deliveries.run(record(), job, retries=3)
    assert outcome(deliveries) == ("delivered", 3, "")


def test_run__server_fault_until_retries_end__is_failed(deliveries: Deliveries) -> None:
    job, attempts = failing(9, client_error("InternalFailure", 500))
    deliveries.run(record(), job, retries=2)
    assert outcome(deliveries) == ("failed", 3, "InternalFailure: why")
    assert len(attempts) == 3


def test_run__no_permission__is_not_retried_and_buried(deliveries: Deliveries) -> None:
    buried: list[tuple[str, str, int]] = []

    def bury(code: str, message: str, attempts: int) -> bool:
        buried.append((code, message, attempts))
        return True

    job, _ = failing(9, ServiceError("AccessDenied", "why", 403))
    deliveries.run(record(), job, retries=3, bury=bury)
    assert outcome(deliveries) == ("dead-lettered", 1, "AccessDenied: why")
    assert buried == [("AccessDenied", "why", 1)]


def test_run__fault_of_ours__is_recorded_not_lost(deliveries: Deliveries) -> None:
    job, _ = failing(9, KeyError("oops"))
    deliveries.run(record(), job, retries=3)
    assert outcome(deliveries) == ("failed", 1, "KeyError: 'oops'")


def test_run__burying_fails__is_recorded(deliveries: Deliveries) -> None:
    def bury(code: str, message: str, attempts: int) -> bool:
        raise client_error("QueueDoesNotExist", 400)

    job, _ = failing(9, ServiceError("AccessDenied", "why"))
    deliveries.run(record(), job, bury=bury)
    status, _, error = outcome(deliveries)
    assert (status, "QueueDoesNotExist" in error) == ("failed", True)


def test_wait_idle__still_busy__says_so(deliveries: Deliveries) -> None:
    gate = threading.Event()
    deliveries.run(record(), lambda: (gate.wait(5), None)[1])
    assert not deliveries.is_idle()
    with pytest.raises(SandboxError, match="1 deliveries still run after 0 s"):
        deliveries.wait_idle(0)
    gate.set()
    assert outcome(deliveries)[0] == "delivered"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ServiceError("ThrottlingException", ""), True),
        (ServiceError("InternalFailure", "", 500), True),
        (ServiceError("ResourceNotFoundException", ""), False),
        (client_error("AccessDenied", 403), False),
        (EndpointConnectionError(endpoint_url="http://x"), True),
    ],
)
def test_may_mend__error__decides_about_retries(error: Exception, expected: bool) -> None:
    assert may_mend(error) is expected
