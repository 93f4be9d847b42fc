"""S3: actions on buckets and objects, whose names often differ from the operations'.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote
from xml.etree import ElementTree as ET

from sandbox.authorization import names
from sandbox.authorization.generic import table_action
from sandbox.authorization.requirement import Requirement, Values, pass_role
from sandbox.model import ServiceError
from sandbox.services.call import body_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.services.call import Call

# Operations on a bucket whose action has another name.
_BUCKET: Mapping[str, str] = {
    "DeleteBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "DeleteBucketInventoryConfiguration": "PutInventoryConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketMetricsConfiguration": "PutMetricsConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketAnalyticsConfiguration": "GetAnalyticsConfiguration",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketIntelligentTieringConfiguration": "GetIntelligentTieringConfiguration",
    "GetBucketInventoryConfiguration": "GetInventoryConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketMetricsConfiguration": "GetMetricsConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "ListBucketAnalyticsConfigurations": "GetAnalyticsConfiguration",
    "ListBucketIntelligentTieringConfigurations": "GetIntelligentTieringConfiguration",
    "ListBucketInventoryConfigurations": "GetInventoryConfiguration",
    "ListBucketMetricsConfigurations": "GetMetricsConfiguration",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "PutBucketInventoryConfiguration": "PutInventoryConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketMetricsConfiguration": "PutMetricsConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
# Operations on an object whose action has another name.
_OBJECT: Mapping[str, str] = {
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "HeadObject": "GetObject",
    "ListParts": "ListMultipartUploadParts",
    "SelectObjectContent": "GetObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
}
# Actions that have another name when the request names a version.
_VERSIONED: Mapping[str, str] = {
    "DeleteObject": "DeleteObjectVersion",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
    "GetObject": "GetObjectVersion",
    "GetObjectAcl": "GetObjectVersionAcl",
    "GetObjectAttributes": "GetObjectVersionAttributes",
    "GetObjectTagging": "GetObjectVersionTagging",
    "GetObjectTorrent": "GetObjectVersionTorrent",
    "PutObjectAcl": "PutObjectVersionAcl",
    "PutObjectTagging": "PutObjectVersionTagging",
}
_GRANTS = (
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
)
# Headers with which a write does something that has an action of its own.
_EXTRA: Mapping[str, str] = {
    "x-amz-acl": "PutObjectAcl",
    **dict.fromkeys(_GRANTS, "PutObjectAcl"),
    "x-amz-object-lock-legal-hold": "PutObjectLegalHold",
    "x-amz-object-lock-mode": "PutObjectRetention",
    "x-amz-tagging": "PutObjectTagging",
}
# Condition keys that are headers or query parameters of the same request.
_HEADER_KEYS = (
    "x-amz-acl",
    "x-amz-copy-source",
    *_GRANTS,
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-storage-class",
    "if-none-match",
    "if-match",
)
_QUERY_KEYS: Mapping[str, str] = {
    "prefix": "s3:prefix",
    "delimiter": "s3:delimiter",
    "max-keys": "s3:max-keys",
    "versionId": "s3:versionid",
}


def required(call: Call) -> tuple[Requirement, ...]:
    """Return what an S3 operation needs.

    Raises:
        ServiceError: ``NoSuchUpload`` for an upload of another key; ``MalformedXML``.
    """
    name, operation = str(call.uri_parameters.get("Bucket", "")), call.operation
    if operation in ("ListBuckets", "ListDirectoryBuckets"):
        return (_need(call, "ListAllMyBuckets", "*"),)
    if operation == "DeleteObjects":
        return _deleted(call, name)
    if "Key" not in call.uri_parameters:
        action = _BUCKET.get(operation, operation)
        return (_need(call, action, bucket_arn(name)), *_bucket_extras(call, name))
    return _on_object(call, name)


def bucket_arn(name: str) -> str:
    """Return a bucket's ARN."""
    return f"arn:aws:s3:::{name}"


def header(call: Call, name: str) -> str:
    """Return a request header, empty when there is none."""
    return str(call.environ.get(f"HTTP_{name.upper().replace('-', '_')}", ""))


def query(call: Call, name: str) -> str | None:
    """Return a parameter of the query string, ``None`` when there is none."""
    values = parse_qs(call.environ.get("QUERY_STRING", ""), keep_blank_values=True)
    return values[name][0] if name in values else None


