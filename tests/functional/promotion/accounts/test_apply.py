"""`promote apply` against accounts in moto: only that plan, all of it or nothing."""

import io
import tarfile
from dataclasses import replace

import pytest

from promotion.apply.perform import ApplyFailed, perform
from promotion.apply.stage import make_ready
from promotion.aws.session import Accounts
from promotion.errors import RemoteError
from promotion.plan.actions import WritePipeline
from promotion.plan.archive import read_plan, write_plan
from promotion.plan.ownership import marked

DEV = "333333333333"
BUCKET = "acme-ml-dev-data"
# What stands around every apply that has something to do: the lock, the record, the release.
LOCKED, RELEASED = ["PutObject"], ["Invoke", "DeleteObject"]
ROLE_ARN = f"arn:aws:iam::{DEV}:role/sagemaker-execution-role-mammography"


@pytest.fixture
def plan_path(project):
    return project.root / "build" / "plans" / "dev.plan"


def plan(project, *words):
    return project.promote("plan", "dev", "--no-terraform", *words)


def test_apply__empty_account__uploads_then_creates_with_tags(aws, project, plan_path):
    aws.prepare_workload()
    release = project.release()
    plan(project)
    aws.start_recording()
    result = project.promote("apply", str(plan_path), "--yes")
    assert result.exit_code == 0
    assert result.stdout == f"applied 3 actions to dev (account {DEV})\n"
    assert result.stderr.splitlines()[0] == f"dev: account {DEV} eu-west-1"
    assert aws.writes() == [*LOCKED, "PutObject", "CreatePipeline", "CreatePipeline", *RELEASED]
    found = aws.pipelines()["mammography-train"]
    assert found["role"] == ROLE_ARN
    assert {key: found["tags"][key] for key in found["tags"] if key != "promotion:definition"} == {
        "promotion:release": release.digest,
        "promotion:use_case": "mammography",
        "promotion:git_commit": release.git_commit,
    }
    assert marked(found["description"]) == found["tags"]
    assert found["definition"]["Parameters"][1]["DefaultValue"] == 0.85
    code = found["definition"]["Steps"][0]["Arguments"]["Code"]
    body = aws.client("s3", DEV).get_object(Bucket=BUCKET, Key=code.split("/", 3)[3])
    assert body["Body"].read() == release.code["steps/preprocess.py"]


def test_apply__twice__writes_nothing_the_second_time(aws, project, plan_path, ledger):
    aws.prepare_workload()
    project.release()
    plan(project)
    project.promote("apply", str(plan_path), "--yes")
    recorded = dict(ledger.records)
    aws.start_recording()
    again = project.promote("apply", str(plan_path), "--yes")
    assert (again.exit_code, again.stdout) == (0, f"nothing to do in dev (account {DEV})\n")
    # It asks the ledger to be sure, which has the record already.
    assert (aws.writes(), ledger.stated, ledger.records) == (["Invoke"], 2, recorded)


def test_apply__unchanged_plan__writes_nothing_and_asks_nothing(aws, project, plan_path):
    aws.prepare_workload()
    project.release()
    plan(project)
    project.promote("apply", str(plan_path), "--yes")
    assert plan(project).exit_code == 0
    aws.start_recording()
    result = project.promote("apply", str(plan_path))
    assert (result.exit_code, result.stdout) == (0, f"nothing to do in dev (account {DEV})\n")
    assert aws.writes() == []


def test_apply__same_source_at_another_commit__changes_mark_and_tags_only(
    aws, project, plan_path, train_definition
):
    aws.prepare_workload()
    definitions = {"train": train_definition, "inference": {**train_definition}}
    definitions["inference"]["Parameters"] = [
        {"Name": "TransformInstanceType", "Type": "String", "DefaultValue": "ml.m5.large"}
    ]
    project.release(definitions)
    plan(project)
    project.promote("apply", str(plan_path), "--yes")
    project.release(definitions, commit="f" * 40)
    plan(project)
    aws.start_recording()
    result = project.promote("apply", str(plan_path), "--yes")
    assert result.exit_code == 0
    assert aws.writes() == [*LOCKED, *["AddTags", "UpdatePipeline"] * 2, *RELEASED]
    assert aws.bodies("UpdatePipeline")[0].keys() == {
        "PipelineName",
        "PipelineDescription",
        "RoleArn",
    }
    found = aws.pipelines()["mammography-train"]
    assert found["tags"]["promotion:git_commit"] == "f" * 40
    assert marked(found["description"]) == found["tags"]


