"""The roots against the sandbox: applied, planned again, destroyed, all at the same time.

Starts the sandbox in this process, which enforces IAM, and runs the real Terraform with state and
lock in S3, as the platform does: the access module as the account's administrator, all else
planned under the plan role and applied under the deploy role. One test, because one estate serves
every question: Terraform's provider waits 55 s on a bucket's lifecycle whatever the server.
"""

from __future__ import annotations

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.accounts import client_settings, load_accounts
from sandbox.server import Sandbox

from .inventory import expected, found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from sandbox.model import Principal

    from .inventory import Inventory

ROOTS = ("dev", "prod", "registry", "tooling")
LOCKED = "Error acquiring the state lock"
# What `promote bootstrap` applies; an administrator's, which Jenkins may only read.
ACCESS = "module.access"
NO_LOCK = "-lock=false"
# What a key encrypts is lost with it: Jenkins may not delete one, Terraform has to forget them.
KEYS = ("encryption_key", "notifications")
# What Jenkins applies, by kind of account.
MODULES = {"workload": "module.workload", "registry": "module.registry"}


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
    """One root, with its account's administrator and Jenkins' two roles in it."""

    def __init__(
        self, name: str, sandbox: Sandbox, terraform: Callable[..., Any], folder: Path
    ) -> None:
        self.name = name
        self.sandbox = sandbox
        file = folder / "environments" / f"{name}.tfvars.json"
        self.settings: dict[str, Any] = json.loads(file.read_text())
        self.state_bucket: str = self.settings["buckets"]["state"]
        self.admin = terraform(f"accounts/{name}", sandbox.environment(f"{name}-admin"))
        package = [f"-var=lambda_package={folder / 'handlers.zip'}"]
        self.variables = [
            f"-var-file={file}", *(package if self.settings["kind"] != "tooling" else [])
        ]  # fmt: skip

    def client(self, service: str) -> Any:
        return self.sandbox.client(service, f"{self.name}-admin")

    def keys(self, role: str) -> dict[str, str]:
        """Return keys of a session of Jenkins in the role ``roles.<role>`` of this account."""
        given: dict[str, str] = self.sandbox.client("sts", "jenkins").assume_role(
            RoleArn=f"arn:aws:iam::{self.settings['account_id']}:role/{self.settings['roles'][role]}",
            RoleSessionName="promote",
            ExternalId=self.settings["external_id"],
        )["Credentials"]
        return given

    def jenkins(self, role: str) -> Any:
        """Return Terraform in this root as Jenkins in one of its roles."""
        keys = self.keys(role)
        environment = {
            "TF_CLI_ARGS": "-no-color",
            "AWS_ENDPOINT_URL": self.sandbox.endpoint_url,
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
            **client_settings(self.settings["region"]),
        }
        return dataclasses.replace(self.admin, environment=environment)

    def bootstrap(self) -> None:
        """Make the state bucket and the access module, as ``promote bootstrap`` does."""
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
        self.admin.succeed(
            "init",
            "-reconfigure",
            *(f"-backend-config={key}={value}" for key, value in backend.items()),
        )
        target = f"-target={ACCESS}"
        self.admin.succeed("plan", "-out=bootstrap.tfplan", target, *self.variables)
        self.admin.succeed("apply", "bootstrap.tfplan")

    def apply(self) -> None:
        """Plan under the plan role, apply that plan under the deploy role."""
        plan = f"{self.name}.tfplan"
        self.jenkins("plan").succeed("plan", NO_LOCK, f"-out={plan}", *self.variables)
        self.jenkins("deploy").succeed("apply", plan)

    def plan_again(self) -> tuple[int, str]:
        result = self.jenkins("plan").run("plan", NO_LOCK, "-detailed-exitcode", *self.variables)
        return result.returncode, result.stdout + result.stderr

    def destroy_as_jenkins(self) -> None:
        """Destroy all but the access module and keys: planned and applied as everything else is."""
        module = MODULES.get(self.settings["kind"])
        if module is None:
            return
        keys = [f"{module}.module.{name}.aws_kms_key.this" for name in KEYS]
        self.admin.succeed("state", "rm", *keys)
        plan = ("-destroy", f"-target={module}", "-out=destroy.tfplan")
        self.jenkins("plan").succeed("plan", NO_LOCK, *plan, *self.variables)
        self.jenkins("deploy").succeed("apply", "destroy.tfplan")

    def destroy_ledger(self) -> None:
        """Destroy the ledger and all that writes it, as an administrator; Jenkins never can."""
        table = self.settings["ledger"]["table"]
        for client in (self.client("dynamodb"), self.deploy_client("dynamodb")):
            with pytest.raises(ClientError, match="AccessDenied"):
                client.delete_table(TableName=table)
        ledger = json.dumps({**self.settings["ledger"], "deletion_protection": False})
        self.variables.append(f"-var=ledger={ledger}")
        self.apply()
        with pytest.raises(ClientError, match="AccessDenied"):
            self.deploy_client("dynamodb").delete_table(TableName=table)
        ledger = "-target=module.registry.module.audit_ledger"
        self.admin.succeed("destroy", "-auto-approve", ledger, *self.variables)

    def deploy_client(self, service: str) -> Any:
        keys = self.keys("deploy")
        factory: Any = boto3.client
        return factory(
            service,
            endpoint_url=self.sandbox.endpoint_url,
            region_name=self.settings["region"],
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )

    def destroy(self) -> list[str]:
        """Destroy the access module but the state bucket; return what the state still holds."""
        self.admin.succeed("state", "rm", "module.access.module.state_backend")
        self.admin.succeed("destroy", "-auto-approve", *self.variables)
        return self.admin.succeed("state", "list").split()


