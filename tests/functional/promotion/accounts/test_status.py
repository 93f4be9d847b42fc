"""`promote status` against accounts in moto."""

import json

import pytest

from promotion.aws.errors import RemoteDenied
from promotion.aws.session import Accounts
from promotion.status.collect import collect_status

DEV, PROD, REGISTRY = "333333333333", "444444444444", "222222222222"


@pytest.fixture
def deployed(aws, project):
    """Deploy a release to dev, with one execution, one approved and one pending model."""
    aws.prepare_workload()
    project.release()
    project.promote("plan", "dev", "--no-terraform")
    project.promote("apply", str(project.root / "build/plans/dev.plan"), "--yes")
    registry = aws.client("sagemaker", REGISTRY)
    registry.create_model_package_group(ModelPackageGroupName="mammography")
    for status in ("Approved", "PendingManualApproval"):
        registry.create_model_package(
            ModelPackageGroupName="mammography", ModelApprovalStatus=status
        )
    aws.client("sagemaker", DEV).start_pipeline_execution(PipelineName="mammography-train")
    return aws


def test_status__json__tells_release_execution_and_models(deployed, project):
    deployed.start_recording()
    result = project.promote("status", "--json")
    release = project.releases[-1]
    dev, prod = result.json["statuses"]
    train = next(item for item in dev["pipelines"] if item["key"] == "train")
    assert (result.exit_code, deployed.writes()) == (0, [])
    assert (dev["environment"], dev["model_in_service"], dev["pending_approvals"]) == (
        "dev",
        1,
        [2],
    )
    assert {
        key: train[key] for key in ("deployed", "release_digest", "git_commit", "edited_by_hand")
    } == {
        "deployed": True,
        "release_digest": release.digest,
        "git_commit": release.git_commit,
        "edited_by_hand": False,
    }
    assert train["last_execution_status"] == "Succeeded"
    assert "/execution/" in train["last_execution_arn"]
    assert [(item["key"], item["deployed"]) for item in prod["pipelines"]] == [
        ("inference", False),
        ("train", False),
    ]


def test_status__edited_by_hand__says_so(deployed, project):
    client = deployed.client("sagemaker", DEV)
    client.update_pipeline(PipelineName="mammography-train", PipelineDefinition='{"Steps":[]}')
    result = project.promote("status", "dev")
    assert result.exit_code == 0
    [train] = [line for line in result.stdout.splitlines() if " train " in line]
    assert train.split()[1:6] == [
        project.releases[-1].digest[:12], "c0ffeec", "?", "EDITED", "BY"
    ]  # fmt: skip


def pipelines_of(result, environment="dev"):
    [status] = [each for each in result.json["statuses"] if each["environment"] == environment]
    return {pipeline["key"]: pipeline for pipeline in status["pipelines"]}


def drifts(project):
    found = pipelines_of(project.promote("status", "dev", "--json"))
    return {key: (each["drift"], each["applied_at"] is not None) for key, each in found.items()}


def test_status__as_applied__has_not_drifted(deployed, project):
    assert drifts(project) == {"train": ("no", True), "inference": ("no", True)}


def test_status__role_changed_by_hand__is_an_edit(deployed, project):
    client = deployed.client("sagemaker", DEV)
    client.update_pipeline(
        PipelineName="mammography-train", RoleArn=f"arn:aws:iam::{DEV}:role/other"
    )
    assert drifts(project) == {"train": ("edited by hand", False), "inference": ("no", True)}


@pytest.mark.parametrize(("edit", "code"), [(False, 0), (True, 3)])
def test_status__exit_code__tells_drift(deployed, project, edit, code):
    if edit:
        deployed.client("sagemaker", DEV).update_pipeline(
            PipelineName="mammography-train", RoleArn=f"arn:aws:iam::{DEV}:role/other"
        )
    assert project.promote("status", "dev", "--exit-code").exit_code == code


