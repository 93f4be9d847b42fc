"""Requests made to be judged as one call and served as another, and names that mislead."""

from __future__ import annotations

import http.client
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.sandbox.conftest import allowing, policy_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox

REGISTRY, PROD = "222222222222", "444444444444"
STRONG = f"arn:aws:iam::{PROD}:role/strong"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/x-amz-json-1.1"}
PRESIGNED = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Date": "20261121T000000Z",
    "X-Amz-Expires": "604800",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Signature": "0",
}
SECRET = "secret"
Keys = tuple[str, str]


@pytest.fixture
def user(sandbox: Sandbox) -> Callable[..., Keys]:
    """Return what creates a user with statements and returns its keys."""

    def create(env: str, *allow: dict[str, Any]) -> Keys:
        iam = sandbox.client("iam", f"{env}-admin")
        iam.create_user(UserName="mallory")
        if allow:
            iam.put_user_policy(
                UserName="mallory", PolicyName="p", PolicyDocument=policy_text(*allow)
            )
        key = iam.create_access_key(UserName="mallory")["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    return create


@pytest.fixture
def client(sandbox: Sandbox) -> Callable[..., Any]:
    def create(service: str, keys: Keys) -> Any:
        return boto3.client(
            service,
            endpoint_url=sandbox.endpoint_url,
            region_name="eu-west-1",
            aws_access_key_id=keys[0],
            aws_secret_access_key=keys[1],
            config=Config(retries={"max_attempts": 0}),
        )

    return create


@pytest.fixture
def send(sandbox: Sandbox) -> Callable[..., tuple[int, str]]:
    """Return what sends a request as it is written, signed by header or by query."""

    def request(
        keys: Keys,
        service: str,
        line: str,
        headers: dict[str, str] | None = None,
        body: str = "",
        *,
        presigned: bool = False,
    ) -> tuple[int, str]:
        url = urlsplit(sandbox.endpoint_url)
        method, _, path = line.partition(" ")
        credential = f"{keys[0]}/20261121/eu-west-1/{service}/aws4_request"
        sent = dict(headers or {})
        if presigned:
            path += "?" + urlencode({**PRESIGNED, "X-Amz-Credential": credential})
        else:
            sent["Authorization"] = f"AWS4-HMAC-SHA256 Credential={credential}, Signature=0"
        connection = http.client.HTTPConnection(str(url.hostname), url.port)
        connection.request(method, path, body.encode(), sent)
        answer = connection.getresponse()
        found = answer.status, answer.read().decode()
        connection.close()
        return found

    return request


@pytest.fixture
def bucket(sandbox: Sandbox) -> str:
    s3 = sandbox.client("s3", "prod-admin")
    s3.create_bucket(
        Bucket="prod-data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    s3.put_object(Bucket="prod-data", Key="sec/x", Body=SECRET.encode())
    s3.put_object(Bucket="prod-data", Key="pub/x", Body=b"public")
    return "prod-data"


@pytest.fixture
def strong(create_role: Callable[..., str]) -> str:
    return create_role("prod-admin", "strong", {"Service": "ec2.amazonaws.com"}, allowing("*"))


def refusal(operation: Callable[..., Any], **parameters: Any) -> str:
    """Return the code and the message of a refusal."""
    with pytest.raises(ClientError) as caught:
        operation(**parameters)
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def keys_in(sandbox: Sandbox) -> list[str]:
    listed = sandbox.client("s3", "prod-admin").list_objects_v2(Bucket="prod-data")
    return [one["Key"] for one in listed["Contents"]]


# One call judged, another served


@pytest.mark.parametrize("headers", [{"X-Amz-Target": "x.ListBuckets"},
                                     {"Smithy-Protocol": "rpc-v2-cbor"}])  # fmt: skip
@pytest.mark.parametrize("line", ["GET /prod-data/sec/x", "PUT /prod-data/ListBuckets"])
def test_foreign_header__bucket__is_judged_by_the_path(
    *,
    sandbox: Sandbox,
    user: Callable[..., Keys],
    send: Callable[..., tuple[int, str]],
    bucket: str,
    headers: dict[str, str],
    line: str,
) -> None:
    status, text = send(user("dev", allowing("s3:List*")), "s3", line, headers)
    assert (status, SECRET in text) == (403, False)
    assert keys_in(sandbox) == ["pub/x", "sec/x"]


@pytest.mark.parametrize("presigned", [True, False])
@pytest.mark.parametrize("target", ["x.GetSessionToken", "x.GetCallerIdentity"])
def test_scope_of_another_service__bucket__is_not_served(
    *,
    sandbox: Sandbox,
    create_role: Callable[..., str],
    user: Callable[..., Keys],
    send: Callable[..., tuple[int, str]],
    bucket: str,
    target: str,
    presigned: bool,
) -> None:
    role = create_role("prod-admin", "known", {"AWS": f"arn:aws:iam::{PROD}:user/admin"})
    # moto's STS has been reached before.
    sandbox.client("sts", "prod-admin").assume_role(RoleArn=role, RoleSessionName="ann")
    status, text = send(
        user("dev"), "sts", "GET /prod-data/sec/x", {"X-Amz-Target": target}, presigned=presigned
    )
    assert status >= 400
    assert SECRET not in text


def test_presigned__own_service__is_served(
    user: Callable[..., Keys], send: Callable[..., tuple[int, str]], bucket: str
) -> None:
    keys = user("prod", allowing("s3:GetObject", "arn:aws:s3:::prod-data/pub/*"))
    assert send(keys, "s3", "GET /prod-data/pub/x", presigned=True) == (200, "public")


@pytest.mark.parametrize("line", ["POST /", "POST /service/x/operation/GetSessionToken"])
@pytest.mark.parametrize("headers", [{"X-Amz-Target": "x.GetSessionToken"},
                                     {"Smithy-Protocol": "rpc-v2-cbor"}])  # fmt: skip
def test_foreign_header__assume_role__is_judged_by_the_body(
    user: Callable[..., Keys],
    send: Callable[..., tuple[int, str]],
    strong: str,
    line: str,
    headers: dict[str, str],
) -> None:
    body = urlencode({"Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": strong,
                      "RoleSessionName": "xx"})  # fmt: skip
    status, text = send(user("dev"), "sts", line, {**FORM, **headers}, body)
    assert status >= 400
    assert "<AccessKeyId>" not in text


@pytest.mark.parametrize("operation", ["GetSessionToken", "GetFederationToken"])
def test_credentials_unknown_afterwards__are_refused(
    send: Callable[..., tuple[int, str]],
    user: Callable[..., Keys],
    operation: str,
) -> None:
    body = urlencode({"Action": operation, "Version": "2011-06-15", "Name": "mallory"})
    status, text = send(user("prod", allowing("sts:*")), "sts", "POST /", FORM, body)
    assert (status, "<AccessKeyId>" in text) == (400, False)
    assert "UnsupportedOperation" in text


GRANT_ALL = urlencode({
    "Action": "PutUserPolicy", "Version": "2010-05-08", "UserName": "mallory",
    "PolicyName": "root", "PolicyDocument": policy_text(allowing("*")),
})  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_foreign_header__iam__is_judged_by_the_query(
    sandbox: Sandbox,
    user: Callable[..., Keys],
    send: Callable[..., tuple[int, str]],
    method: str,
) -> None:
    keys = user("prod", allowing("iam:ListUsers"))
    status, _ = send(keys, "iam", f"{method} /?{GRANT_ALL}", {"X-Amz-Target": "x.ListUsers"})
    iam = sandbox.client("iam", "prod-admin")
    assert (status, iam.list_user_policies(UserName="mallory")["PolicyNames"]) == (403, ["p"])


@pytest.mark.parametrize(
    ("line", "headers", "body"),
    [
        ("POST /?Action=CreateKey", {}, "{}"),
        ("POST /", {}, '{"Marker": "&Action=CreateKey&"}'),
        ("POST /", {"Action": "CreateKey"}, ""),
        ("POST /", FORM, '{"Marker": "&Action=CreateKey&"}'),
    ],
)
def test_json_service__action_elsewhere__is_not_run(
    *,
    sandbox: Sandbox,
    user: Callable[..., Keys],
    send: Callable[..., tuple[int, str]],
    line: str,
    headers: dict[str, str],
    body: str,
) -> None:
    keys = user("prod", allowing("kms:ListKeys"))
    target = {"X-Amz-Target": "TrentService.ListKeys"}
    status, _ = send(keys, "kms", line, {**JSON, **target, **headers}, body)
    assert status == 200
    assert sandbox.client("kms", "prod-admin").list_keys()["Keys"] == []


def test_json_service__parameter_in_the_query__is_not_read(
    sandbox: Sandbox, user: Callable[..., Keys], send: Callable[..., tuple[int, str]]
) -> None:
    kms = sandbox.client("kms", "prod-admin")
    own, other = (kms.create_key()["KeyMetadata"] for _ in range(2))
    keys = user("prod", allowing("kms:DescribeKey", own["Arn"]))
    _, text = send(
        keys,
        "kms",
        f"POST /?KeyId={other['KeyId']}",
        {**JSON, "X-Amz-Target": "TrentService.DescribeKey"},
        json.dumps({"KeyId": own["Arn"]}),
    )
    assert other["KeyId"] not in text
    assert json.loads(text)["KeyMetadata"]["KeyId"] == own["KeyId"]


@pytest.mark.parametrize(
    ("service", "line", "headers", "body"),
    [
        ("lambda", "DELETE /2015-03-31/functions/f", FORM, "Action=GetAccountSettings"),
        ("lambda", "DELETE /2015-03-31/functions/f",
         {"X-Amz-Target": "x.GetAccountSettings"}, "{}"),
        ("sts", "POST /", FORM, "Action=assumerole&Version=2011-06-15"),
        ("monitoring", "POST /?Action=DeleteAlarms&AlarmNames.member.1=a&Version=2010-08-01",
         {"X-Amz-Target": "x.ListDashboards"}, ""),
        ("kms", "POST /", {**JSON, "X-Amz-Target": "x.ListKeys"}, "{}"),
    ],
)  # fmt: skip
def test_misnamed_operation__is_denied(
    *,
    user: Callable[..., Keys],
    send: Callable[..., tuple[int, str]],
    service: str,
    line: str,
    headers: dict[str, str],
    body: str,
) -> None:
    allowed = allowing(["lambda:GetAccountSettings", "kms:List*", "cloudwatch:ListDashboards"])
    status, text = send(user("prod", allowed), service, line, headers, body)
    assert status in {400, 403}
    assert re.search("AccessDenied|not authorized", text)
    assert "SandboxFailure" not in text


def test_path_of_moto__is_not_served(
    user: Callable[..., Keys], send: Callable[..., tuple[int, str]], bucket: str
) -> None:
    status, text = send(user("prod", allowing("s3:*")), "s3", "GET /moto-api/data.json")
    assert (status, "UnsupportedOperation" in text) == (400, True)


# ARNs where none is meant


@pytest.fixture
def packages(sandbox: Sandbox) -> dict[str, str]:
    sagemaker = sandbox.client("sagemaker", "registry-admin")
    container = {"Image": "1.dkr.ecr.eu-west-1.amazonaws.com/x:1", "ModelDataUrl": "s3://b/k"}
    specification = {
        "Containers": [container],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    found = {}
    for group in ("own", "other"):
        sagemaker.create_model_package_group(ModelPackageGroupName=group)
        found[group] = sagemaker.create_model_package(
            ModelPackageGroupName=group,
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification=specification,
        )["ModelPackageArn"]
    return found


@pytest.mark.parametrize("member", ["ApprovalDescription", "A", "modelPackageArn"])
def test_arn_in_another_member__model_package__decides_nothing(
    sandbox: Sandbox,
    user: Callable[..., Keys],
    send: Callable[..., tuple[int, str]],
    packages: dict[str, str],
    member: str,
) -> None:
    own = f"arn:aws:sagemaker:eu-west-1:{REGISTRY}:model-package/own/*"
    body = {member: packages["own"], "ModelPackageArn": packages["other"],
            "ModelApprovalStatus": "Approved"}  # fmt: skip
    status, text = send(
        user("registry", allowing("sagemaker:UpdateModelPackage", own)),
        "sagemaker",
        "POST /",
        {**JSON, "X-Amz-Target": "SageMaker.UpdateModelPackage"},
        json.dumps(body),
    )
    assert (status, "AccessDenied" in text) == (400, True)
    described = sandbox.client("sagemaker", "registry-admin").describe_model_package(
        ModelPackageName=packages["other"]
    )
    assert described["ModelApprovalStatus"] == "PendingManualApproval"


def in_prod(service: str, resource: str) -> str:
    region = "" if service == "iam" else "eu-west-1"
    return f"arn:aws:{service}:{region}:{PROD}:{resource}"


@pytest.mark.parametrize(
    ("service", "action", "own", "operation", "parameters"),
    [
        ("sagemaker", "StartPipelineExecution", in_prod("sagemaker", "pipeline/own"),
         "start_pipeline_execution",
         {"PipelineName": "other", "PipelineExecutionDescription": "OWN"}),
        ("cloudwatch", "PutMetricAlarm", in_prod("cloudwatch", "alarm:own"), "put_metric_alarm",
         {"AlarmName": "other", "AlarmDescription": "OWN", "EvaluationPeriods": 1,
          "ComparisonOperator": "GreaterThanThreshold", "Threshold": 1.0, "Period": 60,
          "MetricName": "m", "Namespace": "n", "Statistic": "Sum"}),
        ("iam", "UpdateRole", in_prod("iam", "role/own"), "update_role",
         {"RoleName": "strong", "Description": "OWN"}),
        ("iam", "PutRolePolicy", in_prod("iam", "role/own"), "put_role_policy",
         {"RoleName": "strong", "PolicyName": "OWN", "PolicyDocument": policy_text(allowing("*"))}),
    ],
)  # fmt: skip
def test_arn_in_a_free_text__decides_nothing(
    *,
    user: Callable[..., Keys],
    client: Callable[..., Any],
    strong: str,
    service: str,
    action: str,
    own: str,
    operation: str,
    parameters: dict[str, Any],
) -> None:
    keys = user("prod", allowing(f"{service}:{action}", own))
    given = {name: own if value == "OWN" else value for name, value in parameters.items()}
    message = refusal(getattr(client(service, keys), operation), **given)
    assert "AccessDenied" in message
    assert f"not authorized to perform: {service}:{action} on resource" in message


# Names that mislead


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ("PUT /prod-data/pub/mp?partNumber=1&uploadId={}", "EVIL"),
        ("POST /prod-data/pub/mp?uploadId={}", "<CompleteMultipartUpload/>"),
        ("DELETE /prod-data/pub/mp?uploadId={}", ""),
    ],
)
def test_upload_of_another_key__does_not_exist(
    *,
    sandbox: Sandbox,
    user: Callable[..., Keys],
    send: Callable[..., tuple[int, str]],
    bucket: str,
    line: str,
    body: str,
) -> None:
    s3 = sandbox.client("s3", "prod-admin")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="sec/mp")["UploadId"]
    keys = user("prod", allowing("s3:*", "arn:aws:s3:::prod-data/pub/*"))
    status, text = send(keys, "s3", line.format(upload), body=body)
    assert (status, "<Code>NoSuchUpload</Code>" in text) == (404, True)
    (left,) = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert left["Key"] == "sec/mp"
    assert "Parts" not in s3.list_parts(Bucket=bucket, Key="sec/mp", UploadId=upload)


