"""Who may do what, through real calls: the shape of denials, and every kind of policy."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.parsers import RpcV2CBORParser

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox

Statement = dict[str, Any]
PROD = "444444444444"
SESSION = f"arn:aws:sts::{PROD}:assumed-role/worker/ann"
ROLE = f"arn:aws:iam::{PROD}:role/worker"
DENIED = "AccessDenied"


@pytest.fixture
def worker(sandbox: Sandbox, create_role: Callable[..., str]) -> Callable[..., Any]:
    """Return what gives a role of prod some permissions and returns a client of its session."""
    made: list[str] = []

    def client(service: str, *allow: Statement, **assume: Any) -> Any:
        iam = sandbox.client("iam", "prod-admin")
        if not made:
            trusted = {"AWS": f"arn:aws:iam::{PROD}:user/admin"}
            made.append(create_role("prod-admin", "worker", trusted))
        if allow:
            text = json.dumps({"Version": "2012-10-17", "Statement": list(allow)})
            iam.put_role_policy(RoleName="worker", PolicyName="work", PolicyDocument=text)
        answer = sandbox.client("sts", "prod-admin").assume_role(
            RoleArn=ROLE, RoleSessionName="ann", **assume
        )["Credentials"]
        return boto3.client(
            service,
            endpoint_url=sandbox.endpoint_url,
            region_name="eu-west-1",
            aws_access_key_id=answer["AccessKeyId"],
            aws_secret_access_key=answer["SecretAccessKey"],
            aws_session_token=answer["SessionToken"],
        )

    return client


def outcome(operation: Callable[..., Any], **parameters: Any) -> str:
    """Return ``allowed``, or the code of the error."""
    try:
        operation(**parameters)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return DENIED if code in {"403", "AccessDenied", "AccessDeniedException"} else str(code)
    return "allowed"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code", "status", "about"),
    [
        ("s3", "list_objects_v2", {"Bucket": "data"}, "AccessDenied", 403,
         's3:ListBucket on resource: "arn:aws:s3:::data"'),
        ("sagemaker", "describe_pipeline", {"PipelineName": "p"}, "AccessDeniedException", 400,
         f"sagemaker:DescribePipeline on resource: arn:aws:sagemaker:eu-west-1:{PROD}:pipeline/p"),
        ("dynamodb", "get_item", {"TableName": "tab", "Key": {"id": {"S": "1"}}},
         "AccessDeniedException", 400,
         f"dynamodb:GetItem on resource: arn:aws:dynamodb:eu-west-1:{PROD}:table/tab"),
        ("lambda", "get_function", {"FunctionName": "f"}, "AccessDeniedException", 403,
         f"lambda:GetFunction on resource: arn:aws:lambda:eu-west-1:{PROD}:function:f"),
        ("iam", "get_role", {"RoleName": "worker"}, "AccessDenied", 403,
         f"iam:GetRole on resource: {ROLE}"),
        ("sns", "publish", {"TopicArn": f"arn:aws:sns:eu-west-1:{PROD}:t", "Message": "m"},
         "AuthorizationError", 403,
         f"sns:Publish on resource: arn:aws:sns:eu-west-1:{PROD}:t"),
        ("sqs", "get_queue_url", {"QueueName": "q"}, "AccessDenied", 403,
         f"sqs:GetQueueUrl on resource: arn:aws:sqs:eu-west-1:{PROD}:q"),
        ("cloudwatch", "put_metric_data", {"Namespace": "n", "MetricData": []},
         "AccessDeniedException", 400, "cloudwatch:PutMetricData on resource: *"),
        ("ec2", "describe_vpcs", {}, "UnauthorizedOperation", 403,
         "ec2:DescribeVpcs on resource: *"),
    ],
)  # fmt: skip
def test_denial__each_protocol__has_the_services_code_and_aws_words(  # noqa: PLR0917 - fixtures
    worker: Callable[..., Any],
    service: str,
    operation: str,
    parameters: dict[str, Any],
    code: str,
    status: int,
    about: str,
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(worker(service), operation)(**parameters)
    error, action = caught.value.response["Error"], about.partition(" ")[0]
    assert (error["Code"], error["Message"]) == (
        code,
        f"User: {SESSION} is not authorized to perform: {about} because no identity-based policy "
        f"allows the {action} action",
    )
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0


def raw(
    sandbox: Sandbox, principal: str, service: str, method: str, path: str, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Send a signed request by hand."""
    user = sandbox.client_arguments(principal)
    keys = Credentials(user["aws_access_key_id"], user["aws_secret_access_key"])
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = AWSRequest(method, sandbox.endpoint_url + path, headers=names)
    SigV4Auth(keys, service, "eu-west-1").add_auth(request)
    connection = http.client.HTTPConnection(sandbox.endpoint_url.removeprefix("http://"))
    connection.request(method, path, headers=dict(request.headers))
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def test_denial__cbor__is_a_cbor_map(sandbox: Sandbox) -> None:
    path = "/service/GraniteServiceVersion20100801/operation/ListDashboards"
    status, headers, body = raw(
        sandbox, "data-scientist", "monitoring", "POST", path,
        smithy_protocol="rpc-v2-cbor", content_type="application/cbor",
    )  # fmt: skip
    parser = RpcV2CBORParser()
    assert (status, headers["content-type"], headers["smithy-protocol"]) == (
        400, "application/cbor", "rpc-v2-cbor",
    )  # fmt: skip
    assert parser.parse_data_item(parser.get_peekable_stream_from_bytes(body)) == {
        "__type": "AccessDeniedException",
        "message": "User: arn:aws:iam::333333333333:user/data-scientist is not authorized to "
        "perform: cloudwatch:ListDashboards on resource: * because no identity-based policy "
        "allows the cloudwatch:ListDashboards action",
    }


