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


@pytest.fixture
def approver(sandbox: Sandbox, may: Callable[..., Any], document: Callable[..., str]) -> Any:
    """STS of an approver who may assume any role that trusts the person."""
    sandbox.client("iam", "tooling-admin").put_user_policy(
        UserName="approver", PolicyName="any", PolicyDocument=document(may("sts:AssumeRole"))
    )
    return sandbox.client("sts", "approver")


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
        ("approver", APPROVER),
        ("auditor", "arn:aws:iam::111111111111:user/auditor"),
        ("break-glass", "arn:aws:iam::111111111111:user/break-glass"),
        ("data-scientist", "arn:aws:iam::333333333333:user/data-scientist"),
    ],
)
def test_get_caller_identity__each_principal__is_itself(
    sandbox: Sandbox, principal: str, arn: str
) -> None:
    identity = sandbox.client("sts", principal).get_caller_identity()
    assert (identity["Arn"], identity["Account"]) == (arn, arn.split(":")[4])
    assert identity["UserId"].startswith("AIDA") or len(identity["UserId"]) == 20


JENKINS = "arn:aws:sts::111111111111:assumed-role/jenkins-role/i-0123456789abcdef0"
JENKINS_ROLE = "arn:aws:iam::111111111111:role/jenkins-role"


def test_jenkins__before_its_role_exists__is_told_to_bootstrap(sandbox: Sandbox) -> None:
    variables = sandbox.environment("jenkins")
    assert variables["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert variables["AWS_SESSION_TOKEN"]
    with pytest.raises(ClientError) as caught:
        sandbox.client("sts", "jenkins").get_caller_identity()
    assert caught.value.response["Error"] == {
        "Type": "Sender",
        "Code": "InvalidClientTokenId",
        "Message": "The security token included in the request is invalid: jenkins has no session "
        f"of {JENKINS_ROLE} yet (there is no such role): `promote bootstrap tooling` as "
        "tooling-admin first",
    }


def test_jenkins__role_that_does_not_trust_ec2__has_no_session(
    sandbox: Sandbox, create_role: Callable[..., str]
) -> None:
    trusted = {"Service": "lambda.amazonaws.com"}
    assert create_role("tooling-admin", "jenkins-role", trusted) == JENKINS_ROLE
    with pytest.raises(ClientError, match="has no session"):
        sandbox.client("sts", "jenkins").get_caller_identity()


def test_jenkins__once_its_role_exists__is_the_instances_session_of_it(
    sandbox: Sandbox, create_role: Callable[..., str]
) -> None:
    before = sandbox.environment("jenkins")
    create_role("tooling-admin", "jenkins-role", {"Service": "ec2.amazonaws.com"})
    identity = sandbox.client("sts", "jenkins").get_caller_identity()
    assert (identity["Arn"], identity["Account"]) == (JENKINS, "111111111111")
    assert identity["UserId"].endswith(":i-0123456789abcdef0")
    # The same keys: what was exported before the bootstrap works after it.
    assert sandbox.environment("jenkins") == before


def test_jenkins__role_that_trusts_it__is_assumed(
    sandbox: Sandbox, create_role: Callable[..., str]
) -> None:
    create_role("tooling-admin", "jenkins-role", {"Service": "ec2.amazonaws.com"})
    sandbox.client("iam", "tooling-admin").put_role_policy(
        RoleName="jenkins-role",
        PolicyName="become",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}],
            }
        ),
    )
    condition = {"StringEquals": {"sts:ExternalId": "acme"}}
    role = create_role("dev-admin", "deploying", {"AWS": JENKINS_ROLE}, **condition)
    sts = sandbox.client("sts", "jenkins")
    answer = sts.assume_role(RoleArn=role, RoleSessionName="promote", ExternalId="acme")
    identity = session_client(sandbox, "sts", answer).get_caller_identity()
    assert identity["Arn"] == "arn:aws:sts::333333333333:assumed-role/deploying/promote"
    with pytest.raises(ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=role, RoleSessionName="promote")