def test_publish__two_recipients__is_invalid(
    sandbox: Sandbox, user: Callable[..., Keys], client: Callable[..., Any]
) -> None:
    sns = sandbox.client("sns", "prod-admin")
    own, other = (sns.create_topic(Name=name)["TopicArn"] for name in ("own", "other"))
    sent = client("sns", user("prod", allowing("sns:Publish", own))).publish
    assert refusal(sent, TopicArn=own, TargetArn=other, Message="x").startswith("InvalidParameter")


def test_re_encrypt__another_keys_ciphertext__is_refused(
    sandbox: Sandbox, user: Callable[..., Keys], client: Callable[..., Any]
) -> None:
    kms = sandbox.client("kms", "prod-admin")
    own, other = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    blob = kms.encrypt(KeyId=other, Plaintext=b"secret")["CiphertextBlob"]
    mine = client("kms", user("prod", allowing("kms:*", own)))
    to = {"CiphertextBlob": blob, "DestinationKeyId": own}
    assert refusal(mine.re_encrypt, SourceKeyId=own, **to).startswith("IncorrectKeyException")
    assert "kms:ReEncryptFrom" in refusal(mine.re_encrypt, **to)
    assert refusal(mine.decrypt, CiphertextBlob=blob, KeyId=own).startswith("IncorrectKey")
    own_blob = mine.encrypt(KeyId=own, Plaintext=b"a")["CiphertextBlob"]
    again = mine.re_encrypt(CiphertextBlob=own_blob, SourceKeyId=own, DestinationKeyId=own)
    assert again["SourceKeyId"] == own


