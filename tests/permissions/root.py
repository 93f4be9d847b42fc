"""One root of the estate: Terraform as its administrator and as Jenkins' two roles run it.

Runs Terraform in the estate's copy of the project, where `promote` has initialised the root.
"""

from __future__ import annotations

import dataclasses
import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.accounts import client_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.proof.estate import Estate

NO_LOCK = "-lock=false"
# What a key encrypts is lost with it: Jenkins may not delete one, Terraform has to forget them.
KEYS = ("encryption_key", "notifications")
# What Jenkins applies, by kind of account; all else is an administrator's.
MODULES = {"workload": "module.workload", "registry": "module.registry"}


class Root:
    """A root module with its account.

    Args:
        estate: the estate, in which `promote` has applied the root.
        name: name of the environment.
        terraform_class: what runs Terraform.
    """

    def __init__(self, estate: Estate, name: str, terraform_class: Any) -> None:
        self.name = name
        self.estate = estate
        self.settings: dict[str, Any] = estate.story.accounts[name].settings
        self.state_bucket: str = self.settings["buckets"]["state"]
        root = estate.story.root
        folder = root / "mlops-infra" / "accounts" / name
        self.variables = [f"-var-file={root / 'environments' / f'{name}.tfvars.json'}"]
        if self.settings["kind"] != "tooling":
            package = sorted((root / "build" / "handlers").glob("*.zip"))[-1]
            self.variables.append(f"-var=lambda_package={os.path.relpath(package, folder)}")
        self.admin = terraform_class(
            directory=folder,
            environment={"TF_CLI_ARGS": "-no-color", **estate.sandbox.environment(f"{name}-admin")},
            data_directory=(root / "build" / "terraform" / name).resolve(),
        )

    def client(self, service: str) -> Any:
        """Return a client of the account's administrator."""
        return self.estate.client(service, self.name)

    def keys(self, role: str) -> dict[str, str]:
        """Return keys of a session of Jenkins in the role ``roles.<role>`` of this account."""
        given: dict[str, str] = self.estate.sandbox.client("sts", "jenkins").assume_role(
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
            "AWS_ENDPOINT_URL": self.estate.sandbox.endpoint_url,
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
            **client_settings(self.settings["region"]),
        }
        return dataclasses.replace(self.admin, environment=environment)

    def plan(self) -> tuple[int, str]:
        """Plan under the plan role; return the detailed exit code and all that was said."""
        result = self.jenkins("plan").run("plan", NO_LOCK, "-detailed-exitcode", *self.variables)
        return result.returncode, result.stdout + result.stderr

    def apply(self) -> None:
        """Plan under the plan role, apply that plan under the deploy role."""
        plan = f"{self.name}.tfplan"
        self.jenkins("plan").succeed("plan", NO_LOCK, f"-out={plan}", *self.variables)
        self.jenkins("deploy").succeed("apply", plan)

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
        """Destroy the ledger and the functions, as an administrator; Jenkins never can."""
        table = self.settings["ledger"]["table"]
        for client in (self.client("dynamodb"), self.deploy_client("dynamodb")):
            with pytest.raises(ClientError, match="AccessDenied"):
                client.delete_table(TableName=table)
        ledger = json.dumps({**self.settings["ledger"], "deletion_protection": False})
        self.variables.append(f"-var=ledger={ledger}")
        self.apply()
        with pytest.raises(ClientError, match="AccessDenied"):
            self.deploy_client("dynamodb").delete_table(TableName=table)
        targets = [
            f"-target=module.registry.module.{name}" for name in ("approval_review", "audit_ledger")
        ]
        self.admin.succeed("destroy", "-auto-approve", *targets, *self.variables)

    def deploy_client(self, service: str) -> Any:
        """Return a client of the deploy role."""
        keys = self.keys("deploy")
        factory: Any = boto3.client
        return factory(
            service,
            endpoint_url=self.estate.sandbox.endpoint_url,
            region_name=self.settings["region"],
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )

    def destroy(self) -> list[str]:
        """Destroy the access module but the state bucket; return what the state still holds."""
        self.admin.succeed("state", "rm", "module.access.module.state_backend")
        self.admin.succeed("destroy", "-auto-approve", *self.variables)
        listed: list[str] = self.admin.succeed("state", "list").split()
        return listed


def in_parallel(action: Callable[[Root], Any], roots: list[Root]) -> dict[str, Any]:
    """Return what an action gives for each root, by name; Terraform waits most of its time."""
    with ThreadPoolExecutor(len(roots)) as pool:
        return dict(zip([root.name for root in roots], pool.map(action, roots), strict=True))