def copy_source(call: Call) -> tuple[str, str, str | None]:
    """Return bucket, key and version that a copy reads."""
    path, _, version = header(call, "x-amz-copy-source").partition("?versionId=")
    name, _, key = unquote(path).removeprefix("/").partition("/")
    return name, key, version or None


def _on_object(call: Call, name: str) -> tuple[Requirement, ...]:
    key = str(call.uri_parameters["Key"])
    arn = f"{bucket_arn(name)}/{key}"
    upload = names.multipart_upload(name, query(call, "uploadId") or "")
    if upload is not None and upload.key_name != key:
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html
        raise ServiceError("NoSuchUpload", "The specified upload does not exist.", 404)
    action = _OBJECT.get(call.operation, call.operation)
    if query(call, "versionId") is not None:
        action = _VERSIONED.get(action, action)
    found = [_need(call, action, arn)]
    if call.operation == "GetObjectAttributes":
        found.append(_need(call, action.removesuffix("Attributes"), arn))
    if header(call, "x-amz-copy-source") and action == "PutObject":
        bucket, source, version = copy_source(call)
        read = "GetObjectVersion" if version else "GetObject"
        found.append(_need(call, read, f"{bucket_arn(bucket)}/{source}"))
    if action == "PutObject":
        extras = dict.fromkeys(extra for given, extra in _EXTRA.items() if header(call, given))
        found += [_need(call, extra, arn) for extra in extras]
    return tuple(found)


def _bucket_extras(call: Call, name: str) -> tuple[Requirement, ...]:
    """Return what operations on buckets need besides.

    CreateBucket needs nothing for the ACL "private", which is the default.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    """
    if call.operation == "PutBucketReplication":
        return _replication_role(call)
    if call.operation != "CreateBucket":
        return ()
    extras = {
        "x-amz-acl": "PutBucketAcl",
        **dict.fromkeys(_GRANTS, "PutBucketAcl"),
        "x-amz-bucket-object-lock-enabled": "PutBucketObjectLockConfiguration",
        "x-amz-object-ownership": "PutBucketOwnershipControls",
    }
    needed = (each for given, each in extras.items() if header(call, given) not in {"", "private"})
    return tuple(_need(call, action, bucket_arn(name)) for action in dict.fromkeys(needed))


def _replication_role(call: Call) -> tuple[Requirement, ...]:
    """Return the handing over of the role that S3 replicates with.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html
    """
    roles = [one.text for one in _elements(call, "Role")]
    return tuple(need for role in roles for need in pass_role(call, role, "s3.amazonaws.com"))


def _deleted(call: Call, name: str) -> tuple[Requirement, ...]:
    """Return a requirement for each key of DeleteObjects; the body says which."""
    found = []
    for entry in _elements(call, "Object"):
        parts = [(child.tag.rpartition("}")[2], child.text or "") for child in entry]
        keys = [text for tag, text in parts if tag == "Key"]
        if len(keys) != 1 or not keys[0]:
            raise ServiceError("MalformedXML", "each Object has exactly one Key")
        versioned = any(tag == "VersionId" and text for tag, text in parts)
        action = "DeleteObjectVersion" if versioned else "DeleteObject"
        found.append(_need(call, action, f"{bucket_arn(name)}/{keys[0]}"))
    if not found:
        raise ServiceError("MalformedXML", "the body has no Object")
    return tuple(found)


def _elements(call: Call, tag: str) -> list[ET.Element]:
    """Return the elements of a name in the request's body, whatever their namespace."""
    try:
        root = ET.fromstring(body_of(call))  # noqa: S314 - the sandbox's own callers
    except ET.ParseError as error:
        raise ServiceError("MalformedXML", f"the body is not XML: {error}") from error
    return [one for one in root.iter() if one.tag.rpartition("}")[2] == tag]


def _need(call: Call, action: str, resource_arn: str) -> Requirement:
    found = table_action(call, action)
    owner = names.bucket(resource_arn.removeprefix("arn:aws:s3:::").split("/", 1)[0])
    account = str(owner.account_id) if owner is not None else call.account_id
    return Requirement(found.name, resource_arn, account, _context(call))


def _context(call: Call) -> dict[str, Values]:
    """Return the condition keys that S3 takes from the request.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
    """
    given = (name for name in _HEADER_KEYS if header(call, name))
    keys: dict[str, Values] = {f"s3:{name}": (header(call, name),) for name in given}
    for name, key in _QUERY_KEYS.items():
        value = query(call, name)
        if value is not None:
            keys[key] = (value,)
    return keys
