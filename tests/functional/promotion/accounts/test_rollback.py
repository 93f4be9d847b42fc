"""`promote rollback` against accounts and a ledger in moto."""

import pytest

from promotion.handlers.ledger_table import LedgerTable
from promotion.ledger.check import record_from
from promotion.plan.archive import read_plan

DEV, REGISTRY = "333333333333", "222222222222"
DEPLOY = f"arn:aws:sts::{DEV}:assumed-role/cross-account-jenkins-role/promote"


@pytest.fixture
def record(aws):
    """Return what writes a record into the ledger, as the ledger's function would."""
    client = aws.prepare_ledger()
    moments = iter(range(100))

    def append(digest, kind="apply", outcome="applied", environment="dev"):
        at = f"2026-01-01T06:00:{next(moments):02}.000000Z"
        document = {
            "kind": kind, "at": at, "actor": DEPLOY, "account_id": DEV, "environment": environment,
            "use_case": "mammography", "release_digest": digest, "git_commit": "c0ffee",
            "outcome": outcome,
        }  # fmt: skip
        LedgerTable(client, "acme-ml-ledger", lambda: at).append(record_from(document), at)

    return append


@pytest.fixture
def two(aws, project):
    """Apply two releases of mammography to dev, one after the other; return both."""
    aws.prepare_workload()
    releases = [project.release(), project.release(code={"steps/preprocess.py": b"pass\n"})]
    for release in releases:
        release.write(project.root / "build" / "releases")
        project.promote("plan", "dev", "--no-terraform", "--release", release.digest)
        project.promote("apply", str(project.root / "build/plans/dev.plan"), "--yes")
    return releases


def live(aws):
    return {pipeline["tags"]["promotion:release"] for pipeline in aws.pipelines().values()}


def rollback(project, *words, answer=None):
    return project.promote(
        "rollback", "dev", "mammography", "--reason", "AUC  fell", *words, answer=answer
    )


def test_rollback__without_to__brings_back_what_was_live_before(aws, project, two, record):
    record(two[0].digest)
    record(two[1].digest)
    project.promote("plan", "dev", "--no-terraform", "--release", two[0].digest)
    aws.start_recording()
    result = rollback(project, "--yes")
    writes = aws.writes()
    assert (result.exit_code, live(aws)) == (0, {two[0].digest})
    assert set(writes) == {"PutObject", "UpdatePipeline", "AddTags", "Invoke", "DeleteObject"}
    lines = result.stdout.splitlines()
    assert lines[2] == "  rollback: AUC fell"
    assert "          -pass" in lines
    assert lines[-1] == f"applied 2 actions to dev (account {DEV})"
    plan = read_plan(project.root / "build/plans/dev-rollback.plan").plan
    assert (plan.purpose, plan.reason, plan.terraform) == ("rollback", "AUC fell", None)
    assert [release.digest for release in plan.releases] == [two[0].digest]


def test_rollback__restores_exactly_what_the_earlier_apply_wrote(aws, project, record):
    aws.prepare_workload()
    first = project.release()
    project.promote("plan", "dev", "--no-terraform")
    project.promote("apply", str(project.root / "build/plans/dev.plan"), "--yes")
    before = aws.pipelines()
    project.release(code={"steps/preprocess.py": b"pass\n"}, commit="f" * 40)
    project.promote("plan", "dev", "--no-terraform")
    project.promote("apply", str(project.root / "build/plans/dev.plan"), "--yes")
    assert aws.pipelines() != before
    first.write(project.root / "build" / "releases")
    assert rollback(project, "--to", first.digest[:9], "--yes").exit_code == 0
    assert aws.pipelines() == before


def test_rollback__twice__does_not_return_to_what_was_rolled_back_from(aws, project, two, record):
    record(two[0].digest)
    record(two[1].digest)
    rollback(project, "--yes")
    record(two[0].digest, kind="rollback")
    aws.start_recording()
    result = rollback(project, "--yes")
    assert (result.exit_code, aws.writes()) == (2, [])
    assert (
        f"the ledger has no earlier release of mammography in dev than {two[0].digest[:12]}, "
        "which is live" in result.stderr
    )
    assert "next: name one with --to DIGEST" in result.stderr


def test_rollback__other_environments_and_failures__do_not_count(aws, project, two, record):
    record(two[0].digest, outcome="failed")
    record(two[0].digest, environment="prod")
    record(two[0].digest, kind="destroy")
    record(two[1].digest)
    assert rollback(project, "--yes").exit_code == 2
    assert live(aws) == {two[1].digest}


def test_rollback__ledger_is_read_under_the_plan_role(aws, project, two, record):
    record(two[0].digest)
    record(two[1].digest)
    aws.start_recording()
    rollback(project, "--dry-run")
    assert {role for role, _ in aws.assumed()} == {"jenkins-plan-role"}


