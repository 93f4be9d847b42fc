"""SQS: queues by URL, by name or by ARN; batches count as the single action.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.authorization.generic import by_tables, request_tags, table_action
from sandbox.authorization.requirement import Requirement, need

if TYPE_CHECKING:
    from sandbox.services.call import Call


def required(call: Call) -> tuple[Requirement, ...]:
    """Return what an SQS operation needs."""
    action = call.operation.removesuffix("Batch")
    queue = queue_arn(call)
    if not queue:
        return by_tables(call, action)
    tags = request_tags(call)
    found = need(call, table_action(call, action).name, queue, tags)
    if call.operation == "CreateQueue" and tags:
        return found, need(call, "sqs:TagQueue", queue, tags)
    return (found,)


def queue_arn(call: Call) -> str:
    """Return the ARN of the queue that a call names, empty when it names none."""
    given = call.parameters
    url = str(given.get("QueueUrl") or "")
    if url:
        account, name = url.rstrip("/").split("/")[-2:]
        return f"arn:aws:sqs:{call.region}:{account}:{name}"
    name = str(given.get("QueueName") or "")
    if not name:
        return ""
    account = str(given.get("QueueOwnerAWSAccountId") or call.account_id)
    return f"arn:aws:sqs:{call.region}:{account}:{name}"
