"""Which role lets the caller in, by an STS that answers as laid down."""

import os
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.session import get_session
from botocore.stub import ANY, Stubber
from botocore.utils import ContainerMetadataFetcher

from promotion.aws.errors import RemoteDenied
from promotion.aws.session import Accounts, AccountSession, Caller
from promotion.config import load_environment

REGISTRY, TOOLING = (
    load_environment(Path(__file__).parents[3], name) for name in ("registry", "tooling")
)
JENKINS = "arn:aws:sts::111111111111:assumed-role/jenkins-role/i-0123456789abcdef0"
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

    def create_client(self, *_, **__):
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
        expected_params={
            "RoleArn": role_arn,
            "RoleSessionName": "promote",
            "ExternalId": "acme-ml-jenkins",
        },
    )


def test_open__no_role_lets_in__tells_every_denial(sts):
    denied(sts, DEPLOY)
    denied(sts, APPROVE)
    with pytest.raises(RemoteDenied) as caught:
        Accounts(Base(sts.client)).open(REGISTRY, DEPLOY, APPROVE)
    assert caught.value.message == (
        "arn:aws:iam::111111111111:user/me (account 111111111111) cannot act in account "
        "222222222222"
    )
    assert caught.value.problems == tuple(
        f"sts.AssumeRole in account 222222222222 for {role} was denied: not trusted"
        for role in (DEPLOY, APPROVE)
    )
    assert caught.value.hint == (
        "use credentials of that account or of a principal that the role trusts, or correct "
        "account_id in environments/registry.tfvars.json; if the role does "
        "not exist yet, an administrator of the account runs `promote bootstrap registry` first"
    )


def test_open__no_role_given__is_denied_without_a_call(sts):
    with pytest.raises(RemoteDenied):
        Accounts(Base(sts.client)).open(REGISTRY)


def test_caller__asked_twice__calls_once(sts):
    accounts = Accounts(Base(sts.client))
    assert accounts.caller("eu-west-1") == accounts.caller("eu-west-1")
    assert accounts.caller("eu-west-1").account_id == "111111111111"


class OneSts(Accounts):
    """The assumed role's own identity comes from the same stub."""

    def _sts(self, session, region):
        return self._given.create_client()


def assumed(sts, role_arn, account_id, external_id="acme-ml-jenkins"):
    sts.add_response(
        "assume_role",
        {"Credentials": KEYS},
        {"RoleArn": role_arn, "RoleSessionName": ANY, "ExternalId": external_id},
    )
    identity = {"Account": account_id, "Arn": f"{role_arn}/promote", "UserId": "U"}
    sts.add_response("get_caller_identity", identity)


def lent_keys(variables):
    """Return what botocore, as a child process, is answered."""
    return ContainerMetadataFetcher().retrieve_full_uri(
        variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
        headers={"Authorization": variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"]},
    )


def test_open__first_role_denied__takes_the_second(sts):
    denied(sts, DEPLOY)
    assumed(sts, APPROVE, "222222222222")
    session = OneSts(Base(sts.client)).open(REGISTRY, DEPLOY, APPROVE)
    assert (session.account_id, session.caller_arn) == ("222222222222", f"{APPROVE}/promote")
    with session.lend() as variables:
        assert lent_keys(variables) == {
            "AccessKeyId": "ASIA000000000000",
            "SecretAccessKey": "s",
            "Token": "t",
            "Expiration": "2099-01-01T00:00:00+00:00",
        }
        assert {name: variables[name] for name in sorted(variables) if "CONTAINER" not in name} == {
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_REGION": "eu-west-1",
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }


@pytest.fixture
def caller_of_tooling(request):
    client = boto3.client(
        "sts", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(client) as found:
        found.add_response("get_caller_identity", {**CALLER, "Arn": request.param})
        yield found
        found.assert_no_pending_responses()


@pytest.mark.parametrize("caller_of_tooling", [JENKINS], indirect=True)
def test_open__jenkins_in_its_own_account__assumes_the_role(caller_of_tooling):
    assumed(caller_of_tooling, TOOLING.plan_role_arn, "111111111111")
    session = OneSts(Base(caller_of_tooling.client)).open(TOOLING, TOOLING.plan_role_arn)
    assert session.caller_arn == f"{TOOLING.plan_role_arn}/promote"


@pytest.mark.parametrize(
    "caller_of_tooling",
    [
        "arn:aws:iam::111111111111:user/admin",
        "arn:aws:sts::111111111111:assumed-role/administrator/ann",
        "arn:aws:sts::111111111111:assumed-role/jenkins-role-2/i-0123456789abcdef0",
    ],
    indirect=True,
)
def test_open__anybody_else_in_the_account__stays_himself(caller_of_tooling):
    accounts = OneSts(Base(caller_of_tooling.client))
    session = accounts.open(TOOLING, TOOLING.plan_role_arn)
    assert session.caller_arn == accounts.caller("eu-west-1").arn


def client_with(environ):
    """Return the SageMaker client of a session, as an environment wants it."""
    base = get_session()
    base.set_credentials("a", "b")
    caller = Caller("111111111111", CALLER["Arn"])
    session = AccountSession(base, "eu-west-1", caller, environ)
    assert session.sagemaker is session.sagemaker
    return session.sagemaker


def wait_after(client, code, attempts):
    """Return how long the client waits after a refused attempt; None when it gives up."""
    operation = client.meta.service_model.operation_model("DescribePipeline")
    answers = client.meta.events.emit(
        "needs-retry.sagemaker.DescribePipeline",
        response=(AWSResponse("", 400, {}, None), {"Error": {"Code": code}}),
        endpoint=None,
        operation=operation,
        attempts=attempts,
        caught_exception=None,
        request_dict={"context": {}},
    )
    return next((waited for _, waited in answers if waited is not None), None)


def test_client__environment_says_nothing__waits_when_throttled():
    client = client_with({})
    assert wait_after(client, "ThrottlingException", attempts=20) is not None
    assert wait_after(client, "ValidationException", attempts=1) is None


@pytest.mark.parametrize("variable", ["AWS_MAX_ATTEMPTS=2", "AWS_RETRY_MODE=standard"])
def test_client__environment_says_how_to_retry__leaves_it_to_botocore(variable):
    name, _, value = variable.partition("=")
    client = client_with({name: value})
    assert wait_after(client, "ThrottlingException", attempts=20) is None
