"""`promote history` against a ledger in moto, written by the function that writes the real one."""

import csv
import io
import json

import pytest

from promotion.handlers.ledger_table import LedgerTable
from promotion.ledger.check import record_from

REGISTRY = "222222222222"
DEPLOY = "arn:aws:sts::333333333333:assumed-role/cross-account-jenkins-role/promote"
APPROVER = f"arn:aws:sts::{REGISTRY}:assumed-role/model-approver-role/promote"
AUDITOR = f"arn:aws:sts::{REGISTRY}:assumed-role/model-auditor-role/promote"
PROGRESS = f"registry: account {REGISTRY} as {AUDITOR}\n"
RECORDS = (
    {"kind": "apply", "at": "2026-01-01T06:00:00.000000Z", "actor": DEPLOY, "environment": "dev",
     "account_id": "333333333333", "use_case": "mammography", "release_digest": "ab" * 32,
     "git_commit": "c0ffee", "reason": "first, of many", "outcome": "Applied"},
    {"kind": "execution", "at": "2026-01-01T08:00:00.000000Z", "actor": DEPLOY,
     "environment": "dev", "account_id": "333333333333", "use_case": "mammography",
     "outcome": "Succeeded", "details": {"seconds": 7.5},
     "dataset_versions": [{"uri": "s3://d/x.csv", "version_id": "v1"}]},
    {"kind": "approval", "at": "2026-01-02T06:00:00.000000Z", "actor": APPROVER,
     "environment": "registry", "account_id": REGISTRY, "use_case": "mammography",
     "reason": "=1+1", "outcome": "Approved"},
    {"kind": "unlock", "at": "2026-01-03T06:00:00.000000Z", "actor": "", "environment": "prod",
     "account_id": "444444444444"},
)  # fmt: skip


@pytest.fixture
def dynamodb(aws):
    """Return a client of the registry account, with an empty ledger in it."""
    return aws.prepare_ledger()


@pytest.fixture
def digests(dynamodb):
    """Write RECORDS, each recorded a second after it happened; return the entries' digests."""
    digests = []
    for index, document in enumerate(RECORDS):
        at = document["at"].replace(":00.000000Z", ":01.000000Z")
        table = LedgerTable(dynamodb, "acme-ml-ledger", lambda at=at: at)
        digests.append(table.append(record_from(document), f"stated/{index}")["digest"])
    return digests


def change(dynamodb, place, **values):
    dynamodb.update_item(
        TableName="acme-ml-ledger",
        Key={"series": {"S": "entries"}, "place": {"S": place}},
        AttributeUpdates={name: {"Value": {"S": text}} for name, text in values.items()},
    )


def test_history__table__newest_first_with_who_and_why(digests, aws, project):
    aws.start_recording()
    result = project.promote("history")
    assert (result.exit_code, result.stderr) == (0, PROGRESS)
    assert set(aws.calls()) == {"GetCallerIdentity", "AssumeRole", "Query"}
    rows = [line.split() for line in result.stdout.splitlines() if line.strip()]
    assert rows[0] == "entry at kind env use case who outcome release reason".split()
    assert rows[2:] == [
        ["4", "2026-01-03", "06:00", "unlock", "prod", "-", "unknown", "-", "-", "-"],
        ["3", "2026-01-02", "06:00", "approval", "registry", "mammography",
         "assumed-role/model-approver-role/promote", "Approved", "-", "=1+1"],
        ["2", "2026-01-01", "08:00", "execution", "dev", "mammography",
         "assumed-role/cross-account-jenkins-role/promote", "Succeeded", "-", "-"],
        ["1", "2026-01-01", "06:00", "apply", "dev", "mammography",
         "assumed-role/cross-account-jenkins-role/promote", "Applied", "abababababab", "first,",
         "of", "many"],
    ]  # fmt: skip


def test_history__json__whole_records(digests, project):
    result = project.promote("history", "--kind", "execution", "--json")
    assert result.exit_code == 0
    assert result.json == {
        "schema_version": 1,
        "entries": [
            {
                "entry": 2,
                "recorded_at": "2026-01-01T08:00:01.000000Z",
                "digest": digests[1],
                "token": "stated/1",
                **RECORDS[1],
                "git_commit": "",
                "model_package_arn": "",
                "reason": "",
                "release_digest": "",
                "dataset_versions": [
                    {"uri": "s3://d/x.csv", "version_id": "v1", "etag": "", "sha256": "",
                     "size_bytes": 0}
                ],
            }
        ],
    }  # fmt: skip


def test_history__csv__one_row_each_and_no_formula(digests, project):
    result = project.promote("history", "--csv", "--limit", "0")
    assert result.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["entry"] for row in rows] == ["4", "3", "2", "1"]
    assert [row["reason"] for row in rows] == ["", "'=1+1", "", "first, of many"]
    assert rows[3] == {
        **{name: "" for name in rows[3]},
        **{name: text for name, text in RECORDS[0].items()},
        "entry": "1",
        "recorded_at": "2026-01-01T06:00:01.000000Z",
        "digest": digests[0],
        "dataset_versions": "[]",
        "details": "{}",
    }
    assert json.loads(rows[2]["dataset_versions"])[0]["version_id"] == "v1"


