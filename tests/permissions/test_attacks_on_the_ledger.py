"""Attacks on the ledger: nobody rewrites or removes a record, whatever operation he tries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from .attack import denied, works_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from .attack import Attacker, Ground

# One process applies the Terraform of all of these tests once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("estate")]

Operation = tuple[str, "Callable[[Any, str, dict[str, Any], dict[str, Any]], object]"]

OPERATIONS: dict[str, Operation] = {
    "put-over-existing": (
        "dynamodb:PutItem",
        lambda client, table, key, item: client.put_item(TableName=table, Item=item),
    ),
    "update": (
        "dynamodb:UpdateItem",
        lambda client, table, key, item: client.update_item(
            TableName=table, Key=key, UpdateExpression="SET forged = :yes",
            ExpressionAttributeValues={":yes": {"S": "yes"}},
        ),
    ),
    "delete": (
        "dynamodb:DeleteItem",
        lambda client, table, key, item: client.delete_item(TableName=table, Key=key),
    ),
    "batch-delete": (
        "dynamodb:BatchWriteItem",
        lambda client, table, key, item: client.batch_write_item(
            RequestItems={table: [{"DeleteRequest": {"Key": key}}]}
        ),
    ),
    "batch-put": (
        "dynamodb:BatchWriteItem",
        lambda client, table, key, item: client.batch_write_item(
            RequestItems={table: [{"PutRequest": {"Item": item}}]}
        ),
    ),
    # DynamoDB asks for the permissions of the single operations, not for one of the transaction:
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
    "transact-delete": (
        "dynamodb:DeleteItem",
        lambda client, table, key, item: client.transact_write_items(
            TransactItems=[{"Delete": {"TableName": table, "Key": key}}]
        ),
    ),
    "transact-update": (
        "dynamodb:UpdateItem",
        lambda client, table, key, item: client.transact_write_items(
            TransactItems=[{"Update": {
                "TableName": table, "Key": key, "UpdateExpression": "SET forged = :yes",
                "ExpressionAttributeValues": {":yes": {"S": "yes"}},
            }}]
        ),
    ),
}  # fmt: skip
WRITERS = ("deploy", "plan", "approver", "auditor")


def record(ground: Ground) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
    """Return the table's name and ARN, and key and item of a record that is there."""
    table = ground.admin("dynamodb", "registry").describe_table(
        TableName=ground.settings["registry"]["ledger"]["table"]
    )["Table"]
    item = dict(ground.ledger()[0])
    key = {part["AttributeName"]: item[part["AttributeName"]] for part in table["KeySchema"]}
    return table["TableName"], table["TableArn"], key, {**item, "forged": {"S": "yes"}}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("role", WRITERS)
def test_ledger__rewritten__is_denied(
    ground: Ground, attacker: Attacker, operation: str, role: str
) -> None:
    """Neither Jenkins nor approver nor auditor rewrites or removes a record, by any operation."""
    table, arn, key, forged = record(ground)
    action, request = OPERATIONS[operation]
    denied(
        attacker.by_purpose("registry", role),
        lambda client: request(client, table, key, forged),
        service="dynamodb", action=action, resource=arn, state=ground.ledger,
    )  # fmt: skip


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if "put" not in name])
def test_ledger__removed_or_updated_by_its_own_function__is_denied(
    ground: Ground, attacker: Attacker, operation: str
) -> None:
    """The function that appends cannot do anything else to what is there."""
    table, arn, key, forged = record(ground)
    action, request = OPERATIONS[operation]
    denied(
        attacker.by_purpose("registry", "lambda", "-ledger"),
        lambda client: request(client, table, key, forged),
        service="dynamodb", action=action, resource=arn, state=ground.ledger,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "key", "suffix"),
    [
        ("dev", "lambda", "-record-execution"),
        ("prod", "lambda", "-record-execution"),
        ("dev", "deploy", ""),
        ("prod", "execution", "-mammography"),
    ],
)
def test_ledger__written_past_its_function__is_denied(
    ground: Ground, attacker: Attacker, environment: str, key: str, suffix: str
) -> None:
    """Another account appends through the function only: the table lets nobody else in."""
    _, arn, _, forged = record(ground)
    denied(
        attacker.by_purpose(environment, key, suffix),
        lambda client: client.put_item(TableName=arn, Item=forged),
        service="dynamodb", action="dynamodb:PutItem", resource=arn, state=ground.ledger,
    )  # fmt: skip


@pytest.mark.parametrize("operation", ["delete_table", "update_table"])
@pytest.mark.parametrize("role", ["plan", "approver", "auditor", "break_glass"])
def test_ledger__table_removed_or_unprotected__is_denied(
    ground: Ground, attacker: Attacker, role: str, operation: str
) -> None:
    """No person and no plan removes the table or its protection; break-glass corrects records."""
    table, arn, _, _ = record(ground)
    further = {"DeletionProtectionEnabled": False} if operation == "update_table" else {}
    denied(
        attacker.by_purpose("registry", role),
        lambda client: getattr(client, operation)(TableName=table, **further),
        service="dynamodb", state=ground.ledger, resource=arn,
        action={"delete_table": "dynamodb:DeleteTable", "update_table": "dynamodb:UpdateTable"}[
            operation
        ],
    )  # fmt: skip


