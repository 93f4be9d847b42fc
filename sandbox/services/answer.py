"""AWS answers: results and errors in the shape of the request's protocol.

Reads botocore's service descriptions for XML; makes no call.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.model import Document, ServiceError
    from sandbox.services.call import Call

_NAMESPACES = {
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sns": "http://sns.amazonaws.com/doc/2010-03-31/",
}
_SERVER_FAULT = 500
_CBOR_MAP, _CBOR_TEXT = 0xA0, 0x79
_CBOR_LONGEST = 0xFFFF


@dataclass
class Answer:
    """An HTTP answer.

    Attributes:
        status: HTTP status code.
        headers: Header names and values.
        body: Whole body.
    """

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str:
        """Return a header's value, empty when the answer has none."""
        return next((v for k, v in self.headers if k.lower() == name.lower()), "")

    def send(self, start_response: Callable[..., Any]) -> list[bytes]:
        """Give the answer to a WSGI server."""
        headers = [(k, v) for k, v in self.headers if k.lower() != "content-length"]
        length = self.header("content-length") or str(len(self.body))
        start_response(f"{self.status} Sandbox", [*headers, ("Content-Length", length)])
        return [self.body]


def encode(value: object) -> object:
    """Turn what JSON lacks into what AWS's JSON protocols use (times are epoch seconds)."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, bytes):
        return value.decode("utf-8")
    raise TypeError(f"{type(value).__name__} has no JSON form")


def result(call: Call, document: Document) -> Answer:
    """Return the answer to a call that succeeded; members that are ``None`` are left out."""
    if call.protocol == "json":
        present = {key: value for key, value in document.items() if value is not None}
        version = "1.0" if "_10" in call.environ.get("CONTENT_TYPE", "") else "1.1"
        headers = [("Content-Type", f"application/x-amz-json-{version}"), _request_id()]
        return Answer(200, headers, json.dumps(present, default=encode).encode())
    model = get_service_model(call.service).operation_model(call.operation)
    serializer = get_serializer_class(call.service, call.protocol)(operation_model=model)
    response = serializer.serialize(document)
    body = response["body"]
    return Answer(
        response["status_code"],
        [*response["headers"].items(), _request_id()],
        body if isinstance(body, bytes) else body.encode(),
    )


def error(call: Call, failure: ServiceError) -> Answer:
    """Return the answer to a call that failed, in the protocol's own error shape."""
    if call.protocol == "ec2":
        return _ec2_error(failure)
    if call.protocol == "query":
        return _query_error(call, failure)
    if call.protocol == "rest-xml":
        return _rest_xml_error(call, failure)
    if call.protocol == "cbor":
        return _cbor_error(failure)
    body = {"message": failure.message, "Message": failure.message, **failure.extra}
    headers = [("x-amzn-ErrorType", failure.code), _request_id()]
    if call.protocol == "rest-json":
        headers.append(("Content-Type", "application/json"))
    else:
        body["__type"] = failure.code
        headers.append(("Content-Type", "application/x-amz-json-1.1"))
        if call.service == "sqs":
            headers.append(("x-amzn-query-error", f"{failure.code};Sender"))
    return Answer(failure.status, headers, json.dumps(body, default=encode).encode())


def _cbor_error(failure: ServiceError) -> Answer:
    """Return an error of Smithy's CBOR protocol.

    https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html#operation-error-serialization
    """
    members = {"__type": failure.code, "message": failure.message}
    body = bytes([_CBOR_MAP | len(members)])
    body += b"".join(_cbor_text(text) for pair in members.items() for text in pair)
    headers = [
        ("Content-Type", "application/cbor"),
        ("smithy-protocol", "rpc-v2-cbor"),
        _request_id(),
    ]
    return Answer(failure.status, headers, body)


def _cbor_text(text: str) -> bytes:
    """Encode a text item with a length of two bytes (RFC 8949, section 3)."""
    encoded = text.encode()[:_CBOR_LONGEST]
    return bytes([_CBOR_TEXT]) + len(encoded).to_bytes(2, "big") + encoded


def _request_id() -> tuple[str, str]:
    return ("x-amzn-RequestId", str(uuid.uuid4()))


def _fault(failure: ServiceError) -> str:
    return "Receiver" if failure.status >= _SERVER_FAULT else "Sender"


def _query_error(call: Call, failure: ServiceError) -> Answer:
    namespace = _NAMESPACES.get(call.service, "")
    attribute = f' xmlns="{namespace}"' if namespace else ""
    text = (
        f"<ErrorResponse{attribute}><Error><Type>{_fault(failure)}</Type>"
        f"<Code>{escape(failure.code)}</Code><Message>{escape(failure.message)}</Message></Error>"
        f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return Answer(failure.status, [("Content-Type", "text/xml")], text.encode())


def _ec2_error(failure: ServiceError) -> Answer:
    text = (
        f"<Response><Errors><Error><Code>{escape(failure.code)}</Code>"
        f"<Message>{escape(failure.message)}</Message></Error></Errors>"
        f"<RequestID>{uuid.uuid4()}</RequestID></Response>"
    )
    return Answer(failure.status, [("Content-Type", "text/xml")], text.encode())


def _rest_xml_error(call: Call, failure: ServiceError) -> Answer:
    inner = (
        f"<Code>{escape(failure.code)}</Code><Message>{escape(failure.message)}</Message>"
        f"<RequestId>{uuid.uuid4()}</RequestId>"
    )
    text = f"<Error>{inner}</Error>"
    if call.service != "s3":
        text = f"<ErrorResponse>{text}</ErrorResponse>"
    body = b"" if call.environ.get("REQUEST_METHOD") == "HEAD" else text.encode()
    return Answer(failure.status, [("Content-Type", "application/xml")], body)