def test_rollback__dry_run__leaves_a_plan_file_that_apply_takes(aws, project, two):
    aws.start_recording()
    result = rollback(project, "--to", two[0].digest, "--dry-run", "--out", "r.plan")
    assert (result.exit_code, aws.writes()) == (3, [])
    assert "not applied; after the review: promote apply r.plan" in result.stderr
    assert project.promote("apply", "r.plan", "--yes").exit_code == 0
    assert live(aws) == {two[0].digest}


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_rollback__live_already__says_so_and_writes_nothing(aws, project, two):
    aws.start_recording()
    result = rollback(project, "--to", two[1].digest)
    assert (result.exit_code, aws.writes()) == (0, [])
    assert "Nothing to do: the account is as the plan wants it." in result.stdout


def test_rollback__edited_by_hand__to_the_live_release_puts_it_back(aws, project, two):
    before = aws.pipelines()
    aws.client("sagemaker", DEV).update_pipeline(
        PipelineName="mammography-train", PipelineDefinition='{"Steps": []}'
    )
    assert rollback(project, "--to", two[1].digest, "--yes").exit_code == 0
    assert aws.pipelines() == before


@pytest.mark.parametrize(("answer", "expected"), [("y\n", 0), ("n\n", 1)])
def test_rollback__at_a_terminal__asks(aws, project, two, answer, expected):
    result = rollback(project, "--to", two[0].digest, answer=answer)
    assert (result.exit_code, live(aws)) == (expected, {two[expected].digest})
    assert f"apply 2 actions to dev (account {DEV})?" in result.stderr


def test_rollback__no_terminal_and_no_yes__keeps_the_plan_file_and_refuses(aws, project, two):
    result = rollback(project, "--to", two[0].digest)
    assert (result.exit_code, live(aws)) == (2, {two[1].digest})
    assert (project.root / "build/plans/dev-rollback.plan").exists()


def test_rollback__a_gate_refuses__leaves_no_plan_file(aws, project, two):
    demanded = {"require_clean_commit": True, "require_provenance": False}
    project.edit_environment("dev", promotion=demanded)
    result = rollback(project, "--to", two[0].digest, "--yes")
    assert (result.exit_code, live(aws)) == (4, {two[1].digest})
    assert "error: the rollback in dev is refused; no plan file was written" in result.stderr
    assert not (project.root / "build/plans/dev-rollback.plan").exists()
    over = ("--override", "clean-commit=ticket 7")
    assert rollback(project, "--to", two[0].digest, "--yes", *over).exit_code == 0


def test_rollback__to_a_release_that_is_nowhere__is_a_usage_error(aws, project, two):
    aws.prepare_store()
    aws.start_recording()
    result = rollback(project, "--to", "e" * 12, "--yes")
    assert (result.exit_code, aws.writes()) == (2, [])
    assert "no release with digest 'eeeeeeeeeeee' in " in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("dev", "mammography", "--reason", " "), "the reason is missing"),
        (("dev", "mammography", "--reason", "a\x1bb"), "characters that do not print"),
        (("dev", "mammography", "--reason", "r", "--to", "abc"), "'abc' is no digest of a release"),
        (("dev", "mammography", "--reason", "r", "--to", "nothexadec"), "is no digest"),
        (("dev", "other", "--reason", "r"), "environment dev has no use case other"),
        (("registry", "mammography", "--reason", "r"), "runs no pipelines"),
        (("dev", "mammography"), "Missing option '--reason'"),
    ],
)
def test_rollback__wrong_words__are_a_usage_error(aws, project, words, message, capfd):
    aws.start_recording()
    result = project.promote("rollback", *words, "--yes")
    assert (result.exit_code, aws.calls()) == (2, [])
    assert message in result.stderr + capfd.readouterr().err


def test_rollback__nothing_live__says_promote(aws, project, record):
    aws.prepare_workload()
    result = rollback(project, "--yes")
    assert result.exit_code == 2
    assert "no release of mammography is live in dev" in result.stderr


def test_rollback__pipelines_of_two_releases__asks_which(aws, project, two, record):
    mark = aws.pipelines()["mammography-train"]["description"]
    aws.client("sagemaker", DEV).update_pipeline(
        PipelineName="mammography-train",
        PipelineDescription=mark.replace(two[1].digest, two[0].digest),
    )
    result = rollback(project, "--yes")
    assert result.exit_code == 2
    assert "are of several releases: " in result.stderr
    assert rollback(project, "--to", two[0].digest, "--yes").exit_code == 0
    assert live(aws) == {two[0].digest}


def test_rollback__no_ledger__says_name_the_release(aws, project, two):
    aws.prepare_ledger().delete_table(TableName="acme-ml-ledger")
    result = rollback(project, "--yes")
    assert result.exit_code == 1
    assert "or name the release with --to DIGEST" in result.stderr