def test_apply__tags_of_others__stay(aws, project, plan_path, train_definition):
    aws.prepare_workload()
    project.release()
    plan(project)
    project.promote("apply", str(plan_path), "--yes")
    arn = f"arn:aws:sagemaker:eu-west-1:{DEV}:pipeline/mammography-train"
    client = aws.client("sagemaker", DEV)
    client.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "imaging"}])
    assert plan(project).exit_code == 0
    project.release(code={"steps/preprocess.py": b"pass\n"})
    plan(project)
    project.promote("apply", str(plan_path), "--yes")
    assert aws.pipelines()["mammography-train"]["tags"]["team"] == "imaging"


def test_apply__tags_removed_by_hand__are_back_with_the_next_release(aws, project, plan_path):
    aws.prepare_workload()
    project.release()
    plan(project)
    project.promote("apply", str(plan_path), "--yes")
    before = aws.pipelines()["mammography-train"]["tags"]
    arn = f"arn:aws:sagemaker:eu-west-1:{DEV}:pipeline/mammography-train"
    aws.client("sagemaker", DEV).delete_tags(ResourceArn=arn, TagKeys=list(before))
    assert plan(project).exit_code == 0
    release = project.release(code={"steps/preprocess.py": b"pass\n"})
    plan(project)
    project.promote("apply", str(plan_path), "--yes")
    after = aws.pipelines()["mammography-train"]["tags"]
    assert (after.keys(), after["promotion:release"]) == (before.keys(), release.digest)


def test_apply__dry_run__tells_and_writes_nothing(aws, project, plan_path):
    aws.prepare_workload()
    project.release()
    plan(project)
    aws.start_recording()
    result = project.promote("apply", str(plan_path), "--dry-run")
    assert (result.exit_code, aws.writes()) == (0, [])
    assert "would create pipeline mammography-train" in result.stdout.splitlines()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("y\n", (0, f"applied 3 actions to dev (account {DEV})\n", 2)),
        ("n\n", (1, "not applied\n", 0)),
        ("\n", (1, "not applied\n", 0)),
    ],
)
def test_apply__at_a_terminal__asks(aws, project, plan_path, answer, expected):
    aws.prepare_workload()
    project.release()
    plan(project)
    result = project.promote("apply", str(plan_path), answer=answer)
    assert (result.exit_code, result.stdout, len(aws.pipelines())) == expected
    assert f"apply 3 actions to dev (account {DEV})?" in result.stderr


def test_apply__no_terminal_and_no_yes__refuses(aws, project, plan_path):
    aws.prepare_workload()
    project.release()
    plan(project)
    aws.start_recording()
    result = project.promote("apply", str(plan_path))
    assert (result.exit_code, aws.writes()) == (2, [])
    assert "standard input is not a terminal" in result.stderr


def test_apply__pipeline_changed_since__refuses_and_names_it(aws, project, plan_path):
    aws.prepare_workload()
    project.release()
    plan(project)
    project.promote("apply", str(plan_path), "--yes")
    project.release(code={"steps/preprocess.py": b"pass\n"})
    plan(project)
    client = aws.client("sagemaker", DEV)
    client.update_pipeline(PipelineName="mammography-train", PipelineDefinition='{"Steps": []}')
    client.delete_pipeline(PipelineName="mammography-inference", ClientRequestToken="x" * 32)
    aws.start_recording()
    result = project.promote("apply", str(plan_path), "--yes")
    assert (result.exit_code, aws.writes()) == (1, [])
    lines = result.stderr.splitlines()
    assert f"error: account {DEV} (dev) has changed since the plan was made" in lines
    assert "  - mammography-inference was deleted" in lines
    assert any(line.startswith("  - mammography-train was changed, at ") for line in lines)
    assert lines[-1] == "next: nothing was applied; make a new plan: promote plan dev"


def test_apply__pipeline_created_since__refuses(aws, project, plan_path):
    aws.prepare_workload()
    project.release()
    plan(project)
    aws.client("sagemaker", DEV).create_pipeline(
        PipelineName="mammography-train",
        PipelineDefinition="{}",
        RoleArn=ROLE_ARN,
        ClientRequestToken="x" * 32,
    )
    result = project.promote("apply", str(plan_path), "--yes")
    assert result.exit_code == 1
    assert "  - mammography-train was created, at " in result.stderr


