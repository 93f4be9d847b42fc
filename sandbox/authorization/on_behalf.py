"""What services ask of KMS and of S3 on a caller's behalf.

Reads moto's stores. A service that encrypts with a customer's key uses it with the caller's own
permissions, and KMS sees ``kms:ViaService``:
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
A read of an object that does not exist is refused to who may not list the bucket:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from sandbox.authorization import names
from sandbox.authorization.requirement import Requirement, Values, account_in
from sandbox.authorization.services import dynamodb, functions, logs, s3, sqs
from sandbox.authorization.services.kms import encryption_context
from sandbox.authorization.services.sagemaker_keys import condition_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sandbox.services.call import Call

_ENCRYPT, _DECRYPT = "kms:GenerateDataKey", "kms:Decrypt"
_S3_WRITES = {"CopyObject", "CreateMultipartUpload", "PutObject", "UploadPart", "UploadPartCopy"}
_S3_PARTS = {"CreateMultipartUpload", "UploadPart", "UploadPartCopy"}
_S3_READS = {"GetObject", "SelectObjectContent", "GetObjectAttributes"}
_S3_LOOKS = {*_S3_READS, "HeadObject", "GetObjectTagging", "GetObjectAcl"}
_KMS_ALGORITHMS = {"aws:kms", "aws:kms:dsse"}
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
_TABLE_KEY = (
    "kms:CreateGrant",
    _DECRYPT,
    "kms:DescribeKey",
    "kms:Encrypt",
    _ENCRYPT,
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
_LOGS_KEY = (_DECRYPT, "kms:DescribeKey", "kms:Encrypt", _ENCRYPT)
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
_FUNCTION_KEY = ("kms:CreateGrant", "kms:Encrypt")
_GRANT: Mapping[str, Values] = {"kms:grantisforawsresource": ("true",)}


def required_on_behalf(call: Call) -> tuple[Requirement, ...]:
    """Return what a call needs beyond its own actions; asked after those are allowed."""
    read = _SERVICES.get(call.service)
    return tuple(read(call)) if read else ()


def _key(
    call: Call,
    identifier: str,
    actions: Iterable[str],
    context: Mapping[str, Values] | None = None,
    *,
    via: str,
) -> list[Requirement]:
    """Return the use of a key; AWS's own keys let every principal of the account use them."""
    if not identifier:
        return []
    key = names.key_arn(call.principal.account_id, call.region, identifier)
    if names.is_aws_managed(key) and not call.principal.service:
        return []
    return [Requirement(action, key, account_in(key), context or {}, via=via) for action in actions]


# S3. Keys of the bucket's encryption, of the request, or of the object:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html


def _s3(call: Call) -> list[Requirement]:
    name, key = call.uri_parameters.get("Bucket", ""), call.uri_parameters.get("Key")
    if key is None:
        return []
    found: list[Requirement] = []
    version = s3.query(call, "versionId") or None
    if call.operation in _S3_READS or s3.header(call, "x-amz-checksum-mode"):
        found += _read(call, name, key, version)
    if call.operation in _S3_WRITES:
        if s3.header(call, "x-amz-copy-source"):
            found += _read(call, *s3.copy_source(call))
        found += _written(call, name, key)
    if call.operation in _S3_LOOKS:
        found += _listing(call, name, key, version)
    return found


def _listing(call: Call, name: str, key: str, version: str | None) -> list[Requirement]:
    bucket = names.bucket(name)
    if bucket is None or names.stored_object(name, key, version) is not None:
        return []
    return [Requirement("s3:ListBucket", s3.bucket_arn(name), str(bucket.account_id))]


def _read(call: Call, name: str, key: str, version: str | None) -> list[Requirement]:
    stored = names.stored_object(name, key, version)
    if stored is None or getattr(stored, "encryption", None) not in _KMS_ALGORITHMS:
        return []
    context = _object_context(name, key, _is_true(stored.bucket_key_enabled))
    return _key(call, str(stored.kms_key_id or ""), [_DECRYPT], context, via="s3")


def _written(call: Call, name: str, key: str) -> list[Requirement]:
    bucket = names.bucket(name)
    rule: dict[str, Any] = (bucket.encryption or {}).get("Rule", {}) if bucket else {}
    default = rule.get("ApplyServerSideEncryptionByDefault") or {}
    algorithm = s3.header(call, "x-amz-server-side-encryption")
    key_id = s3.header(call, "x-amz-server-side-encryption-aws-kms-key-id")
    if not algorithm:
        algorithm = default.get("SSEAlgorithm", "")
        key_id = key_id or default.get("KMSMasterKeyID", "")
    if algorithm not in _KMS_ALGORITHMS:
        return []
    with_bucket_key = _is_true(rule.get("BucketKeyEnabled"))
    context = _object_context(name, key, with_bucket_key)
    # Parts are read again when the upload is completed.
    actions = [_ENCRYPT, _DECRYPT] if call.operation in _S3_PARTS else [_ENCRYPT]
    return _key(call, key_id, actions, context, via="s3")


