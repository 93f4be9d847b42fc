"""Runs a Lambda function's zip in a process of its own.

Writes the unpacked code below the workspace, once for each content; starts a Python
subprocess with the credentials of the function's role; kills it at the timeout. Memory size
and layers are not applied.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.clock import iso
from sandbox.model import Document, ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.model import AwsAccess, Clock

_BOOTSTRAP = Path(__file__).with_name("lambda_bootstrap.py")
_PRINCIPAL = "lambda.amazonaws.com"
_MAXIMUM_RESPONSE_BYTES = 6_291_556
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

_LOG_AHEAD_SECONDS = 3600


@dataclass(frozen=True)
class Function:
    """What is needed to run a function.

    Attributes:
        arn: ARN without a qualifier.
        version: ``$LATEST`` or a number.
        handler: ``package.module.function``.
        runtime: Such as ``python3.12``.
        role_arn: Execution role.
        timeout_seconds: From 1 to 900.
        memory_mb: Told to the function, not enforced.
        environment: The function's variables.
        code: The zip.
    """

    arn: str
    version: str
    handler: str
    runtime: str
    role_arn: str
    timeout_seconds: int
    memory_mb: int
    environment: Mapping[str, str]
    code: bytes

    @property
    def name(self) -> str:
        """Name of the function."""
        return self.arn.split(":")[6]

    @property
    def region(self) -> str:
        """Region of the function."""
        return self.arn.split(":")[3]


@dataclass(frozen=True)
class Outcome:
    """What an invocation gave.

    Attributes:
        payload: JSON text: the handler's result, or the error in AWS's shape.
        failed: Whether it is an error.
        log: What the function wrote, with AWS's START, END and REPORT lines.
        request_id: Of the invocation.
    """

    payload: str
    failed: bool
    log: str
    request_id: str


class LambdaRuntime:
    """Runs functions.

    Args:
        aws: Gives the role's credentials.
        clock: Virtual time, in which functions live.
        workspace: Directory for unpacked code.
    """

    def __init__(self, aws: AwsAccess, clock: Clock, workspace: Path) -> None:
        self._aws = aws
        self._clock = clock
        self._workspace = workspace
        self._unpacking = threading.Lock()

    def run(self, function: Function, event: object) -> Outcome:
        """Invoke a function and wait for it.

        Raises:
            ServiceError: The runtime is not Python, the zip is broken, or the role cannot be
                assumed by Lambda.
        """
        if not function.runtime.startswith("python"):
            raise ServiceError(
                "InvalidRuntimeException",
                f"{function.arn}: the sandbox runs Python functions, not {function.runtime}",
            )
        request_id = str(uuid.uuid4())
        root = self._unpack(function)
        day = iso(self._clock.now())[:10].replace("-", "/")
        stream = f"{day}/[{function.version}]{uuid.uuid4().hex}"
        environment = self._environment(function, root, stream)
        invocation = self._invocation(function, event, request_id, stream)
        outcome = self._execute(function, environment, invocation, root)
        self._write_log(function, stream, outcome.log)
        return outcome

    def _unpack(self, function: Function) -> Path:
        root = self._workspace / "lambda" / hashlib.sha256(function.code).hexdigest()
        with self._unpacking:
            if root.is_dir():
                return root
            root.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=root.parent) as draft:
                target = Path(draft) / "code"
                try:
                    with zipfile.ZipFile(io.BytesIO(function.code)) as archive:
                        archive.extractall(target)
                except zipfile.BadZipFile as error:
                    raise ServiceError(
                        "InvalidZipFileException", f"code of {function.arn}: {error}", 502
                    ) from error
                target.rename(root)
        return root

    def _environment(self, function: Function, root: Path, stream: str) -> dict[str, str]:
        role = self._aws.environment(
            role_arn=function.role_arn, service_principal=_PRINCIPAL, region=function.region
        )
        return {
            **function.environment,
            **role,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": function.version,
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "LAMBDA_TASK_ROOT": str(root),
            "LANG": "en_US.UTF-8",
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TZ": ":UTC",
            "_HANDLER": function.handler,
        }

    def _invocation(
        self, function: Function, event: object, request_id: str, stream: str
    ) -> Document:
        return {
            "event": event,
            "handler": function.handler,
            "clock_offset_seconds": getattr(self._clock, "offset_seconds", 0.0),
            "context": {
                "aws_request_id": request_id,
                "function_name": function.name,
                "function_version": function.version,
                "invoked_function_arn": function.arn,
                "memory_limit_in_mb": str(function.memory_mb),
                "log_group_name": f"/aws/lambda/{function.name}",
                "log_stream_name": stream,
                "timeout_seconds": function.timeout_seconds,
            },
        }

    def _execute(
        self, function: Function, environment: dict[str, str], invocation: Document, root: Path
    ) -> Outcome:
        request_id = invocation["context"]["aws_request_id"]
        with tempfile.TemporaryDirectory(prefix="lambda-") as scratch:
            answer = Path(scratch) / "outcome.json"
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
                [sys.executable, "-suP", str(_BOOTSTRAP), str(answer)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=root,
                env={**environment, "TMPDIR": scratch},
                start_new_session=True,
            )
            try:
                output, _ = process.communicate(
                    json.dumps(invocation).encode(), timeout=function.timeout_seconds
                )
                outcome = _read(answer, process.returncode, request_id)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                output, _ = process.communicate()
                outcome = {"error": self._timed_out(function, request_id)}
        return _outcome(outcome, output.decode("utf-8", "replace"), function, request_id)

    def _timed_out(self, function: Function, request_id: str) -> Document:
        now = iso(self._clock.now())
        seconds = f"{function.timeout_seconds:.2f}"
        return {
            "errorType": "Sandbox.Timedout",
            "errorMessage": f"{now} {request_id} Task timed out after {seconds} seconds",
        }

    def _write_log(self, function: Function, stream: str, log: str) -> None:
        """Write to CloudWatch Logs as the role; a role that may not leaves no log, as on AWS."""
        client = self._aws.client(
            "logs",
            role_arn=function.role_arn,
            service_principal=_PRINCIPAL,
            region=function.region,
        )
        group = f"/aws/lambda/{function.name}"
        from botocore.exceptions import ClientError

        try:
            client.create_log_group(logGroupName=group)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code not in {"ResourceAlreadyExistsException", "AccessDeniedException"}:
                raise
        # CloudWatch Logs keeps nothing from two hours ahead, by the machine's clock in moto; the
        # virtual one may be days ahead.
        # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
        latest = time.time() + _LOG_AHEAD_SECONDS
        stamp = int(min(self._clock.now().timestamp(), latest) * 1000)
        events = [{"timestamp": stamp, "message": line} for line in log.splitlines() if line]
        try:
            client.create_log_stream(logGroupName=group, logStreamName=stream)
            client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDeniedException":
                raise


def _read(answer: Path, exit_code: int, request_id: str) -> Document:
    if answer.exists():
        return dict(json.loads(answer.read_text(encoding="utf-8")))
    reason = f"exit status {exit_code}" if exit_code >= 0 else f"signal {-exit_code}"
    return {
        "error": {
            "errorType": "Runtime.ExitError",
            "errorMessage": f"RequestId: {request_id} Error: Runtime exited with error: {reason}",
        }
    }


def _outcome(outcome: Document, output: str, function: Function, request_id: str) -> Outcome:
    payload = outcome.get("payload", "null")
    if len(payload) > _MAXIMUM_RESPONSE_BYTES:
        outcome = {
            "error": {
                "errorType": "Function.ResponseSizeTooLarge",
                "errorMessage": "Response payload size exceeded maximum allowed payload size "
                f"({_MAXIMUM_RESPONSE_BYTES} bytes).",
            }
        }
    failed = "error" in outcome
    log = (
        f"START RequestId: {request_id} Version: {function.version}\n{output}"
        f"{'' if output.endswith(chr(10)) or not output else chr(10)}END RequestId: {request_id}\n"
        f"REPORT RequestId: {request_id} Memory Size: {function.memory_mb} MB\n"
    )
    text = json.dumps(outcome["error"]) if failed else payload
    return Outcome(payload=text, failed=failed, log=log, request_id=request_id)
