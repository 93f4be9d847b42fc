"""What each operation needs: actions, resources, accounts and the keys of the request."""

from __future__ import annotations

import io
import json
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from botocore.session import Session

from sandbox.authorization.requirements import UnmappedOperationError, required
from sandbox.model import Principal
from sandbox.services.call import credential_scope, identify

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

    from sandbox.services.call import Call

DEV, REGISTRY = "333333333333", "222222222222"
ROLE = f"arn:aws:iam::{DEV}:role/run"
GROUP = f"arn:aws:sagemaker:eu-west-1:{REGISTRY}:model-package-group/mammography"
PACKAGE = f"arn:aws:sagemaker:eu-west-1:{REGISTRY}:model-package/mammography"


class Sent(Exception):
    """Carries the request that would have been sent."""

    def __init__(self, request: AWSPreparedRequest) -> None:
        self.request = request
        super().__init__(request.url)


def send(request: AWSPreparedRequest, **_: Any) -> None:
    raise Sent(request)


@cache
def client(service: str) -> Any:
    """Return a client that sends nothing."""
    made: Any = Session().create_client(
        service,
        region_name="eu-west-1",
        endpoint_url="http://127.0.0.1:1",
        aws_access_key_id="AKIA",
        aws_secret_access_key="secret",
    )
    made.meta.events.register("before-send", send)
    return made


def call(service: str, operation: str, parameters: dict[str, Any]) -> Call:
    """Return the call that boto3's request would be."""
    with pytest.raises(Sent) as caught:
        getattr(client(service), operation)(**parameters)
    return as_call(caught.value.request)


def as_call(request: AWSPreparedRequest) -> Call:
    url = urlsplit(request.url)
    body = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    body = body.encode() if isinstance(body, str) else bytes(body)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": url.path,
        "QUERY_STRING": url.query,
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "1",
        "wsgi.url_scheme": "http",
    }
    for name, value in request.headers.items():
        text = value.decode() if isinstance(value, bytes) else str(value)
        key = name.upper().replace("-", "_")
        environ[key if key.startswith("CONTENT_") else f"HTTP_{key}"] = text
    environ["CONTENT_LENGTH"] = str(len(body))

    environ["wsgi.input"] = io.BytesIO(body)
    scope = credential_scope(environ)
    assert scope is not None
    return identify(environ, scope, Principal(DEV, f"arn:aws:iam::{DEV}:user/ann", "AKIA"))


def needs(service: str, operation: str, **parameters: Any) -> list[tuple[str, str]]:
    return [
        (one.action, one.resource_arn) for one in required(call(service, operation, parameters))
    ]