def test_ledger_function__called_with_a_record_that_exists__changes_nothing(
    ground: Ground, attacker: Attacker
) -> None:
    """Who may append cannot rewrite: the function refuses a record that is there already."""
    before = ground.ledger()
    _, _, _, forged = record(ground)
    arn = ground.arn("registry", "lambda", f"function:{ground.name('registry', 'ledger-dev')}")
    answer = attacker.by_purpose("dev", "lambda", "-record-execution").client("lambda").invoke(
        FunctionName=arn,
        Payload=json.dumps({name: next(iter(value.values())) for name, value in forged.items()}),
    )  # fmt: skip
    assert answer.get("FunctionError"), answer["Payload"].read()
    assert ground.ledger() == before


@pytest.mark.parametrize("kind", ["approval", "apply"])
@pytest.mark.parametrize("environment", ["dev", "registry", "tooling"])
def test_ledger_function__told_a_forgery_by_the_deploy_role__writes_nothing(
    ground: Ground, attacker: Attacker, environment: str, kind: str
) -> None:
    """Who states applies of its own account states no decision, and nothing of prod."""
    before = ground.ledger()
    place = environment if kind == "approval" else "prod"
    forged = {
        "kind": kind,
        "at": "2026-01-01T06:00:00.000000Z",
        "actor": ground.role_arn("registry", ground.role("registry", "approver")),
        "account_id": ground.account(place),
        "environment": place,
    }
    name = ground.name("registry", f"ledger-{environment}")
    answer = attacker.by_purpose(environment, "deploy").client("lambda").invoke(
        FunctionName=ground.arn("registry", "lambda", f"function:{name}"),
        Payload=json.dumps({"token": "forged", "record": forged}),
    )  # fmt: skip
    assert "RecordRefused" in answer["Payload"].read().decode()
    assert ground.ledger() == before


def test_ledger_function_of_decisions__called_by_the_registrys_deploy_role__is_denied(
    ground: Ground, attacker: Attacker
) -> None:
    """It deploys that function, and may still not speak for EventBridge."""
    arn = ground.arn("registry", "lambda", f"function:{ground.name('registry', 'ledger')}")
    denied(
        attacker.by_purpose("registry", "deploy"),
        lambda client: client.invoke(FunctionName=arn, Payload=b"{}"),
        service="lambda", action="lambda:InvokeFunction", resource=arn, state=ground.ledger,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "key", "suffix"),
    [("dev", "lambda", "-resolve-batch"), ("prod", "execution", "-mammography")],
)
def test_ledger_function__called_by_others_than_recorders__is_denied(
    ground: Ground, attacker: Attacker, environment: str, key: str, suffix: str
) -> None:
    """A pipeline cannot write its own history: only the recorder calls the ledger's function."""
    arn = ground.arn("registry", "lambda", f"function:{ground.name('registry', 'ledger')}")
    denied(
        attacker.by_purpose(environment, key, suffix),
        lambda client: client.invoke(FunctionName=arn, Payload=b"{}"),
        service="lambda", action="lambda:InvokeFunction", resource=arn, state=ground.ledger,
    )  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS)
def test_ledger__rewritten_by_registrys_administrator__is_denied(
    ground: Ground, attacker: Attacker, operation: str
) -> None:
    """Not even who may do anything in the account changes a record."""
    table, arn, key, forged = record(ground)
    action, request = OPERATIONS[operation]
    caught = denied(
        attacker.person("registry-admin"), lambda client: request(client, table, key, forged),
        service="dynamodb", action=action, resource=arn, state=ground.ledger,
    )  # fmt: skip
    assert "explicit deny in a resource-based policy" in str(caught)


def test_ledger__corrected_by_break_glass__works(ground: Ground, attacker: Attacker) -> None:
    """The same requests are well-formed: break-glass changes a record, and changes it back."""
    table, _, key, _ = record(ground)
    keeper, before = attacker.by_purpose("registry", "break_glass"), ground.ledger()
    works_for(keeper, lambda client: OPERATIONS["update"][1](client, table, key, {}),
              service="dynamodb")  # fmt: skip
    assert ground.ledger() != before
    keeper.client("dynamodb").update_item(
        TableName=table, Key=key, UpdateExpression="REMOVE forged"
    )
    assert ground.ledger() == before


@pytest.mark.parametrize("verb", ["DELETE FROM", "UPDATE"])
@pytest.mark.parametrize("role", [*WRITERS, "break_glass"])
def test_ledger__rewritten_by_partiql__is_refused(
    ground: Ground, attacker: Attacker, role: str, verb: str
) -> None:
    """The sandbox cannot judge PartiQL and refuses it to all; the table's policy denies it too."""
    table, _, key, _ = record(ground)
    before = ground.ledger()
    change = "SET forged='yes'" if verb == "UPDATE" else ""
    where = " AND ".join(f"{name}=?" for name in key)
    actor = attacker.by_purpose("registry", role)
    with pytest.raises(ClientError) as caught:
        actor.client("dynamodb").execute_statement(
            Statement=f'{verb} "{table}" {change} WHERE {where}', Parameters=list(key.values())
        )
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    assert ground.ledger() == before


def test_table__denies_partiql_to_all_but_break_glass(ground: Ground) -> None:
    """What the sandbox cannot judge stands in the table's policy, for DynamoDB itself."""
    _, arn, _, _ = record(ground)
    found = ground.admin("dynamodb", "registry").get_resource_policy(ResourceArn=arn)["Policy"]
    denied_to = {
        action: statement["Condition"]
        for statement in json.loads(found)["Statement"]
        if statement["Effect"] == "Deny"
        for action in statement["Action"]
    }
    keeper = ground.role_arn("registry", ground.role("registry", "break_glass"))
    for kind in ("Delete", "Insert", "Update"):
        condition = {"ArnNotEquals": {"aws:PrincipalArn": keeper}}
        assert denied_to[f"dynamodb:PartiQL{kind}"] == condition