def test_assume_role__trusted_from_another_account__acts_in_the_roles_account(
    sandbox: Sandbox,
    create_role: Callable[..., str],
    approver: Any,
    may: Callable[..., dict[str, Any]],
) -> None:
    work = may("sqs:CreateQueue")
    role = create_role("registry-admin", "approving", {"AWS": APPROVER}, work)
    answer = approver.assume_role(RoleArn=role, RoleSessionName="ann")
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
    create_role: Callable[..., str], approver: Any, trusted: dict[str, Any], allowed: bool
) -> None:
    role = create_role("registry-admin", "approving", trusted)
    sts = approver
    if allowed:
        assert sts.assume_role(RoleArn=role, RoleSessionName="ann")["Credentials"]
        return
    with pytest.raises(ClientError) as caught:
        sts.assume_role(RoleArn=role, RoleSessionName="ann")
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    assert caught.value.response["Error"]["Message"] == (
        f"User: {APPROVER} is not authorized to perform: sts:AssumeRole on resource: {role} "
        "because no role trust policy allows the sts:AssumeRole action"
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
    create_role: Callable[..., str],
    approver: Any,
    condition: dict[str, Any],
    external_id: str | None,
    allowed: bool,
) -> None:
    role = create_role("registry-admin", "approving", {"AWS": APPROVER}, **condition)
    given = {"ExternalId": external_id} if external_id else {}
    sts = approver
    if allowed:
        assert sts.assume_role(RoleArn=role, RoleSessionName="ann", **given)["Credentials"]
        return
    with pytest.raises(ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=role, RoleSessionName="ann", **given)


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        ({"StringResembles": {"sts:ExternalId": "x"}}, "condition operator StringResembles"),
        ({"StringEquals": {"sts:Unheard": "x"}}, "condition key sts:Unheard"),
    ],
)
def test_create_role__trust_condition_that_is_not_evaluated__is_refused_and_named(
    sandbox: Sandbox, create_role: Callable[..., str], condition: dict[str, Any], named: str
) -> None:
    with pytest.raises(ClientError) as caught:
        create_role("registry-admin", "approving", {"AWS": APPROVER}, **condition)
    error = caught.value.response["Error"]
    assert error["Code"] == "MalformedPolicyDocument"
    assert f"{named} is not evaluated by the sandbox" in error["Message"]
    assert sandbox.client("iam", "registry-admin").list_roles()["Roles"] == []


def test_assume_role__no_such_role__is_denied(sandbox: Sandbox) -> None:
    role = "arn:aws:iam::222222222222:role/none"
    with pytest.raises(ClientError) as caught:
        sandbox.client("sts", "approver").assume_role(RoleArn=role, RoleSessionName="ann")
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    assert "because there is no such role" in caught.value.response["Error"]["Message"]


def test_assume_role__chained_session_over_an_hour__is_refused(
    sandbox: Sandbox, create_role: Callable[..., str], approver: Any
) -> None:
    first = create_role("registry-admin", "first", {"AWS": APPROVER})
    # Within one account a trust policy that names the role itself is permission enough.
    second = create_role("registry-admin", "second", {"AWS": first})
    answer = approver.assume_role(RoleArn=first, RoleSessionName="ann")
    chained = session_client(sandbox, "sts", answer)
    assert chained.assume_role(RoleArn=second, RoleSessionName="ann")["Credentials"]
    with pytest.raises(ClientError, match="1 hour session limit for roles assumed by role chain"):
        chained.assume_role(RoleArn=second, RoleSessionName="ann", DurationSeconds=7200)


def test_assume_role__longer_than_the_role_allows__is_refused(
    create_role: Callable[..., str], approver: Any
) -> None:
    role = create_role("registry-admin", "first", {"AWS": APPROVER})
    with pytest.raises(ClientError, match="exceeds the MaxSessionDuration set for this role"):
        approver.assume_role(RoleArn=role, RoleSessionName="ann", DurationSeconds=7200)


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


def test_request__kms_key_of_another_account__reaches_that_account(
    sandbox: Sandbox, may: Callable[..., dict[str, Any]], document: Callable[..., str]
) -> None:
    own = may("kms:*", Principal={"AWS": "arn:aws:iam::444444444444:root"})
    dev = may("kms:DescribeKey", Principal={"AWS": "arn:aws:iam::333333333333:root"})
    kms = sandbox.client("kms", "prod-admin")
    key = kms.create_key(Policy=document(own, dev))["KeyMetadata"]["Arn"]
    described = sandbox.client("kms", "dev-admin").describe_key(KeyId=key)
    assert described["KeyMetadata"]["AWSAccountId"] == "444444444444"


def test_request__queue_of_another_account__reaches_that_account(
    sandbox: Sandbox, may: Callable[..., dict[str, Any]], document: Callable[..., str]
) -> None:
    sender = may("sqs:SendMessage", Principal={"AWS": "333333333333"})
    url = sandbox.client("sqs", "prod-admin").create_queue(
        QueueName="work", Attributes={"Policy": document(sender)}
    )["QueueUrl"]
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
