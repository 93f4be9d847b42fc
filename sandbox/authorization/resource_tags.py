"""Tags of a resource, for conditions on ``aws:ResourceTag``.

Reads moto's stores. Services that are missing here have no tags as far as conditions go
(see docs/emulation-limits.md); S3 has none on AWS either, unless a bucket opts in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends
from moto.dynamodb.models import dynamodb_backends
from moto.events.models import events_backends
from moto.kms.models import kms_backends
from moto.sqs.models import sqs_backends

from sandbox.authorization import names
from sandbox.authorization.requirement import account_in, tag_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ARN_PARTS = 6


def tags_of(arn: str, sagemaker: Callable[[str], Mapping[str, str]]) -> Mapping[str, str]:
    """Return a resource's tags by key; empty when it has none or does not exist.

    Args:
        arn: The resource.
        sagemaker: Gives the tags of SageMaker's resources, which moto does not keep.
    """
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS:
        return {}
    if parts[2] == "sagemaker":
        return sagemaker(arn)
    read = _READ.get(parts[2])
    return read(arn, parts[3], parts[5]) if read else {}


def _iam(arn: str, _: str, name: str) -> Mapping[str, str]:
    kind, _, plain = name.partition("/")
    stored = names.role(account_in(arn), plain.rsplit("/", 1)[-1]) if kind == "role" else None
    return tag_pairs(stored.tags) if stored else {}


def _kms(arn: str, region: str, name: str) -> Mapping[str, str]:
    return _pairs(_backend(kms_backends, arn, region).tagger, name.rsplit("/", 1)[-1])


def _dynamodb(arn: str, region: str, name: str) -> Mapping[str, str]:
    table = _backend(dynamodb_backends, arn, region).tables.get(name.split("/")[1])
    return tag_pairs(table.tags) if table else {}


def _events(arn: str, region: str, name: str) -> Mapping[str, str]:
    return _pairs(_backend(events_backends, arn, region).tagger, arn)


def _sqs(arn: str, region: str, name: str) -> Mapping[str, str]:
    queue = _backend(sqs_backends, arn, region).queues.get(name)
    return {key: str(value) for key, value in queue.tags.items()} if queue else {}


def _functions(arn: str, region: str, name: str) -> Mapping[str, str]:
    try:
        stored = _backend(lambda_backends, arn, region).get_function(name.split(":")[1])
    except UnknownFunctionException:
        return {}
    return {key: str(value) for key, value in stored.tags.items()}


def _backend(backends: Any, arn: str, region: str) -> Any:
    return backends[account_in(arn)][region]


def _pairs(tagger: Any, name: str) -> Mapping[str, str]:
    return tag_pairs(tagger.list_tags_for_resource(name)["Tags"])


_READ: Mapping[str, Callable[[str, str, str], Mapping[str, str]]] = {
    "dynamodb": _dynamodb,
    "events": _events,
    "iam": _iam,
    "kms": _kms,
    "lambda": _functions,
    "sqs": _sqs,
}
