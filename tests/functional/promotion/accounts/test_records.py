"""What `promote apply` tells the ledger, and what it does when the ledger does not listen."""

import boto3
import pytest

from promotion.apply.journal import Journal, NotRecorded
from promotion.apply.stage import make_ready
from promotion.apply.terraform_note import TerraformNote
from promotion.aws.session import Accounts
from promotion.aws.statements import Statements
from promotion.config import load_environment
from promotion.plan.archive import read_plan
from promotion.terraform.root import terraform_root

DEV, REGISTRY = "333333333333", "222222222222"
FUNCTION = f"arn:aws:lambda:eu-west-1:{REGISTRY}:function:acme-ml-registry-ledger-dev"


@pytest.fixture
def plan_path(project):
    return project.root / "build" / "plans" / "dev.plan"


@pytest.fixture
def topic(terraform, resource_change):
    """Return Terraform with a topic to make."""
    terraform.changes(resource_change("aws_sns_topic.this", ["create"], {"name": "t"}))
    return terraform


@pytest.fixture
def caller(aws):
    """Return the ARN of whoever runs the commands."""
    return boto3.client("sts", region_name="eu-west-1").get_caller_identity()["Arn"]


def plan(project, *words):
    return project.promote("plan", "dev", "--no-terraform", *words)


def without_time(record):
    document = record.document()
    del document["at"]
    return document


def test_apply__release__is_recorded_with_who_what_and_how_it_ended(
    aws, project, plan_path, ledger, caller
):
    aws.prepare_workload()
    release = project.release()
    plan(project)
    digest = read_plan(plan_path).digest
    assert project.promote("apply", str(plan_path), "--yes").exit_code == 0
    assert {token: without_time(record) for token, record in ledger.records.items()} == {
        f"stated/dev/apply/{digest}/mammography": {
            "kind": "apply",
            "actor": caller,
            "account_id": DEV,
            "environment": "dev",
            "use_case": "mammography",
            "release_digest": release.digest,
            "git_commit": release.git_commit,
            "model_package_arn": "",
            "reason": "",
            "outcome": "applied",
            "dataset_versions": [],
            "details": {
                "plan_digest": digest,
                "overrides": [],
                "pipelines": {"mammography-inference": "create", "mammography-train": "create"},
                "actions": 3,
            },
        }
    }


def test_apply__plan_without_changes__records_nothing(aws, project, plan_path, ledger):
    aws.prepare_workload()
    project.release()
    plan(project)
    project.promote("apply", str(plan_path), "--yes")
    before = ledger.stated
    plan(project)
    assert project.promote("apply", str(plan_path), "--yes").exit_code == 0
    assert ledger.stated == before


def test_apply__terraform__is_recorded_beside_the_release(aws, project, plan_path, topic, ledger):
    aws.prepare_workload()
    aws.put_control("terraform.tfstate", {"version": 4, "serial": 7, "lineage": "l"})
    project.release()
    project.promote("plan", "dev")
    digest = read_plan(plan_path).digest
    project.promote("apply", str(plan_path), "--yes")
    assert ledger.told() == [
        ("apply", "dev", "mammography", "applied"),
        ("apply", "dev", "", "applied"),
    ]
    assert list(ledger.records)[1] == f"stated/dev/apply/{digest}/terraform"
    assert list(ledger.records.values())[1].details == {
        "plan_digest": digest,
        "overrides": [],
        "terraform": "1 to add",
        "resources": ["create aws_sns_topic.this"],
        "planned_from_serial": 7,
        "actions": 4,
    }


@pytest.mark.parametrize("environment", ["registry", "tooling"])
def test_apply__registry_or_tooling__has_a_function_of_its_own(
    aws, project, topic, ledger, environment
):
    account_id = {"registry": REGISTRY, "tooling": "111111111111"}[environment]
    aws.prepare_state(account_id)
    project.promote("plan", environment)
    path = project.root / "build" / "plans" / f"{environment}.plan"
    assert project.promote("apply", str(path), "--yes").exit_code == 0
    assert ledger.told() == [("apply", environment, "", "applied")]
    assert [record.account_id for record in ledger.records.values()] == [account_id]