def test_reserved_alias__is_not_created(
    sandbox: Sandbox, user: Callable[..., Keys], client: Callable[..., Any]
) -> None:
    key = sandbox.client("kms", "prod-admin").create_key()["KeyMetadata"]["KeyId"]
    kms = client("kms", user("prod", allowing("kms:*")))
    message = refusal(kms.create_alias, AliasName="alias/aws/mine", TargetKeyId=key)
    assert message.startswith("NotAuthorizedException")
    assert kms.list_aliases(KeyId=key)["Aliases"] == []


REPLICATION = {
    "Role": STRONG,
    "Rules": [
        {"Status": "Enabled", "Prefix": "", "Destination": {"Bucket": "arn:aws:s3:::prod-data"}}
    ],
}


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("stepfunctions", "create_state_machine",
         {"name": "a", "definition": "{}", "roleArn": STRONG}),
        ("scheduler", "create_schedule",
         {"Name": "a", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"},
          "Target": {"Arn": in_prod("lambda", "function:f"), "RoleArn": STRONG}}),
        ("s3", "put_bucket_replication",
         {"Bucket": "prod-data", "ReplicationConfiguration": REPLICATION}),
        ("logs", "put_subscription_filter",
         {"logGroupName": "g", "filterName": "f", "filterPattern": "", "roleArn": STRONG,
          "destinationArn": in_prod("kinesis", "stream/s")}),
        ("sns", "set_subscription_attributes",
         {"SubscriptionArn": in_prod("sns", "t:1"), "AttributeName": "SubscriptionRoleArn",
          "AttributeValue": STRONG}),
        ("sns", "subscribe",
         {"TopicArn": in_prod("sns", "t"), "Protocol": "firehose",
          "Attributes": {"SubscriptionRoleArn": STRONG}}),
    ],
)  # fmt: skip
def test_role_for_a_service__needs_pass_role(
    *,
    user: Callable[..., Keys],
    client: Callable[..., Any],
    bucket: str,
    service: str,
    operation: str,
    parameters: dict[str, Any],
) -> None:
    keys = user("prod", allowing(["states:*", "scheduler:*", "s3:*", "logs:*", "sns:*"]))
    message = refusal(getattr(client(service, keys), operation), **parameters)
    assert f"not authorized to perform: iam:PassRole on resource: {STRONG}" in message.replace(
        '"', ""
    )


