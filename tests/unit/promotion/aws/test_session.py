"""Which role lets the caller in, by an STS that answers as laid down."""

from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import ANY, Stubber

from promotion.aws.errors import RemoteDenied
from promotion.aws.session import Accounts

CALLER = {"Account": "111111111111", "Arn": "arn:aws:iam::111111111111:user/me", "UserId": "U"}
DEPLOY, APPROVE = (f"arn:aws:iam::222222222222:role/{name}" for name in ("deploy", "approve"))
KEYS = {
    "AccessKeyId": "ASIA000000000000",
    "SecretAccessKey": "s",
    "SessionToken": "t",
    "Expiration": datetime(2099, 1, 1, tzinfo=UTC),
}


class Base:
    """A base session whose STS is stubbed."""

    def __init__(self, client):
        self._client = client

    def client(self, *_, **__):
        return self._client


@pytest.fixture
def sts():
    client = boto3.client(
        "sts", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(client) as found:
        found.add_response("get_caller_identity", CALLER)
        yield found
        found.assert_no_pending_responses()


def denied(sts, role_arn):
    sts.add_client_error(
        "assume_role",
        "AccessDenied",
        "not trusted",
        expected_params={"RoleArn": role_arn, "RoleSessionName": "promote"},
    )


def test_open__no_role_lets_in__tells_every_denial(sts):
    denied(sts, DEPLOY)
    denied(sts, APPROVE)
    with pytest.raises(RemoteDenied) as caught:
        Accounts(Base(sts.client)).open("222222222222", "eu-west-1", DEPLOY, APPROVE)
    assert caught.value.message == (
        "arn:aws:iam::111111111111:user/me (account 111111111111) cannot act in account "
        "222222222222"
    )
    assert caught.value.problems == tuple(
        f"sts.AssumeRole in account 222222222222 for {role} was denied: not trusted"
        for role in (DEPLOY, APPROVE)
    )


def test_open__no_role_given__is_denied_without_a_call(sts):
    with pytest.raises(RemoteDenied):
        Accounts(Base(sts.client)).open("222222222222", "eu-west-1")


def test_caller__asked_twice__calls_once(sts):
    accounts = Accounts(Base(sts.client))
    assert accounts.caller("eu-west-1") == accounts.caller("eu-west-1")
    assert accounts.caller("eu-west-1").account_id == "111111111111"


def test_open__first_role_denied__takes_the_second(sts, monkeypatch):
    denied(sts, DEPLOY)
    sts.add_response(
        "assume_role",
        {"Credentials": KEYS},
        {"RoleArn": APPROVE, "RoleSessionName": ANY},
    )

    class Answers(Accounts):
        """The assumed role's own identity comes from the same stub."""

        def _sts(self, session, region):
            return sts.client

    identity = {"Account": "222222222222", "Arn": f"{APPROVE}/promote", "UserId": "U"}
    sts.add_response("get_caller_identity", identity)
    session = Answers(Base(sts.client)).open("222222222222", "eu-west-1", DEPLOY, APPROVE)
    assert (session.account_id, session.caller_arn) == ("222222222222", f"{APPROVE}/promote")
    assert session.process_environment() == {
        "AWS_ACCESS_KEY_ID": "ASIA000000000000",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_SESSION_TOKEN": "t",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
