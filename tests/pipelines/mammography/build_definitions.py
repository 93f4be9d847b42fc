"""Builds both definitions with the network closed; run by test_definitions.py in a process.

Prints JSON: each pipeline's definition and the AWS operations that were asked for. Only STS
GetCallerIdentity, S3 ListBuckets and S3 HeadBucket are answered; anything else raises, and so
does opening a connection.
"""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.awsrequest import AWSResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWERS = {
    "GetCallerIdentity": (
        b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        b"<GetCallerIdentityResult><Arn>arn:aws:sts::999999999999:assumed-role/build/build</Arn>"
        b"<UserId>build</UserId><Account>999999999999</Account></GetCallerIdentityResult>"
        b"</GetCallerIdentityResponse>"
    ),
    "ListBuckets": b"<ListAllMyBucketsResult/>",
    "HeadBucket": b"",
}


class Body(io.BytesIO):
    """A response body as botocore reads it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        """Yields the whole body."""
        yield self.read()


def close_network(event: str, _: tuple[Any, ...]) -> None:
    """Raises when anything opens a connection."""
    if event == "socket.connect":
        raise RuntimeError("the build opened a connection")


def main() -> None:
    """Builds and prints."""
    operations: list[str] = []

    def answer(request: Any, event_name: str, **_: Any) -> AWSResponse:
        operation = event_name.rpartition(".")[2]
        operations.append(operation)
        if operation not in ANSWERS:
            raise RuntimeError(f"the build called {event_name}")
        return AWSResponse(request.url, 200, {}, Body(ANSWERS[operation]))

    session = botocore.session.Session()
    session.register("before-send", answer)
    boto3.setup_default_session(botocore_session=session)
    sys.addaudithook(close_network)

    from pipelines.mammography import inference, train

    definitions = {
        "train": train.pipeline().definition(),
        "inference": inference.pipeline().definition(),
    }
    json.dump({"definitions": definitions, "operations": operations}, sys.stdout)


if __name__ == "__main__":
    main()