def refused_plan(aws, project, *words):
    """Plan a release that a gate refuses: its role does not exist."""
    aws.prepare_workload()
    aws.client("iam", DEV).delete_role(RoleName="sagemaker-execution-role-mammography")
    project.release()
    return plan(project, "--override", "execution-role=made by hand tomorrow", *words)


def test_apply__override__is_recorded_before_the_first_write(
    aws, project, plan_path, ledger, caller
):
    assert refused_plan(aws, project).exit_code == 3
    file = read_plan(plan_path)
    aws.start_recording()
    assert project.promote("apply", str(plan_path), "--yes").exit_code == 0
    # The last one states both again, in case that an earlier apply did not get there.
    assert aws.writes() == [
        "PutObject", "Invoke", "PutObject", "CreatePipeline", "CreatePipeline", "Invoke", "Invoke",
        "DeleteObject",
    ]  # fmt: skip
    assert ledger.told() == [
        ("override", "dev", "mammography", ""),
        ("apply", "dev", "mammography", "applied"),
    ]
    override, applied = ledger.records.values()
    assert next(iter(ledger.records)) == f"stated/dev/override/{file.digest}/execution-role"
    assert (override.actor, override.reason) == (caller, "made by hand tomorrow")
    assert override.details == {
        "plan_digest": file.digest,
        "gate": "execution-role",
        "refusal": file.plan.overridden[0].message,
        "applied_by": caller,
    }
    assert applied.details["overrides"] == ["execution-role"]


def test_apply__override_that_cannot_be_recorded__applies_nothing(aws, project, plan_path, ledger):
    refused_plan(aws, project)
    ledger.refusal = "AccessDeniedException"
    result = project.promote("apply", str(plan_path), "--yes")
    assert (result.exit_code, aws.pipelines(), aws.control("promote.lock")) == (1, {}, None)
    assert (
        "error: the overrides of the plan for dev cannot be recorded, so that nothing was applied: "
        f"lambda.Invoke in account {REGISTRY} for {FUNCTION} was denied: "
    ) in result.stderr


def test_apply__fails_half_way__is_recorded_with_what_remains_and_again_when_it_succeeds(
    aws, project, plan_path, topic, ledger
):
    aws.prepare_workload()
    project.release()
    project.promote("plan", "dev")
    digest = read_plan(plan_path).digest
    topic.fails("apply", "Error: creating SNS Topic: denied\n")
    assert project.promote("apply", str(plan_path), "--yes").exit_code == 1
    assert project.promote("apply", str(plan_path), "--yes").exit_code == 1
    topic.recovers("apply")
    assert project.promote("apply", str(plan_path), "--yes").exit_code == 0
    one = [("apply", "dev", "mammography"), ("apply", "dev", "")]
    assert ledger.told() == [
        (*told, outcome) for outcome in ("failed", "failed", "applied") for told in one
    ]
    tokens = list(ledger.records)
    assert tokens[0].startswith(f"stated/dev/apply/{digest}/mammography/failed/")
    assert tokens[4] == f"stated/dev/apply/{digest}/mammography"
    details = ledger.records[tokens[0]].details
    assert details["error"].startswith("the apply failed at: terraform apply dev: 1 to add: ")
    assert "terraform dev: applied in part, see its log" in details["remains"]
    assert "not begun: create pipeline mammography-train" in details["remains"]


