"""S3 server access logging: whether S3 may deliver a bucket's access log.

Reads the target bucket's policy. moto's own check breaks down over a policy whose principal is
``"*"`` and ignores conditions. The sandbox delivers no access logs.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
"""

from __future__ import annotations

from typing import Any

from sandbox.authorization.callers import service_caller
from sandbox.authorization.evaluate import evaluate
from sandbox.authorization.policy import parse_policy
from sandbox.authorization.request import Policies, Request

_SERVICE = "logging.s3.amazonaws.com"


def may_deliver(bucket: Any, target_bucket: Any, target_prefix: str | None) -> bool:
    """Return whether the target's policy lets S3 put a log of the bucket under the prefix.

    Args:
        bucket: moto's bucket whose access is logged.
        target_bucket: moto's bucket that receives the log.
        target_prefix: What the log's keys start with.
    """
    if not target_bucket.policy:
        return False
    arn = f"arn:aws:s3:::{target_bucket.name}"
    context = {
        "aws:sourcearn": (f"arn:aws:s3:::{bucket.name}",),
        "aws:sourceaccount": (bucket.account_id,),
        "aws:securetransport": ("true",),
    }
    request = Request(
        caller=service_caller(bucket.account_id, _SERVICE),
        action="s3:PutObject",
        resource=f"{arn}/{target_prefix or ''}2026-01-01-00-00-00-0123456789ABCDEF",
        resource_account=target_bucket.account_id,
        context=context,
    )
    policy = parse_policy(arn, target_bucket.policy.decode())
    return evaluate(request, Policies(resource=policy)).allowed
