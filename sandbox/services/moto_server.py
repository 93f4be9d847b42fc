"""moto behind our front: runs a call there and turns its failures into AWS answers.

Runs moto's WSGI application in process; makes no network call. One operation of a service at a
time: moto's stores are dictionaries that break down when one thread goes through them while another
one writes, its conditional writes ask and write in two steps, and a failed transaction of DynamoDB
puts back a copy of the whole table, with which writes of others would disappear.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-isolation
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from sandbox.model import ServiceError
from sandbox.services import answer as answers
from sandbox.services.answer import Answer
from sandbox.services.call import body_of, credential_scope, rewind
from sandbox.services.moto_seams import JUDGED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.services.call import Call

_LOG = logging.getLogger(__name__)
_SERVER_FAULT = 500
_NO_ROUTE = (404, 405)
_HOSTS = 1024
# moto's own interfaces, whatever the service: they reset and show every account.
_OWN_PATHS = ("/moto-api", "/latest/meta-data/", "/latest/api/", "/favicon.ico")


class MotoServer:
    """Serves calls with moto's server application.

    Args:
        application: moto's, unless a test brings another.
    """

    def __init__(self, application: Any = None) -> None:
        self._application = application or _application()
        self._served: set[str] = set()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def serve(self, call: Call, *, body: bytes | None = None) -> Answer:
        """Let moto answer a call in ``call.account_id``.

        Args:
            call: The call.
            body: Sent instead of the call's own body.

        Returns:
            moto's answer; where moto lacks the operation or breaks down, an answer with
            status 400 that names the operation, because clients retry a 500 for minutes.
        """
        environ = dict(call.environ)
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = call.account_id
        _as_judged(call, environ)
        # Read before the lock: a client may take its time to send it.
        rewind(environ, body_of(call) if body is None else body)
        if not self._serves(call.service, environ):
            return answers.error(call, not_emulated(call, "no such service"))
        try:
            with self._locks[call.service]:
                answer = self._run(environ)
        except NotImplementedError as error:
            return answers.error(call, not_emulated(call, str(error)))
        except Exception as error:  # moto's own faults, whatever they are; logged
            _LOG.exception("moto failed at %s %s", call.service, call.operation)
            return answers.error(call, _broken(call, f"{type(error).__name__}: {error}"))
        if answer.status >= _SERVER_FAULT:
            return answers.error(call, _broken(call, answer.body[:300].decode("utf-8", "replace")))
        html = answer.header("content-type").startswith("text/html")
        if answer.status in _NO_ROUTE and html and call.service != "s3":
            return answers.error(call, not_emulated(call, "no such route"))
        return answer

    def _serves(self, service: str, environ: dict[str, Any]) -> bool:
        """Return whether moto has a service; it breaks down over one that it has not."""
        path = environ.get("PATH_INFO", "")
        if path.startswith(_OWN_PATHS):
            return False
        if service not in self._served:
            host = self._application.infer_service_region_host(environ, path)
            if host is None or self._application.get_backend_for_host(host) is None:
                return False
            self._served.add(service)
        return True

    def _run(self, environ: dict[str, Any]) -> Answer:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
            started.append((status, headers))

        chunks: Iterable[bytes] = self._application(environ, start_response)
        try:
            body = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close:
                close()
        status, headers = started[-1]
        if environ["REQUEST_METHOD"] != "HEAD":
            headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
        return Answer(int(status.split(" ", 1)[0]), headers, body)


def _application() -> Any:
    made = DomainDispatcherApplication(create_backend_app)
    # moto lists its own folder, hundreds of files, whenever it looks for the service of a host:
    # a quarter of the time of many requests.
    made.get_backend_for_host = lru_cache(_HOSTS)(made.get_backend_for_host)
    return made


def _as_judged(call: Call, environ: dict[str, Any]) -> None:
    """Leave moto nothing from which it could read another call than the one that was judged.

    It takes the service of a presigned request from the path, and parameters from the query string
    and the content type of any request.
    """
    environ[JUDGED] = call
    scope = credential_scope(environ)
    if scope is not None:
        environ["HTTP_AUTHORIZATION"] = (
            f"AWS4-HMAC-SHA256 Credential={scope.access_key_id}/19700101/{scope.region}/"
            f"{scope.service}/aws4_request, SignedHeaders=host, Signature=0"
        )
    if call.protocol in {"json", "cbor"}:
        environ["QUERY_STRING"] = ""
    if call.protocol == "json":
        environ["CONTENT_TYPE"] = "application/x-amz-json-1.1"


def not_emulated(call: Call, reason: str) -> ServiceError:
    """Return the error for an operation that nobody here serves."""
    return ServiceError(
        "UnsupportedOperation",
        f"the sandbox does not emulate {_name(call)} ({reason}): "
        "see docs/emulation-limits.md for what is reproduced",
    )


def _broken(call: Call, reason: str) -> ServiceError:
    return ServiceError(
        "SandboxFailure",
        f"the sandbox failed at {_name(call)} in account {call.account_id}: {reason}; "
        "see the log that `sandbox status` names",
    )


def _name(call: Call) -> str:
    if call.operation:
        return f"{call.service}:{call.operation}"
    method, path = call.environ.get("REQUEST_METHOD"), call.environ.get("PATH_INFO")
    return f"{call.service} {method} {path}"
