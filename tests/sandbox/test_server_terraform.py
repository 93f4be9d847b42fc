"""A Terraform root with each kind of resource that the platform uses: applied to the sandbox,
planned again empty, used, destroyed."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sandbox.server import Sandbox

HERE = Path(__file__).resolve().parent


def terraform(directory: Path, environment: dict[str, str], data: Path) -> Any:
    """Return ``tests/terraform.py``'s Terraform; ``tests`` is not a package."""
    specification = importlib.util.spec_from_file_location(
        "terraform_of_sandbox_tests", HERE.parent / "terraform.py"
    )
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module.Terraform(directory, environment, data)


@pytest.mark.slow
@pytest.mark.xdist_group("terraform")
def test_terraform__root_of_every_kind__applies_plans_empty_works_and_is_destroyed(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    package = tmp_path / "echo.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("echo.py", "def handler(event, context): return event")
    root = tmp_path / "root"
    shutil.copytree(HERE / "loop", root)
    sandbox.client("s3", "prod-admin").create_bucket(
        Bucket="loop-state", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    run = terraform(root, sandbox.environment("prod-admin"), tmp_path / "data")
    given = ("-no-color", "-var", f"lambda_package={package}")
    backend = {
        "bucket": "loop-state",
        "key": "terraform.tfstate",
        "region": "eu-west-1",
        "use_lockfile": "true",
        "encrypt": "true",
    }
    run.succeed("init", "-no-color", *(f"-backend-config={k}={v}" for k, v in backend.items()))
    run.succeed("apply", "-auto-approve", *given)

    planned = run.run("plan", "-detailed-exitcode", *given)
    assert planned.returncode == 0, planned.stdout[-4000:] + planned.stderr

    drift_reaches_function_and_people(sandbox)

    run.succeed("destroy", "-auto-approve", *given)
    assert run.succeed("state", "list") == ""
    left = sandbox.client("s3", "prod-admin").list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in left] == ["loop-state"]


def drift_reaches_function_and_people(sandbox: Sandbox) -> None:
    """Assert that what Terraform made of rule, targets, policies and key does its work."""
    entry = {
        "Source": "promotion.data-quality",
        "DetailType": "Data Drift Detected",
        "Detail": json.dumps({"use_case": "mammography"}),
    }
    sandbox.client("events", "prod-admin").put_events(Entries=[entry])
    sandbox.settle()
    records = sandbox.deliveries.listing()
    assert {(record["kind"], record["status"], record["error"]) for record in records} == {
        ("event", "delivered", ""),
        ("lambda", "delivered", ""),
    }
    mails = [(mail.to, mail.body) for mail in sandbox.inbox.mails]
    assert mails == [("people@example.com", '"Drift in mammography"')]
