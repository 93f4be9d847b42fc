"""DynamoDB: tables and indexes; batches and transactions table by table.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.authorization import names
from sandbox.authorization.generic import by_tables, request_tags, table_action
from sandbox.authorization.requirement import Requirement, Values, arn, is_arn, need

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.model import Document
    from sandbox.services.call import Call

_IN_TRANSACTION = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}
_BATCHES = {"BatchGetItem", "BatchWriteItem"}
_TRANSACTIONS = {"TransactGetItems", "TransactWriteItems"}
_EQUALS = re.compile(r"(#?[\w.-]+)\s*=\s*(:\w+)")


def required(call: Call) -> tuple[Requirement, ...]:
    """Return what a DynamoDB operation needs."""
    given = call.parameters
    if call.operation in _BATCHES:
        return tuple(_batch(call))
    if call.operation in _TRANSACTIONS:
        return tuple(_transaction(call))
    if not given.get("TableName"):
        return by_tables(call)
    table = table_arn(call, given["TableName"])
    index = given.get("IndexName") if call.operation in {"Query", "Scan"} else None
    resource = f"{table}/index/{index}" if index else table
    tags = request_tags(call)
    found = [
        need(call, table_action(call).name, resource, {**tags, **_context(table, given)}),
    ]
    if call.operation == "CreateTable" and tags:
        found.append(need(call, "dynamodb:TagResource", table, tags))
    if call.operation == "CreateTable" and given.get("ResourcePolicy"):
        found.append(need(call, "dynamodb:PutResourcePolicy", table))
    return tuple(found)


def table_arn(call: Call, name: str) -> str:
    """Return a table's ARN for its name or ARN."""
    return name if is_arn(name) else arn(call, "dynamodb", f"table/{name}")


def _batch(call: Call) -> Iterator[Requirement]:
    action = table_action(call).name
    for name, entry in (call.parameters.get("RequestItems") or {}).items():
        table = table_arn(call, name)
        keys = entry.get("Keys", []) if isinstance(entry, dict) else _written(entry)
        yield need(call, action, table, _leading(table, keys))


def _written(requests: list[Document]) -> list[Document]:
    return [
        (one.get("PutRequest") or {}).get("Item") or (one.get("DeleteRequest") or {}).get("Key", {})
        for one in requests
    ]


def _transaction(call: Call) -> Iterator[Requirement]:
    for item in call.parameters.get("TransactItems") or []:
        for kind, entry in item.items():
            table = table_arn(call, entry.get("TableName", ""))
            action = f"dynamodb:{_IN_TRANSACTION[kind]}"
            yield need(call, action, table, _context(table, entry))


def _context(table: str, given: Document) -> dict[str, Values]:
    keys: dict[str, Values] = {}
    items = [given[name] for name in ("Key", "Item") if given.get(name)]
    keys |= _leading(table, items) or _queried(table, given)
    if given.get("ReturnValues"):
        keys["dynamodb:returnvalues"] = (str(given["ReturnValues"]),)
    if given.get("Select"):
        keys["dynamodb:select"] = (str(given["Select"]),)
    named = _attributes(given)
    return keys | ({"dynamodb:attributes": named} if named else {})


def _attributes(given: Document) -> Values:
    """Return the attributes that a request names at its top level."""
    found = {name for part in ("Key", "Item", "AttributeUpdates") for name in given.get(part) or {}}
    found |= set((given.get("ExpressionAttributeNames") or {}).values())
    found |= set(given.get("AttributesToGet") or [])
    return tuple(sorted(found))


def _leading(table: str, items: list[Document]) -> dict[str, Values]:
    stored = names.table(table)
    if stored is None:
        return {}
    values = tuple(
        str(next(iter(item[stored.hash_key_attr].values())))
        for item in items
        if stored.hash_key_attr in item
    )
    return {"dynamodb:leadingkeys": values} if values else {}


def _queried(table: str, given: Document) -> dict[str, Values]:
    """Return the partition key's value in a query's key condition."""
    stored, condition = names.table(table), str(given.get("KeyConditionExpression") or "")
    if stored is None or not condition:
        return {}
    aliases: Mapping[str, str] = given.get("ExpressionAttributeNames") or {}
    values: Mapping[str, Document] = given.get("ExpressionAttributeValues") or {}
    for name, placeholder in _EQUALS.findall(condition):
        if aliases.get(name, name) == stored.hash_key_attr and placeholder in values:
            return {"dynamodb:leadingkeys": (str(next(iter(values[placeholder].values()))),)}
    return {}
