"""What a throttled call does, with botocore's own client and answers that are laid down."""

import json

import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session

from promotion.aws.throttling import Backoff, retry_throttled


@pytest.mark.parametrize(
    ("attempt", "waited"),
    [(1, 0.05), (2, 0.1), (3, 0.2), (8, 6.4), (9, 10.0), (39, 10.0), (40, None)],
)
def test_wait_seconds__further_attempt__doubles_up_to_the_most_and_ends(attempt, waited):
    assert Backoff(draw=lambda: 0.5).wait_seconds(attempt) == waited


class Raw:
    """The body of an answer."""

    def __init__(self, body):
        self._body = body

    def stream(self, **_):
        yield self._body


class Account:
    """Answers with one code after the other, then with a pipeline."""

    def __init__(self, *codes):
        self.codes = list(codes)
        self.calls = 0

    def __call__(self, request, **_):
        self.calls += 1
        if not self.codes:
            return AWSResponse(request.url, 200, {}, Raw(b'{"PipelineName": "p"}'))
        body = json.dumps({"__type": self.codes.pop(0), "message": "no"}).encode()
        return AWSResponse(request.url, 400, {}, Raw(body))


def client_of(account, backoff):
    client = get_session().create_client(
        "sagemaker",
        region_name="eu-west-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(retries={"mode": "standard", "total_max_attempts": 2}),
    )
    client.meta.events.register("before-send", account)
    retry_throttled(client, backoff)
    return client


def describe(account, **backoff):
    client = client_of(account, Backoff(first_seconds=0, **backoff))
    return client.describe_pipeline(PipelineName="p")


def test_retry_throttled__long_beyond_what_botocore_would_try__is_answered():
    account = Account(*["ThrottlingException"] * 120)
    assert describe(account, attempts=200)["PipelineName"] == "p"
    assert account.calls == 121


def test_retry_throttled__attempts_are_used_up__tells_the_last_refusal():
    account = Account(*["ThrottlingException"] * 9)
    with pytest.raises(ClientError) as caught:
        describe(account, attempts=5)
    assert caught.value.response["Error"]["Code"] == "ThrottlingException"
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 4
    assert account.calls == 5


@pytest.mark.parametrize("code", ["ValidationException", "LimitExceededException"])
def test_retry_throttled__another_refusal__does_not_wait_for_it(code):
    account = Account(*[code] * 9)
    with pytest.raises(ClientError):
        describe(account, attempts=9)
    assert account.calls <= 2