def test_apply__environment_file_changed_since__refuses(aws, project, plan_path):
    aws.prepare_workload()
    project.release()
    plan(project)
    project.edit_environment("dev", event_bus="other")
    aws.start_recording()
    result = project.promote("apply", str(plan_path), "--yes")
    assert (result.exit_code, aws.calls()) == (1, [])
    assert "environments/dev.tfvars.json has changed since the plan was made" in result.stderr


def test_apply__environment_now_another_account__refuses(aws, project, plan_path):
    aws.prepare_workload()
    project.release()
    plan(project)
    project.edit_environment("dev", account_id="555555555555")
    aws.start_recording()
    result = project.promote("apply", str(plan_path), "--yes")
    assert (result.exit_code, aws.calls()) == (1, [])
    assert (
        f"error: the plan is for account {DEV}, but environment dev is account 555555555555\n"
        in result.stderr
    )


def test_apply__another_digest_than_reviewed__refuses(aws, project, plan_path):
    aws.prepare_workload()
    project.release()
    plan(project)
    result = project.promote("apply", str(plan_path), "--yes", "--digest", "ab" * 32)
    assert result.exit_code == 1
    assert "is not the plan that was reviewed" in result.stderr
    assert aws.pipelines() == {}


def alter(path, name, change):
    """Rewrite one member of a plan file and leave its manifest."""
    with tarfile.open(path) as archive:
        members = [(entry.name, archive.extractfile(entry).read()) for entry in archive]
    with tarfile.open(path, "w") as archive:
        for member, body in members:
            content = change(body) if member == name else body
            if content is not None:
                entry = tarfile.TarInfo(member)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))


def swap_role(body):
    return body.replace(b"sagemaker-execution-role", b"administrator-role-xxxxx")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.unlink(), "cannot be read: No such file"),
        (lambda path: path.write_bytes(b""), "it is cut short or not a plan file"),
        (lambda path: path.write_bytes(b"x" * 4000), "it is cut short or not a plan file"),
        (lambda path: path.write_bytes(path.read_bytes()[:3000]), "cut short"),
        (lambda path: alter(path, "plan.json", swap_role), "plan.json was altered"),
        (lambda path: alter(path, "plan.json", lambda _: None), "plan.json is missing"),
        (lambda path: alter(path, "manifest.json", lambda _: b"{"), "manifest.json is missing or"),
        (lambda path: alter(path, "manifest.json", lambda _: b"{}"), "does not list its members"),
    ],
)
def test_apply__damaged_plan_file__refuses_before_any_call(
    aws, project, plan_path, damage, message
):
    aws.prepare_workload()
    project.release()
    plan(project)
    damage(plan_path)
    aws.start_recording()
    result = project.promote("apply", str(plan_path), "--yes")
    assert (result.exit_code, aws.calls()) == (1, [])
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_apply__terraform_plan__is_applied_before_pipelines(
    aws, project, plan_path, terraform, resource_change
):
    aws.prepare_workload()
    project.release()
    terraform.changes(resource_change("aws_sns_topic.this", ["create"], {"name": "t"}))
    project.promote("plan", "dev")
    (project.root / "build/terraform/dev/terraform.tfplan").unlink()
    for package in (project.root / "build/handlers").glob("*.zip"):
        package.unlink()
    result = project.promote("apply", str(plan_path), "--yes")
    done = [line.split()[1] for line in result.stderr.splitlines() if line.startswith("done: ")]
    assert (result.exit_code, done) == (0, ["upload", "terraform", "create", "create"])
    assert terraform.commands() == ["init", "plan", "show", "show", "init", "apply"]
    assert len(list((project.root / "build/handlers").glob("*.zip"))) == 1


def test_apply__terraform_without_changes__is_not_run(aws, project, plan_path, terraform):
    aws.prepare_workload()
    project.release()
    project.promote("plan", "dev")
    project.promote("apply", str(plan_path), "--yes")
    assert terraform.commands() == ["init", "plan", "show", "show"]