def test_head__denied__has_no_body(sandbox: Sandbox, worker: Callable[..., Any]) -> None:
    with pytest.raises(ClientError) as caught:
        worker("s3").head_bucket(Bucket="data")
    assert caught.value.response["Error"]["Code"] == "403"


def test_identity_policy__actions_and_resources__decide(
    worker: Callable[..., Any], may: Callable[..., Statement]
) -> None:
    sqs = worker("sqs", may("sqs:*", f"arn:aws:sqs:eu-west-1:{PROD}:mine-*"))
    assert outcome(sqs.create_queue, QueueName="mine-1") == "allowed"
    assert outcome(sqs.create_queue, QueueName="other") == DENIED
    assert outcome(sqs.list_queues) == DENIED


def test_identity_policy__explicit_deny__wins(
    worker: Callable[..., Any], may: Callable[..., Statement]
) -> None:
    deny = {**may("sqs:CreateQueue", f"arn:aws:sqs:*:{PROD}:secret"), "Effect": "Deny"}
    sqs = worker("sqs", may("sqs:*"), deny)
    with pytest.raises(ClientError, match="with an explicit deny in an identity-based policy"):
        sqs.create_queue(QueueName="secret")
    assert outcome(sqs.create_queue, QueueName="plain") == "allowed"


def test_identity_policy__of_a_group__counts(
    sandbox: Sandbox, may: Callable[..., Statement], document: Callable[..., str]
) -> None:
    iam = sandbox.client("iam", "dev-admin")
    sqs = sandbox.client("sqs", "data-scientist")
    assert outcome(sqs.list_queues) == DENIED
    iam.create_group(GroupName="team")
    iam.put_group_policy(
        GroupName="team", PolicyName="p", PolicyDocument=document(may("sqs:ListQueues"))
    )
    iam.add_user_to_group(GroupName="team", UserName="data-scientist")
    assert outcome(sqs.list_queues) == "allowed"


