"""What `promote plan` and `apply` say when Terraform fails."""

import os

import pytest

LOCKED = """\
╷
│ Error: Error acquiring the state lock
│ 
│ Error message: operation error S3: PutObject, https response error StatusCode: 412
│ Lock Info:
│   ID:        0a1b2c3d-0000-1111-2222-333344445555
│   Path:      acme-ml-dev-tfstate/accounts/dev/terraform.tfstate
│   Operation: OperationTypeApply
│   Who:       jenkins@build-7
│   Version:   1.11.4
│   Created:   2026-11-20 06:00:00 +0000 UTC
│ 
│ Terraform acquires a state lock to protect the state.
╵
"""  # noqa: W291 - Terraform's own output
NO_BUCKET = (
    'Error: Failed to get existing workspaces: S3 bucket "acme-ml-dev-tfstate" does not exist.\n'
)


def test_terraform__state_locked__says_who_and_how_to_unlock(
    aws, project, terraform, resource_change
):
    aws.prepare_state()
    terraform.changes(resource_change("aws_sns_topic.this", ["create"], {"name": "t"}))
    project.promote("plan", "dev", "--no-pipelines")
    terraform.fails("apply", LOCKED)
    result = project.promote("apply", str(project.root / "build/plans/dev.plan"), "--yes")
    assert result.exit_code == 1
    assert (
        "terraform apply of dev (account 333333333333): the state is locked by "
        "jenkins@build-7 since 2026-11-20 06:00:00 +0000 UTC\n"
    ) in result.stderr
    assert (
        f"terraform -chdir={project.root}/mlops-infra/accounts/dev force-unlock "
        "0a1b2c3d-0000-1111-2222-333344445555"
    ) in result.stderr


@pytest.mark.parametrize("command", ["init", "plan", "show"])
def test_terraform__any_command_fails__no_plan_file_is_written(aws, project, terraform, command):
    terraform.fails(command, LOCKED)
    aws.start_recording()
    result = project.promote("plan", "dev", "--no-pipelines")
    assert (result.exit_code, result.stdout, aws.writes()) == (1, "", [])
    assert not (project.root / "build/plans").exists()


def test_terraform__missing_when_a_plan_is_applied__writes_nothing(
    aws, project, terraform, resource_change, monkeypatch
):
    aws.prepare_workload()
    project.release()
    terraform.changes(resource_change("aws_sns_topic.this", ["create"], {"name": "t"}))
    project.promote("plan", "dev")
    monkeypatch.setenv("PATH", str(project.root))
    aws.start_recording()
    result = project.promote("apply", str(project.root / "build/plans/dev.plan"), "--yes")
    assert (result.exit_code, aws.writes()) == (1, [])
    assert "error: terraform is not on PATH\n" in result.stderr


def test_terraform__no_state_bucket__says_bootstrap(aws, project, terraform):
    terraform.fails("init", NO_BUCKET)
    result = project.promote("plan", "dev", "--no-pipelines")
    assert result.exit_code == 1
    assert "the state bucket acme-ml-dev-tfstate does not exist" in result.stderr
    assert "next: create it: promote bootstrap dev\n" in result.stderr


def test_terraform__other_failure__shows_it_and_names_the_log(aws, project, terraform):
    terraform.fails("init", "╷\n│ Error: Module not found\n│ \n│ Look again.\n╵\n")
    result = project.promote("plan", "dev", "--no-pipelines")
    log = project.root / "build/terraform/dev/log"
    assert result.exit_code == 1
    assert "  - Module not found Look again.\n" in result.stderr
    assert f"next: the whole output is in {log}\n" in result.stderr
    assert "Error: Module not found" in log.read_text()


def test_terraform__missing__says_what_to_install(aws, project, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    result = project.promote("plan", "dev", "--no-pipelines")
    assert result.exit_code == 1
    assert result.stderr.endswith(
        "error: terraform is not on PATH\n"
        "next: install Terraform 1.11.0 or later, or plan with --no-terraform\n"
    )
    assert not (project.root / "build/plans").exists()


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ('{"terraform_version": "1.9.8"}', "is Terraform 1.9.8, which is too old"),
        ("Terraform v0.12", "does not tell its version"),
    ],
)
def test_terraform__unusable_version__says_what_to_install(
    aws, project, terraform, version, message
):
    (terraform.folder / "version").write_text(version)
    result = project.promote("plan", "dev", "--no-pipelines")
    assert result.exit_code == 1
    assert message in result.stderr
    assert "install Terraform 1.11.0 or later" in result.stderr
    assert terraform.commands() == []


def test_terraform__corrupt_saved_plan__is_refused(aws, project, terraform, resource_change):
    from promotion.plan.archive import TERRAFORM_PLAN, read_plan, write_plan

    aws.prepare_state()
    terraform.changes(resource_change("aws_sns_topic.this", ["create"], {"name": "t"}))
    path = project.root / "build/plans/dev.plan"
    project.promote("plan", "dev", "--no-pipelines")
    file = read_plan(path)
    parts = {name: body for name, body in file.members.items() if name != "plan.json"}
    write_plan(path, file.plan, {**parts, TERRAFORM_PLAN: b"\x00garbage"})
    result = project.promote("apply", str(path), "--yes")
    assert result.exit_code == 1
    assert "the saved Terraform plan cannot be read" in result.stderr


def test_terraform__callers_variables__do_not_reach_another_account_or_workspace(
    aws, project, terraform, monkeypatch
):
    monkeypatch.setenv("TF_WORKSPACE", "other")
    monkeypatch.setenv("AWS_SECURITY_TOKEN", "stale")
    project.promote("plan", "registry")
    runs = terraform.runs()[1:]
    assert {run["TF_WORKSPACE"] for run in runs} == {None}
    assert {run["TF_INPUT"] for run in runs} == {"0"}
    assert {run["TF_IN_AUTOMATION"] for run in runs} == {"1"}
    assert all(run["lent"]["Token"] for run in runs)
    assert {run["AWS_SESSION_TOKEN"] for run in runs} == {None}
    assert os.environ["TF_WORKSPACE"] == "other"


def test_terraform__ctrl_c_during_apply__is_waited_for_and_ends_with_130(
    aws, project, terraform, resource_change
):
    aws.prepare_workload()
    project.release()
    terraform.changes(resource_change("aws_sns_topic.this", ["create"], {"name": "t"}))
    project.promote("plan", "dev")
    terraform.interrupts()
    result = project.promote("apply", str(project.root / "build/plans/dev.plan"), "--yes")
    assert (result.exit_code, aws.pipelines()) == (130, {})
    assert (terraform.folder / "lock-given-back").exists()
    assert "  - terraform dev: applied in part, see its log\n" in result.stderr
