"""`promote destroy` against accounts in moto: what promote wrote for a use case, nothing else."""

import pytest

from promotion.apply.perform import ApplyFailed, perform
from promotion.apply.stage import make_ready
from promotion.aws.session import Accounts
from promotion.errors import RemoteError
from promotion.plan.archive import read_plan
from promotion.plan.ownership import mark_of, tags_for

DEV = "333333333333"
BOTH = ["mammography-inference", "mammography-train"]


@pytest.fixture
def deployed(aws, project):
    aws.prepare_workload()
    project.release()
    project.promote("plan", "dev", "--no-terraform")
    project.promote("apply", str(project.root / "build/plans/dev.plan"), "--yes")
    return aws


@pytest.fixture
def plan_path(project):
    return project.root / "build" / "plans" / "dev-destroy.plan"


def destroy(project, *words, use_case="mammography", answer=None):
    return project.promote(
        "destroy", "dev", use_case, "--reason", "trial ended", *words, answer=answer
    )


def foreign(aws, name, use_case=None):
    """Make a pipeline by hand, or one that promote wrote for another use case."""
    tags = tags_for(use_case, "a" * 64, "c" * 40, "{}") if use_case else {}
    aws.client("sagemaker", DEV).create_pipeline(
        PipelineName=name, PipelineDefinition="{}", RoleArn=f"arn:aws:iam::{DEV}:role/x",
        PipelineDescription=mark_of(tags) if tags else "made by hand",
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        ClientRequestToken="x" * 32,
    )  # fmt: skip


def test_destroy__use_case__deletes_its_pipelines_and_nothing_else(deployed, project, plan_path):
    foreign(deployed, "by-hand")
    foreign(deployed, "other", "other")
    deployed.start_recording()
    result = destroy(project, "--yes")
    assert (result.exit_code, deployed.writes()) == (
        0,
        ["PutObject", "DeletePipeline", "DeletePipeline", "Invoke", "DeleteObject"],
    )
    assert sorted(deployed.pipelines()) == ["by-hand", "other"]
    lines = result.stdout.splitlines()
    assert lines[2] == "  destroy: trial ended"
    assert "  - mammography-train · mammography/train · delete" in lines
    assert "      - step Preprocess (Processing)" in lines
    assert "  SageMaker's record of their executions goes with them." in lines
    assert "  Code objects, models and what Terraform owns stay as they are." in lines
    assert "2 pipelines to delete." in lines
    plan = read_plan(plan_path).plan
    release = project.releases[-1]
    assert (plan.purpose, plan.reason) == ("destroy", "trial ended")
    assert [(each.use_case, each.digest, each.git_commit) for each in plan.releases] == [
        ("mammography", release.digest, release.git_commit)
    ]
    objects = deployed.client("s3", DEV).list_objects_v2(Bucket="acme-ml-dev-data")
    assert objects["KeyCount"] == 1


def test_destroy__twice__does_nothing_the_second_time(deployed, project, plan_path):
    destroy(project, "--yes")
    deployed.start_recording()
    again = destroy(project, "--yes")
    assert (again.exit_code, deployed.writes()) == (0, [])
    assert "Nothing to do: the account is as the plan wants it." in again.stdout


def test_destroy__same_plan_file_twice__does_nothing_the_second_time(deployed, project, plan_path):
    destroy(project, "--dry-run")
    project.promote("apply", str(plan_path), "--yes")
    deployed.start_recording()
    again = project.promote("apply", str(plan_path), "--yes")
    assert (again.exit_code, again.stdout) == (0, f"nothing to do in dev (account {DEV})\n")
    assert deployed.writes() == ["Invoke"]  # the ledger has the record already


def test_destroy__then_plan__creates_anew(deployed, project, plan_path):
    before = deployed.pipelines()
    destroy(project, "--yes")
    assert project.promote("plan", "dev", "--no-terraform").exit_code == 3
    project.promote("apply", str(project.root / "build/plans/dev.plan"), "--yes")
    assert deployed.pipelines() == before


def test_destroy__use_case_not_in_the_file_any_more__is_found_by_its_tags(deployed, project):
    foreign(deployed, "old-train", "old")
    result = destroy(project, "--yes", use_case="old")
    assert (result.exit_code, sorted(deployed.pipelines())) == (0, BOTH)


def test_destroy__dry_run__writes_the_plan_file_only(deployed, project, plan_path):
    deployed.start_recording()
    result = destroy(project, "--dry-run")
    assert (result.exit_code, deployed.writes(), plan_path.exists()) == (3, [], True)


def test_destroy__answered_no__deletes_nothing(deployed, project):
    result = destroy(project, answer="n\n")
    assert (result.exit_code, sorted(deployed.pipelines())) == (1, BOTH)
    assert "delete pipeline mammography-train" in result.stderr


def start(aws, status):
    """Start an execution of the train pipeline that has a status."""
    from moto.sagemaker.models import sagemaker_backends

    client = aws.client("sagemaker", DEV)
    arn = client.start_pipeline_execution(PipelineName="mammography-train")["PipelineExecutionArn"]
    pipeline = sagemaker_backends[DEV]["eu-west-1"].pipelines["mammography-train"]
    pipeline.pipeline_executions[arn].pipeline_execution_status = status
    return arn


