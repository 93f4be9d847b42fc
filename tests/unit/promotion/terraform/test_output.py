"""Terraform's output as progress, errors and a summary."""

import itertools
import json
from pathlib import Path

import pytest

from promotion.errors import StalePlan
from promotion.terraform.failures import TerraformFailed, error_blocks, failure
from promotion.terraform.progress import Progress
from promotion.terraform.root import TerraformRoot
from promotion.terraform.summary import ResourceChange, TerraformSummary, summarize

ROOT = TerraformRoot(
    environment="dev",
    account_id="333333333333",
    folder=Path("infra/dev"),
    var_file=Path("dev.json"),
    data_dir=Path("build/dev"),
    region="eu-west-1",
    state_bucket="state",
    state_key="key",
)


def event(kind, address="", **facts):
    hook = {"resource": {"addr": address}}
    return json.dumps({"@message": f"{address}: {kind}", "type": kind, "hook": hook, **facts})


def progress(step_seconds):
    told, now = [], itertools.count(0, step_seconds)
    return Progress("terraform apply dev", told.append, lambda: float(next(now))), told


def test_progress__apply__counts_done_and_under_way():
    found, told = progress(10)
    for kind, address in (
        ("apply_start", "a"),
        ("apply_start", "b"),
        ("apply_start", "c"),
        ("apply_complete", "b"),
    ):
        found.feed(event(kind, address))
    assert told == [
        "terraform apply dev: 0 resources done; under way: a",
        "terraform apply dev: 0 resources done; under way: a, b",
        "terraform apply dev: 0 resources done; under way: a, b and 1 more",
        "terraform apply dev: 1 resource done; under way: a, c",
    ]


def test_progress__many_events_at_once__one_line():
    found, told = progress(0)
    for number in range(50):
        found.feed(event("refresh_complete", f"r{number}"))
    assert told == ["terraform apply dev: 1 resource read"]


def test_progress__diagnostics__errors_are_kept_warnings_logged():
    found, _ = progress(0)
    error = {"severity": "error", "summary": "Bad", "detail": "worse", "address": "aws_x.y"}
    warning = {"severity": "warning", "summary": "Hm", "detail": ""}
    lines = [found.feed(event("diagnostic", diagnostic=each)) for each in (error, warning)]
    assert lines == ["error: Bad (aws_x.y): worse", "warning: Hm"]
    assert found.diagnostics == ["Bad (aws_x.y): worse"]


@pytest.mark.parametrize("line", ["plain", "{not json", '{"other": 1}', "[]", ""])
def test_progress__other_lines__are_logged_as_they_are(line):
    found, told = progress(0)
    assert (found.feed(line), told) == (line, [])


def test_error_blocks__framed_errors__are_unframed():
    output = "noise\n╷\n│ Error: One\n│ \n│ why\n╵\n\n╷\n│ Error: Two\n╵\n"
    assert error_blocks(output) == ["One\nwhy", "Two"]


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("Saved plan is stale", StalePlan, "the Terraform state has changed since"),
        ("Error acquiring the state lock", TerraformFailed, "the state is locked by somebody"),
        ("NoSuchBucket: x", TerraformFailed, "the state bucket state does not exist"),
        ("Failed to query available provider packages", TerraformFailed, "a provider cannot be"),
        ("anything", TerraformFailed, "failed with exit code 1"),
    ],
)
def test_failure__what_terraform_says__becomes_what_to_do(text, kind, message):
    error = failure(ROOT, "apply", 1, [text])
    assert type(error) is kind
    assert error.message.startswith("terraform apply of dev (account 333333333333): ")
    assert message in error.message
    assert error.hint


def test_failure__very_long_error__is_bounded():
    error = failure(ROOT, "apply", 1, ["x" * 5000] * 30)
    assert len(error.problems) == 12
    assert max(map(len, error.problems)) == 700


def change(address, actions, mode="managed", **facts):
    return {
        "address": address,
        "mode": mode,
        "type": address.split(".")[0],
        "change": {"actions": actions, **facts},
    }


def test_summarize__every_action__by_address():
    plan = {
        "resource_changes": [
            change("aws_s3_bucket.b", ["create"], after={"bucket": "data"}),
            change("aws_iam_role.r", ["delete", "create"], after={"name": "r"}),
            change("aws_kms_key.k", ["delete"], before={"description": "d"}, after=None),
            change("aws_sns_topic.t", ["update"], after={"name": "t"}),
            change("aws_s3_bucket.i", ["no-op"], importing={"id": "i"}, after={"bucket": "i"}),
            change("aws_iam_role.same", ["no-op"]),
            change("aws_region.d", ["read"], mode="data"),
        ]
    }
    found = summarize(plan, has_changes=True)
    assert found == TerraformSummary(
        (
            ResourceChange("aws_iam_role.r", "aws_iam_role", "replace", "r"),
            ResourceChange("aws_kms_key.k", "aws_kms_key", "delete", ""),
            ResourceChange("aws_s3_bucket.b", "aws_s3_bucket", "create", "data"),
            ResourceChange("aws_s3_bucket.i", "aws_s3_bucket", "import", "i", imported=True),
            ResourceChange("aws_sns_topic.t", "aws_sns_topic", "update", "t"),
        ),
        has_changes=True,
    )
    assert found.sentence == "1 to import, 2 to add, 1 to change, 2 to destroy"
    assert found.creates("aws_s3_bucket", "data")
    assert not found.creates("aws_s3_bucket", "i")


@pytest.mark.parametrize(
    ("actions", "facts", "trust"),
    [
        (["create"], {"after": {"assume_role_policy": "{}"}}, "{}"),
        (["update"], {"after": {}, "after_unknown": {"assume_role_policy": True}}, None),
        (["delete"], {"before": {"assume_role_policy": "{}"}, "after": None}, ""),
    ],
)
def test_summarize__role__has_the_trust_that_it_will_have(actions, facts, trust):
    plan = {"resource_changes": [change("aws_iam_role.r", actions, **facts)]}
    assert [each.trust for each in summarize(plan, has_changes=True).changes] == [trust]


def test_summarize__outputs_alone__are_a_change():
    assert summarize({}, has_changes=True).sentence == "outputs change"
    assert summarize({}, has_changes=False).sentence == "no changes"
