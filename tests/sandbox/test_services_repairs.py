"""What moto does wrong and the sandbox mends: S3, SQS, SNS mail, IAM's managed policies."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox

PROD = "444444444444"
IN_EUROPE = {"LocationConstraint": "eu-west-1"}
STATEMENT = '{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}'


@pytest.fixture
def bucket(sandbox: Sandbox) -> Any:
    s3 = sandbox.client("s3", "prod-admin")
    s3.create_bucket(Bucket="data", CreateBucketConfiguration=IN_EUROPE)
    return s3


def test_s3__deny_unless_tls_policy__does_not_lock_the_bucket(bucket: Any) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    bucket.put_bucket_policy(Bucket="data", Policy=policy)
    bucket.put_object(Bucket="data", Key="a b/ü+.txt", Body=b"x", Metadata={"with_underscore": "1"})
    got = bucket.get_object(Bucket="data", Key="a b/ü+.txt")
    assert (got["Body"].read(), got["Metadata"]) == (b"x", {"with_underscore": "1"})
    bucket.delete_object(Bucket="data", Key="a b/ü+.txt")
    assert json.loads(bucket.get_bucket_policy(Bucket="data")["Policy"]) == json.loads(policy)


def test_s3__if_none_match__is_a_lock(bucket: Any) -> None:
    bucket.put_object(Bucket="data", Key="lock", Body=b"1", IfNoneMatch="*")
    with pytest.raises(ClientError) as caught:
        bucket.put_object(Bucket="data", Key="lock", Body=b"2", IfNoneMatch="*")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412


@pytest.mark.parametrize("algorithm", ["SHA1", "SHA256"])
def test_s3__object_with_its_hash__shows_the_hash_when_asked(bucket: Any, algorithm: str) -> None:
    hashed = base64.b64encode(hashlib.new(algorithm, b"x").digest()).decode()
    bucket.put_object(Bucket="data", Key="a", Body=b"x", **{f"Checksum{algorithm}": hashed})
    assert f"Checksum{algorithm}" not in bucket.head_object(Bucket="data", Key="a")
    found = bucket.head_object(Bucket="data", Key="a", ChecksumMode="ENABLED")
    assert found[f"Checksum{algorithm}"] == hashed


def test_s3__chunked_object_with_its_hash__is_not_taken_for_another(bucket: Any) -> None:
    def in_chunks(request: Any, **_: Any) -> None:
        request.headers["x-amz-content-sha256"] = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
        request.body = b"1;chunk-signature=0\r\nx\r\n0;chunk-signature=0\r\n\r\n"
        request.headers["x-amz-decoded-content-length"] = "1"
        request.headers["Content-Length"] = str(len(request.body))

    bucket.meta.events.register("before-send.s3.PutObject", in_chunks)
    hashed = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    bucket.put_object(Bucket="data", Key="a", Body=b"x", ChecksumSHA256=hashed)
    assert bucket.get_object(Bucket="data", Key="a")["Body"].read() == b"x"


def test_s3__object_with_the_hash_of_another__is_refused_and_not_kept(bucket: Any) -> None:
    other = base64.b64encode(hashlib.sha256(b"y").digest()).decode()
    with pytest.raises(ClientError) as caught:
        bucket.put_object(Bucket="data", Key="a", Body=b"x", ChecksumSHA256=other)
    assert caught.value.response["Error"]["Code"] == "BadDigest"
    assert "Contents" not in bucket.list_objects_v2(Bucket="data")


def test_s3__delete_marker_in_a_suspended_bucket__can_be_removed(bucket: Any) -> None:
    for status in ("Enabled", "Suspended"):
        bucket.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": status})
        if status == "Enabled":
            bucket.put_object(Bucket="data", Key="a", Body=b"x")
            bucket.delete_object(Bucket="data", Key="a")
    (marker,) = bucket.list_object_versions(Bucket="data")["DeleteMarkers"]
    gone = {"Objects": [{"Key": "a", "VersionId": marker["VersionId"]}]}
    assert "Errors" not in bucket.delete_objects(Bucket="data", Delete=gone)
    bucket.delete_bucket(Bucket="data")


def test_s3__event_bridge_on__is_shown_and_objects_are_events(
    sandbox: Sandbox, bucket: Any, allow_events: Callable[..., str]
) -> None:
    sqs = sandbox.client("sqs", "prod-admin")
    url = sqs.create_queue(
        QueueName="objects", Attributes={"Policy": allow_events("sqs:SendMessage")}
    )["QueueUrl"]
    events = sandbox.client("events", "prod-admin")
    events.put_rule(Name="objects", EventPattern='{"source": ["aws.s3"]}')
    target = f"arn:aws:sqs:eu-west-1:{PROD}:objects"
    events.put_targets(Rule="objects", Targets=[{"Id": "q", "Arn": target}])

    bucket.put_object(Bucket="data", Key="before", Body=b"x")
    assert "EventBridgeConfiguration" not in bucket.get_bucket_notification_configuration(
        Bucket="data"
    )
    bucket.put_bucket_notification_configuration(
        Bucket="data", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    shown = bucket.get_bucket_notification_configuration(Bucket="data")
    assert shown["EventBridgeConfiguration"] == {}
    bucket.put_object(Bucket="data", Key="batches/batch.csv", Body=b"123")
    bucket.delete_object(Bucket="data", Key="batches/batch.csv")
    sandbox.settle()
    bodies = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    found = {event["detail-type"]: event for event in (json.loads(m["Body"]) for m in bodies)}
    assert found.keys() == {"Object Created", "Object Deleted"}
    created = found["Object Created"]
    assert created["resources"] == ["arn:aws:s3:::data"]
    assert created["detail"]["bucket"] == {"name": "data"}
    assert created["detail"]["reason"] == "PutObject"
    assert created["detail"]["object"]["key"] == "batches/batch.csv"
    assert created["detail"]["object"]["size"] == 3
    assert found["Object Deleted"]["detail"]["deletion-type"] == "Permanently Deleted"


def test_sqs__policies__are_kept_as_they_were_set(sandbox: Sandbox) -> None:
    sqs = sandbox.client("sqs", "prod-admin")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    redrive = f'{{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:{PROD}:dead","maxReceiveCount":3}}'
    allow = '{"redrivePermission":"allowAll"}'
    policy = f'{{"Version":"2012-10-17","Statement":[{STATEMENT}]}}'
    url = sqs.create_queue(QueueName="work", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": allow})
    names = ["Policy", "RedrivePolicy", "RedriveAllowPolicy"]
    got = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    assert got == {"Policy": policy, "RedrivePolicy": redrive, "RedriveAllowPolicy": allow}
    assert (
        "Policy"
        not in sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["All"])["Attributes"]
    )
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    got = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert "Policy" not in got
    assert got["RedrivePolicy"] == redrive


def test_sqs__redrive__really_moves_messages(sandbox: Sandbox) -> None:
    sqs = sandbox.client("sqs", "prod-admin")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    redrive = {"deadLetterTargetArn": f"arn:aws:sqs:eu-west-1:{PROD}:dead", "maxReceiveCount": 1}
    url = sqs.create_queue(
        QueueName="work",
        Attributes={"RedrivePolicy": json.dumps(redrive), "VisibilityTimeout": "0"},
    )["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    for _ in range(3):
        sqs.receive_message(QueueUrl=url)
    assert sqs.receive_message(QueueUrl=dead)["Messages"][0]["Body"] == "poison"


def test_sqs__deleted_and_created_again__starts_anew(sandbox: Sandbox) -> None:
    sqs = sandbox.client("sqs", "prod-admin")
    policy = f'{{"Version":"2012-10-17","Statement":[{STATEMENT}]}}'
    url = sqs.create_queue(QueueName="work", Attributes={"Policy": policy})["QueueUrl"]
    sqs.delete_queue(QueueUrl=url)
    url = sqs.create_queue(QueueName="work")["QueueUrl"]
    got = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert "Policy" not in got


def test_sqs__own_key__is_not_sqs_managed(sandbox: Sandbox) -> None:
    sqs = sandbox.client("sqs", "prod-admin")
    url = sqs.create_queue(QueueName="work", Attributes={"KmsMasterKeyId": "alias/k"})["QueueUrl"]
    got = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (got["KmsMasterKeyId"], got["SqsManagedSseEnabled"]) == ("alias/k", "false")


def test_sns__publish__mails_each_subscriber_whose_filter_passes(sandbox: Sandbox) -> None:
    sns = sandbox.client("sns", "prod-admin")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="all@example.com")
    sns.subscribe(
        TopicArn=topic,
        Protocol="email-json",
        Endpoint="bad@example.com",
        Attributes={"FilterPolicy": '{"severity": ["bad"]}'},
    )
    sns.publish(TopicArn=topic, Message="hello", Subject="greeting")
    structured = json.dumps({"default": "short", "email": "long"})
    sns.publish(
        TopicArn=topic,
        Message=structured,
        MessageStructure="json",
        MessageAttributes={"severity": {"DataType": "String", "StringValue": "bad"}},
    )
    mails = [(mail.to, mail.subject, mail.body) for mail in sandbox.inbox.mails]
    assert sorted(mails) == [
        ("all@example.com", "AWS Notification Message", "long"),
        ("all@example.com", "greeting", "hello"),
        ("bad@example.com", "AWS Notification Message", "short"),
    ]


def test_sns__publish_from_another_account__reaches_the_topic(
    sandbox: Sandbox, may: Callable[..., dict[str, Any]], document: Callable[..., str]
) -> None:
    sns = sandbox.client("sns", "prod-admin")
    publish = document(may("sns:Publish", Principal={"AWS": "333333333333"}))
    topic = sns.create_topic(Name="alerts", Attributes={"Policy": publish})["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="all@example.com")
    sandbox.client("sns", "dev-admin").publish(TopicArn=topic, Message="hello")
    assert [(mail.account, mail.body) for mail in sandbox.inbox.mails] == [(PROD, "hello")]


def test_iam__aws_managed_policy__can_be_attached(
    sandbox: Sandbox, create_role: Callable[..., str]
) -> None:
    create_role("prod-admin", "r", {"Service": "lambda.amazonaws.com"})
    iam = sandbox.client("iam", "prod-admin")
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    iam.attach_role_policy(RoleName="r", PolicyArn=arn)
    attached = iam.list_attached_role_policies(RoleName="r")["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [arn]


@pytest.mark.parametrize("source", ["its-data", "another"])
def test_put_bucket_logging__policy_also_names_everyone__asks_the_policy(
    sandbox: Sandbox, source: str
) -> None:
    s3 = sandbox.client("s3", "dev-admin")
    for name in ("its-logs", "its-data"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=IN_EUROPE)
    everyone = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::its-logs/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    delivery = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::its-logs/its-data/*",
        "Condition": {"ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{source}"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [everyone, delivery]}
    s3.put_bucket_policy(Bucket="its-logs", Policy=json.dumps(policy))
    wanted = {"TargetBucket": "its-logs", "TargetPrefix": "its-data/"}
    status = {"LoggingEnabled": wanted}
    if source == "its-data":
        s3.put_bucket_logging(Bucket="its-data", BucketLoggingStatus=status)
        assert s3.get_bucket_logging(Bucket="its-data")["LoggingEnabled"] == wanted
    else:
        with pytest.raises(ClientError) as refused:
            s3.put_bucket_logging(Bucket="its-data", BucketLoggingStatus=status)
        assert refused.value.response["Error"]["Code"] == "InvalidTargetBucketForLogging"
        assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket="its-data")


def test_s3__logged_bucket__receives_no_made_up_logs(sandbox: Sandbox) -> None:
    s3 = sandbox.client("s3", "dev-admin")
    for name in ("its-logs", "its-data"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=IN_EUROPE)
    delivery = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::its-logs/its-data/*",
    }
    policy = {"Version": "2012-10-17", "Statement": [delivery]}
    s3.put_bucket_policy(Bucket="its-logs", Policy=json.dumps(policy))
    target = {"TargetBucket": "its-logs", "TargetPrefix": "its-data/"}
    s3.put_bucket_logging(Bucket="its-data", BucketLoggingStatus={"LoggingEnabled": target})

    s3.put_object(Bucket="its-data", Key="a", Body=b"x")
    s3.list_objects_v2(Bucket="its-data")

    assert s3.list_objects_v2(Bucket="its-logs")["KeyCount"] == 0
