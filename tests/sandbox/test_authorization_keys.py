"""Keys that services use on a caller's behalf: KMS decides, as the caller, via the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox

Statement = dict[str, Any]
PROD, DEV = "444444444444", "333333333333"
SCIENTIST = f"arn:aws:iam::{DEV}:user/data-scientist"
BUCKET = {"Bucket": "data", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}


@pytest.fixture
def create_key(
    sandbox: Sandbox, may: Callable[..., Statement], document: Callable[..., str]
) -> Callable[..., str]:
    """Return what creates a key of dev with further statements in its policy."""

    def create(*statements: Statement) -> str:
        own = may("kms:*", Principal={"AWS": f"arn:aws:iam::{DEV}:root"})
        created = sandbox.client("kms", "dev-admin").create_key(Policy=document(own, *statements))
        return str(created["KeyMetadata"]["Arn"])

    return create


@pytest.fixture
def scientist(
    sandbox: Sandbox, may: Callable[..., Statement], document: Callable[..., str]
) -> Callable[..., Any]:
    """Return what replaces the data scientist's permissions and returns a client."""

    def client(service: str, *allow: Statement) -> Any:
        sandbox.client("iam", "dev-admin").put_user_policy(
            UserName="data-scientist",
            PolicyName="sandbox",
            PolicyDocument=document(may(f"{service}:*"), *allow),
        )
        return sandbox.client(service, "data-scientist")

    return client


def denied(action: str, key: str) -> str:
    return f"{action} on resource: {key} because no identity-based policy allows the {action}"


def encrypt_by_default(sandbox: Sandbox, key: str, *, bucket_key: bool) -> None:
    s3 = sandbox.client("s3", "dev-admin")
    s3.create_bucket(**BUCKET)
    s3.put_bucket_encryption(
        Bucket="data",
        ServerSideEncryptionConfiguration={"Rules": [{
            "ApplyServerSideEncryptionByDefault": {
                "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
            "BucketKeyEnabled": bucket_key,
        }]},
    )  # fmt: skip


@pytest.mark.parametrize("bucket_key", [True, False])
def test_s3__default_key_of_the_bucket__is_asked_on_put_and_get(
    sandbox: Sandbox,
    create_key: Callable[..., str],
    scientist: Callable[..., Any],
    may: Callable[..., Statement],
    bucket_key: bool,
) -> None:
    key = create_key()
    encrypt_by_default(sandbox, key, bucket_key=bucket_key)
    sandbox.client("s3", "dev-admin").put_object(Bucket="data", Key="k", Body=b"x")
    quoted = key
    s3 = scientist("s3")
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket="data", Key="k", Body=b"y")
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    assert denied("kms:GenerateDataKey", quoted) in caught.value.response["Error"]["Message"]
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket="data", Key="k")
    assert denied("kms:Decrypt", quoted) in caught.value.response["Error"]["Message"]
    assert s3.head_object(Bucket="data", Key="k")["ContentLength"] == 1
    context = "arn:aws:s3:::data" if bucket_key else "arn:aws:s3:::data/*"
    via = {
        "StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": context},
    }
    s3 = scientist("s3", may(["kms:GenerateDataKey", "kms:Decrypt"], key, Condition=via))
    s3.put_object(Bucket="data", Key="k", Body=b"y")
    assert s3.get_object(Bucket="data", Key="k")["Body"].read() == b"y"
    # The permission is for S3 only.
    kms = scientist("kms", {**may("kms:*"), "Effect": "Deny"}, may("s3:*"))
    with pytest.raises(ClientError, match="explicit deny"):
        kms.generate_data_key(KeyId=key, KeySpec="AES_256")


