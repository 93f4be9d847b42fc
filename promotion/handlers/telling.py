"""Tells people of something once, whoever asks for it how often.

What was told stands under `alerts/` in a bucket: an event that tells of the same thing again (AWS
sends some more than once, a run has several failed steps) is not told a second time. Each note is
written once and never again. Calls s3 PutObject and GetObject, sns Publish. Standard library and
boto3 only.

Whoever has written the note tells: of several at the same moment one does. Lambda's own retries
have the same request id and go on where the first attempt failed, and so does what its queue of
failures kept, if it is handed back as it lies there. Told twice is only what was published by an
attempt that failed after that: SNS has no more to offer than at least once.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

from botocore.exceptions import ClientError

from promotion.handlers.alert_texts import Alert

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient

PREFIX = "alerts/"
# What S3 says to a conditional write of a key that exists, or is being written.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
TAKEN_CODES = {"PreconditionFailed", "ConditionalRequestConflict"}


class Told(TypedDict):
    """Id of the message, or None; and where it stands that people were told."""

    message_id: str | None
    told_in: str


def unwrapped(event: Mapping[str, Any], request_id: str) -> tuple[Mapping[str, Any], str]:
    """Return the event and the request that it first came with.

    Args:
        event: an event, or what Lambda put into the queue of failures about one: that holds it as
            `requestPayload`. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
        request_id: of this invocation.
    """
    if "requestPayload" not in event:
        return event, request_id
    return event["requestPayload"], str(event["requestContext"]["requestId"])


class Memory:
    """What people were told of.

    Args:
        s3: S3 client.
        bucket: where it is kept.
        request_id: of this invocation; Lambda's own retries of it have the same.
    """

    def __init__(self, s3: "S3Client", bucket: str, request_id: str) -> None:
        """Keep them."""
        self._s3, self._bucket, self._request_id = s3, bucket, request_id

    def take(self, fact: str) -> tuple[str, bool]:
        """Return where a fact is kept, and whether this invocation is to tell of it.

        Raises:
            ClientError: S3 fails.
        """
        key = f"{PREFIX}{hashlib.sha256(fact.encode()).hexdigest()}.json"
        body = json.dumps({"fact": fact, "request_id": self._request_id})
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body.encode(), IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] not in TAKEN_CODES:
                raise
            return key, self._is_own(key)
        return key, True

    def _is_own(self, key: str) -> bool:
        """Return whether an earlier attempt of this very invocation has taken the fact."""
        body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return bool(json.loads(body)["request_id"] == self._request_id)


def tell(alert: Alert, memory: Memory, sns: "SNSClient", topic_arn: str) -> Told:
    """Publish an alert, unless its fact was told.

    Raises:
        ClientError: S3 or SNS fails; Lambda tries again, and then keeps the event.
    """
    key, is_new = memory.take(alert.fact)
    if not is_new:
        return Told(message_id=None, told_in=key)
    sent = sns.publish(TopicArn=topic_arn, Subject=alert.subject, Message=alert.body)
    return Told(message_id=sent["MessageId"], told_in=key)
