"""`promote destroy` under IAM: a tag of ours decides what the roles may read and delete."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from promotion.cli.main import main
from promotion.cli.ui import Ui
from promotion.plan.archive import read_plan
from promotion.plan.ownership import mark_of, tags_for
from sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.accounts import Account

ROOT = Path(__file__).resolve().parents[2]
DEV = "333333333333"
TOOLING = {"AWS": "arn:aws:iam::111111111111:root"}
PIPELINES = f"arn:aws:sagemaker:eu-west-1:{DEV}:pipeline/*"
# As in mlops-infra/modules/jenkins-access/policy_pipelines.tf, whose own test holds the text.
WRITTEN_BY_PROMOTE = {"Null": {"aws:ResourceTag/promotion:release": "false"}}
READ: list[dict[str, Any]] = [
    {"Effect": "Allow", "Action": "sagemaker:ListPipelines", "Resource": "*"},
    {
        "Effect": "Allow",
        "Action": [
            "sagemaker:DescribePipeline",
            "sagemaker:ListPipelineExecutions",
            "sagemaker:ListTags",
        ],
        "Resource": PIPELINES,
        "Condition": WRITTEN_BY_PROMOTE,
    },
]
DELETE = {
    "Effect": "Allow",
    "Action": "sagemaker:DeletePipeline",
    "Resource": PIPELINES,
    "Condition": WRITTEN_BY_PROMOTE,
}
STOP = {"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": "enough"}}


@pytest.fixture
def sandbox(sandbox_accounts: tuple[Account, ...], tmp_path: Path) -> Iterator[Sandbox]:
    """Start a sandbox with its real engine, which keeps pipelines and their tags."""
    with Sandbox(sandbox_accounts, workspace=tmp_path / "work") as running:
        yield running


@pytest.fixture
def pipelines(sandbox: Sandbox, create_role: Callable[..., str]) -> Any:
    """Make a pipeline of a use case that no file names, and one by hand; return dev's client."""
    create_role("dev-admin", "execution", {"Service": "sagemaker.amazonaws.com"})
    client = sandbox.client("sagemaker", "dev-admin")
    ours = tags_for("old", "a" * 64, "c" * 40, "{}")
    for name, tags in (("old-train", ours), ("by-hand", {"promotion:use_case": "old"})):
        client.create_pipeline(
            PipelineName=name,
            ClientRequestToken=name.ljust(32, "x"),
            RoleArn=f"arn:aws:iam::{DEV}:role/execution",
            PipelineDescription=mark_of(tags) if tags is ours else "made by hand",
            PipelineDefinition=json.dumps({"Version": "2020-12-01", "Steps": [STOP]}),
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
    return client


def names(client: Any) -> list[str]:
    found = client.list_pipelines()["PipelineSummaries"]
    return sorted(summary["PipelineName"] for summary in found)


def test_plan_role__use_case_that_no_file_names__is_shown(
    sandbox: Sandbox,
    create_role: Callable[..., str],
    pipelines: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    create_role("dev-admin", "jenkins-plan-role", TOOLING, *READ)
    shutil.copytree(ROOT / "tests" / "environments", tmp_path / "environments")
    for name, value in sandbox.environment("tooling-admin").items():
        monkeypatch.setenv(name, value)
    out, err = io.StringIO(), io.StringIO()
    words = ["destroy", "dev", "old", "--reason", "trial ended", "--dry-run"]
    code = main(["--root", str(tmp_path), *words], ui=Ui(stdout=out, stderr=err))
    assert (code, "  - old-train · old/ · delete" in out.getvalue()) == (3, True), err.getvalue()
    plan = read_plan(tmp_path / "build" / "plans" / "dev-destroy.plan").plan
    assert [change.name for change in plan.pipelines] == ["old-train"]
    assert names(pipelines) == ["by-hand", "old-train"]


def test_deploy_role__pipeline_without_our_tag__may_not_be_deleted(
    sandbox: Sandbox, create_role: Callable[..., str], pipelines: Any
) -> None:
    arn = create_role("dev-admin", "cross-account-jenkins-role", TOOLING, DELETE)
    keys = sandbox.client("sts", "tooling-admin").assume_role(
        RoleArn=arn, RoleSessionName="jenkins"
    )
    deploy = boto3.client(
        "sagemaker",
        endpoint_url=sandbox.endpoint_url,
        region_name="eu-west-1",
        aws_access_key_id=keys["Credentials"]["AccessKeyId"],
        aws_secret_access_key=keys["Credentials"]["SecretAccessKey"],
        aws_session_token=keys["Credentials"]["SessionToken"],
    )
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:DeletePipeline"):
        deploy.delete_pipeline(PipelineName="by-hand", ClientRequestToken="d" * 32)
    assert names(pipelines) == ["by-hand", "old-train"]
    deploy.delete_pipeline(PipelineName="old-train", ClientRequestToken="d" * 32)
    assert names(pipelines) == ["by-hand"]
