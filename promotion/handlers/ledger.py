"""Lambda: the only writer of the ledger, in the registry account.

Takes two kinds of events:

- `{"token": ..., "record": {...}}`, from the roles of linked accounts that may invoke it. Lambda
  does not tell a function who invokes it, so the record's actor is what that role states. Kinds
  that only the registry itself can know (approval, rejection, ...) are refused here.
- EventBridge's "SageMaker Model Package State Change". Who decided, and why, is read from the
  model package: the event does not say it.

Queries and writes the table named by the environment variable LEDGER_TABLE; calls sagemaker
DescribeModelPackage. Standard library, boto3 and `promotion.ledger` only.
"""

import datetime
import json
import os
import sys
from typing import TYPE_CHECKING, Any

import boto3

from promotion.handlers.ledger_table import LedgerTable, Written
from promotion.handlers.model_decision import DETAIL_TYPE, SOURCE, Decisions, NotDecided
from promotion.ledger.check import RecordRefused, check_token, record_from
from promotion.ledger.moments import timestamp
from promotion.ledger.record import DECISION_KINDS

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

Answer = Written | NotDecided


def handler(event: dict[str, Any], context: object) -> Answer:
    """Record what the event tells of; environment variables name the table and the groups."""
    table = LedgerTable(
        boto3.client("dynamodb"), os.environ["LEDGER_TABLE"], lambda: timestamp(_now())
    )
    decisions = Decisions(os.environ["ENVIRONMENT"], json.loads(os.environ["USE_CASES"]))
    answer = take(event, table, decisions, boto3.client("sagemaker"))
    # The log is outside of the table: each head that stands in it can be held against the ledger.
    sys.stdout.write(json.dumps({"ledger": answer}, sort_keys=True) + "\n")
    return answer


def take(
    event: dict[str, Any],
    table: LedgerTable,
    decisions: Decisions,
    sagemaker: "SageMakerClient",
) -> Answer:
    """Record one event, once however often it comes.

    Args:
        event: what the function was invoked with.
        table: the ledger.
        decisions: reads model package events.
        sagemaker: SageMaker client.

    Returns:
        Where the record stands, or why there is nothing to record.

    Raises:
        RecordRefused: the event is none that the ledger takes; RecordTooLarge when it is too long.
        LedgerBusy: others wrote first at every attempt.
    """
    if (event.get("source"), event.get("detail-type")) == (SOURCE, DETAIL_TYPE):
        return decisions.record(event, table, sagemaker)
    unknown = sorted(set(event) - {"token", "record"})
    if unknown:
        raise RecordRefused(
            f"unknown keys {', '.join(unknown)}: the ledger takes a token and a record, or a "
            f"{DETAIL_TYPE} event"
        )
    token, record = check_token(event.get("token")), record_from(event.get("record"))
    if record.kind in DECISION_KINDS:
        raise RecordRefused(
            f"kind {record.kind} is recorded from the registry's own events, not on request"
        )
    return table.append(record, f"stated/{token}")


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
