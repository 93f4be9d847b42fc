"""Lambdas: the only writers of the ledger, in the registry account.

Lambda does not tell a function who invokes it, so that each way in is a function of its own, with a
permission of its own:

- `decided`, for EventBridge's "SageMaker Model Package State Change" and nobody else. Who decided,
  and why, is read from the model package: the event does not say it.
- `stated`, one for each linked account, for `{"token": ..., "record": {...}}` of that account. A
  record of another account or environment is refused, and so are kinds that only the registry
  itself can know (approval, rejection, ...). The record's actor is what the account's role states.

Queries and writes the table named by the environment variable LEDGER_TABLE; `decided` calls
sagemaker DescribeModelPackage. Standard library, boto3 and `promotion.ledger` only.
"""

import datetime
import json
import os
import sys
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Origin:
    """Where stated records come from.

    Attributes:
        environment: name of the environment.
        account_id: its account.
    """

    environment: str
    account_id: str


def decided(event: dict[str, Any], context: object) -> Answer:
    """Record the decision that EventBridge tells of."""
    decisions = Decisions(os.environ["ENVIRONMENT"], json.loads(os.environ["USE_CASES"]))
    return _told(take_decision(event, _table(), decisions, boto3.client("sagemaker")))


def stated(event: dict[str, Any], context: object) -> Answer:
    """Record what the one account that may invoke this function states."""
    origin = Origin(os.environ["STATED_ENVIRONMENT"], os.environ["STATED_ACCOUNT_ID"])
    return _told(take_stated(event, _table(), origin))


def take_decision(
    event: dict[str, Any],
    table: LedgerTable,
    decisions: Decisions,
    sagemaker: "SageMakerClient",
) -> Answer:
    """Record one decision, once however often it comes.

    Args:
        event: what the function was invoked with.
        table: the ledger.
        decisions: reads model package events.
        sagemaker: SageMaker client.

    Returns:
        Where the record stands, or why there is nothing to record.

    Raises:
        RecordRefused: the event is none that the ledger takes.
        LedgerBusy: others wrote first at every attempt.
    """
    if (event.get("source"), event.get("detail-type")) != (SOURCE, DETAIL_TYPE):
        raise RecordRefused(f"this function takes {DETAIL_TYPE} events and nothing else")
    return decisions.record(event, table, sagemaker)


def take_stated(event: dict[str, Any], table: LedgerTable, origin: Origin) -> Written:
    """Record one statement, once however often it comes.

    Args:
        event: what the function was invoked with.
        table: the ledger.
        origin: the one account that it takes records of.

    Returns:
        Where the record stands.

    Raises:
        RecordRefused: the event is none that the ledger takes; RecordTooLarge when it is too long.
        LedgerBusy: others wrote first at every attempt.
    """
    unknown = sorted(set(event) - {"token", "record"})
    if unknown:
        raise RecordRefused(
            f"unknown keys {', '.join(unknown)}: this function takes a token and a record"
        )
    token, record = check_token(event.get("token")), record_from(event.get("record"))
    if (record.environment, record.account_id) != (origin.environment, origin.account_id):
        raise RecordRefused(
            f"the record is of {record.environment} in account {record.account_id}; this function "
            f"takes those of {origin.environment} in account {origin.account_id}"
        )
    if record.kind in DECISION_KINDS:
        raise RecordRefused(
            f"kind {record.kind} is recorded from the registry's own events, not on request"
        )
    # With the environment, so that no account takes another's token.
    return table.append(record, f"stated/{origin.environment}/{token}")


def _table() -> LedgerTable:
    return LedgerTable(
        boto3.client("dynamodb"), os.environ["LEDGER_TABLE"], lambda: timestamp(_now())
    )


def _told(answer: Answer) -> Answer:
    # The log is outside of the table: each head that stands in it can be held against the ledger.
    sys.stdout.write(json.dumps({"ledger": answer}, sort_keys=True) + "\n")
    return answer


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
