"""Where moto's own code must call ours: the few functions that are replaced.

Changes moto's modules in this process while a sandbox runs, and puts them back. Replaced,
each with its reason:

- the bucket policy check of S3: it ignores conditions, so that a deny-unless-TLS statement
  locks the bucket;
- the check that S3 may deliver access logs: it breaks down over a policy for everyone;
- S3's messages to EventBridge: they reach none of our targets;
- S3's access logs: moto writes a made-up line at every request, whatever was asked and answered,
  and fills the bucket for logs with them;
- publishing to an e-mail subscription: moto drops it;
- disposing of a delete marker in a bucket whose versioning is suspended: moto lacks the method
  and breaks down;
- choosing the operation of a request: moto looks for ``Action`` in the query string, in the text
  of a JSON body and in the headers, and would run another operation than the one that was judged;
- signing with KMS: moto hashes a digest once more;
- running a Lambda function from within moto (SNS, S3 and SQS triggers): moto needs Docker.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sandbox.services import kms
from sandbox.services.access_logs import may_deliver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.model import Emit
    from sandbox.services.inbox import Inbox

# Where moto's requests carry the call that was judged.
JUDGED = "sandbox.call"
_MAILED = ("email", "email-json")


@contextmanager
def seams(
    *, emit: Emit, inbox: Inbox, invoke_later: Callable[[Any, object], None]
) -> Iterator[None]:
    """Replace moto's functions until the context ends.

    Args:
        emit: Publishes S3's events.
        inbox: Receives e-mails.
        invoke_later: Invokes a stored function asynchronously.
    """
    from moto.awslambda.models import LambdaFunction
    from moto.core.responses import BaseResponse
    from moto.iam.access_control import PermissionResult
    from moto.kms.responses import KmsResponse
    from moto.s3 import notifications
    from moto.s3.models import FakeBucket, FakeDeleteMarker, S3Backend
    from moto.sns.models import Subscription

    publish, sign = Subscription.publish, KmsResponse.sign
    action, setup = BaseResponse._get_action, BaseResponse.setup_class

    def no_opinion(bucket: Any, action: str, resource: str) -> Any:
        return PermissionResult.NEUTRAL

    def to_bus(account_id: str, bucket: Any, event_name: str, key: Any) -> None:
        # moto's names are members of a text enumeration.
        # The event belongs to the bucket's owner, whoever wrote the object.
        event = s3_event(account_id, bucket, str.__str__(event_name), key)
        emit(bucket.account_id, event)

    def publish_or_mail(subscription: Any, message: str, message_id: str, **given: Any) -> None:
        if subscription.protocol not in _MAILED:
            publish(subscription, message, message_id, **given)
        elif _passes_filter(subscription, message, given.get("message_attributes")):
            if given.get("message_structure") == "json":
                texts = json.loads(message)
                message = texts.get(subscription.protocol, texts.get("default"))
            inbox.deliver(
                topic=subscription.topic_arn,
                to=subscription.endpoint,
                subject=given.get("subject"),
                body=message,
            )

    def invoke(function: Any, body: str, request_headers: Any, response_headers: Any) -> str:
        invoke_later(function, json.loads(body or "{}"))
        return "{}"

    def judged_action(response: Any) -> str:
        found: str = action(response)
        call = response.normalized_request.environ.get(JUDGED)
        return call.operation if call is not None and call.operation else found

    def setup_judged(response: Any, request: Any, *given: Any, **more: Any) -> None:
        setup(response, request, *given, **more)
        call = request.environ.get(JUDGED)
        if call is not None and call.protocol in {"json", "cbor"}:
            response.querystring = response.data = {}

    def sign_as_told(request: Any) -> str:
        return kms.sign(sign, request)

    def keep_nothing(marker: Any) -> None:
        return None

    def log_nothing(backend: Any, request: Any, bucket_name: str) -> None:
        return None

    replaced: list[tuple[Any, str, Any]] = [
        (BaseResponse, "_get_action", judged_action),
        (BaseResponse, "setup_class", setup_judged),
        (FakeBucket, "get_permission", no_opinion),
        (FakeBucket, "_log_permissions_enabled_policy", may_deliver),
        (FakeDeleteMarker, "dispose", keep_nothing),
        (KmsResponse, "sign", sign_as_told),
        (S3Backend, "log_incoming_request", log_nothing),
        (notifications, "_send_event_bridge_message", to_bus),
        (Subscription, "publish", publish_or_mail),
        (LambdaFunction, "invoke", invoke),
    ]
    originals = [(owner, name, vars(owner).get(name)) for owner, name, _ in replaced]
    for owner, name, ours in replaced:
        setattr(owner, name, ours)
    try:
        yield
    finally:
        for owner, name, original in originals:
            if original is None:
                delattr(owner, name)
            else:
                setattr(owner, name, original)


def _passes_filter(subscription: Any, message: str, attributes: Any) -> bool:
    matcher = subscription._filter_policy_matcher
    return matcher is None or bool(matcher.matches(attributes, message))


def s3_event(account_id: str, bucket: Any, event_name: str, key: Any) -> dict[str, Any]:
    """Return what S3 tells EventBridge about an object.

    Args:
        account_id: Account that made the change.
        bucket: moto's bucket.
        event_name: Such as ``s3:ObjectCreated:Put``.
        key: moto's object.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    created = "ObjectCreated" in event_name
    about = {"key": key.name, "sequencer": f"{key.last_modified.timestamp():.6f}"}
    if key.version_id not in (None, "null"):
        about["version-id"] = key.version_id
    detail: dict[str, Any] = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": {**about, "size": key.size, "etag": key.etag.strip('"')} if created else about,
        "requester": account_id,
        "reason": _reason(event_name),
    }
    if not created:
        marker = "DeleteMarkerCreated" in event_name
        detail["deletion-type"] = "Delete Marker Created" if marker else "Permanently Deleted"
    return {
        "source": "aws.s3",
        "detail-type": "Object Created" if created else "Object Deleted",
        "region": bucket.region_name,
        "resources": [bucket.arn],
        "detail": detail,
    }


def _reason(event_name: str) -> str:
    kind = event_name.rsplit(":", 1)[-1]
    return {
        "Put": "PutObject",
        "Post": "POST Object",
        "Copy": "CopyObject",
        "CompleteMultipartUpload": "CompleteMultipartUpload",
    }.get(kind, "DeleteObject")
