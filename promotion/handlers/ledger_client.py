"""Hands records to the ledger of the registry account, through the account's own function there.

Calls lambda Invoke. Standard library and `promotion.ledger` only.
"""

import json
from typing import TYPE_CHECKING, Any

from promotion.ledger.record import Record

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class LedgerRefused(Exception):
    """The ledger's function did not record the fact."""


def submit(record: Record, token: str, function_arn: str, client: "LambdaClient") -> dict[str, Any]:
    """Hand a record to the ledger's function and return its answer.

    Args:
        record: the fact.
        token: the same for the same fact: it is recorded once however often it is handed in.
        function_arn: the function that takes this account's records.
        client: Lambda client.

    Raises:
        LedgerRefused: the function ended with an error; nothing was recorded.
        ClientError: it may not be invoked.
    """
    payload = json.dumps({"token": token, "record": record.document()})
    answer = client.invoke(FunctionName=function_arn, Payload=payload.encode())
    result: dict[str, Any] = json.loads(answer["Payload"].read())
    if answer.get("FunctionError"):
        raise LedgerRefused(
            f"{function_arn} did not record {token}: {result.get('errorType')}: "
            f"{result.get('errorMessage')}"
        )
    return result
