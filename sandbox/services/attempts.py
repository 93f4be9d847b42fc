"""Answers that were lost on their way: a further attempt of the same call gets them again.

Calls nothing. AWS refuses a second attempt of a creation that the first one made, because the thing
exists; a client whose connection broke then fails, or, as Terraform with a Lambda function, takes
it for a change that is still under way and asks for minutes. All attempts of a call carry the same
id: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.services.answer import Answer
    from sandbox.services.call import Call

_LOG = logging.getLogger(__name__)
_KEPT = 512
_SUCCESSES = range(200, 300)


class Attempts:
    """Remembers how the last creations were answered."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._answers: OrderedDict[tuple[str, ...], Answer] = OrderedDict()

    def answer(self, call: Call, serve: Callable[[Call], Answer]) -> Answer:
        """Return the answer to a call that is authorized: the one that was given, or a new one."""
        attempts = call.environ.get("HTTP_AMZ_SDK_INVOCATION_ID", "")
        if not attempts or not call.operation.startswith("Create"):
            return serve(call)
        key = (call.principal.arn, call.account_id, call.service, call.operation, attempts)
        with self._lock:
            given = self._answers.get(key)
        if given is not None:
            _LOG.warning("%s is asked again: the answer before was lost on its way", call.operation)
            return given
        answer = serve(call)
        if answer.status in _SUCCESSES:
            with self._lock:
                self._answers[key] = answer
                if len(self._answers) > _KEPT:
                    self._answers.popitem(last=False)
        return answer