@pytest.mark.parametrize("header", ["x-amz-grant-read", "x-amz-grant-full-control"])
def test_grant_header__needs_put_object_acl(
    user: Callable[..., Keys], send: Callable[..., tuple[int, str]], bucket: str, header: str
) -> None:
    keys = user("prod", allowing("s3:PutObject"))
    status, text = send(keys, "s3", "PUT /prod-data/pub/new", {header: "id=abc"}, "x")
    assert (status, "s3:PutObjectAcl" in text) == (403, True)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<Delete/>",
        "<Delete><Object><Key>sec/x</Key><Key>pub/x</Key></Object></Delete>",
        "<Delete><Object/></Delete>",
    ],
)
def test_delete_objects__malformed__is_refused(
    sandbox: Sandbox,
    user: Callable[..., Keys],
    send: Callable[..., tuple[int, str]],
    bucket: str,
    body: str,
) -> None:
    keys = user("prod", allowing("s3:DeleteObject", "arn:aws:s3:::prod-data/pub/*"))
    status, text = send(keys, "s3", "POST /prod-data?delete", body=body)
    assert (status, "<Code>MalformedXML</Code>" in text) == (400, True)
    assert keys_in(sandbox) == ["pub/x", "sec/x"]


def test_rule_on_another_accounts_bus__is_denied(
    sandbox: Sandbox, user: Callable[..., Keys], client: Callable[..., Any]
) -> None:
    events = client("events", user("dev", allowing("events:*")))
    bus = in_prod("events", "event-bus/default")
    message = refusal(events.put_rule, Name="spy", EventPattern="{}", EventBusName=bus)
    assert in_prod("events", "rule/spy") in message
    assert events.list_rules()["Rules"] == []