def _is_true(value: object) -> bool:
    """Read moto's flags, which are texts where the request was XML."""
    return str(value).lower() == "true"


def _object_context(name: str, key: str, with_bucket_key: bool) -> dict[str, Values]:
    arn = s3.bucket_arn(name)
    return encryption_context({"aws:s3:arn": arn if with_bucket_key else f"{arn}/{key}"})


# Messages: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html and
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html


def _sns(call: Call) -> list[Requirement]:
    if call.operation not in {"Publish", "PublishBatch"}:
        return []
    arn = str(call.parameters.get("TopicArn") or call.parameters.get("TargetArn") or "")
    topic = sns_backends[call.account_id][call.region].topics.get(arn)
    key = str(topic.kms_master_key_id or "") if topic is not None else ""
    context = encryption_context({"aws:sns:topicArn": arn})
    return _key(call, key, [_ENCRYPT, _DECRYPT], context, via="sns")


def _sqs(call: Call) -> list[Requirement]:
    sends = call.operation in {"SendMessage", "SendMessageBatch"}
    if not sends and call.operation != "ReceiveMessage":
        return []
    arn = sqs.queue_arn(call)
    queue = sqs_backends[account_in(arn)][call.region].queues.get(arn.rsplit(":", 1)[-1])
    key = str(queue.kms_master_key_id or "") if queue is not None else ""
    actions = [_ENCRYPT, _DECRYPT] if sends else [_DECRYPT]
    return _key(call, key, actions, encryption_context({"aws:sqs:arn": arn}), via="sqs")


# Tables, functions, log groups


def _dynamodb(call: Call) -> list[Requirement]:
    given = call.parameters
    if call.operation in {"CreateTable", "UpdateTable"}:
        chosen = str((given.get("SSESpecification") or {}).get("KMSMasterKeyId") or "")
        return _key(call, chosen, _TABLE_KEY, _GRANT, via="dynamodb")
    if not call.operation.endswith(("Item", "Items", "Query", "Scan")):
        return []
    found: list[Requirement] = []
    tables = {one.resource_arn.split("/index/")[0] for one in dynamodb.required(call)}
    for arn in sorted(tables):
        table = names.table(arn)
        specification = (table.sse_specification or {}) if table is not None else {}
        key = str(specification.get("KMSMasterKeyId") or "")
        context = encryption_context({"aws:dynamodb:tableName": arn.rsplit("/", 1)[-1]})
        found += _key(call, key, [_DECRYPT], context, via="dynamodb")
    return found


def _functions(call: Call) -> list[Requirement]:
    if call.operation not in {"CreateFunction", "UpdateFunctionConfiguration"}:
        return []
    key = str(call.parameters.get("KMSKeyArn") or "")
    name = str(call.uri_parameters.get("FunctionName") or call.parameters["FunctionName"])
    context = encryption_context({"aws:lambda:FunctionArn": functions.function_arn(call, name)})
    return _key(call, key, _FUNCTION_KEY, {**context, **_GRANT}, via="lambda")


def _logs(call: Call) -> list[Requirement]:
    """Return what the Logs service itself needs of the key of a log group."""
    given = call.parameters
    key = str(given.get("kmsKeyId") or "")
    if call.operation not in {"CreateLogGroup", "AssociateKmsKey"} or not key:
        return []
    arn = names.key_arn(call.account_id, call.region, key)
    group = logs.group_arn(call, str(given.get("logGroupName", "")))
    context = encryption_context({"aws:logs:arn": group})
    service = f"logs.{call.region}.amazonaws.com"
    return [
        Requirement(action, arn, account_in(arn), context, service=service) for action in _LOGS_KEY
    ]


def _sagemaker(call: Call) -> list[Requirement]:
    """Return what the role of a job needs of the key of its volumes.

    https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
    """
    role = str(call.parameters.get("RoleArn") or "")
    volume = condition_keys(call).get("sagemaker:volumekmskey", ())
    if not volume or not role or not call.operation.startswith("Create"):
        return []
    key = names.key_arn(call.account_id, call.region, volume[0])
    return [
        Requirement("kms:CreateGrant", key, account_in(key), _GRANT, role_arn=role, via="sagemaker")
    ]


_SERVICES: Mapping[str, Callable[[Call], list[Requirement]]] = {
    "dynamodb": _dynamodb,
    "lambda": _functions,
    "logs": _logs,
    "s3": _s3,
    "sagemaker": _sagemaker,
    "sns": _sns,
    "sqs": _sqs,
}