def test_apply__failure_that_cannot_be_recorded__says_both(aws, project, plan_path, ledger):
    aws.prepare_workload()
    project.release()
    plan(project)
    aws.client("s3", DEV).delete_bucket(Bucket="acme-ml-dev-data")
    ledger.failure = ("LedgerBusy", "others wrote first")
    result = project.promote("apply", str(plan_path), "--yes")
    assert (result.exit_code, ledger.records) == (1, {})
    assert "error: the apply failed at: upload s3://acme-ml-dev-data/code/" in result.stderr
    assert "  - the ledger does not know of this failure: lambda.Invoke" in result.stderr


def test_apply__applied_and_never_recorded__the_same_plan_file_hands_it_in_once(
    aws, project, plan_path, ledger
):
    aws.prepare_workload()
    project.release()
    plan(project)
    ledger.failure = ("RecordRefused", "not today")
    first = project.promote("apply", str(plan_path), "--yes")
    assert (first.exit_code, len(aws.pipelines()), ledger.records) == (1, 2, {})
    assert first.stderr.endswith(
        f"error: dev (account {DEV}) is as the plan wants it, but the ledger does not know: "
        f"lambda.Invoke in account {REGISTRY} for {FUNCTION}: the ledger did not record this: "
        "not today\n"
        "next: apply the same plan file again: it changes nothing more and hands the records in: "
        f"promote apply {plan_path}\n"
    )
    assert aws.control("promote.lock") is None
    ledger.failure = None
    for _ in range(2):
        again = project.promote("apply", str(plan_path), "--yes")
        assert (again.exit_code, again.stdout) == (0, f"nothing to do in dev (account {DEV})\n")
    assert ledger.told() == [("apply", "dev", "mammography", "applied")]
    [record] = ledger.records.values()
    assert record.details["actions"] == 0


def journal(project, plan_path, *, slept, say=lambda _: None):
    file = read_plan(plan_path)
    ready = make_ready(file, project.root, accounts=Accounts(), make_terraform=lambda *_: None)
    statements = Statements(ready.session.lambda_, REGISTRY, FUNCTION)
    return Journal(file, ready.actor, statements, FUNCTION, say=say, sleep=slept)


def test_journal__ledger_not_ready_yet__waits_and_records(aws, project, plan_path, ledger):
    aws.prepare_workload()
    project.release()
    plan(project)
    ledger.refusal = "AccessDeniedException"
    told, pauses = [], []

    def sleep(seconds):
        pauses.append(seconds)
        if len(pauses) == 3:
            ledger.refusal = ""

    journal(project, plan_path, slept=sleep, say=told.append).applied(3)
    assert (pauses, len(told), len(ledger.records)) == ([5.0] * 3, 3, 1)
    assert told[0].startswith("the ledger is not ready, trying again: lambda.Invoke in account ")


def test_journal__ledger_never_ready__gives_up_after_three_minutes(aws, project, plan_path, ledger):
    aws.prepare_workload()
    project.release()
    plan(project)
    ledger.refusal = "AccessDeniedException"
    pauses = []
    with pytest.raises(NotRecorded) as caught:
        journal(project, plan_path, slept=pauses.append).applied(3)
    assert (sum(pauses), caught.value.exit_code) == (180, 1)


def test_journal__interrupted_while_it_waits__says_that_the_ledger_does_not_know(
    aws, project, plan_path, ledger
):
    aws.prepare_workload()
    project.release()
    plan(project)
    ledger.refusal = "AccessDeniedException"

    def interrupted(_):
        raise KeyboardInterrupt

    with pytest.raises(NotRecorded, match="but the ledger does not know: interrupted"):
        journal(project, plan_path, slept=interrupted).applied(3)


STATE = {"version": 4, "serial": 7, "lineage": "l"}


@pytest.fixture
def planned(aws, project, topic):
    """Plan a release and Terraform from a state with serial 7."""
    aws.prepare_workload()
    aws.put_control("terraform.tfstate", STATE)
    project.release()
    project.promote("plan", "dev")
    return topic