@pytest.mark.parametrize(
    ("words", "entries"),
    [
        (["--environment", "dev"], [2, 1]),
        (["--use-case", "mammography"], [3, 2, 1]),
        (["--kind", "unlock"], [4]),
        (["--since", "2026-01-02"], [4, 3]),
        (["--since", "2026-01-01T09:00:00+01:00"], [4, 3, 2]),
        (["--limit", "3"], [4, 3, 2]),
        (["--use-case", "mammography", "--environment", "dev", "--limit", "1"], [2]),
        (["--use-case", "lungs"], []),
    ],
)
def test_history__filter__tells_what_is_wanted(digests, project, words, entries):
    result = project.promote("history", "--json", *words)
    assert [entry["entry"] for entry in result.json["entries"]] == entries


def test_history__since__reads_no_further_than_it_must(digests, dynamodb, project):
    change(dynamodb, "000000000001", body="broken")
    assert project.promote("history", "--since", "2026-01-02").exit_code == 0


def test_history__nothing_recorded__says_so(dynamodb, project):
    result = project.promote("history")
    assert (result.exit_code, result.stdout) == (0, "the ledger has no such entry\n")


def test_verify__whole_ledger__tells_the_head(digests, project):
    result = project.promote("history", "--verify")
    assert (result.exit_code, result.stdout) == (
        0,
        f"the ledger is whole: 4 entries, head 4:{digests[3]}\n",
    )
    noted = f"4:{digests[3]}"
    assert project.promote("history", "--verify", "--expect", noted).exit_code == 0
    assert project.promote("history", "--verify", "--json").json == {
        "schema_version": 1, "entries": 4, "head": noted, "faults": [],
    }  # fmt: skip


def test_verify__empty_ledger__is_whole(dynamodb, project):
    result = project.promote("history", "--verify")
    assert (result.exit_code, result.stdout) == (0, "the ledger is whole: 0 entries\n")


def test_verify__altered_record__is_found_and_told(digests, dynamodb, project):
    found = dynamodb.get_item(
        TableName="acme-ml-ledger",
        Key={"series": {"S": "entries"}, "place": {"S": "000000000003"}},
    )["Item"]["body"]["S"]
    change(dynamodb, "000000000003", body=found.replace("model-approver-role", "nobody"))
    result = project.promote("history", "--verify")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"{PROGRESS}reading the whole ledger\n"
        "error: the ledger acme-ml-ledger is not whole: 1 faults in 4 entries\n"
        "  - entry 3: altered: its text does not give its digest\n"
        "next: find out in CloudTrail who wrote to the table, and restore it to the time before\n"
    )
    told = project.promote("history", "--verify", "--json")
    assert told.exit_code == 1
    assert told.json["faults"] == [
        {"entry": 3, "problem": "altered: its text does not give its digest"}
    ]


def test_verify__newest_entry_and_its_receipt_removed__needs_the_noted_head(
    digests, dynamodb, project
):
    for series, place in (("entries", "000000000004"), ("receipts", "stated/3")):
        dynamodb.delete_item(
            TableName="acme-ml-ledger", Key={"series": {"S": series}, "place": {"S": place}}
        )
    assert project.promote("history", "--verify").exit_code == 0
    result = project.promote("history", "--verify", "--expect", f"4:{digests[3]}")
    assert result.exit_code == 1
    assert "  - entry 4: removed: it was noted and is not there any more\n" in result.stderr


def test_verify__more_than_a_page__is_read_whole(dynamodb, project):
    table = LedgerTable(dynamodb, "acme-ml-ledger", lambda: RECORDS[0]["at"])
    large = {**RECORDS[0], "details": {"x": "y" * 120_000}}
    for index in range(12):
        table.append(record_from(large), f"stated/{index}")
    result = project.promote("history", "--verify")
    assert result.stdout.startswith("the ledger is whole: 12 entries, head 12:")


def test_history__unreadable_entry__points_to_verify(digests, dynamodb, project):
    change(dynamodb, "000000000002", body="broken")
    result = project.promote("history")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error: entry 2 of the ledger cannot be read: " in result.stderr
    assert "promote history --verify tells what else is wrong" in result.stderr


def test_history__item_of_somebody_else__is_told(digests, dynamodb, project):
    item = {"series": {"S": "entries"}, "place": {"S": "zzz"}, "note": {"S": "hi"}}
    dynamodb.put_item(TableName="acme-ml-ledger", Item=item)
    for words in (["history"], ["history", "--verify"]):
        result = project.promote(*words)
        assert result.exit_code == 1
        assert "item 'zzz' of table acme-ml-ledger was not written by the ledger's function" in (
            result.stderr
        )


def test_history__no_table__points_to_terraform(aws, project):
    aws.prepare_ledger().delete_table(TableName="acme-ml-ledger")
    result = project.promote("history")
    assert result.exit_code == 1
    assert (
        "error: the registry account 222222222222 has no table acme-ml-ledger\n"
        "next: apply the registry's Terraform: promote plan registry\n"
    ) in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--kind", "gossip"], "there is no kind 'gossip'"),
        (["--since", "yesterday"], "--since 'yesterday' is no time"),
        (["--json", "--csv"], "--json and --csv exclude each other"),
        (["--expect", f"1:{'ab' * 32}"], "--expect goes with --verify only"),
        (["--verify", "--expect", "1"], "--expect '1' is no head of the ledger"),
        (["--verify", "--kind", "apply"], "--verify checks the whole ledger"),
        (["--verify", "--csv"], "--verify checks the whole ledger"),
        (["--limit", "-1"], "Invalid value for '--limit'"),
    ],
)
def test_history__options_that_make_no_sense__are_refused_before_any_call(
    aws, project, capsys, words, message
):
    aws.start_recording()
    result = project.promote("history", *words)
    assert (result.exit_code, aws.calls()) == (2, [])
    assert message in result.stderr + capsys.readouterr().err