def test_apply__terraform_fails__creates_no_pipeline_and_says_what_remains(
    aws, project, plan_path, terraform, resource_change
):
    aws.prepare_workload()
    project.release()
    terraform.changes(resource_change("aws_sns_topic.this", ["create"], {"name": "t"}))
    project.promote("plan", "dev")
    terraform.fails("apply", "Error: creating SNS Topic: denied\n")
    result = project.promote("apply", str(plan_path), "--yes")
    assert (result.exit_code, aws.pipelines()) == (1, {})
    assert "error: the apply failed at: terraform apply dev: 1 to add: " in result.stderr
    assert "  - creating SNS Topic: denied\n" in result.stderr
    assert "  - terraform dev: applied in part, see its log\n" in result.stderr
    assert "  - not begun: create pipeline mammography-inference\n" in result.stderr


def test_apply__stale_terraform_plan__says_plan_again(
    aws, project, plan_path, terraform, resource_change
):
    aws.prepare_state()
    terraform.changes(resource_change("aws_sns_topic.this", ["create"], {"name": "t"}))
    project.promote("plan", "dev", "--no-pipelines")
    terraform.fails("apply", "│ Error: Saved plan is stale\n│ \n│ The given plan file\n")
    result = project.promote("apply", str(plan_path), "--yes")
    assert result.exit_code == 1
    assert "the Terraform state has changed since the plan was made" in result.stderr
    assert "make a new plan: promote plan dev" in result.stderr


def with_definition_that_aws_refuses(change):
    """Return a pipeline's change; moto, like SageMaker, refuses an empty definition."""
    return replace(change, desired=replace(change.desired, definition_json=""))


def test_apply__second_pipeline_fails__deletes_the_first_and_reports(aws, project, plan_path):
    aws.prepare_workload()
    project.release()
    plan(project)
    ready = make_ready(
        read_plan(plan_path), project.root, accounts=Accounts(), make_terraform=lambda *_: None
    )
    *others, last = ready.actions
    bad = WritePipeline(with_definition_that_aws_refuses(last.change))
    with pytest.raises(ApplyFailed) as caught:
        perform((*others, bad), ready.executor, say=lambda _: None)
    assert aws.pipelines() == {}
    assert "mammography-train: was not created" in caught.value.problems
    assert "mammography-inference: created and deleted again" in caught.value.problems
    assert any(
        line.startswith("upload s3://") and "stays, it is never overwritten" in line
        for line in caught.value.problems
    )


def test_apply__definition_in_the_plan_is_not_the_releases__is_refused(aws, project, plan_path):
    aws.prepare_workload()
    project.release()
    plan(project)
    file = read_plan(plan_path)
    first, second = file.plan.pipelines
    forged = replace(
        second, desired=replace(second.desired, definition_json='{"Version": "2020-12-01"}')
    )
    parts = {name: body for name, body in file.members.items() if name.startswith("releases/")}
    write_plan(plan_path, replace(file.plan, pipelines=(first, forged)), parts)
    aws.start_recording()
    result = project.promote("apply", str(plan_path), "--yes")
    assert (result.exit_code, aws.writes()) == (4, [])
    assert (
        "error: the releases in the plan for dev do not hold\n"
        "  - mammography-train would be written otherwise than its release says\n"
    ) in result.stderr


def test_apply__second_update_fails__restores_definition_role_and_tags(aws, project, plan_path):
    aws.prepare_workload()
    project.release()
    plan(project)
    project.promote("apply", str(plan_path), "--yes")
    before = aws.pipelines()
    project.release(code={"steps/preprocess.py": b"pass\n"}, commit="b" * 40)
    plan(project)

    ready = make_ready(
        read_plan(plan_path), project.root, accounts=Accounts(), make_terraform=lambda *_: None
    )

    class Breaks:
        """The real executor, but the connection breaks after the second pipeline is written."""

        def __init__(self):
            self.written = 0

        def __getattr__(self, name):
            return getattr(ready.executor, name)

        def write(self, action):
            ready.executor.write(action)
            self.written += 1
            if self.written == 2:
                raise RemoteError("the connection broke")

    assert aws.pipelines() == before
    with pytest.raises(ApplyFailed) as caught:
        perform(ready.actions, Breaks(), say=lambda _: None)
    assert aws.pipelines() == before
    assert caught.value.problems[:2] == (
        "mammography-train: changed and restored",
        "mammography-inference: changed and restored",
    )


def test_apply__other_accounts__are_left_alone(aws, project, plan_path):
    aws.prepare_workload()
    project.release()
    plan(project)
    project.promote("apply", str(plan_path), "--yes")
    assert {account: aws.pipelines(account) for account in ("444444444444", "222222222222")} == {
        "444444444444": {},
        "222222222222": {},
    }
