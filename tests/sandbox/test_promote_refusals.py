"""`promote` as somebody whom the account does not let in: told why, and nothing is written."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from promotion.cli.main import main
from promotion.cli.ui import Ui

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox

ROOT = Path(__file__).resolve().parents[2]
PROD = "444444444444"
REGISTRY = "222222222222"
DEPLOY = f"arn:aws:iam::{PROD}:role/cross-account-jenkins-role"
APPROVE = f"arn:aws:iam::{REGISTRY}:role/model-approver-role"
SCIENTIST = "arn:aws:iam::333333333333:user/data-scientist"
NEXT = (
    "next: use credentials of that account or of a principal that the role trusts, or correct "
    "account_id in environments/prod.tfvars.json; if the role "
    "does not exist yet, an administrator of the account runs `promote bootstrap prod` first\n"
)


@pytest.fixture
def promote(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., tuple[int, str, str]]:
    """Return what runs a command as the data scientist of dev: exit code, stdout, stderr."""
    shutil.copytree(ROOT / "tests" / "environments", tmp_path / "project" / "environments")
    for name, value in sandbox.environment("data-scientist").items():
        monkeypatch.setenv(name, value)

    def run(*words: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        root = str(tmp_path / "project")
        code = main(["--root", root, *words], ui=Ui(stdout=out, stderr=err))
        return code, out.getvalue(), err.getvalue()

    return run


@pytest.mark.parametrize("role_exists", [False, True])
def test_promote__credentials_of_another_account__is_denied_and_writes_nothing(
    sandbox: Sandbox,
    create_role: Callable[..., str],
    promote: Callable[..., tuple[int, str, str]],
    role_exists: bool,
) -> None:
    why = "because there is no such role"
    if role_exists:
        trusted = {"AWS": "arn:aws:iam::111111111111:role/jenkins-role"}
        assert create_role("prod-admin", "cross-account-jenkins-role", trusted) == DEPLOY
        why = "because no identity-based policy allows the sts:AssumeRole action"
    code, out, err = promote("run", "prod", "mammography", "train")
    assert (code, out) == (1, "")
    assert err == (
        f"error: {SCIENTIST} (account 333333333333) cannot act in account {PROD}\n"
        f"  - sts.AssumeRole in account {PROD} for {DEPLOY} was denied: User: {SCIENTIST} is not "
        f"authorized to perform: sts:AssumeRole on resource: {DEPLOY} {why}\n" + NEXT
    )
    assert sandbox.client("s3", "prod-admin").list_buckets()["Buckets"] == []


def test_models_approve__not_an_approver__is_denied_and_the_version_stays_pending(
    sandbox: Sandbox,
    create_role: Callable[..., str],
    promote: Callable[..., tuple[int, str, str]],
) -> None:
    trusted = {"AWS": "arn:aws:iam::111111111111:user/approver"}
    assert create_role("registry-admin", "model-approver-role", trusted) == APPROVE
    registry = sandbox.client("sagemaker", "registry-admin")
    registry.create_model_package_group(ModelPackageGroupName="mammography")
    arn = registry.create_model_package(
        ModelPackageGroupName="mammography", ModelApprovalStatus="PendingManualApproval"
    )["ModelPackageArn"]
    code, out, err = promote("models", "approve", "mammography", "1", "--reason", "fine")
    assert (code, out) == (1, "")
    assert f"error: {SCIENTIST} (account 333333333333) cannot act in account {REGISTRY}\n" in err
    assert f"sts.AssumeRole in account {REGISTRY} for {APPROVE} was denied" in err
    assert err.endswith("next: only approvers may: arn:aws:iam::111111111111:user/approver\n")
    left = registry.describe_model_package(ModelPackageName=arn)
    assert left["ModelApprovalStatus"] == "PendingManualApproval"
