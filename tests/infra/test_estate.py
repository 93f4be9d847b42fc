"""The roots against the sandbox: applied, planned again, destroyed, all at the same time.

Starts the sandbox in this process and runs the real Terraform as each account's administrator,
with state and lock in S3. One test, because one estate serves every question: Terraform's provider
waits 55 s on a bucket's lifecycle whatever the server.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from sandbox.accounts import load_accounts
from sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox.model import Principal

ROOTS = ("dev", "prod", "registry", "tooling")
LOCKED = "Error acquiring the state lock"


class NoPipelines:
    """A pipeline engine for accounts in which nothing runs: Terraform starts no pipeline."""

    OPERATIONS: frozenset[str] = frozenset()

    def handle(
        self, operation: str, request: dict[str, Any], principal: Principal
    ) -> dict[str, Any]:
        raise AssertionError(f"Terraform called {operation} in {principal.account_id}")

    def wait_idle(self, timeout_seconds: float) -> None:
        """There is nothing to wait for."""


class Account:
    """One root, with the credentials of its account's administrator."""

    def __init__(
        self, name: str, sandbox: Sandbox, terraform: Callable[..., Any], folder: Path
    ) -> None:
        self.name = name
        self.sandbox = sandbox
        file = folder / "environments" / f"{name}.tfvars.json"
        self.settings: dict[str, Any] = json.loads(file.read_text())
        self.state_bucket: str = self.settings["buckets"]["state"]
        self.terraform = terraform(f"accounts/{name}", sandbox.environment(f"{name}-admin"))
        package = [f"-var=lambda_package={folder / 'handlers.zip'}"]
        self.variables = [
            f"-var-file={file}", *(package if self.settings["kind"] != "tooling" else [])
        ]  # fmt: skip

    def client(self, service: str) -> Any:
        return self.sandbox.client(service, f"{self.name}-admin")

    def bootstrap(self) -> None:
        """Make the bare state bucket, as ``promote bootstrap`` does, and initialise."""
        region = self.settings["region"]
        self.client("s3").create_bucket(
            Bucket=self.state_bucket, CreateBucketConfiguration={"LocationConstraint": region}
        )
        backend = {
            "bucket": self.state_bucket,
            "key": f"accounts/{self.name}/terraform.tfstate",
            "region": region,
            "use_lockfile": "true",
            "encrypt": "true",
        }
        self.terraform.succeed(
            "init",
            "-reconfigure",
            *(f"-backend-config={key}={value}" for key, value in backend.items()),
        )

    def apply(self) -> None:
        plan = f"{self.name}.tfplan"
        self.terraform.succeed("plan", f"-out={plan}", *self.variables)
        self.terraform.succeed("apply", plan)

    def plan_again(self) -> tuple[int, str]:
        result = self.terraform.run("plan", "-detailed-exitcode", *self.variables)
        return result.returncode, result.stdout + result.stderr

    def unprotect_ledger(self) -> None:
        """Let the ledger be deleted, as its module's README says; before that nobody can."""
        with pytest.raises(ClientError, match="AccessDenied"):
            self.client("dynamodb").delete_table(TableName=self.settings["ledger"]["table"])
        ledger = json.dumps({**self.settings["ledger"], "deletion_protection": False})
        self.variables.append(f"-var=ledger={ledger}")
        self.apply()

    def destroy(self) -> list[str]:
        """Destroy all but the state bucket; return what the state still holds."""
        if "ledger" in self.settings:
            self.unprotect_ledger()
        self.terraform.succeed("state", "rm", "module.state_backend")
        self.terraform.succeed("destroy", "-auto-approve", *self.variables)
        return self.terraform.succeed("state", "list").split()


def in_parallel(action: Callable[[Account], Any], accounts: list[Account]) -> dict[str, Any]:
    with ThreadPoolExecutor(len(accounts)) as pool:
        return dict(zip([a.name for a in accounts], pool.map(action, accounts), strict=True))


