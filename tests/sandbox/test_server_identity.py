"""Who a caller is, whom a role trusts, and how the sandbox answers what it cannot serve."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox

APPROVER = "arn:aws:iam::111111111111:user/approver"


def session_client(sandbox: Sandbox, service: str, answer: dict[str, Any]) -> Any:
    credentials = answer["Credentials"]
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=sandbox.endpoint_url,
        region_name="eu-west-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


@pytest.mark.parametrize(
    ("principal", "arn"),
    [
        ("tooling-admin", "arn:aws:iam::111111111111:user/admin"),
        ("registry-admin", "arn:aws:iam::222222222222:user/admin"),
        ("dev-admin", "arn:aws:iam::333333333333:user/admin"),
        ("prod-admin", "arn:aws:iam::444444444444:user/admin"),
        ("jenkins", "arn:aws:iam::111111111111:user/jenkins"),
        ("approver", APPROVER),
        ("data-scientist", "arn:aws:iam::333333333333:user/data-scientist"),
    ],
)
def test_get_caller_identity__each_principal__is_itself(
    sandbox: Sandbox, principal: str, arn: str
) -> None:
    identity = sandbox.client("sts", principal).get_caller_identity()
    assert (identity["Arn"], identity["Account"]) == (arn, arn.split(":")[4])
    assert identity["UserId"].startswith("AIDA") or len(identity["UserId"]) == 20


def test_assume_role__trusted_from_another_account__acts_in_the_roles_account(
    sandbox: Sandbox, create_role: Callable[..., str]
) -> None:
    role = create_role("registry-admin", "approving", {"AWS": APPROVER})
    answer = sandbox.client("sts", "approver").assume_role(RoleArn=role, RoleSessionName="ann")
    identity = session_client(sandbox, "sts", answer).get_caller_identity()
    assert identity["Arn"] == "arn:aws:sts::222222222222:assumed-role/approving/ann"
    assert identity["Account"] == "222222222222"
    session_client(sandbox, "sqs", answer).create_queue(QueueName="here")
    assert "QueueUrls" in sandbox.client("sqs", "registry-admin").list_queues()
    assert "QueueUrls" not in sandbox.client("sqs", "tooling-admin").list_queues()


@pytest.mark.parametrize(
    ("trusted", "allowed"),
    [
        ({"AWS": "arn:aws:iam::111111111111:root"}, True),
        ({"AWS": "111111111111"}, True),
        ({"AWS": ["arn:aws:iam::333333333333:root", APPROVER]}, True),
        ({"AWS": "*"}, True),
        ({"AWS": "arn:aws:iam::111111111111:user/jenkins"}, False),
        ({"AWS": "arn:aws:iam::333333333333:root"}, False),
        ({"Service": "lambda.amazonaws.com"}, False),
    ],
)
def test_assume_role__principal_of_the_trust_policy__decides(
    sandbox: Sandbox, create_role: Callable[..., str], trusted: dict[str, Any], allowed: bool
) -> None:
    role = create_role("registry-admin", "approving", trusted)
    sts = sandbox.client("sts", "approver")
    if allowed:
        assert sts.assume_role(RoleArn=role, RoleSessionName="ann")["Credentials"]
        return
    with pytest.raises(ClientError) as caught:
        sts.assume_role(RoleArn=role, RoleSessionName="ann")
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    assert caught.value.response["Error"]["Message"] == (
        f"User: {APPROVER} is not authorized to perform: sts:AssumeRole on resource: {role} "
        "because of its trust policy: no statement allows it"
    )
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize(
    ("condition", "external_id", "allowed"),
    [
        ({"StringEquals": {"sts:ExternalId": "secret"}}, "secret", True),
        ({"StringEquals": {"sts:ExternalId": "secret"}}, "other", False),
        ({"StringEquals": {"sts:ExternalId": "secret"}}, None, False),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/appro*"}}, None, True),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}, None, False),
        ({"StringLike": {"sts:RoleSessionName": "an?"}}, None, True),
        ({"StringNotEquals": {"aws:PrincipalAccount": "111111111111"}}, None, False),
        ({"Null": {"sts:ExternalId": "true"}}, None, True),
        ({"StringEqualsIfExists": {"sts:ExternalId": "secret"}}, None, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, None, True),
    ],
)
def test_assume_role__condition__is_evaluated(
    sandbox: Sandbox,
    create_role: Callable[..., str],
    condition: dict[str, Any],
    external_id: str | None,
    allowed: bool,
) -> None:
    role = create_role("registry-admin", "approving", {"AWS": APPROVER}, **condition)
    given = {"ExternalId": external_id} if external_id else {}
    sts = sandbox.client("sts", "approver")
    if allowed:
        assert sts.assume_role(RoleArn=role, RoleSessionName="ann", **given)["Credentials"]
        return
    with pytest.raises(ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=role, RoleSessionName="ann", **given)


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        ({"DateGreaterThan": {"sts:ExternalId": "x"}}, "condition operator DateGreaterThan"),
        ({"StringEquals": {"aws:SourceVpc": "x"}}, "condition key aws:SourceVpc"),
    ],
)
def test_assume_role__condition_that_is_not_evaluated__denies_and_names_it(
    sandbox: Sandbox, create_role: Callable[..., str], condition: dict[str, Any], named: str
) -> None:
    role = create_role("registry-admin", "approving", {"AWS": APPROVER}, **condition)
    with pytest.raises(ClientError) as caught:
        sandbox.client("sts", "approver").assume_role(RoleArn=role, RoleSessionName="ann")
    message = caught.value.response["Error"]["Message"]
    assert f"the policy uses {named}, which the sandbox does not evaluate" in message


def test_assume_role__no_such_role__is_denied(sandbox: Sandbox) -> None:
    role = "arn:aws:iam::222222222222:role/none"
    with pytest.raises(ClientError) as caught:
        sandbox.client("sts", "approver").assume_role(RoleArn=role, RoleSessionName="ann")
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    assert "because there is no such role" in caught.value.response["Error"]["Message"]


def test_assume_role__chained_session_over_an_hour__is_refused(
    sandbox: Sandbox, create_role: Callable[..., str]
) -> None:
    first = create_role("registry-admin", "first", {"AWS": APPROVER})
    second = create_role("registry-admin", "second", {"AWS": first})
    answer = sandbox.client("sts", "approver").assume_role(RoleArn=first, RoleSessionName="ann")
    chained = session_client(sandbox, "sts", answer)
    assert chained.assume_role(RoleArn=second, RoleSessionName="ann")["Credentials"]
    with pytest.raises(ClientError, match="1 hour session limit for roles assumed by role chain"):
        chained.assume_role(RoleArn=second, RoleSessionName="ann", DurationSeconds=7200)


def test_assume_role__longer_than_the_role_allows__is_refused(
    sandbox: Sandbox, create_role: Callable[..., str]
) -> None:
    role = create_role("registry-admin", "first", {"AWS": APPROVER})
    with pytest.raises(ClientError, match="exceeds the MaxSessionDuration set for this role"):
        sandbox.client("sts", "approver").assume_role(
            RoleArn=role, RoleSessionName="ann", DurationSeconds=7200
        )


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("sagemaker", "list_pipelines", "UnrecognizedClientException"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
        ("lambda", "list_functions", "UnrecognizedClientException"),
    ],
)
def test_request__unknown_access_key__is_refused_as_the_service_does(
    sandbox: Sandbox, service: str, operation: str, code: str
) -> None:
    arguments = sandbox.client_arguments("dev-admin") | {"aws_access_key_id": "AKIA" + "A" * 16}
    client: Any = boto3.client(service, **arguments)  # type: ignore[call-overload]
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)()
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_request__inactive_access_key__is_refused(sandbox: Sandbox) -> None:
    iam = sandbox.client("iam", "dev-admin")
    key = iam.list_access_keys(UserName="data-scientist")["AccessKeyMetadata"][0]["AccessKeyId"]
    iam.update_access_key(UserName="data-scientist", AccessKeyId=key, Status="Inactive")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        sandbox.client("sts", "data-scientist").get_caller_identity()


def test_request__unsigned__is_refused(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection(sandbox.endpoint_url.removeprefix("http://"))
    connection.request("GET", "/bucket/key")
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    assert answer.status == 403
    assert "<Code>MissingAuthenticationToken</Code>" in body
    assert "sandbox env PRINCIPAL" in body


def test_request__account_header_of_moto__is_not_believed(sandbox: Sandbox) -> None:
    client = sandbox.client("sqs", "dev-admin")
    client.meta.events.register(
        "before-send.sqs",
        lambda request, **_: request.headers.update({"x-moto-account-id": "444444444444"}),
    )
    client.create_queue(QueueName="mine")
    assert "QueueUrls" not in sandbox.client("sqs", "prod-admin").list_queues()


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "named"),
    [
        ("sagemaker", "list_hubs", {}, "sagemaker:ListHubs"),
        ("cloudwatch", "put_composite_alarm", {"AlarmName": "a", "AlarmRule": "TRUE"},
         "cloudwatch:PutCompositeAlarm"),
        ("iam", "generate_organizations_access_report", {"EntityPath": "o-1234567890/r-ab12"},
         "iam:GenerateOrganizationsAccessReport"),
        ("lambda", "list_code_signing_configs", {}, "lambda:ListCodeSigningConfigs"),
        ("accessanalyzer", "list_analyzers", {}, "accessanalyzer:ListAnalyzers"),
        ("s3", "list_bucket_metrics_configurations", {"Bucket": "b"},
         "s3:ListBucketMetricsConfigurations"),
        ("cloudfront", "list_streaming_distributions", {},
         "cloudfront:ListStreamingDistributions"),
    ],
)  # fmt: skip
def test_request__operation_that_nobody_serves__is_400_and_names_it(
    sandbox: Sandbox, service: str, operation: str, arguments: dict[str, Any], named: str
) -> None:
    client = sandbox.client(service, "dev-admin")
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**arguments)
    assert caught.value.response["Error"]["Code"] == "UnsupportedOperation"
    assert f"the sandbox does not emulate {named} (" in caught.value.response["Error"]["Message"]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0


def test_request__s3_write_that_nobody_serves__is_400_and_changes_nothing(
    sandbox: Sandbox,
) -> None:
    s3 = sandbox.client("s3", "dev-admin")
    with pytest.raises(ClientError) as caught:
        s3.put_bucket_request_payment(
            Bucket="not-there", RequestPaymentConfiguration={"Payer": "Requester"}
        )
    assert caught.value.response["Error"]["Code"] == "UnsupportedOperation"
    assert "s3:PutBucketRequestPayment" in caught.value.response["Error"]["Message"]
    assert s3.list_buckets()["Buckets"] == []


def test_request__moto_breaks_down__is_400_and_names_the_operation(sandbox: Sandbox) -> None:
    events = sandbox.client("events", "dev-admin")
    with pytest.raises(ClientError) as caught:
        # moto looks the rule up in a dictionary and raises KeyError.
        events.list_targets_by_rule(Rule="none", EventBusName="default")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0


def test_request__kms_key_of_another_account__reaches_that_account(sandbox: Sandbox) -> None:
    key = sandbox.client("kms", "prod-admin").create_key()["KeyMetadata"]["Arn"]
    described = sandbox.client("kms", "dev-admin").describe_key(KeyId=key)
    assert described["KeyMetadata"]["AWSAccountId"] == "444444444444"


def test_request__queue_of_another_account__reaches_that_account(sandbox: Sandbox) -> None:
    url = sandbox.client("sqs", "prod-admin").create_queue(QueueName="work")["QueueUrl"]
    sandbox.client("sqs", "dev-admin").send_message(QueueUrl=url, MessageBody="hello")
    messages = sandbox.client("sqs", "prod-admin").receive_message(QueueUrl=url)["Messages"]
    assert [message["Body"] for message in messages] == ["hello"]


def test_settings__each_principal__environment_is_complete(sandbox: Sandbox) -> None:
    environment = sandbox.environment("dev-admin")
    assert environment == {
        "AWS_ENDPOINT_URL": sandbox.endpoint_url,
        "AWS_ACCESS_KEY_ID": environment["AWS_ACCESS_KEY_ID"],
        "AWS_SECRET_ACCESS_KEY": environment["AWS_SECRET_ACCESS_KEY"],
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "2",
    }
    policy = sandbox.client("iam", "dev-admin").get_user_policy(
        UserName="data-scientist", PolicyName="sandbox"
    )["PolicyDocument"]
    assert json.loads(json.dumps(policy))["Statement"][0]["Action"][0] == "sagemaker:*"