def test_status__environment_file_changed_since__is_unlike_its_release(deployed, project):
    path = project.root / "environments" / "dev.tfvars.json"
    case = json.loads(path.read_text())["use_cases"]["mammography"]
    case["parameters"]["train"]["MinimumAuc"] = 0.9
    project.edit_environment("dev", use_cases={"mammography": case})
    assert drifts(project) == {"train": ("unlike its release", True), "inference": ("no", True)}
    for archive in (project.root / "build" / "releases").iterdir():
        archive.unlink()
    assert drifts(project) == {"train": ("no", True), "inference": ("no", True)}


def test_status__release_does_not_fit_the_file_any_more__is_unlike_its_release(deployed, project):
    path = project.root / "environments" / "dev.tfvars.json"
    case = json.loads(path.read_text())["use_cases"]["mammography"]
    case["parameters"]["train"]["Gone"] = 1
    project.edit_environment("dev", use_cases={"mammography": case})
    assert {drift for drift, _ in drifts(project).values()} == {"unlike its release"}


def test_status__damaged_archive__is_told_and_leaves_the_rest(deployed, project):
    [archive] = (project.root / "build" / "releases").iterdir()
    archive.write_bytes(archive.read_bytes()[:2000])
    result = project.promote("status", "dev", "--json")
    assert (result.exit_code, {each["drift"] for each in pipelines_of(result).values()}) == (
        1,
        {"no"},
    )
    assert f"mammography in dev: release {archive}" in result.stderr


def test_status__pipeline_that_is_not_ours__has_no_drift(deployed, project):
    client = deployed.client("sagemaker", DEV)
    arn = f"arn:aws:sagemaker:eu-west-1:{DEV}:pipeline/mammography-train"
    client.delete_tags(ResourceArn=arn, TagKeys=["promotion:release"])
    client.update_pipeline(PipelineName="mammography-train", PipelineDescription="mine now")
    assert drifts(project)["train"] == ("unknown", False)


def test_status__table__one_row_for_each_environment(deployed, project):
    result = project.promote("status")
    words = [line.split() for line in result.stdout.splitlines()]
    rows = [line[:2] for line in words if line[:1] == ["mammography"]]
    assert rows == [["mammography", "dev"], ["mammography", "prod"]]
    assert "not deployed" in result.stdout


class OutOfReach(Accounts):
    """Accounts of which one lets nobody in."""

    def __init__(self, account_id):
        super().__init__()
        self.account_id = account_id

    def open(self, environment, *role_arns):
        if environment.account_id == self.account_id:
            raise RemoteDenied(f"cannot act in account {environment.account_id}")
        return super().open(environment, *role_arns)


def test_status__account_out_of_reach__leaves_the_rest_told(deployed, project):
    dev, prod = collect_status(project.root, [], accounts=OutOfReach(PROD))
    assert [pipeline.deployed for pipeline in dev.pipelines] == [True, True]
    assert (dev.problems, dev.model_in_service) == ((), 1)
    assert (prod.problems, prod.pipelines) == ((f"cannot act in account {PROD}",), ())
    assert (prod.model_known, prod.model_in_service) == (True, 1)


def test_status__registry_out_of_reach__leaves_the_pipelines_told(deployed, project):
    [dev] = collect_status(project.root, ["dev"], accounts=OutOfReach(REGISTRY))
    assert [pipeline.deployed for pipeline in dev.pipelines] == [True, True]
    assert dev.problems == (f"registry: cannot act in account {REGISTRY}",)
    assert not dev.model_known
    assert (dev.model_in_service, dev.pending_approvals) == (None, ())


@pytest.mark.parametrize(
    ("name", "message"),
    [("nowhere", "there is no environment 'nowhere'"), ("registry", "runs no pipelines")],
)
def test_status__wrong_environment__is_a_usage_error(aws, project, name, message):
    aws.start_recording()
    result = project.promote("status", name)
    assert (result.exit_code, aws.calls()) == (2, [])
    assert message in result.stderr
