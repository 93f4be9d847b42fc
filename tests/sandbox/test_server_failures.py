"""Faults of the sandbox or of moto: answered with 400, in each protocol's own shape."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.model import Principal, ServiceError
from sandbox.services import answer as answers
from sandbox.services.call import Call
from sandbox.services.moto_server import MotoServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.server import Sandbox

WHO = Principal("333333333333", "arn:aws:iam::333333333333:user/admin", "AKIA")


class BreakingMoto:
    """A moto that answers every request in one way, or breaks down."""

    def __init__(self, status: str = "200 OK", kind: str = "text/xml", body: bytes = b"") -> None:
        self.status, self.kind, self.body = status, kind, body
        self.error: Exception | None = None

    def infer_service_region_host(self, environ: dict[str, Any], path: str) -> str:
        return "sqs.eu-west-1.amazonaws.com"

    def get_backend_for_host(self, host: str) -> str:
        return "sqs"

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if self.error:
            raise self.error
        start_response(self.status, [("Content-Type", self.kind), ("Content-Length", "999")])
        return [self.body]


def call(protocol: str = "json", service: str = "sqs", method: str = "POST") -> Call:
    environ = {"REQUEST_METHOD": method, "PATH_INFO": "/", "wsgi.input": io.BytesIO()}
    return Call(environ, service, "eu-west-1", "ListQueues", protocol, WHO, WHO.account_id, b"")


@pytest.mark.parametrize(
    ("moto", "error", "code", "text"),
    [
        (BreakingMoto(), NotImplementedError("later"), "UnsupportedOperation", "sqs:ListQueues (l"),
        (BreakingMoto(), KeyError("x"), "SandboxFailure", "account 333333333333: KeyError: 'x'"),
        (BreakingMoto("500 Oops", body=b"boom"), None, "SandboxFailure", ": boom; see the log"),
        (BreakingMoto("404 No", "text/html"), None, "UnsupportedOperation", "no such route"),
    ],
)
def test_serve__moto_fails__is_400_and_names_the_operation(
    moto: BreakingMoto, error: Exception | None, code: str, text: str
) -> None:
    moto.error = error
    answer = MotoServer(moto).serve(call())
    assert answer.status == 400
    body = json.loads(answer.body)
    assert body["__type"] == code
    assert text in body["message"]


def test_serve__moto_answers__length_is_ours() -> None:
    sent: list[Any] = []
    answer = MotoServer(BreakingMoto(body=b"four")).serve(call())
    assert answer.send(lambda *given: sent.append(given)) == [b"four"]
    assert dict(sent[0][1])["Content-Length"] == "4"


def test_serve__head_request__keeps_the_objects_length() -> None:
    sent: list[Any] = []
    MotoServer(BreakingMoto()).serve(call(method="HEAD")).send(lambda *given: sent.append(given))
    assert dict(sent[0][1])["Content-Length"] == "999"


@pytest.mark.parametrize(
    ("protocol", "service", "expected"),
    [
        ("json", "sagemaker", '{"message": "why <x>", "Message": "why <x>", "__type": "Bad"}'),
        ("rest-json", "lambda", '{"message": "why <x>", "Message": "why <x>"}'),
        ("query", "sns", "<Code>Bad</Code><Message>why &lt;x&gt;</Message></Error><RequestId>"),
        ("ec2", "ec2", "<Response><Errors><Error><Code>Bad</Code><Message>why &lt;x&gt;</Message>"),
        ("rest-xml", "s3", "<Error><Code>Bad</Code><Message>why &lt;x&gt;</Message><RequestId>"),
        ("rest-xml", "cloudfront", "<ErrorResponse><Error><Code>Bad</Code><Message>why"),
    ],
)
def test_error__protocol__has_its_shape(protocol: str, service: str, expected: str) -> None:
    answer = answers.error(call(protocol, service), ServiceError("Bad", "why <x>", 409))
    assert answer.status == 409
    assert expected in answer.body.decode()


def test_error__head_of_s3__has_no_body() -> None:
    answer = answers.error(call("rest-xml", "s3", "HEAD"), ServiceError("Bad", "why"))
    assert (answer.status, answer.body) == (400, b"")


def test_request__our_own_fault__is_400_and_named(sandbox: Sandbox, engine: Any) -> None:
    client = boto3.client("sagemaker", **sandbox.client_arguments("dev-admin"))
    with pytest.raises(ClientError) as caught:
        # The recording engine looks for a pipeline name, which this body lacks.
        client.meta.events.register(
            "before-call.sagemaker",
            lambda params, **_: params.update(body=b'{"Pipeline": "x"}'),
        )
        client.delete_pipeline(PipelineName="x", ClientRequestToken="t" * 32)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert caught.value.response["Error"]["Code"] == "SandboxFailure"
    assert caught.value.response["Error"]["Message"] == (
        "the sandbox failed at sagemaker:DeletePipeline: KeyError: 'PipelineName'; see the log "
        "that `sandbox status` names"
    )


def test_request__body_is_not_json__is_400(sandbox: Sandbox) -> None:
    client = boto3.client("sagemaker", **sandbox.client_arguments("dev-admin"))
    client.meta.events.register(
        "before-call.sagemaker", lambda params, **_: params.update(body=b"{")
    )
    with pytest.raises(ClientError) as caught:
        client.delete_pipeline(PipelineName="x", ClientRequestToken="t" * 32)
    assert caught.value.response["Error"]["Code"] == "SerializationException"
