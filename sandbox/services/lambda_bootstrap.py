"""Runs inside a Lambda function's process: loads the handler, calls it, writes the outcome.

Started by ``sandbox.services.lambda_runtime`` as a script of its own; imports nothing of the
sandbox. Reads an invocation document from standard input; writes the outcome to the file
named by the first argument. Like the AWS runtime it offers the standard library, boto3 and
what boto3 needs, and the function's own files; other installed packages are hidden.
"""

from __future__ import annotations

import datetime
import importlib
import importlib.abc
import json
import os
import sys
import time
import traceback
from typing import Any

_OFFERED = {"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six"}


class _OnlyWhatAwsHas(importlib.abc.MetaPathFinder):
    """Hides packages that the AWS runtime lacks."""

    def __init__(self, task_root: str) -> None:
        self._own = {name.split(".")[0] for name in os.listdir(task_root)}

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Refuse a hidden package; leave all others to Python."""
        top = fullname.split(".", maxsplit=1)[0]
        if top not in self._own | _OFFERED and top not in sys.stdlib_module_names:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


class _Context:
    """The context object: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    client_context = None
    identity = None

    def __init__(self, facts: dict[str, Any]) -> None:
        self._deadline = time.monotonic() + facts.pop("timeout_seconds")
        self.__dict__.update(facts)

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left before the function is stopped."""
        return max(int((self._deadline - time.monotonic()) * 1000), 0)


def _shift_clock(offset_seconds: float) -> None:
    """Make this process live in the sandbox's virtual time."""
    if abs(offset_seconds) < 1:
        return
    real_time, real_class = time.time, datetime.datetime

    class _Instances(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, real_class)

    class _Shifted(datetime.datetime, metaclass=_Instances):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return cls.fromtimestamp(time.time(), tz)

        @classmethod
        def utcnow(cls) -> Any:
            return cls.now(datetime.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return cls.now()

    time.time = lambda: real_time() + offset_seconds
    datetime.datetime = _Shifted  # type: ignore[misc]


def _load(handler: str) -> Any:
    module_name, _, function_name = handler.rpartition(".")
    module = importlib.import_module(module_name.replace("/", "."))
    return getattr(module, function_name)


def _failure(error: BaseException, request_id: str) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    shown = [frame for frame in frames if frame.filename != __file__]
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_list(shown),
    }


def _run(invocation: dict[str, Any]) -> dict[str, Any]:
    """Call the handler.

    Returns:
        ``{"payload": JSON text}`` or ``{"error": …}`` in AWS's shape.
    """
    context = _Context(invocation["context"])
    request_id = invocation["context"]["aws_request_id"]
    try:
        handler = _load(invocation["handler"])
    except (ImportError, AttributeError, SyntaxError, ValueError) as error:
        kinds = {ImportError: "ImportModuleError", SyntaxError: "UserCodeSyntaxError"}
        kind = next((n for c, n in kinds.items() if isinstance(error, c)), "HandlerNotFound")
        message = f"Unable to import module '{invocation['handler'].rpartition('.')[0]}': {error}"
        return {"error": {**_failure(error, request_id), "errorType": f"Runtime.{kind}",
                          "errorMessage": message}}  # fmt: skip
    try:
        result = handler(invocation["event"], context)
    except Exception as error:
        traceback.print_exc()
        return {"error": _failure(error, request_id)}
    try:
        return {"payload": json.dumps(result)}
    except (TypeError, ValueError) as error:
        message = f"Unable to marshal response: {error}"
        return {"error": {**_failure(error, request_id), "errorType": "Runtime.MarshalError",
                          "errorMessage": message}}  # fmt: skip


def main() -> None:
    """Serve the one invocation on standard input."""
    invocation = json.load(sys.stdin)
    task_root = os.environ["LAMBDA_TASK_ROOT"]
    sys.path.insert(0, task_root)
    sys.meta_path.insert(0, _OnlyWhatAwsHas(task_root))
    _shift_clock(invocation["clock_offset_seconds"])
    outcome = _run(invocation)
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(outcome, file)


if __name__ == "__main__":
    main()
