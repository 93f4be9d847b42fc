"""Lambda: tells people of an event, once, in words.

Publishes to the topic TOPIC_ARN, and notes in the bucket DATA_BUCKET what it has told. It takes an
event from a rule, or the record of a failure from its own queue. Standard library and boto3 only.
"""

import json
import os
from typing import Any

import boto3

from promotion.handlers.alert_texts import Habits, alert_of
from promotion.handlers.telling import Memory, Told, tell, unwrapped


def handler(event: dict[str, Any], context: Any) -> Told:
    """Tell of an event."""
    habits = Habits(
        name=os.environ["NAME_PREFIX"],
        use_cases=json.loads(os.environ["USE_CASES"]),
        retrained=frozenset(json.loads(os.environ["RETRAINED"])),
        approved=json.loads(os.environ["APPROVED"]),
    )
    first, request_id = unwrapped(event, context.aws_request_id)
    memory = Memory(boto3.client("s3"), os.environ["DATA_BUCKET"], request_id)
    return tell(alert_of(first, habits), memory, boto3.client("sns"), os.environ["TOPIC_ARN"])