def test_s3__object_of_another_accounts_key__needs_that_keys_policy(
    sandbox: Sandbox,
    create_key: Callable[..., str],
    may: Callable[..., Statement],
    document: Callable[..., str],
) -> None:
    key = create_key()
    encrypt_by_default(sandbox, key, bucket_key=True)
    dev, prod = sandbox.client("s3", "dev-admin"), sandbox.client("s3", "prod-admin")
    dev.put_object(Bucket="data", Key="k", Body=b"x")
    reader = {"Principal": {"AWS": f"arn:aws:iam::{PROD}:root"}}
    allow = may("s3:GetObject", "arn:aws:s3:::data/*", **reader)
    dev.put_bucket_policy(Bucket="data", Policy=document(allow))
    with pytest.raises(ClientError, match="no resource-based policy allows the kms:Decrypt"):
        prod.get_object(Bucket="data", Key="k")
    own = may("kms:*", Principal={"AWS": f"arn:aws:iam::{DEV}:root"})
    sandbox.client("kms", "dev-admin").put_key_policy(
        KeyId=key, PolicyName="default", Policy=document(own, may("kms:Decrypt", **reader))
    )
    assert prod.get_object(Bucket="data", Key="k")["Body"].read() == b"x"


def test_key_policy_without_the_account__admin_may_not_use_the_key(
    sandbox: Sandbox, may: Callable[..., Statement], document: Callable[..., str]
) -> None:
    only = may("kms:*", Principal={"AWS": SCIENTIST})
    kms = sandbox.client("kms", "dev-admin")
    key = kms.create_key(Policy=document(only))["KeyMetadata"]["Arn"]
    with pytest.raises(ClientError, match="because no resource-based policy allows the kms:Enc"):
        kms.encrypt(KeyId=key, Plaintext=b"x")
    assert sandbox.client("kms", "data-scientist").encrypt(KeyId=key, Plaintext=b"x")


@pytest.mark.parametrize(
    ("service", "code", "action"),
    [
        ("sqs", "KmsAccessDenied", "kms:GenerateDataKey"),
        ("sns", "KMSAccessDenied", "kms:GenerateDataKey"),
        ("dynamodb", "AccessDeniedException", "kms:Decrypt"),
    ],
)
def test_resource_with_a_customer_key__caller_needs_the_key(  # noqa: PLR0917 - fixtures
    sandbox: Sandbox,
    create_key: Callable[..., str],
    scientist: Callable[..., Any],
    may: Callable[..., Statement],
    service: str,
    code: str,
    action: str,
) -> None:
    key = create_key()

    def use(client: Any) -> None:
        if service == "sqs":
            client.send_message(QueueUrl=made, MessageBody="m")
        elif service == "sns":
            client.publish(TopicArn=made, Message="m")
        else:
            client.put_item(TableName="tab", Item={"id": {"S": "1"}})

    admin = sandbox.client(service, "dev-admin")
    attributes = {"KmsMasterKeyId": key}
    if service == "sqs":
        made = admin.create_queue(QueueName="q", Attributes=attributes)["QueueUrl"]
    elif service == "sns":
        made = admin.create_topic(Name="t", Attributes=attributes)["TopicArn"]
    else:
        admin.create_table(
            TableName="tab",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
        )
    with pytest.raises(ClientError) as caught:
        use(scientist(service))
    assert caught.value.response["Error"]["Code"] == code
    assert denied(action, key) in caught.value.response["Error"]["Message"]
    via = {"StringEquals": {"kms:ViaService": f"{service}.eu-west-1.amazonaws.com"}}
    use(scientist(service, may(["kms:GenerateDataKey", "kms:Decrypt"], key, Condition=via)))


def test_log_group__key_that_does_not_name_the_service__is_refused(
    sandbox: Sandbox, create_key: Callable[..., str], may: Callable[..., Statement]
) -> None:
    logs = sandbox.client("logs", "dev-admin")
    with pytest.raises(ClientError, match=r"User: logs\.eu-west-1\.amazonaws\.com is not"):
        logs.create_log_group(logGroupName="/g", kmsKeyId=create_key())
    actions = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:Describe*"]
    context = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:*:{DEV}:*"}}
    service = {"Service": "logs.eu-west-1.amazonaws.com"}
    key = create_key(may(actions, Principal=service, Condition=context))
    logs.create_log_group(logGroupName="/g", kmsKeyId=key)
    assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"] == key


