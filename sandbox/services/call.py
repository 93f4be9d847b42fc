"""One AWS request: what it asks for, of which service, by whom, in which account.

Reads the WSGI environment and botocore's service descriptions (through moto's router and
parsers, so that what we read is what moto reads). Makes no call.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from botocore.parsers import RpcV2CBORParser
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import NotFound, get_service_router
from moto.core.utils import get_service_model

from sandbox.model import Document, ServiceError

if TYPE_CHECKING:
    from moto.core.model import ServiceModel

    from sandbox.model import Principal

Environ = dict[str, Any]

_CBOR = "rpc-v2-cbor"
_FORM = "application/x-www-form-urlencoded"
# Signing names that differ from botocore's service names.
_BOTOCORE_NAMES = {
    "eventbridge": "events",
    "access-analyzer": "accessanalyzer",
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
    "email": "ses",
    "elasticloadbalancing": "elbv2",
}


@dataclass(frozen=True)
class Scope:
    """The credential scope of a signed request.

    Attributes:
        access_key_id: Key that signed it.
        region: Region in the scope.
        service: Signing name.
    """

    access_key_id: str
    region: str
    service: str


def credential_scope(environ: Environ) -> Scope | None:
    """Return the scope of a request signed by header or by query, else ``None``.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
    """
    credential = ""
    authorization = environ.get("HTTP_AUTHORIZATION", "")
    if "Credential=" in authorization:
        credential = authorization.split("Credential=", 1)[1].split(",", 1)[0].strip()
    elif "X-Amz-Credential" in environ.get("QUERY_STRING", ""):
        credential = parse_qs(environ["QUERY_STRING"]).get("X-Amz-Credential", [""])[0]
    parts = credential.split("/")
    if len(parts) != 5:  # noqa: PLR2004 - key/date/region/service/aws4_request
        return None
    return Scope(access_key_id=parts[0], region=parts[2], service=parts[3].lower())


@dataclass
class Call:
    """One AWS request.

    Attributes:
        environ: WSGI environment; its body can be read again by moto.
        service: botocore's service name.
        region: Region of the credential scope.
        operation: Operation name, empty when the request names none that botocore knows.
        protocol: ``json``, ``query``, ``ec2``, ``rest-json``, ``rest-xml`` or ``cbor``.
        principal: Who calls.
        account_id: Account whose resources are meant; the principal's unless the request
            names another account's resource.
        body: The request's body; ``None`` for S3, whose bodies are read once a call is allowed.
    """

    environ: Environ
    service: str
    region: str
    operation: str
    protocol: str
    principal: Principal
    account_id: str
    body: bytes | None
    uri_parameters: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def parameters(self) -> Document:
        """The operation's input.

        JSON 1.x bodies are taken as they are (times stay numbers); others are parsed as
        botocore describes them.

        Raises:
            ServiceError: ``SerializationException`` when the body is not a JSON object.
        """
        if self.protocol == "json":
            return _json_object(self.body or b"{}")
        if self.protocol == "cbor":
            return _cbor_object(self.body or b"")
        request = Request(self.environ)
        model = get_service_model(self.service).operation_model(self.operation)
        parser = PROTOCOL_PARSERS[self.protocol](model, map_type=dict)
        parsed = parser.parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": self.body if self.body is not None else b"",
                "url_path": request.path,
                "url_params": self.uri_parameters,
            }
        )
        if self.body is not None:
            rewind(self.environ, self.body)
        return dict(parsed)


def _json_object(body: bytes) -> Document:
    try:
        document = json.loads(body)
    except json.JSONDecodeError as error:
        raise ServiceError("SerializationException", f"the body is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise ServiceError("SerializationException", "the body is not a JSON object")
    return document


def _cbor_object(body: bytes) -> Document:
    parser = RpcV2CBORParser()
    stream = parser.get_peekable_stream_from_bytes(body)
    document = parser.parse_data_item(stream) if body else {}
    if not isinstance(document, dict):
        raise ServiceError("SerializationException", "the body is not a CBOR map")
    return document


def rewind(environ: Environ, body: bytes) -> None:
    """Make the body readable again from its first byte."""
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ.pop("wsgi.input_terminated", None)


def read_body(environ: Environ, service: str) -> bytes | None:
    """Read a request's body and leave it readable; S3's bodies are left where they are."""
    if service == "s3":
        return None
    body: bytes = Request(environ).get_data(cache=False)
    rewind(environ, body)
    return body


def body_of(call: Call) -> bytes:
    """Return a call's body, S3's too, and leave it readable for moto, which holds it anyway."""
    if call.body is not None:
        return call.body
    body: bytes = Request(call.environ).get_data(cache=False)
    rewind(call.environ, body)
    return body


def identify(
    environ: Environ, scope: Scope, principal: Principal, *, body: bytes | None = None
) -> Call:
    """Return the call that a signed request makes."""
    service = service_of(environ, scope)
    body = read_body(environ, service) if body is None else body
    operation, protocol, uri = _operation(environ, service, body)
    return Call(
        environ=environ,
        service=service,
        region=scope.region,
        operation=operation,
        protocol=protocol,
        principal=principal,
        account_id=principal.account_id,
        body=body,
        uri_parameters=uri,
    )


def service_of(environ: Environ, scope: Scope) -> str:
    """Return botocore's name of the service that a request is signed for."""
    if scope.service == "s3" and environ.get("PATH_INFO", "").startswith("/v20180820/"):
        return "s3control"
    if scope.service == "sagemaker" and environ.get("PATH_INFO", "").endswith("/invocations"):
        return "sagemaker-runtime"
    if environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDBStreams_"):
        return "dynamodbstreams" if scope.service == "dynamodb" else scope.service
    return _BOTOCORE_NAMES.get(scope.service, scope.service)


