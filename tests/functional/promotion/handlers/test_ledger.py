"""The ledger's function against DynamoDB in this process; SageMaker answers what a test says."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from promotion.handlers import ledger
from promotion.handlers.ledger_table import LedgerTable
from promotion.handlers.model_decision import Decisions
from promotion.ledger.chain import Entry, Receipt, RecordTooLarge
from promotion.ledger.check import RecordRefused
from promotion.ledger.verify import verify

PACKAGE = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/3"
APPROVER = "arn:aws:sts::222222222222:assumed-role/model-approver-role/alice"
TRAINER = "arn:aws:sts::333333333333:assumed-role/sagemaker-execution-role-mammography/sagemaker"
RECORD = {
    "kind": "apply",
    "at": "2026-01-02T06:00:00.000000Z",
    "actor": "arn:aws:sts::333333333333:assumed-role/cross-account-jenkins-role/promote",
    "account_id": "333333333333",
    "environment": "dev",
    "use_case": "mammography",
    "reason": "release 2",
}
ORIGIN = ledger.Origin("dev", "333333333333")
DECISIONS = Decisions("registry", {"mammography": "mammography"})
NOW = "2026-03-01T00:00:00.000000Z"


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        client = boto3.client("dynamodb")
        keys = {"series": "HASH", "place": "RANGE"}
        client.create_table(
            TableName="ledger",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in keys],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client


@pytest.fixture
def sagemaker(dynamodb: Any) -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client("sagemaker")
    with Stubber(client) as calls:
        yield client, calls


@pytest.fixture
def table(dynamodb: Any) -> LedgerTable:
    return LedgerTable(dynamodb, "ledger", lambda: NOW)


def contents(dynamodb: Any) -> tuple[list[Entry], list[Receipt]]:
    """Return what the table holds."""
    items = dynamodb.scan(TableName="ledger")["Items"]
    entries = [
        Entry(int(item["place"]["S"]), item["digest"]["S"], item["body"]["S"])
        for item in items
        if item["series"]["S"] == "entries"
    ]
    receipts = [
        Receipt(item["place"]["S"], int(item["sequence"]["N"]), item["digest"]["S"])
        for item in items
        if item["series"]["S"] == "receipts"
    ]
    return sorted(entries, key=lambda entry: entry.sequence), receipts


def documents(dynamodb: Any) -> list[dict[str, Any]]:
    return [json.loads(entry.body)["record"] for entry in contents(dynamodb)[0]]


def package(status: str = "Approved", **values: Any) -> dict[str, Any]:
    """Return what DescribeModelPackage answers."""
    created = datetime(2026, 1, 1, 12, 0, 0, 250000, tzinfo=UTC)
    given = {
        "ModelPackageName": "mammography",
        "ModelPackageArn": PACKAGE,
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
        "CreationTime": created,
        "CreatedBy": {"IamIdentity": {"Arn": TRAINER, "PrincipalId": "p"}},
        "ModelApprovalStatus": status,
        "CustomerMetadataProperties": {
            "release_digest": "ab" * 32,
            "git_commit": "c0ffee",
            "environment": "dev",
            "auc": "0.87",
            "colour": "red",
        },
    }
    decided = {
        "LastModifiedTime": datetime(2026, 1, 2, 12, 0, tzinfo=UTC),
        "LastModifiedBy": {"IamIdentity": {"Arn": APPROVER, "PrincipalId": "q"}},
        "ApprovalDescription": "well calibrated",
    }
    return {**given, **({} if status == "PendingManualApproval" else decided), **values}


def event(status: str = "Approved", **detail: Any) -> dict[str, Any]:
    return {
        "source": "aws.sagemaker",
        "detail-type": "SageMaker Model Package State Change",
        "account": "222222222222",
        "time": "2026-01-02T12:00:01Z",
        "detail": {
            "ModelPackageArn": PACKAGE,
            "ModelPackageGroupName": "mammography",
            "ModelApprovalStatus": status,
            **detail,
        },
    }


def test_handler__stated_record__is_written_and_told(
    dynamodb: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEDGER_TABLE", "ledger")
    monkeypatch.setenv("STATED_ENVIRONMENT", "dev")
    monkeypatch.setenv("STATED_ACCOUNT_ID", "333333333333")
    answer = ledger.stated({"token": "apply/1", "record": RECORD}, None)
    entries, receipts = contents(dynamodb)
    assert answer == {"sequence": 1, "digest": entries[0].digest, "repeated": False}
    assert json.loads(capsys.readouterr().out) == {"ledger": answer}
    assert verify(entries, receipts) == ()
    full = {
        "dataset_versions": [], "details": {}, "git_commit": "", "model_package_arn": "",
        "outcome": "", "release_digest": "", **RECORD,
    }  # fmt: skip
    assert documents(dynamodb) == [full]
    assert receipts == [Receipt("stated/dev/apply/1", 1, entries[0].digest)]


def test_take__same_token_again__is_written_once(dynamodb: Any, table: LedgerTable) -> None:
    first = ledger.take_stated({"token": "a", "record": RECORD}, table, ORIGIN)
    again = ledger.take_stated({"token": "a", "record": RECORD}, table, ORIGIN)
    other = ledger.take_stated({"token": "b", "record": RECORD}, table, ORIGIN)
    assert (again, other["sequence"]) == ({**first, "repeated": True}, 2)
    assert len(documents(dynamodb)) == 2


def test_take__same_token_of_two_environments__is_of_two_records(
    dynamodb: Any, table: LedgerTable
) -> None:
    """No account takes the token of what another is going to tell."""
    prod = {**RECORD, "environment": "prod", "account_id": "444444444444"}
    ledger.take_stated({"token": "a", "record": RECORD}, table, ORIGIN)
    told = ledger.take_stated(
        {"token": "a", "record": prod}, table, ledger.Origin("prod", "444444444444")
    )
    assert (told["sequence"], told["repeated"], len(documents(dynamodb))) == (2, False, 2)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "token None must have 1-400 printable ASCII characters and no blanks"),
        ({"token": "a"}, "the record None must be a JSON object"),
        ({"token": "a", "record": {**RECORD, "kind": "x"}}, "kind 'x' must be one of "),
        (
            {"token": "a", "record": {**RECORD, "kind": "approval"}},
            "kind approval is recorded from the registry's own events, not on request",
        ),
        ({"token": "a", "record": RECORD, "by": "me"}, "unknown keys by: this function takes"),
        (
            {"token": "a", "record": {**RECORD, "environment": "prod"}},
            "the record is of prod in account 333333333333; this function takes those of dev in",
        ),
        (
            {"token": "a", "record": {**RECORD, "account_id": "444444444444"}},
            "the record is of dev in account 444444444444; this function takes those of dev in",
        ),
        (event(), "unknown keys account, detail, detail-type, source, time: this function"),
    ],
)
def test_take_stated__what_the_account_may_not_state__is_refused_and_nothing_written(
    dynamodb: Any, table: LedgerTable, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(RecordRefused) as caught:
        ledger.take_stated(given, table, ORIGIN)
    assert message in str(caught.value)
    assert contents(dynamodb) == ([], [])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"token": "a", "record": RECORD}, "takes SageMaker Model Package State Change events and"),
        (event(ModelPackageGroupName="lungs"), "is about none of the groups mammography"),
        (event("Perhaps"), "with approval status 'Perhaps' is about none of the groups"),
        (event(ModelPackageArn=None), "the event of None with approval status 'Approved'"),
    ],
)
def test_take_decision__no_decision_about_a_group__is_refused_and_nothing_written(
    dynamodb: Any,
    table: LedgerTable,
    sagemaker: tuple[Any, Stubber],
    given: dict[str, Any],
    message: str,
) -> None:
    with pytest.raises(RecordRefused) as caught:
        ledger.take_decision(given, table, DECISIONS, sagemaker[0])
    assert message in str(caught.value)
    assert contents(dynamodb) == ([], [])


def test_take__record_too_large__is_refused_by_name_and_nothing_written(
    dynamodb: Any, table: LedgerTable
) -> None:
    large = {**RECORD, "details": {"x": "y" * 131_072}}
    with pytest.raises(RecordTooLarge):
        ledger.take_stated({"token": "a", "record": large}, table, ORIGIN)
    assert contents(dynamodb) == ([], [])


def test_take__approval__names_who_approved_and_why(
    dynamodb: Any, table: LedgerTable, sagemaker: tuple[Any, Stubber]
) -> None:
    client, calls = sagemaker
    calls.add_response("describe_model_package", package(), {"ModelPackageName": PACKAGE})
    ledger.take_decision(event(), table, DECISIONS, client)
    assert documents(dynamodb) == [
        {
            "kind": "approval",
            "at": "2026-01-02T12:00:00.000000Z",
            "actor": APPROVER,
            "account_id": "222222222222",
            "environment": "registry",
            "use_case": "mammography",
            "release_digest": "ab" * 32,
            "git_commit": "c0ffee",
            "model_package_arn": PACKAGE,
            "reason": "well calibrated",
            "outcome": "Approved",
            "dataset_versions": [],
            "details": {"environment": "dev", "auc": "0.87"},
        }
    ]


def test_take__whole_life_of_a_version__is_one_record_a_decision(
    dynamodb: Any, table: LedgerTable, sagemaker: tuple[Any, Stubber]
) -> None:
    client, calls = sagemaker
    answers = []
    for day, status in enumerate(
        ["PendingManualApproval", "PendingManualApproval", "Approved", "Approved", "Rejected",
         "PendingManualApproval", "Approved"], start=1,
    ):  # fmt: skip
        # The second of two equal statuses is another change of the package, or the same event.
        changed = datetime(2026, 1, day, tzinfo=UTC)
        described = package(status, LastModifiedTime=changed)
        for _ in range(2):
            calls.add_response("describe_model_package", described)
            answers.append(ledger.take_decision(event(status), table, DECISIONS, client))
    found = [(each["kind"], each["at"][:10]) for each in documents(dynamodb)]
    assert found == [
        ("registration", "2026-01-01"),
        ("approval", "2026-01-03"),
        ("rejection", "2026-01-05"),
        ("reopening", "2026-01-06"),
        ("approval", "2026-01-07"),
    ]
    assert next(answer for answer in answers if "skipped" in answer) == {
        "skipped": f"{PACKAGE} is PendingManualApproval since entry 1"
    }
    assert verify(*contents(dynamodb)) == ()


@pytest.mark.parametrize("found", ["PendingManualApproval", "Rejected"])
def test_take__package_has_another_status__writes_nothing(
    dynamodb: Any, table: LedgerTable, sagemaker: tuple[Any, Stubber], found: str
) -> None:
    """An event alone proves nothing: it may be forged, or late."""
    client, calls = sagemaker
    calls.add_response("describe_model_package", package(found))
    answer = ledger.take_decision(event(), table, DECISIONS, client)
    assert answer == {"skipped": f"{PACKAGE} is {found}: that it was Approved cannot be proved"}
    assert contents(dynamodb) == ([], [])


def test_take__approval_after_a_forged_event__names_the_approver(
    dynamodb: Any, table: LedgerTable, sagemaker: tuple[Any, Stubber]
) -> None:
    client, calls = sagemaker
    for status in ("PendingManualApproval", "Approved"):
        calls.add_response("describe_model_package", package(status))
        ledger.take_decision(event(), table, DECISIONS, client)
    found = [(each["kind"], each["actor"]) for each in documents(dynamodb)]
    assert found == [("approval", APPROVER)]


def test_take__version_retired__is_a_retirement_with_its_stage(
    dynamodb: Any, table: LedgerTable, sagemaker: tuple[Any, Stubber]
) -> None:
    """Also where only the stage changes: such a version serves no more."""
    client, calls = sagemaker
    stage = {
        "Stage": "Retired",
        "StageStatus": "RolledBack",
        "StageDescription": "version 1 serves",
    }
    changes = [
        ("Approved", 2, {"ModelLifeCycle": {"Stage": "Serving", "StageStatus": "Approved"}}),
        ("Approved", 3, {"ModelLifeCycle": stage}),
        ("Rejected", 4, {"ModelLifeCycle": stage}),
        ("Approved", 5, {"ModelLifeCycle": {"Stage": "Serving", "StageStatus": "Approved"}}),
    ]
    for status, day, life_cycle in changes:
        changed = datetime(2026, 1, day, tzinfo=UTC)
        described = package(status, LastModifiedTime=changed, **life_cycle)
        calls.add_response("describe_model_package", described)
        ledger.take_decision(event(status), table, DECISIONS, client)
    assert [each["kind"] for each in documents(dynamodb)] == ["approval", "retirement", "approval"]
    details = documents(dynamodb)[1]["details"]
    assert {key: details[key] for key in ("stage", "stage_status", "stage_description")} == {
        "stage": "Retired",
        "stage_status": "RolledBack",
        "stage_description": "version 1 serves",
    }


def test_take__package_deleted_meanwhile__writes_nothing(
    dynamodb: Any, table: LedgerTable, sagemaker: tuple[Any, Stubber]
) -> None:
    client, calls = sagemaker
    calls.add_client_error("describe_model_package", "ValidationException", "does not exist")
    answer = ledger.take_decision(event(), table, DECISIONS, client)
    assert answer == {"skipped": f"{PACKAGE} is gone: that it was Approved cannot be proved"}
    assert contents(dynamodb) == ([], [])


def test_take__named_approval_after_an_unnamed_one__is_recorded_once(
    dynamodb: Any, table: LedgerTable, sagemaker: tuple[Any, Stubber]
) -> None:
    """An entry that names nobody keeps none out that does."""
    client, calls = sagemaker
    changed = [datetime(2026, 1, day, tzinfo=UTC) for day in (2, 3, 3, 4)]
    people = [{}, {}, {"IamIdentity": {"Arn": APPROVER}}, {}]
    for when, who in zip(changed, people, strict=True):
        described = package(LastModifiedTime=when, LastModifiedBy=who)
        calls.add_response("describe_model_package", described)
        ledger.take_decision(event(), table, DECISIONS, client)
    found = [(each["at"][:10], each["actor"]) for each in documents(dynamodb)]
    assert found == [("2026-01-02", ""), ("2026-01-03", APPROVER)]
    assert verify(*contents(dynamodb)) == ()


def test_take__sagemaker_fails__nothing_is_written(
    dynamodb: Any, table: LedgerTable, sagemaker: tuple[Any, Stubber]
) -> None:
    client, calls = sagemaker
    calls.add_client_error("describe_model_package", "ThrottlingException", "slow down")
    with pytest.raises(client.exceptions.ClientError, match="ThrottlingException"):
        ledger.take_decision(event(), table, DECISIONS, client)
    assert contents(dynamodb) == ([], [])


@pytest.mark.parametrize(
    ("who", "named"),
    [
        ({"UserProfileArn": "arn:aws:sagemaker:eu-west-1:1:user-profile/d-1/al"},
         "arn:aws:sagemaker:eu-west-1:1:user-profile/d-1/al"),
        ({}, ""),
    ],
)  # fmt: skip
def test_take__approval_by_a_studio_user_or_unnamed__names_what_sagemaker_says(
    dynamodb: Any,
    table: LedgerTable,
    sagemaker: tuple[Any, Stubber],
    who: dict[str, str],
    named: str,
) -> None:
    client, calls = sagemaker
    calls.add_response("describe_model_package", package(LastModifiedBy=who))
    ledger.take_decision(event(), table, DECISIONS, client)
    assert documents(dynamodb)[0]["actor"] == named


def test_take__approved_at_birth__names_who_created_it(
    dynamodb: Any, table: LedgerTable, sagemaker: tuple[Any, Stubber]
) -> None:
    client, calls = sagemaker
    born = {**package("PendingManualApproval"), "ModelApprovalStatus": "Approved"}
    calls.add_response("describe_model_package", born)
    ledger.take_decision(event(), table, DECISIONS, client)
    found = documents(dynamodb)[0]
    assert (found["at"], found["actor"]) == ("2026-01-01T12:00:00.250000Z", TRAINER)


def test_take__metadata_without_the_form__does_not_keep_a_decision_out(
    dynamodb: Any, table: LedgerTable, sagemaker: tuple[Any, Stubber]
) -> None:
    client, calls = sagemaker
    facts = {"release_digest": "mine", "git_commit": "x y"}
    calls.add_response("describe_model_package", package(CustomerMetadataProperties=facts))
    ledger.take_decision(event(), table, DECISIONS, client)
    found = documents(dynamodb)[0]
    assert (found["release_digest"], found["git_commit"], found["details"]) == ("", "", facts)