def test_training_job__volume_key__is_granted_by_the_jobs_role(
    sandbox: Sandbox,
    create_key: Callable[..., str],
    create_role: Callable[..., str],
    may: Callable[..., Statement],
) -> None:
    key = create_key()
    role = create_role("dev-admin", "trains", {"Service": "sagemaker.amazonaws.com"})
    sagemaker = sandbox.client("sagemaker", "dev-admin")
    given: dict[str, Any] = {
        "TrainingJobName": "job",
        "RoleArn": role,
        "AlgorithmSpecification": {"TrainingImage": "i", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://data/o"},
        "ResourceConfig": {
            "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1,
            "VolumeKmsKeyId": key,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }  # fmt: skip
    with pytest.raises(ClientError) as caught:
        sagemaker.create_training_job(**given)
    assert caught.value.response["Error"]["Message"].startswith(
        f"User: arn:aws:sts::{DEV}:assumed-role/trains/SageMaker is not authorized to perform: "
        f"kms:CreateGrant on resource: {key}"
    )


def test_s3__deny_of_writes_without_if_none_match__lets_new_keys_in_and_replaces_none(
    sandbox: Sandbox, may: Callable[..., Statement], document: Callable[..., str]
) -> None:
    s3 = sandbox.client("s3", "dev-admin")
    s3.create_bucket(**BUCKET)
    once = may(
        "s3:PutObject",
        "arn:aws:s3:::data/releases/*",
        Effect="Deny",
        Principal="*",
        Condition={"Null": {"s3:if-none-match": "true"}},
    )
    s3.put_bucket_policy(Bucket="data", Policy=document(once))
    s3.put_object(Bucket="data", Key="releases/a", Body=b"1", IfNoneMatch="*")
    for words, code in (({}, "AccessDenied"), ({"IfNoneMatch": "*"}, "PreconditionFailed")):
        with pytest.raises(ClientError) as caught:
            s3.put_object(Bucket="data", Key="releases/a", Body=b"2", **words)
        assert caught.value.response["Error"]["Code"] == code
    s3.put_object(Bucket="data", Key="other", Body=b"1")
    assert s3.get_object(Bucket="data", Key="releases/a")["Body"].read() == b"1"


def test_kms__deny_of_sign_in_the_keys_policy__holds_for_administrators(
    sandbox: Sandbox,
    create_key: Callable[..., str],
    may: Callable[..., Statement],
) -> None:
    role = f"arn:aws:iam::{DEV}:role/build"
    key = create_key(
        may(
            "kms:Sign",
            Effect="Deny",
            Principal="*",
            Condition={"ArnNotEquals": {"aws:PrincipalArn": role}},
        )
    )
    with pytest.raises(ClientError) as caught:
        sandbox.client("kms", "dev-admin").sign(
            KeyId=key,
            Message=b"d" * 32,
            MessageType="DIGEST",
            SigningAlgorithm="ECDSA_SHA_256",
        )
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"


def test_kms__public_key__is_read_by_the_alias_that_is_allowed(
    sandbox: Sandbox, scientist: Callable[..., Any], may: Callable[..., Statement]
) -> None:
    admin = sandbox.client("kms", "dev-admin")
    made = admin.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    admin.create_alias(AliasName="alias/release-signing", TargetKeyId=made["KeyId"])
    scientist(
        "sts",
        may(
            "kms:GetPublicKey",
            Condition={"StringEquals": {"kms:RequestAlias": "alias/release-signing"}},
        ),
    )
    kms = sandbox.client("kms", "data-scientist")
    alias = f"arn:aws:kms:eu-west-1:{DEV}:alias/release-signing"
    assert kms.get_public_key(KeyId=alias)["PublicKey"]
    with pytest.raises(ClientError) as caught:
        kms.get_public_key(KeyId=made["Arn"])
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