def _operation(
    environ: Environ, service: str, body: bytes | None
) -> tuple[str, str, dict[str, Any]]:
    """Return operation, protocol and URI parameters; no operation for one that botocore lacks."""
    fallback = "rest-xml" if service in {"s3", "s3control"} else "rest-json"
    try:
        model = get_service_model(service)
        _drop_foreign_headers(environ, model)
        operation, protocol, uri = _asked(environ, model, body)
    except (UnknownServiceError, OperationNotFoundError, NotFound, NotImplementedError):
        return "", fallback, {}
    return operation if operation in model.operation_names else "", protocol, uri


def _drop_foreign_headers(environ: Environ, model: ServiceModel) -> None:
    """Drop the headers of protocols that the service does not speak: AWS ignores them, moto not.

    https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
    https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
    """
    spoken = model.metadata.get("protocols") or [model.metadata["protocol"]]
    if "smithy-rpc-v2-cbor" not in spoken or environ.get("HTTP_SMITHY_PROTOCOL") != _CBOR:
        environ.pop("HTTP_SMITHY_PROTOCOL", None)
    prefix = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[0]
    if "json" not in spoken or prefix != model.metadata.get("targetPrefix") or is_cbor(environ):
        environ.pop("HTTP_X_AMZ_TARGET", None)


def is_cbor(environ: Environ) -> bool:
    """Return whether a request is of the protocol RPC v2 CBOR."""
    return "HTTP_SMITHY_PROTOCOL" in environ


def _asked(
    environ: Environ, model: ServiceModel, body: bytes | None
) -> tuple[str, str, dict[str, Any]]:
    if is_cbor(environ):
        return environ.get("PATH_INFO", "").rsplit("/", 1)[-1], "cbor", {}
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return target.rsplit(".", 1)[-1], "json", {}
    content_type = environ.get("CONTENT_TYPE", "")
    protocol = determine_request_protocol(model, content_type)
    if body and protocol in {"query", "ec2"} and content_type.startswith(_FORM):
        action = parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
        if action:
            return action, protocol, {}
    operation, uri = get_service_router(model.service_name).match(Request(environ))
    return str(operation.name), protocol, dict(uri)
