"""`promote rollback` by Jenkins under IAM: back to exactly what was, recorded, and once only.

The roles here may do what a promotion and a rollback need and nothing else, so that a call beyond
it fails the test.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ...bench.account import LEDGER, TABLE, document

if TYPE_CHECKING:
    from sandbox.server import Sandbox

pytestmark = pytest.mark.slow

DEV, REGISTRY = "333333333333", "222222222222"
TOOLING = {"AWS": "arn:aws:iam::111111111111:root"}
SAGEMAKER = f"arn:aws:sagemaker:eu-west-1:{DEV}"
PIPELINES = [f"{SAGEMAKER}:pipeline/mammography-{key}" for key in ("train", "inference")]
EXECUTION = f"arn:aws:iam::{DEV}:role/sagemaker-execution-role-mammography"
LOCKS = "arn:aws:s3:::acme-ml-dev-tfstate/*.lock"
CODE = "arn:aws:s3:::acme-ml-dev-data/code/*"
REASON = "AUC fell after the second release"


def allow(action: str | list[str], resource: str | list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


READ = [
    allow("sagemaker:ListPipelines", "*"),
    allow("sagemaker:DescribePipeline", PIPELINES),
    allow(["s3:GetObject"], CODE),
    allow("s3:ListBucket", "arn:aws:s3:::acme-ml-dev-data"),
    allow("iam:GetRole", EXECUTION),
    allow(
        "sagemaker:DescribeModelPackageGroup",
        f"arn:aws:sagemaker:eu-west-1:{REGISTRY}:model-package-group/mammography",
    ),
]
CHANGE = [
    allow("s3:PutObject", CODE),
    allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], LOCKS),
    allow("s3:ListBucket", "arn:aws:s3:::acme-ml-dev-tfstate"),
    allow(["sagemaker:CreatePipeline", "sagemaker:UpdatePipeline", "sagemaker:AddTags"], PIPELINES),
    allow("iam:PassRole", EXECUTION),
    allow("lambda:InvokeFunction", LEDGER),
]


def put_role(
    sandbox: Sandbox, admin: str, name: str, statements: list[dict[str, Any]], *, exists: bool
) -> None:
    iam = sandbox.client("iam", admin)
    trust = document({"Effect": "Allow", "Principal": TOOLING, "Action": "sts:AssumeRole"})
    if exists:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
    else:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document(*statements))


@pytest.fixture
def jenkins(account: Any, running: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The account, as somebody of the tooling account promotes into it under the roles."""
    put_role(running, "dev-admin", "jenkins-plan-role", READ, exists=False)
    put_role(running, "dev-admin", "cross-account-jenkins-role", READ + CHANGE, exists=False)
    put_role(
        running, "registry-admin", "jenkins-plan-role", [allow("dynamodb:Query", TABLE)],
        exists=True,
    )  # fmt: skip
    for name, value in running.environment("tooling-admin").items():
        monkeypatch.setenv(name, value)
    return account


def promoted(account: Any, commit: str, message: str) -> str:
    """Promote a release and return its digest."""
    account.release(commit, message)
    planned = account.promote("plan", "dev", "--no-terraform", "--json")
    assert planned.exit_code == 3, planned.stderr
    applied = account.promote("apply", account.plan_path, "--yes")
    assert applied.exit_code == 0, applied.stderr
    return str(json.loads(planned.stdout)["releases"][0]["digest"])


def test_rollback__after_two_releases__restores_the_first_and_is_recorded_once(
    jenkins: Any,
) -> None:
    first = promoted(jenkins, "a" * 40, "first")
    was = jenkins.pipelines()
    archive = next((jenkins.root / "build" / "releases").iterdir())
    kept = archive.read_bytes()
    second = promoted(jenkins, "b" * 40, "second")
    archive.write_bytes(kept)
    assert jenkins.pipelines() != was

    done = jenkins.promote("rollback", "dev", "mammography", "--reason", REASON, "--yes")

    assert done.exit_code == 0, done.stderr
    assert done.stdout.endswith(f"applied 2 actions to dev (account {DEV})\n")
    assert jenkins.pipelines() == was
    found = [
        (each["kind"], each["outcome"], each["release_digest"], each["git_commit"], each["reason"])
        for each in jenkins.records()
    ]
    expected = [
        ("apply", "applied", first, "a" * 40, ""),
        ("apply", "applied", second, "b" * 40, ""),
        ("rollback", "applied", first, "a" * 40, REASON),
    ]
    assert sorted(found) == sorted(expected)

    again = jenkins.promote(
        "rollback", "dev", "mammography", "--to", first, "--reason", REASON, "--yes"
    )

    assert again.exit_code == 0, again.stderr
    assert "Nothing to do: the account is as the plan wants it." in again.stdout.splitlines()
    assert (jenkins.pipelines(), len(jenkins.records())) == (was, len(expected))
