"""Lambda: tells the event bus what the check of a batch against its model's baseline found.

Drift, which may start training, and warnings, which start nothing, are events of two types.

The files that the event names must lie under the prefix of the use case that it names. Which use
case the caller is, Lambda does not say.

Calls events PutEvents on the bus named by the environment variable EVENT_BUS_NAME. Standard
library and boto3 only.
"""

import json
import os
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import urlsplit

import boto3

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

SOURCE = "promotion.data-quality"
DETAIL_TYPES = {"retrain": "Data Drift Detected", "warn": "Data Quality Warning"}
KEYS = (
    "use_case",
    "model_package_arn",
    "model_version",
    "batch_uri",
    "batch_version",
    "violations_uri",
    "worst_features",
    "summary",
    "pipeline_execution_id",
)
FILES = ("batch_uri", "violations_uri")


class EventRefused(Exception):
    """EventBridge did not take the event."""


class ForeignFile(Exception):
    """A file of the event lies outside of its use case's prefix."""


class Emitted(TypedDict):
    """The event."""

    event_id: str


def handler(event: dict[str, Any], context: object) -> Emitted:
    """Publish what the check found."""
    return emit(event, os.environ["EVENT_BUS_NAME"], boto3.client("events"))


def emit(drift: dict[str, Any], bus_name: str, events: "EventBridgeClient") -> Emitted:
    """Publish one event.

    Args:
        drift: has every key of KEYS, and `severity`, one of DETAIL_TYPES.
        bus_name: name or ARN of the event bus.
        events: EventBridge client.

    Raises:
        KeyError: a key is missing, or the severity is unknown.
        ForeignFile: a file lies outside of the use case's prefix; nothing is published.
        EventRefused: EventBridge did not take the event.
    """
    for key in FILES:
        if urlsplit(drift[key]).path.split("/")[1:2] != [drift["use_case"]]:
            raise ForeignFile(f"{key} {drift[key]} is no file of use case {drift['use_case']}")
    entry: PutEventsRequestEntryTypeDef = {
        "Source": SOURCE,
        "DetailType": DETAIL_TYPES[drift["severity"]],
        "Detail": json.dumps({key: drift[key] for key in KEYS}),
        "EventBusName": bus_name,
    }
    # PutEvents succeeds as a call even when it refuses an entry.
    result = events.put_events(Entries=[entry])["Entries"][0]
    if "EventId" not in result:
        raise EventRefused(
            f"the event bus {bus_name} refused the drift event of {drift['batch_uri']}: "
            f"{result.get('ErrorCode')}: {result.get('ErrorMessage')}"
        )
    return Emitted(event_id=str(result["EventId"]))
