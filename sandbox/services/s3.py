"""S3: what moto leaves out of its answers.

Delegates to moto and reads its bucket store.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

from moto.s3.models import s3_backends

from sandbox.model import ServiceError
from sandbox.services.answer import Answer
from sandbox.services.call import body_of
from sandbox.services.moto_server import not_emulated

if TYPE_CHECKING:
    from sandbox.services.call import Call
    from sandbox.services.moto_server import MotoServer

_OK = 200
# moto does not know their query parameters: it would list or create the bucket instead. The reads
# that Terraform makes of every bucket (request payment, ABAC) are left to it: an empty answer fits.
_TAKEN_FOR_OTHERS = (
    "CreateSession",
    "DeleteBucketAnalyticsConfiguration",
    "DeleteBucketIntelligentTieringConfiguration",
    "DeleteBucketMetricsConfiguration",
    "GetBucketAnalyticsConfiguration",
    "GetBucketIntelligentTieringConfiguration",
    "GetBucketMetricsConfiguration",
    "GetObjectTorrent",
    "ListBucketAnalyticsConfigurations",
    "ListBucketIntelligentTieringConfigurations",
    "ListBucketMetricsConfigurations",
    "PutBucketAbac",
    "PutBucketAnalyticsConfiguration",
    "PutBucketIntelligentTieringConfiguration",
    "PutBucketMetricsConfiguration",
    "PutBucketRequestPayment",
    "RenameObject",
)
_ROOT_END = re.compile(rb"</NotificationConfiguration>\s*$|/>\s*$")
_HASHES = {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256}
_FLAG = b"<EventBridgeConfiguration></EventBridgeConfiguration>"


class S3Api:
    """Serves S3 operations.

    Args:
        moto: Keeps buckets.

    Attributes:
        REFUSED: Operations that moto would take for others.
    """

    REFUSED = _TAKEN_FOR_OTHERS

    def __init__(self, moto: MotoServer) -> None:
        self._moto = moto

    def refuse(self, call: Call) -> Answer:
        """Answer that nobody here serves the operation.

        Raises:
            ServiceError: Always.
        """
        raise not_emulated(call, "no such operation of buckets or objects")

    def put_object(self, call: Call) -> Answer:
        """Serve PutObject: keep the hash that its body comes with.

        moto forgets one whose algorithm no second header names, and verifies none. A body that
        comes in chunks is left to it: the hash is of what moto makes of them.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html

        Raises:
            ServiceError: ``BadDigest`` when the hash is of another body.
        """
        chunked = call.environ.get("HTTP_X_AMZ_CONTENT_SHA256", "").startswith("STREAMING-")
        for algorithm, hashed in _HASHES.items():
            if stated := call.environ.get(f"HTTP_X_AMZ_CHECKSUM_{algorithm}"):
                call.environ["HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM"] = algorithm
                if chunked:
                    continue
                if stated != base64.b64encode(hashed(body_of(call)).digest()).decode():
                    raise ServiceError(
                        "BadDigest",
                        f"The {algorithm} you specified did not match the calculated checksum.",
                    )
        return self._moto.serve(call)

    def get_notification(self, call: Call) -> Answer:
        """Serve GetBucketNotificationConfiguration: show that EventBridge is on."""
        answer = self._moto.serve(call)
        if answer.status != _OK or not _sends_to_event_bridge(call):
            return answer
        match = _ROOT_END.search(answer.body)
        if match is None:
            return answer
        closing = b">" if match[0].startswith(b"/>") else b""
        body = answer.body[: match.start()] + closing + _FLAG + b"</NotificationConfiguration>"
        return Answer(_OK, answer.headers, body)


def _sends_to_event_bridge(call: Call) -> bool:
    name = call.uri_parameters["Bucket"]
    # Bucket names are global: moto's index of all buckets has one entry a partition.
    account = s3_backends.bucket_accounts.get(name)
    if account is None:
        return False
    bucket = s3_backends[account[1]][account[0]].buckets[name]
    configuration = bucket.notification_configuration
    return configuration is not None and configuration.event_bridge is not None
