"""What botocore raises, translated."""

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)

from promotion.aws.errors import (
    Call,
    RemoteConflict,
    RemoteDenied,
    RemoteMissing,
    RemoteTaken,
    remote_call,
)
from promotion.errors import RemoteError

CALL = Call("333333333333", "sagemaker.DescribePipeline", "p")
WHERE = "sagemaker.DescribePipeline in account 333333333333 for p"


def translated(error):
    with pytest.raises(RemoteError) as caught, remote_call(CALL):
        raise error
    assert caught.value.__cause__ is error
    assert (caught.value.account_id, caught.value.operation, caught.value.resource) == (
        "333333333333",
        "sagemaker.DescribePipeline",
        "p",
    )
    assert caught.value.exit_code == 1
    return caught.value


def response(code, message="why", attempts=0):
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"RetryAttempts": attempts},  # type: ignore[typeddict-item]
        },
        "DescribePipeline",
    )


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("ResourceNotFound", RemoteMissing, f"{WHERE}: not found: why"),
        ("404", RemoteMissing, f"{WHERE}: not found: why"),
        ("AccessDeniedException", RemoteDenied, f"{WHERE} was denied: why"),
        ("PreconditionFailed", RemoteConflict, f"{WHERE}: somebody else wrote first: why"),
        ("BucketAlreadyExists", RemoteTaken, f"{WHERE}: the name is taken: why"),
        ("ExpiredToken", RemoteError, f"{WHERE}: the AWS credentials have expired"),
        ("InvalidClientTokenId", RemoteError, f"{WHERE}: AWS does not accept the credentials: why"),
        ("ThrottlingException", RemoteError, f"{WHERE} was throttled, 8 attempts: why"),
        ("ValidationException", RemoteError, f"{WHERE} failed: ValidationException: why"),
    ],
)
def test_translate__answer_of_aws__tells_what_and_where(code, kind, message):
    error = translated(response(code, attempts=7))
    assert (type(error), error.message) == (kind, message)


def test_translate__validation_error_about_something_missing__is_missing():
    error = translated(response("ValidationException", "ModelPackageGroup g does not exist."))
    assert type(error) is RemoteMissing


@pytest.mark.parametrize(
    ("raised", "message", "hint"),
    [
        (NoCredentialsError(), "there are no AWS credentials", "export AWS_PROFILE"),
        (
            PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
            "there are no AWS credentials",
            "export AWS_PROFILE",
        ),
        (ProfileNotFound(profile="x"), "profile (x) could not be found", "check AWS_PROFILE"),
        (
            CredentialRetrievalError(provider="sso", error_msg="expired"),
            "the AWS credentials cannot be obtained",
            "log in again",
        ),
        (
            EndpointConnectionError(endpoint_url="https://x"),
            "AWS cannot be reached",
            "check the network",
        ),
        (ConnectTimeoutError(endpoint_url="https://x"), "AWS cannot be reached", "check the"),
    ],
)
def test_translate__no_answer__tells_the_next_step(monkeypatch, raised, message, hint):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    error = translated(raised)
    assert error.message.startswith(WHERE)
    assert message in error.message
    assert error.hint.startswith(hint)


def test_translate__other_endpoint_out_of_reach__names_it(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4599")
    error = translated(EndpointConnectionError(endpoint_url="http://127.0.0.1:4599"))
    assert error.hint.startswith("AWS_ENDPOINT_URL is http://127.0.0.1:4599: check that it is up")


def test_translate__anything_else_of_botocore__is_bounded():
    error = translated(response("Odd", "x" * 5000))
    assert len(error.message) < 800
    assert type(translated(BotoCoreError())) is RemoteError


def test_remote_call__other_exceptions__pass():
    with pytest.raises(KeyError), remote_call(CALL):
        raise KeyError("ours")