def test_plan__terraform__keeps_the_version_of_the_state(planned, project):
    result = project.promote("plan", "dev", "--json")
    assert result.json["terraform"]["state"] == {"serial": 7, "lineage": "l"}


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({**STATE, "serial": 8}, "serial 8 of lineage l"),
        ({**STATE, "lineage": "other"}, "serial 7 of lineage other"),
    ],
)
def test_apply__terraform_state_changed_since__refuses_before_any_write(
    planned, aws, project, state, told
):
    aws.put_control("terraform.tfstate", state)
    aws.start_recording()
    result = project.promote("apply", str(project.root / "build/plans/dev.plan"), "--yes")
    assert (result.exit_code, aws.writes()) == (1, [])
    assert result.stderr.endswith(
        "error: the Terraform state of dev has changed since the plan was made: it was serial 7 of "
        f"lineage l, and is {told}\n"
        "next: nothing was applied; make a new plan: promote plan dev\n"
    )
    assert planned.commands() == ["init", "plan", "show", "show"]


def test_apply__first_state_written_since__refuses(aws, project, plan_path, topic):
    aws.prepare_workload()
    project.promote("plan", "dev", "--no-pipelines")
    aws.put_control("terraform.tfstate", STATE)
    result = project.promote("apply", str(plan_path), "--yes")
    assert result.exit_code == 1
    assert "it was not there, and is serial 7 of lineage l\n" in result.stderr


def test_plan__state_is_no_state__says_so(aws, project, terraform):
    aws.prepare_workload()
    aws.put_control("terraform.tfstate", ["scribble"])
    result = project.promote("plan", "dev", "--no-pipelines")
    assert result.exit_code == 1
    assert (
        "error: s3://acme-ml-dev-tfstate/accounts/dev/terraform.tfstate in account "
        f"{DEV} is no Terraform state: "
    ) in result.stderr


def test_apply__failed_behind_terraform__the_same_plan_goes_on_without_terraform(
    planned, aws, project, plan_path, ledger
):
    """Terraform's own saved plan would be stale by then: the note tells that it is done."""
    digest = read_plan(plan_path).digest
    note = {"plan_digest": digest, "lineage": "l", "serial": 8}
    aws.put_control("terraform.tfstate", {**STATE, "serial": 8})
    environment = load_environment(project.root, "dev")
    session = Accounts().open(environment, environment.deploy_role_arn)
    root = terraform_root(project.root, environment)
    TerraformNote(session, environment, root, digest).write()
    assert aws.control("promote.applied") == note
    result = project.promote("apply", str(plan_path), "--yes")
    assert (result.exit_code, len(aws.pipelines())) == (0, 2)
    assert planned.commands() == ["init", "plan", "show", "show"]
    assert ledger.told() == [
        ("apply", "dev", "mammography", "applied"),
        ("apply", "dev", "", "applied"),
    ]


def test_apply__applied_twice_with_terraform__does_nothing_the_second_time(
    planned, aws, project, plan_path, ledger
):
    assert project.promote("apply", str(plan_path), "--yes").exit_code == 0
    digest = read_plan(plan_path).digest
    note = {"plan_digest": digest, "lineage": "l", "serial": 7}
    assert aws.control("promote.applied") == note
    recorded = dict(ledger.records)
    again = project.promote("apply", str(plan_path), "--yes")
    assert (again.exit_code, again.stdout) == (0, f"nothing to do in dev (account {DEV})\n")
    assert planned.commands() == ["init", "plan", "show", "show", "init", "apply"]
    assert ledger.records == recorded


def test_apply__note_of_another_plan__does_not_count(planned, aws, project, plan_path):
    note = {"plan_digest": "ab" * 32, "lineage": "l", "serial": 7}
    aws.put_control("promote.applied", note)
    assert project.promote("apply", str(plan_path), "--yes").exit_code == 0
    assert planned.commands()[-1] == "apply"
    assert aws.control("promote.applied") == {**note, "plan_digest": read_plan(plan_path).digest}
