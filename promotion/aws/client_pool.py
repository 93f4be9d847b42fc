"""Clients of one service, as many as call at the same moment. Calls nothing itself.

botocore's adaptive retries keep one sending rate for each client, and lower it with every answer
that says "too often" (https://docs.aws.amazon.com/boto3/latest/guide/retries.html). Where many
threads share a client, one throttled call in five brings all of them down to two calls a second,
whatever the account would allow. With clients of their own the threads slow down one by one.
"""

from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any


class ClientPool:
    """Stands in for a client: each call borrows one that is idle, or makes another.

    Who calls from one thread has one client all along. A paginator keeps the client that it was
    made with.

    Args:
        make: makes a client.
        making: held while it does: it is the one thing of boto3 that threads may not do at once
            (https://docs.aws.amazon.com/boto3/latest/guide/clients.html).
    """

    def __init__(self, make: Callable[[], Any], making: Lock) -> None:
        """Keep how to make a client; the first is made when it is first asked for."""
        self._make = make
        self._making = making
        self._idle: list[Any] = []

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """Return what calls an operation."""
        return partial(self._call, operation)

    def _call(self, operation: str, *arguments: Any, **request: Any) -> Any:
        client = self._borrow()
        try:
            return getattr(client, operation)(*arguments, **request)
        finally:
            self._idle.append(client)

    def _borrow(self) -> Any:
        try:
            return self._idle.pop()
        except IndexError:
            with self._making:
                return self._make()
