"""Background work of the emulated AWS and what became of it.

Runs jobs on threads; keeps a record of each, which ``/_sandbox/deliveries`` shows; logs
failures. A job that fails is never silent.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.clock import iso
from sandbox.model import Document, SandboxError, ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.model import Clock

_LOG = logging.getLogger(__name__)
_THROTTLED = {"ThrottlingException", "Throttling", "TooManyRequestsException"}
_SERVER_FAULT = 500
_WORKERS = 16

DELIVERED, FAILED, DEAD_LETTERED = "delivered", "failed", "dead-lettered"


@dataclass
class Delivery:
    """One thing that a service did in the background.

    Attributes:
        kind: ``event`` (rule to target), ``lambda`` (asynchronous invocation) or
            ``internal``.
        account: Account in which it happened.
        source: Rule ARN, or what asked for it.
        target: Where it went.
        detail: Facts by name: the event's id, its detail type, the target's id, …
        status: ``pending``, ``delivered``, ``failed`` or ``dead-lettered``.
        error: Code and message of the last failure.
        attempts: How often it was tried.
        at: Virtual time, ISO 8601.
    """

    kind: str
    account: str
    source: str
    target: str
    detail: Document = field(default_factory=dict)
    status: str = "pending"
    error: str = ""
    attempts: int = 0
    at: str = ""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


class Deliveries:
    """Runs background jobs and remembers them.

    Args:
        clock: Virtual time for the records.
        pause_seconds: Real time between two attempts of one job.
    """

    def __init__(self, clock: Clock, *, pause_seconds: float = 0.2) -> None:
        self._clock = clock
        self._pause_seconds = pause_seconds
        self._records: list[Delivery] = []
        self._running = 0
        self._idle = threading.Condition()
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="delivery")

    def listing(self) -> list[Document]:
        """Return all records, oldest first, ready for JSON."""
        with self._idle:
            return [asdict(record) for record in self._records]

    def note(self, record: Delivery) -> None:
        """Keep a record of something that is already over; failures are logged."""
        record.at = record.at or iso(self._clock.now())
        with self._idle:
            self._records.append(record)
        if record.status != DELIVERED:
            _LOG.warning("%s to %s %s: %s", record.kind, record.target, record.status, record.error)

    def run(
        self,
        record: Delivery,
        job: Callable[[], None],
        *,
        retries: int = 0,
        bury: Callable[[str, str, int], bool] | None = None,
    ) -> None:
        """Do a job on a thread.

        Args:
            record: Filled in as the job goes.
            job: Raises when it fails.
            retries: Further attempts after a failure that another attempt may mend.
            bury: Called with error code, message and number of attempts when the job has
                failed for good; sends to a dead-letter queue and returns whether there is
                one.
        """
        record.at = iso(self._clock.now())
        with self._idle:
            self._records.append(record)
            self._running += 1
        self._pool.submit(self._work, record, job, retries, bury)

    def is_idle(self) -> bool:
        """Return whether no job waits or runs."""
        with self._idle:
            return self._running == 0

    def wait_idle(self, timeout_seconds: float) -> None:
        """Return once no job waits or runs.

        Raises:
            SandboxError: Still busy after the timeout.
        """
        with self._idle:
            if not self._idle.wait_for(lambda: self._running == 0, timeout_seconds):
                raise SandboxError(
                    f"{self._running} deliveries still run after {timeout_seconds:.0f} s: "
                    "see /_sandbox/deliveries"
                )

    def close(self) -> None:
        """Stop taking jobs; those that run are not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _work(
        self,
        record: Delivery,
        job: Callable[[], None],
        retries: int,
        bury: Callable[[str, str, int], bool] | None,
    ) -> None:
        try:
            self._attempt(record, job, retries, bury)
        except Exception as error:  # the thread's last resort: recorded, logged, never lost
            record.status = FAILED
            record.error = f"{type(error).__name__}: {error}"
            _LOG.exception("background job failed: %s", record)
        finally:
            with self._idle:
                self._running -= 1
                self._idle.notify_all()

    def _attempt(
        self,
        record: Delivery,
        job: Callable[[], None],
        retries: int,
        bury: Callable[[str, str, int], bool] | None,
    ) -> None:
        while True:
            record.attempts += 1
            try:
                job()
            except (ClientError, BotoCoreError, ServiceError) as error:
                code, message = describe(error)
                record.error = f"{code}: {message}"
                if may_mend(error) and record.attempts <= retries:
                    time.sleep(self._pause_seconds)
                    continue
                buried = bury is not None and bury(code, message, record.attempts)
                record.status = DEAD_LETTERED if buried else FAILED
                _LOG.warning(
                    "%s to %s %s after %d attempts: %s",
                    record.kind, record.target, record.status, record.attempts, record.error,
                )  # fmt: skip
                return
            record.status, record.error = DELIVERED, ""
            return


def describe(error: Exception) -> tuple[str, str]:
    """Return code and message of an AWS error."""
    if isinstance(error, ServiceError):
        return error.code, error.message
    if isinstance(error, ClientError):
        body = error.response["Error"]
        return str(body["Code"]), str(body["Message"])
    return type(error).__name__, str(error)


def may_mend(error: Exception) -> bool:
    """Return whether another attempt may succeed: throttled, or a fault of the server.

    EventBridge does not retry what lacks permission or has no target any more:
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html
    """
    if isinstance(error, ServiceError):
        return error.status >= _SERVER_FAULT or error.code in _THROTTLED
    if isinstance(error, ClientError):
        status = int(error.response["ResponseMetadata"]["HTTPStatusCode"])
        return status >= _SERVER_FAULT or error.response["Error"]["Code"] in _THROTTLED
    return True