OBJECT = {"Bucket": "data", "Key": "a/b c.csv"}
ARN = "arn:aws:s3:::data/a/b c.csv"


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        ("list_buckets", {}, [("s3:ListAllMyBuckets", "*")]),
        ("head_bucket", {"Bucket": "data"}, [("s3:ListBucket", "arn:aws:s3:::data")]),
        ("list_objects_v2", {"Bucket": "data"}, [("s3:ListBucket", "arn:aws:s3:::data")]),
        ("list_object_versions", {"Bucket": "data"},
         [("s3:ListBucketVersions", "arn:aws:s3:::data")]),
        ("get_bucket_lifecycle_configuration", {"Bucket": "data"},
         [("s3:GetLifecycleConfiguration", "arn:aws:s3:::data")]),
        ("delete_bucket_lifecycle", {"Bucket": "data"},
         [("s3:PutLifecycleConfiguration", "arn:aws:s3:::data")]),
        ("get_bucket_encryption", {"Bucket": "data"},
         [("s3:GetEncryptionConfiguration", "arn:aws:s3:::data")]),
        ("get_public_access_block", {"Bucket": "data"},
         [("s3:GetBucketPublicAccessBlock", "arn:aws:s3:::data")]),
        ("delete_bucket_policy", {"Bucket": "data"},
         [("s3:DeleteBucketPolicy", "arn:aws:s3:::data")]),
        ("get_bucket_cors", {"Bucket": "data"}, [("s3:GetBucketCORS", "arn:aws:s3:::data")]),
        ("head_object", OBJECT, [("s3:GetObject", ARN)]),
        ("get_object", OBJECT, [("s3:GetObject", ARN)]),
        ("get_object", {**OBJECT, "VersionId": "v"}, [("s3:GetObjectVersion", ARN)]),
        ("get_object_tagging", {**OBJECT, "VersionId": "v"},
         [("s3:GetObjectVersionTagging", ARN)]),
        ("put_object", OBJECT, [("s3:PutObject", ARN)]),
        ("put_object", {**OBJECT, "Tagging": "a=b"},
         [("s3:PutObject", ARN), ("s3:PutObjectTagging", ARN)]),
        ("create_multipart_upload", OBJECT, [("s3:PutObject", ARN)]),
        ("upload_part", {**OBJECT, "PartNumber": 1, "UploadId": "u"}, [("s3:PutObject", ARN)]),
        ("abort_multipart_upload", {**OBJECT, "UploadId": "u"},
         [("s3:AbortMultipartUpload", ARN)]),
        ("list_parts", {**OBJECT, "UploadId": "u"}, [("s3:ListMultipartUploadParts", ARN)]),
        ("delete_object", OBJECT, [("s3:DeleteObject", ARN)]),
        ("delete_object", {**OBJECT, "VersionId": "v"}, [("s3:DeleteObjectVersion", ARN)]),
        ("copy_object", {**OBJECT, "CopySource": {"Bucket": "other", "Key": "x y"}},
         [("s3:PutObject", ARN), ("s3:GetObject", "arn:aws:s3:::other/x y")]),
        ("copy_object",
         {**OBJECT, "CopySource": {"Bucket": "other", "Key": "x", "VersionId": "v"}},
         [("s3:PutObject", ARN), ("s3:GetObjectVersion", "arn:aws:s3:::other/x")]),
        ("delete_objects",
         {"Bucket": "data", "Delete": {"Objects": [{"Key": "a"}, {"Key": "b", "VersionId": "1"}]}},
         [("s3:DeleteObject", "arn:aws:s3:::data/a"),
          ("s3:DeleteObjectVersion", "arn:aws:s3:::data/b")]),
    ],
)  # fmt: skip
def test_required__s3__actions_and_arns(
    operation: str, parameters: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert needs("s3", operation, **parameters) == expected


def test_required__s3_listing__has_the_prefix_as_a_key() -> None:
    (one,) = required(call("s3", "list_objects_v2", {"Bucket": "data", "Prefix": "a/"}))
    assert dict(one.context) == {"s3:prefix": ("a/",)}
    assert one.resource_account == DEV


def regional(service: str, resource: str, account: str = DEV) -> str:
    return f"arn:aws:{service}:eu-west-1:{account}:{resource}"


KEY_ID = "11111111-2222-3333-4444-555555555555"
CIPHERTEXT = KEY_ID.encode() + b"rest"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        ("s3control", "get_public_access_block", {"AccountId": DEV},
         [("s3:GetAccountPublicAccessBlock", "*")]),
        ("kms", "create_key", {}, [("kms:CreateKey", "*")]),
        ("kms", "create_key", {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
         [("kms:CreateKey", "*"), ("kms:TagResource", regional("kms", "key/*"))]),
        ("kms", "create_alias", {"AliasName": "alias/a", "TargetKeyId": KEY_ID},
         [("kms:CreateAlias", regional("kms", "alias/a")),
          ("kms:CreateAlias", regional("kms", f"key/{KEY_ID}"))]),
        ("kms", "describe_key", {"KeyId": KEY_ID},
         [("kms:DescribeKey", regional("kms", f"key/{KEY_ID}"))]),
        ("kms", "describe_key", {"KeyId": "alias/none"},
         [("kms:DescribeKey", regional("kms", "alias/none"))]),
        ("kms", "describe_key", {"KeyId": regional("kms", f"key/{KEY_ID}", REGISTRY)},
         [("kms:DescribeKey", regional("kms", f"key/{KEY_ID}", REGISTRY))]),
        ("kms", "decrypt", {"CiphertextBlob": CIPHERTEXT},
         [("kms:Decrypt", regional("kms", f"key/{KEY_ID}"))]),
        ("kms", "re_encrypt", {"CiphertextBlob": CIPHERTEXT, "DestinationKeyId": "other"},
         [("kms:ReEncryptFrom", regional("kms", f"key/{KEY_ID}")),
          ("kms:ReEncryptTo", regional("kms", "key/other"))]),
        ("kms", "list_aliases", {}, [("kms:ListAliases", "*")]),
        ("sns", "publish", {"TopicArn": regional("sns", "t"), "Message": "m"},
         [("sns:Publish", regional("sns", "t"))]),
        ("sns", "create_topic", {"Name": "t", "Tags": [{"Key": "a", "Value": "b"}]},
         [("sns:CreateTopic", regional("sns", "t")), ("sns:TagResource", regional("sns", "t"))]),
        ("sns", "unsubscribe", {"SubscriptionArn": regional("sns", "t:1-2")},
         [("sns:Unsubscribe", regional("sns", "t"))]),
        ("sns", "list_topics", {}, [("sns:ListTopics", "*")]),
        ("sqs", "create_queue", {"QueueName": "q", "tags": {"a": "b"}},
         [("sqs:CreateQueue", regional("sqs", "q")), ("sqs:TagQueue", regional("sqs", "q"))]),
        ("sqs", "send_message_batch",
         {"QueueUrl": f"http://127.0.0.1:1/{REGISTRY}/q", "Entries": [
             {"Id": "1", "MessageBody": "b"}]},
         [("sqs:SendMessage", regional("sqs", "q", REGISTRY))]),
        ("sqs", "get_queue_url", {"QueueName": "q", "QueueOwnerAWSAccountId": REGISTRY},
         [("sqs:GetQueueUrl", regional("sqs", "q", REGISTRY))]),
        ("lambda", "invoke", {"FunctionName": "f"},
         [("lambda:InvokeFunction", regional("lambda", "function:f"))]),
        ("lambda", "invoke", {"FunctionName": "f", "Qualifier": "live"},
         [("lambda:InvokeFunction", regional("lambda", "function:f:live"))]),
        ("lambda", "invoke", {"FunctionName": f"{REGISTRY}:function:f"},
         [("lambda:InvokeFunction", regional("lambda", "function:f", REGISTRY))]),
        ("lambda", "create_function",
         {"FunctionName": "f", "Role": ROLE, "Tags": {"a": "b"},
          "Code": {"S3Bucket": "code", "S3Key": "k"}},
         [("lambda:CreateFunction", regional("lambda", "function:f")),
          ("lambda:TagResource", regional("lambda", "function:f")),
          ("iam:PassRole", ROLE), ("s3:GetObject", "arn:aws:s3:::code/k")]),
        ("lambda", "list_functions", {}, [("lambda:ListFunctions", "*")]),
        ("events", "put_rule", {"Name": "r", "ScheduleExpression": "rate(1 day)"},
         [("events:PutRule", regional("events", "rule/r"))]),
        ("events", "put_targets",
         {"Rule": "r", "EventBusName": "b",
          "Targets": [{"Id": "1", "Arn": regional("sqs", "q"), "RoleArn": ROLE}]},
         [("events:PutTargets", regional("events", "rule/b/r")), ("iam:PassRole", ROLE)]),
        ("events", "put_events",
         {"Entries": [{"Source": "s", "DetailType": "d", "Detail": "{}"}] * 2},
         [("events:PutEvents", regional("events", "event-bus/default"))]),
        ("events", "list_rules", {}, [("events:ListRules", "*")]),
        ("sagemaker", "create_pipeline",
         {"PipelineName": "p", "ClientRequestToken": "c" * 32, "RoleArn": ROLE,
          "Tags": [{"Key": "a", "Value": "b"}]},
         [("sagemaker:CreatePipeline", regional("sagemaker", "pipeline/p")),
          ("sagemaker:AddTags", regional("sagemaker", "pipeline/p")), ("iam:PassRole", ROLE)]),
        ("sagemaker", "start_pipeline_execution",
         {"PipelineName": regional("sagemaker", "pipeline/p"), "ClientRequestToken": "c" * 32},
         [("sagemaker:StartPipelineExecution", regional("sagemaker", "pipeline/p"))]),
        ("sagemaker", "list_pipeline_execution_steps",
         {"PipelineExecutionArn": regional("sagemaker", "pipeline/p/execution/e")},
         [("sagemaker:ListPipelineExecutionSteps",
           regional("sagemaker", "pipeline/p/execution/e"))]),
        ("sagemaker", "create_model_package", {"ModelPackageGroupName": GROUP},
         [("sagemaker:CreateModelPackage", f"{PACKAGE}/*")]),
        ("sagemaker", "list_model_packages", {"ModelPackageGroupName": GROUP},
         [("sagemaker:ListModelPackages", f"{PACKAGE}/*")]),
        ("sagemaker", "describe_model_package_group", {"ModelPackageGroupName": "g"},
         [("sagemaker:DescribeModelPackageGroup",
           regional("sagemaker", "model-package-group/g"))]),
        ("sagemaker", "describe_model_package", {"ModelPackageName": f"{PACKAGE}/1"},
         [("sagemaker:DescribeModelPackage", f"{PACKAGE}/1")]),
        ("sagemaker", "create_model",
         {"ModelName": "m", "ExecutionRoleArn": ROLE,
          "PrimaryContainer": {"ModelPackageName": f"{PACKAGE}/1"}},
         [("sagemaker:CreateModel", regional("sagemaker", "model/m")),
          ("sagemaker:CreateModel", f"{PACKAGE}/1"), ("iam:PassRole", ROLE)]),
        ("sagemaker", "add_tags",
         {"ResourceArn": regional("sagemaker", "model/m"), "Tags": [{"Key": "a", "Value": "b"}]},
         [("sagemaker:AddTags", regional("sagemaker", "model/m"))]),
        ("sagemaker-runtime", "invoke_endpoint", {"EndpointName": "e", "Body": b""},
         [("sagemaker:InvokeEndpoint", regional("sagemaker", "endpoint/e"))]),
        ("iam", "create_role",
         {"RoleName": "r", "Path": "/team/", "AssumeRolePolicyDocument": "{}",
          "Tags": [{"Key": "a", "Value": "b"}]},
         [("iam:CreateRole", f"arn:aws:iam::{DEV}:role/team/r"),
          ("iam:TagRole", f"arn:aws:iam::{DEV}:role/team/r")]),
        ("iam", "get_policy", {"PolicyArn": f"arn:aws:iam::{DEV}:policy/p"},
         [("iam:GetPolicy", f"arn:aws:iam::{DEV}:policy/p")]),
        ("iam", "add_role_to_instance_profile", {"RoleName": "run", "InstanceProfileName": "i"},
         [("iam:AddRoleToInstanceProfile", f"arn:aws:iam::{DEV}:instance-profile/i"),
          ("iam:PassRole", ROLE)]),
        ("iam", "get_user", {}, [("iam:GetUser", f"arn:aws:iam::{DEV}:user/ann")]),
        ("sts", "get_caller_identity", {}, []),
        ("sts", "assume_role", {"RoleArn": ROLE, "RoleSessionName": "s1"},
         [("sts:AssumeRole", ROLE)]),
        ("sts", "assume_role",
         {"RoleArn": ROLE, "RoleSessionName": "s1", "Tags": [{"Key": "a", "Value": "b"}]},
         [("sts:AssumeRole", ROLE), ("sts:TagSession", ROLE)]),
        ("dynamodb", "put_item", {"TableName": "t", "Item": {"id": {"S": "1"}}},
         [("dynamodb:PutItem", regional("dynamodb", "table/t"))]),
        ("dynamodb", "query",
         {"TableName": "t", "IndexName": "idx", "KeyConditionExpression": "a = :a"},
         [("dynamodb:Query", regional("dynamodb", "table/t/index/idx"))]),
        ("dynamodb", "transact_write_items",
         {"TransactItems": [
             {"Put": {"TableName": "t", "Item": {"id": {"S": "1"}}}},
             {"ConditionCheck": {"TableName": "u", "Key": {"id": {"S": "1"}},
                                 "ConditionExpression": "attribute_exists(id)"}}]},
         [("dynamodb:PutItem", regional("dynamodb", "table/t")),
          ("dynamodb:ConditionCheckItem", regional("dynamodb", "table/u"))]),
        ("dynamodb", "batch_get_item",
         {"RequestItems": {"t": {"Keys": [{"id": {"S": "1"}}]}}},
         [("dynamodb:BatchGetItem", regional("dynamodb", "table/t"))]),
        ("logs", "create_log_group", {"logGroupName": "/g", "tags": {"a": "b"}},
         [("logs:CreateLogGroup", regional("logs", "log-group:/g:log-stream:")),
          ("logs:TagResource", regional("logs", "log-group:/g"))]),
        ("logs", "put_log_events",
         {"logGroupName": "/g", "logStreamName": "s",
          "logEvents": [{"timestamp": 1, "message": "m"}]},
         [("logs:PutLogEvents", regional("logs", "log-group:/g:log-stream:s"))]),
        ("logs", "describe_log_groups", {}, [("logs:DescribeLogGroups", "*")]),
        ("cloudwatch", "put_metric_data", {"Namespace": "n", "MetricData": []},
         [("cloudwatch:PutMetricData", "*")]),
        ("cloudwatch", "delete_alarms", {"AlarmNames": ["a", "b"]},
         [("cloudwatch:DeleteAlarms", regional("cloudwatch", "alarm:a")),
          ("cloudwatch:DeleteAlarms", regional("cloudwatch", "alarm:b"))]),
        ("cloudwatch", "get_dashboard", {"DashboardName": "d"},
         [("cloudwatch:GetDashboard", f"arn:aws:cloudwatch::{DEV}:dashboard/d")]),
        ("ecr", "batch_get_image", {"repositoryName": "rr", "registryId": REGISTRY,
          "imageIds": [{"imageTag": "t"}]},
         [("ecr:BatchGetImage", regional("ecr", "repository/rr", REGISTRY))]),
        ("ecr", "get_authorization_token", {}, [("ecr:GetAuthorizationToken", "*")]),
        ("athena", "get_work_group", {"WorkGroup": "w"},
         [("athena:GetWorkGroup", regional("athena", "workgroup/*"))]),
        ("stepfunctions", "list_state_machines", {}, [("states:ListStateMachines", "*")]),
    ],
)  # fmt: skip
def test_required__services__actions_and_arns(
    service: str,
    operation: str,
    parameters: dict[str, Any],
    expected: list[tuple[str, str]],
) -> None:
    assert needs(service, operation, **parameters) == expected


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "context"),
    [
        ("sns", "subscribe",
         {"TopicArn": regional("sns", "t"), "Protocol": "email", "Endpoint": "a@b.c"},
         {"sns:protocol": ("email",), "sns:endpoint": ("a@b.c",)}),
        ("sts", "assume_role", {"RoleArn": ROLE, "RoleSessionName": "s1", "ExternalId": "e2"},
         {"sts:externalid": ("e2",), "sts:rolesessionname": ("s1",)}),
        ("iam", "attach_role_policy",
         {"RoleName": "r", "PolicyArn": f"arn:aws:iam::{DEV}:policy/p"},
         {"iam:policyarn": (f"arn:aws:iam::{DEV}:policy/p",)}),
        ("iam", "create_role",
         {"RoleName": "r", "AssumeRolePolicyDocument": "{}",
          "PermissionsBoundary": f"arn:aws:iam::{DEV}:policy/b"},
         {"iam:permissionsboundary": (f"arn:aws:iam::{DEV}:policy/b",)}),
        ("cloudwatch", "put_metric_data", {"Namespace": "n", "MetricData": []},
         {"cloudwatch:namespace": ("n",)}),
        ("lambda", "add_permission",
         {"FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction",
          "Principal": "events.amazonaws.com"},
         {"lambda:principal": ("events.amazonaws.com",)}),
        ("lambda", "create_event_source_mapping",
         {"FunctionName": "f", "EventSourceArn": regional("sqs", "q")},
         {"lambda:functionarn": (regional("lambda", "function:f"),)}),
        ("events", "put_rule",
         {"Name": "r", "EventPattern": json.dumps({"source": ["aws.s3"], "detail-type": ["D"]})},
         {"events:creatoraccount": (DEV,), "events:source": ("aws.s3",),
          "events:detail-type": ("D",)}),
        ("events", "put_events",
         {"Entries": [{"Source": "s", "DetailType": "d", "Detail": "{}"}]},
         {"events:source": ("s",), "events:detail-type": ("d",),
          "events:eventbusinvocation": ("false",)}),
        ("sagemaker", "update_model_package",
         {"ModelPackageArn": f"{PACKAGE}/1", "ModelApprovalStatus": "Approved",
          "ModelLifeCycle": {"Stage": "prod", "StageStatus": "serving"}},
         {"sagemaker:modelapprovalstatus": ("Approved",),
          "sagemaker:modellifecycle:stage": ("prod",),
          "sagemaker:modellifecycle:stagestatus": ("serving",)}),
        ("kms", "encrypt",
         {"KeyId": KEY_ID, "Plaintext": b"x", "EncryptionContext": {"App": "a"}},
         {"kms:encryptioncontext:app": ("a",), "kms:encryptioncontextkeys": ("App",)}),
        ("kms", "describe_key", {"KeyId": "alias/none"}, {"kms:requestalias": ("alias/none",)}),
        ("sqs", "tag_queue",
         {"QueueUrl": f"http://127.0.0.1:1/{DEV}/q", "Tags": {"Team": "ml"}},
         {"aws:requesttag/team": ("ml",), "aws:tagkeys": ("Team",)}),
        ("sqs", "untag_queue",
         {"QueueUrl": f"http://127.0.0.1:1/{DEV}/q", "TagKeys": ["Team"]},
         {"aws:tagkeys": ("Team",)}),
    ],
)  # fmt: skip
def test_required__services__condition_keys_of_the_request(
    service: str, operation: str, parameters: dict[str, Any], context: dict[str, Any]
) -> None:
    first = required(call(service, operation, parameters))[0]
    assert dict(first.context) == context


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "passed_to"),
    [
        ("lambda", "update_function_configuration", {"FunctionName": "f", "Role": ROLE},
         "lambda.amazonaws.com"),
        ("events", "put_targets",
         {"Rule": "r", "Targets": [{"Id": "1", "Arn": regional("sqs", "q"), "RoleArn": ROLE}]},
         "events.amazonaws.com"),
        ("sagemaker", "create_domain",
         {"DomainName": "d", "AuthMode": "IAM", "DefaultUserSettings": {"ExecutionRole": ROLE}},
         "sagemaker.amazonaws.com"),
        ("iam", "add_role_to_instance_profile", {"RoleName": "run", "InstanceProfileName": "i"},
         "ec2.amazonaws.com"),
    ],
)  # fmt: skip
def test_required__role_in_a_request__is_passed_to_the_service(
    service: str, operation: str, parameters: dict[str, Any], passed_to: str
) -> None:
    found = required(call(service, operation, parameters))
    (one,) = (each for each in found if each.action == "iam:PassRole")
    assert (one.resource_arn, dict(one.context)) == (ROLE, {"iam:passedtoservice": (passed_to,)})


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "named"),
    [
        ("dynamodb", "execute_statement", {"Statement": "SELECT"}, "dynamodb:ExecuteStatement"),
        ("s3", "rename_object", {"Bucket": "b", "Key": "k", "RenameSource": "s"},
         "s3:RenameObject"),
    ],
)  # fmt: skip
def test_required__operation_without_mapping__is_named(
    service: str, operation: str, parameters: dict[str, Any], named: str
) -> None:
    with pytest.raises(UnmappedOperationError) as caught:
        required(call(service, operation, parameters))
    assert caught.value.operation == named