def test_topic_of_another_account__as_target__needs_a_role(sandbox: Sandbox) -> None:
    events = sandbox.client("events", "dev-admin")
    events.put_rule(Name="r", EventPattern='{"source": ["mine"]}')
    topic = sandbox.client("sns", "prod-admin").create_topic(Name="alerts")["TopicArn"]
    message = refusal(events.put_targets, Rule="r", Targets=[{"Id": "1", "Arn": topic}])
    assert message == f"ValidationException: RoleArn is required for target {topic}."


def test_topic_of_another_account__as_target_with_a_role__is_reached_as_the_role(
    sandbox: Sandbox, create_role: Callable[..., str]
) -> None:
    sns = sandbox.client("sns", "prod-admin")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    trusted = {"Service": "events.amazonaws.com"}
    role = create_role("dev-admin", "sender", trusted, allowing("sns:Publish", topic))
    statement = {**allowing("sns:Publish", topic), "Principal": {"AWS": role}}
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=policy_text(statement)
    )
    events = sandbox.client("events", "dev-admin")
    events.put_rule(Name="r", EventPattern='{"source": ["mine"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": topic, "RoleArn": role}])
    events.put_events(Entries=[{"Source": "mine", "DetailType": "x", "Detail": "{}"}])
    sandbox.settle(30)
    assert [mail["topic"] for mail in sandbox.inbox.listing()] == [topic]


def test_function_by_partial_arn__of_another_account__is_found(
    sandbox: Sandbox,
    user: Callable[..., Keys],
    client: Callable[..., Any],
    create_function: Callable[..., str],
) -> None:
    create_function("echo", "def handler(event, context): return event")
    sandbox.client("lambda", "prod-admin").add_permission(
        FunctionName="echo", StatementId="a", Action="lambda:InvokeFunction",
        Principal="arn:aws:iam::333333333333:root",
    )  # fmt: skip
    invoke = client("lambda", user("dev", allowing("lambda:InvokeFunction"))).invoke
    answer = invoke(FunctionName=f"{PROD}:function:echo", Payload=b'{"a": 1}')
    assert json.loads(answer["Payload"].read()) == {"a": 1}
