"""The HTTP server: a thread and a connection for each request, on 127.0.0.1 only.

Werkzeug's server with moto's request handler, because moto needs the path and the S3
metadata headers as they came over the wire, which other WSGI servers do not hand on. It
closes each connection, because an application may leave a body unread; a request takes
2 ms all the same.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

from sandbox.model import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable

_LOG = logging.getLogger(__name__)
HOST = "127.0.0.1"


class _Handler(MotoRequestHandler):  # type: ignore[misc]  # moto has no types
    protocol_version = "HTTP/1.1"
    # Headers and body are written apart; with Nagle's algorithm each answer takes 40 ms.
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: object) -> None:
        """Log at debug level: the log is for failures."""
        _LOG.debug(message, *args)


class HttpServer:
    """Serves a WSGI application from threads.

    Args:
        port: TCP port; 0 takes a free one.

    Raises:
        SandboxError: The port is in use.
    """

    def __init__(self, port: int) -> None:
        self.application: Callable[..., Any] = _not_ready
        try:
            self._server = make_server(
                HOST, port, self._serve, threaded=True, request_handler=_Handler
            )
        except (OSError, SystemExit) as error:
            raise SandboxError(
                f"port {port} of {HOST} is in use: stop what uses it, or pass another --port"
            ) from error
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="http", daemon=True)

    @property
    def url(self) -> str:
        """Address without a trailing slash."""
        return f"http://{HOST}:{self._server.server_port}"

    def start(self) -> None:
        """Start answering."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def _serve(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        return self.application(environ, start_response)


def _not_ready(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("503 Starting", [("Content-Length", "0")])
    return []
