"""What an account states to the ledger: records handed to the one function that takes its own.

Calls Lambda Invoke, which appends to the ledger in the registry account.
"""

import json
from typing import TYPE_CHECKING, Any

from promotion.aws.errors import Call, remote_call
from promotion.errors import RemoteError
from promotion.ledger.record import Record, canonical

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# What the function raises when the record itself is the reason; `promotion.ledger` defines them.
_REFUSALS = frozenset({"RecordRefused", "RecordTooLarge"})
_SHOWN = 400


class StatementRefused(RemoteError):
    """The ledger does not take the record, now or later."""


class Statements:
    """Hands in records of one account.

    Args:
        client: Lambda client under a role of the account that the records are of.
        account_id: the registry account, for messages.
        function_name: name or ARN of the account's own function there.
    """

    def __init__(self, client: "LambdaClient", account_id: str, function_name: str) -> None:
        """Keep the client."""
        self._client = client
        self._account_id = account_id
        self._function_name = function_name

    def state(self, record: Record, token: str) -> None:
        """Record a fact, once however often it is stated with the same token.

        Args:
            record: the fact.
            token: what the account calls it.

        Raises:
            StatementRefused: the ledger does not take such a record.
            RemoteDenied: the caller may not invoke the function; of another account's function
                AWS says the same when it does not exist.
            RemoteError: the function failed; the fact may be recorded, stating it again is safe.
        """
        call = Call(self._account_id, "lambda.Invoke", self._function_name)
        payload = canonical({"token": token, "record": record.document()})
        with remote_call(call):
            answer = self._client.invoke(
                FunctionName=self._function_name, Payload=payload.encode("utf-8")
            )
            body = answer["Payload"].read()
        if answer.get("FunctionError"):
            raise _failure(call, body)


def _failure(call: Call, body: bytes) -> RemoteError:
    told = _object(body)
    text = str(told.get("errorMessage") or body.decode("utf-8", "replace"))
    kind = StatementRefused if told.get("errorType") in _REFUSALS else RemoteError
    return kind(
        f"{call}: the ledger did not record {'it' if kind is RemoteError else 'this'}: "
        + " ".join(text.split())[:_SHOWN],
        account_id=call.account_id,
        operation=call.operation,
        resource=call.resource,
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