def in_parallel(action: Callable[[Account], Any], accounts: list[Account]) -> dict[str, Any]:
    with ThreadPoolExecutor(len(accounts)) as pool:
        return dict(zip([a.name for a in accounts], pool.map(action, accounts), strict=True))


def check_lock(account: Account) -> None:
    """While somebody holds the lock, nobody else applies; the lock leaves nothing behind.

    The plan role cannot hold it: it writes nothing.
    """
    lock = f"accounts/{account.name}/terraform.tfstate.tflock"
    s3 = account.client("s3")
    assert "Contents" not in s3.list_objects_v2(Bucket=account.state_bucket, Prefix=lock)
    refused = account.jenkins("plan").run("plan", *account.variables)
    assert (refused.returncode, LOCKED in refused.stderr) == (1, True)
    assert "AccessDenied" in refused.stderr
    holder = {"ID": "somebody-else", "Operation": "OperationTypeApply", "Who": "a@b"}
    s3.put_object(Bucket=account.state_bucket, Key=lock, Body=json.dumps(holder))
    refused = account.jenkins("deploy").run("plan", *account.variables)
    assert (refused.returncode, LOCKED in refused.stderr) == (1, True)
    s3.delete_object(Bucket=account.state_bucket, Key=lock)


def check_other_account(account: Account, intruder: str) -> None:
    """An administrator of another account does not even read the state."""
    other = account.sandbox.environment(f"{intruder}-admin")
    refused = dataclasses.replace(
        account.admin, environment={**account.admin.environment, **other}
    ).run("plan", NO_LOCK, *account.variables)
    assert refused.returncode == 1
    assert "error loading state" in refused.stderr
    assert "StatusCode: 403" in refused.stderr


def check_key_of_data(account: Account) -> None:
    """The data bucket encrypts with the key that the platform finds by its alias."""
    settings = account.settings
    encryption = account.client("s3").get_bucket_encryption(Bucket=settings["buckets"]["data"])
    rule = encryption["ServerSideEncryptionConfiguration"]["Rules"][0]
    alias = f"alias/{settings['project']}-{settings['environment']}"
    key = account.client("kms").describe_key(KeyId=alias)["KeyMetadata"]["Arn"]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key


def check_roles(files: Iterable[dict[str, Any]], held: Iterable[Inventory]) -> None:
    """Every role that a file names is in the estate: by its name, or as the stem of others."""
    names = {name for names in held for name in names["roles"]}
    for name in {name for settings in files for name in settings["roles"].values()}:
        assert any(role == name or role.startswith(f"{name}-") for role in names), name


def check_state_bucket_survives(account: Account) -> None:
    """A plain destroy is refused: it would take the state bucket with it."""
    refused = account.admin.run("plan", "-destroy", *account.variables)
    assert refused.returncode == 1
    assert "Instance cannot be destroyed" in refused.stderr


@pytest.mark.slow
@pytest.mark.xdist_group("infra-estate")
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
        held = {account.name: found(account.client) for account in accounts}
        assert held == {account.name: expected(account.settings) for account in accounts}
        check_roles([account.settings for account in accounts], held.values())
        check_key_of_data(by_name["dev"])
        check_key_of_data(by_name["prod"])
        check_lock(by_name["tooling"])
        check_other_account(by_name["tooling"], intruder="dev")
        check_state_bucket_survives(by_name["tooling"])

        by_name["registry"].destroy_ledger()
        in_parallel(Account.destroy_as_jenkins, accounts)
        assert in_parallel(Account.destroy, accounts) == {name: [] for name in ROOTS}
        for account in accounts:
            left = {kind: names for kind, names in found(account.client).items() if names}
            assert left == {"buckets": [account.state_bucket]}, account.name