def test_boundary__limits_what_the_policies_allow(
    sandbox: Sandbox,
    worker: Callable[..., Any],
    may: Callable[..., Statement],
    document: Callable[..., str],
) -> None:
    iam = sandbox.client("iam", "prod-admin")
    sqs = worker("sqs", may("sqs:*"))
    boundary = iam.create_policy(
        PolicyName="boundary", PolicyDocument=document(may("sqs:ListQueues"))
    )["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="worker", PermissionsBoundary=boundary)
    assert outcome(sqs.list_queues) == "allowed"
    with pytest.raises(ClientError, match="because no permissions boundary allows the sqs:Create"):
        sqs.create_queue(QueueName="q")


@pytest.mark.parametrize("form", ["inline", "managed"])
def test_session_policy__limits_what_the_role_may(
    sandbox: Sandbox,
    worker: Callable[..., Any],
    may: Callable[..., Statement],
    document: Callable[..., str],
    form: str,
) -> None:
    text = document(may("sqs:ListQueues"))
    given: dict[str, Any] = {"Policy": text}
    if form == "managed":
        iam = sandbox.client("iam", "prod-admin")
        arn = iam.create_policy(PolicyName="less", PolicyDocument=text)["Policy"]["Arn"]
        given = {"PolicyArns": [{"arn": arn}]}
    sqs = worker("sqs", may("sqs:*"), **given)
    assert outcome(sqs.list_queues) == "allowed"
    with pytest.raises(ClientError, match="because no session policy allows the sqs:CreateQueue"):
        sqs.create_queue(QueueName="q")


def test_session_tags__need_permission_and_are_keys_of_the_session(
    sandbox: Sandbox,
    worker: Callable[..., Any],
    may: Callable[..., Statement],
    document: Callable[..., str],
) -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/Team": "ml"}}
    allow = may("sqs:ListQueues", Condition=condition)
    tagged = {"Tags": [{"Key": "Team", "Value": "ml"}]}
    assert outcome(worker("sqs", allow).list_queues) == DENIED
    with pytest.raises(ClientError, match="sts:TagSession"):
        worker("sqs", **tagged)
    trust = may(["sts:AssumeRole", "sts:TagSession"], Principal={"AWS": PROD})
    del trust["Resource"]
    sandbox.client("iam", "prod-admin").update_assume_role_policy(
        RoleName="worker", PolicyDocument=document(trust)
    )
    assert outcome(worker("sqs", **tagged).list_queues) == "allowed"


def test_resource_policy__names_the_role__is_enough_within_the_account(
    sandbox: Sandbox, worker: Callable[..., Any], document: Callable[..., str],
    may: Callable[..., Statement],
) -> None:  # fmt: skip
    s3 = worker("s3")
    admin = sandbox.client("s3", "prod-admin")
    admin.create_bucket(
        Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    admin.put_object(Bucket="data", Key="k", Body=b"x")
    assert outcome(s3.get_object, Bucket="data", Key="k") == DENIED
    allow = may("s3:GetObject", "arn:aws:s3:::data/*", Principal={"AWS": ROLE})
    admin.put_bucket_policy(Bucket="data", Policy=document(allow))
    assert outcome(s3.get_object, Bucket="data", Key="k") == "allowed"
    assert outcome(s3.put_object, Bucket="data", Key="k") == DENIED


@pytest.mark.parametrize("bucket_says", [True, False])
@pytest.mark.parametrize("role_says", [True, False])
def test_bucket_of_another_account__both_sides_must_allow(  # noqa: PLR0917 - fixtures
    sandbox: Sandbox, worker: Callable[..., Any], document: Callable[..., str],
    may: Callable[..., Statement], bucket_says: bool, role_says: bool,
) -> None:  # fmt: skip
    registry = sandbox.client("s3", "registry-admin")
    registry.create_bucket(
        Bucket="models", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    registry.put_object(Bucket="models", Key="k", Body=b"x")
    if bucket_says:
        allow = may("s3:GetObject", "arn:aws:s3:::models/*", Principal={"AWS": PROD})
        registry.put_bucket_policy(Bucket="models", Policy=document(allow))
    s3 = worker("s3", *([may("s3:GetObject", "arn:aws:s3:::models/*")] if role_says else []))
    expected = "allowed" if bucket_says and role_says else DENIED
    assert outcome(s3.get_object, Bucket="models", Key="k") == expected


def test_missing_object__without_listing__is_denied_and_with_it_is_missing(
    sandbox: Sandbox, worker: Callable[..., Any], may: Callable[..., Statement]
) -> None:
    sandbox.client("s3", "prod-admin").create_bucket(
        Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    read = may("s3:GetObject", "arn:aws:s3:::data/*")
    s3 = worker("s3", read)
    with pytest.raises(ClientError, match=r"s3:ListBucket on resource: \"arn:aws:s3:::data\""):
        s3.get_object(Bucket="data", Key="none")
    s3 = worker("s3", read, may("s3:ListBucket", "arn:aws:s3:::data"))
    assert outcome(s3.get_object, Bucket="data", Key="none") == "NoSuchKey"


def test_bucket_that_denies_plain_http__takes_tls_only(
    sandbox: Sandbox, document: Callable[..., str], may: Callable[..., Statement]
) -> None:
    s3 = sandbox.client("s3", "prod-admin")
    s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="data", Key="k", Body=b"x")
    deny = may(
        "s3:*",
        ["arn:aws:s3:::data", "arn:aws:s3:::data/*"],
        Effect="Deny",
        Principal="*",
        Condition={"Bool": {"aws:SecureTransport": "false"}},
    )
    s3.put_bucket_policy(Bucket="data", Policy=document(deny))
    assert s3.get_object(Bucket="data", Key="k")["Body"].read() == b"x"
    status, _, body = raw(sandbox, "prod-admin", "s3", "GET", "/data/k", x_forwarded_proto="http")
    assert status == 403
    assert b"with an explicit deny in a resource-based policy" in body
    status, _, body = raw(sandbox, "prod-admin", "s3", "GET", "/data/k", x_forwarded_proto="https")
    assert (status, body) == (200, b"x")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({}, "allowed"),
        ({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}, "allowed"),
        ({"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}, DENIED),
        (None, DENIED),
    ],
)
def test_create_function__role__must_be_passed_to_lambda(  # noqa: PLR0917 - fixtures
    sandbox: Sandbox, worker: Callable[..., Any], create_role: Callable[..., str],
    may: Callable[..., Statement], condition: dict[str, Any] | None, expected: str,
) -> None:  # fmt: skip
    role = create_role("prod-admin", "runs", {"Service": "lambda.amazonaws.com"})
    more = {"Condition": condition} if condition else {}
    passing = [may("iam:PassRole", role, **more)] if condition is not None else []
    client = worker("lambda", may("lambda:*"), *passing)
    result = outcome(
        client.create_function,
        FunctionName="f",
        Role=role,
        Runtime="python3.12",
        Handler="main.handler",
        Code={"ZipFile": b"PK\x05\x06" + bytes(18)},
    )
    assert result == expected
    functions = sandbox.client("lambda", "prod-admin").list_functions()["Functions"]
    assert len(functions) == (1 if expected == "allowed" else 0)


def test_operation_without_mapping__is_denied_and_named_even_to_an_admin(sandbox: Sandbox) -> None:
    with pytest.raises(ClientError) as caught:
        sandbox.client("dynamodb", "prod-admin").execute_statement(Statement="SELECT * FROM t")
    error = caught.value.response["Error"]
    assert error["Code"] == "AccessDeniedException"
    assert "is not authorized to perform: dynamodb:ExecuteStatement because" in error["Message"]


def test_group_of_another_account__its_policy_decides_who_approves(
    sandbox: Sandbox, share_group: Callable[..., None]
) -> None:
    registry = sandbox.client("sagemaker", "registry-admin")
    group = registry.create_model_package_group(ModelPackageGroupName="mammography")[
        "ModelPackageGroupArn"
    ]
    dev = sandbox.client("sagemaker", "dev-admin")
    assert outcome(dev.create_model_package, ModelPackageGroupName=group) == DENIED
    share_group("mammography", "CreateModelPackage", "DescribeModelPackage")
    arn = dev.create_model_package(ModelPackageGroupName=group)["ModelPackageArn"]
    with pytest.raises(ClientError, match="no resource-based policy allows the sagemaker:Update"):
        dev.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    described = dev.describe_model_package(ModelPackageName=arn)
    assert described["ModelApprovalStatus"] == "PendingManualApproval"
