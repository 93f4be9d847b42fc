"""DynamoDB: one operation at a time.

Delegates to moto. DynamoDB isolates transactions and conditional writes from each other; moto asks
the condition and writes in two steps, and undoes a failed transaction by putting back a copy of the
whole table, with which writes of other threads disappear.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-isolation
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.services.answer import Answer
    from sandbox.services.call import Call
    from sandbox.services.moto_server import MotoServer


class DynamoDbApi:
    """Serves DynamoDB operations.

    Args:
        moto: Keeps tables and serves all operations.
    """

    def __init__(self, moto: MotoServer) -> None:
        self._moto = moto
        self._lock = threading.Lock()

    def handle(self, call: Call) -> Answer:
        """Serve one operation."""
        with self._lock:
            return self._moto.serve(call)
