"""Credentials that a child process asks for again when they end, lent on 127.0.0.1.

Answers as the container credential provider of AWS's SDKs expects, which Terraform's provider
and S3 backend use too: keys in environment variables would end an hour after they were made, in
the middle of a long apply. Calls what renews the keys; listens on a port of this machine only,
for as long as the block runs, and answers whoever states the token.
Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
"""

import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from promotion.errors import RemoteError

_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Keys:
    """Credentials at one moment.

    Attributes:
        access_key: access key id.
        secret_key: secret access key.
        token: session token; empty for keys of an IAM user.
        expires: ISO 8601 time at which to ask again; empty when they do not end.
    """

    access_key: str
    secret_key: str
    token: str = ""
    expires: str = ""

    @property
    def answer(self) -> dict[str, str]:
        """What the SDKs read."""
        found = {
            "AccessKeyId": self.access_key,
            "SecretAccessKey": self.secret_key,
            "Token": self.token,
            "Expiration": self.expires,
        }
        return {name: value for name, value in found.items() if value}


@contextmanager
def lent(keys: Callable[[], Keys]) -> Iterator[dict[str, str]]:
    """Lend credentials for as long as the block runs.

    Args:
        keys: returns credentials that are valid now; asked at every request.

    Yields:
        The environment variables with which a child process obtains them.
    """
    token = secrets.token_urlsafe(32)
    handler = type("LendingHandler", (_Handler,), {"keys": staticmethod(keys), "token": token})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
        thread.start()
        try:
            yield {
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{server.server_port}/",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": token,
                # The SDKs look at profiles first: a default one would go before what is lent.
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            }
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Answers with the keys."""

    keys: Callable[[], Keys]
    token: str

    def do_GET(self) -> None:
        """Give the keys to whoever states the token."""
        stated = self.headers.get("Authorization", "")
        if not secrets.compare_digest(stated.encode(), self.token.encode()):
            self._answer(HTTPStatus.FORBIDDEN, {"code": "Forbidden", "message": "wrong token"})
            return
        try:
            answer = self.keys().answer
        except RemoteError as error:
            refusal = {"code": "NotRenewed", "message": error.message}
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, refusal)
            return
        self._answer(HTTPStatus.OK, answer)

    def _answer(self, status: HTTPStatus, document: dict[str, str]) -> None:
        body = json.dumps(document).encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Write nothing: stderr is the command's."""