@pytest.mark.parametrize("status", ["Executing", "Stopping"])
def test_destroy__an_execution_runs__is_refused(deployed, project, plan_path, status):
    arn = start(deployed, status)
    deployed.start_recording()
    result = destroy(project, "--yes")
    assert (result.exit_code, deployed.writes(), plan_path.exists()) == (4, [], False)
    assert "error: the destruction in dev is refused; no plan file was written" in result.stderr
    assert f"running-execution: still running: {arn}" in result.stderr


def test_destroy__execution_started_since_the_plan__is_refused(deployed, project, plan_path):
    start(deployed, "Succeeded")
    destroy(project, "--dry-run")
    arn = start(deployed, "Executing")
    deployed.start_recording()
    result = project.promote("apply", str(plan_path), "--yes")
    assert (result.exit_code, deployed.writes()) == (1, [])
    assert f"  - mammography-train runs: {arn}" in result.stderr


def test_destroy__scheduled_pipeline__is_refused_unless_overridden(deployed, project):
    import json

    path = project.root / "environments" / "dev.tfvars.json"
    case = json.loads(path.read_text())["use_cases"]["mammography"]
    schedule = {"pipeline": "inference", "expression": "cron(0 6 * * ? *)"}
    project.edit_environment("dev", use_cases={"mammography": {**case, "schedule": schedule}})
    refused = destroy(project, "--yes")
    assert (refused.exit_code, sorted(deployed.pipelines())) == (4, BOTH)
    assert (
        "pipeline-in-use: the schedule cron(0 6 * * ? *) starts mammography-inference"
        in refused.stderr
    )
    over = ("--override", "pipeline-in-use=the rule is disabled")
    assert destroy(project, "--yes", *over).exit_code == 0


def test_destroy__pipeline_changed_since_the_plan__is_refused(deployed, project, plan_path):
    destroy(project, "--dry-run")
    client = deployed.client("sagemaker", DEV)
    client.update_pipeline(PipelineName="mammography-train", PipelineDescription="kept, please")
    deployed.start_recording()
    result = project.promote("apply", str(plan_path), "--yes")
    assert (result.exit_code, deployed.writes()) == (1, [])
    assert "  - mammography-train was changed, at " in result.stderr


class Breaks:
    """The real executor, but the connection breaks at the second deletion."""

    def __init__(self, executor, *, after):
        self.executor, self.after, self.deleted = executor, after, 0

    def __getattr__(self, name):
        return getattr(self.executor, name)

    def delete(self, action):
        self.deleted += 1
        if self.deleted < 2 or self.after:
            self.executor.delete(action)
        if self.deleted == 2:
            raise RemoteError("the connection broke")


@pytest.mark.parametrize("after", [True, False])
def test_destroy__fails_half_way__restores_with_the_tags_of_others(
    deployed, project, plan_path, after
):
    arn = f"arn:aws:sagemaker:eu-west-1:{DEV}:pipeline/mammography-inference"
    tags = [{"Key": "team", "Value": "imaging"}]
    deployed.client("sagemaker", DEV).add_tags(ResourceArn=arn, Tags=tags)
    before = deployed.pipelines()
    destroy(project, "--dry-run")
    ready = make_ready(
        read_plan(plan_path), project.root, accounts=Accounts(), make_terraform=lambda *_: None
    )
    with pytest.raises(ApplyFailed) as caught:
        perform(ready.actions, Breaks(ready.executor, after=after), say=lambda _: None)
    assert deployed.pipelines() == before
    again = "deleted and created again, without the record of its executions"
    assert caught.value.problems == (
        f"mammography-train: {again if after else 'was not changed'}",
        f"mammography-inference: {again}",
    )


def test_destroy__killed_half_way__the_same_plan_file_goes_on(deployed, project, plan_path):
    destroy(project, "--dry-run")
    deployed.client("sagemaker", DEV).delete_pipeline(
        PipelineName="mammography-inference", ClientRequestToken="y" * 32
    )
    deployed.start_recording()
    result = project.promote("apply", str(plan_path), "--yes")
    assert (result.exit_code, deployed.writes()) == (
        0,
        ["PutObject", "DeletePipeline", "Invoke", "DeleteObject"],
    )
    assert deployed.pipelines() == {}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("dev", "mammography", "--reason", ""), "the reason is missing"),
        (("registry", "mammography", "--reason", "r"), "environment registry runs no pipelines"),
        (("nowhere", "mammography", "--reason", "r"), "there is no environment 'nowhere'"),
    ],
)
def test_destroy__wrong_words__are_a_usage_error(aws, project, words, message):
    aws.start_recording()
    result = project.promote("destroy", *words, "--yes")
    assert (result.exit_code, aws.calls()) == (2, [])
    assert message in result.stderr


def test_destroy__use_case_that_nobody_knows__is_a_usage_error(deployed, project):
    result = destroy(project, "--yes", use_case="mamography")
    assert (result.exit_code, sorted(deployed.pipelines())) == (2, BOTH)
    assert "environment dev has no use case mamography" in result.stderr