def check_lock(account: Account) -> None:
    """While somebody holds the lock, nobody else plans; the lock leaves nothing behind."""
    lock = f"accounts/{account.name}/terraform.tfstate.tflock"
    s3 = account.client("s3")
    assert "Contents" not in s3.list_objects_v2(Bucket=account.state_bucket, Prefix=lock)
    holder = {"ID": "somebody-else", "Operation": "OperationTypeApply", "Who": "a@b"}
    s3.put_object(Bucket=account.state_bucket, Key=lock, Body=json.dumps(holder))
    refused = account.terraform.run("plan", *account.variables)
    assert (refused.returncode, LOCKED in refused.stderr) == (1, True)
    s3.delete_object(Bucket=account.state_bucket, Key=lock)


def check_other_account(account: Account, intruder: str) -> None:
    """Credentials of another account are refused before anything is read or written."""
    other = account.sandbox.environment(f"{intruder}-admin")
    terraform = type(account.terraform)(
        account.terraform.directory, {**account.terraform.environment, **other},
        account.terraform.data_directory,
    )  # fmt: skip
    refused = terraform.run("plan", "-lock=false", *account.variables)
    assert refused.returncode == 1
    assert "AWS account ID not allowed" in refused.stderr


def check_workload(account: Account) -> None:
    """What the rest of the platform relies on has the name that it derives."""
    settings = account.settings
    prefix = f"{settings['project']}-{settings['environment']}"
    retrains = any("retrain" in use_case for use_case in settings["use_cases"].values())
    pipeline_functions = ("resolve-model", "resolve-batch", "emit-drift", "record-execution")
    names = {f"{prefix}-{name}" for name in pipeline_functions}
    functions = account.client("lambda").list_functions()["Functions"]
    assert {function["FunctionName"] for function in functions} == (
        names | ({f"{prefix}-start-retrain"} if retrains else set())
    )
    rules = {rule["Name"] for rule in account.client("events").list_rules()["Rules"]}
    alerts = {
        f"{prefix}-{name}" for name in ("pipeline-failure", "drift-alert", "record-execution")
    }
    started = {f"{prefix}-mammography-schedule", f"{prefix}-retrain-on-drift"}
    assert rules == alerts | (started if retrains else set())
    encryption = account.client("s3").get_bucket_encryption(Bucket=settings["buckets"]["data"])
    rule = encryption["ServerSideEncryptionConfiguration"]["Rules"][0]
    alias = account.client("kms").describe_key(KeyId=f"alias/{prefix}")["KeyMetadata"]["Arn"]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == alias


def check_state_bucket_survives(account: Account) -> None:
    """A plain destroy is refused: it would take the state bucket with it."""
    refused = account.terraform.run("plan", "-destroy", *account.variables)
    assert refused.returncode == 1
    assert "Instance cannot be destroyed" in refused.stderr


@pytest.mark.slow
def test_estate__all_roots_at_once__apply_plan_empty_and_destroy(
    infra_copy: Path, terraform: Callable[..., Any], handlers_package: Path
) -> None:
    assert handlers_package.exists()
    known = load_accounts(infra_copy / "environments")
    with Sandbox(known, engine=lambda *_: NoPipelines()) as sandbox:
        accounts = [Account(name, sandbox, terraform, infra_copy) for name in ROOTS]
        by_name = {account.name: account for account in accounts}
        in_parallel(Account.bootstrap, accounts)

        in_parallel(Account.apply, accounts)

        again = in_parallel(Account.plan_again, accounts)
        assert {name: code for name, (code, _) in again.items()} == dict.fromkeys(ROOTS, 0), again
        check_workload(by_name["dev"])
        check_workload(by_name["prod"])
        check_lock(by_name["tooling"])
        check_other_account(by_name["tooling"], intruder="dev")
        check_state_bucket_survives(by_name["tooling"])

        assert in_parallel(Account.destroy, accounts) == {name: [] for name in ROOTS}
        buckets = {
            name: [b["Name"] for b in account.client("s3").list_buckets()["Buckets"]]
            for name, account in by_name.items()
        }
        assert buckets == {name: [account.state_bucket] for name, account in by_name.items()}
