"""Acts of Jenkins on the infrastructure: Terraform plans, repairs, takes down and sets up.

Each takes from eight seconds to more than a minute, so that many permissions are removed at once:
what Terraform then reports proves them one by one.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from sandbox.demo.commands import DemoFailed, environment_of_command
from sandbox.proof.acts.by_hand import change_by_hand, empty

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox.proof.estate import Estate

SET_UP = "set up an account with Terraform"
PLAN = "plan an account's Terraform"
REPAIR = "put back what was changed by hand with Terraform"
TAKE_DOWN = "take an account down with Terraform"
# In the tooling account there is nothing for Jenkins to change.
_ANY = (0, 3)
# All that Jenkins applies in an account, beside what administrators do.
_MODULES = {"workload": "module.workload", "registry": "module.registry"}
# Nobody removes the ledger.
_KEPT_TABLE = "aws_dynamodb_table"


@dataclass(frozen=True)
class Deed:
    """A Terraform act, in one account at a time.

    Attributes:
        name: The act's name, the same for all accounts.
        role: Key of the role that does it: ``plan`` or ``deploy``.
        run: Does it; returns whether it went well, and all output.
        prepare: Makes it possible.
    """

    name: str
    role: str
    run: Callable[[Estate, str], tuple[bool, str]]
    prepare: Callable[[Estate, str], None]


def deeds() -> tuple[Deed, ...]:
    """Return the acts in the order in which one leaves the account ready for the next."""
    return (
        Deed(PLAN, "plan", _plan, _nothing),
        Deed(REPAIR, "deploy", _apply, change_by_hand),
        Deed(TAKE_DOWN, "deploy", _destroy, _ready_to_go),
        Deed(SET_UP, "deploy", _apply, _without_leftovers),
    )


def _nothing(estate: Estate, environment: str) -> None:
    """A plan needs no preparation."""


def _plan(estate: Estate, environment: str) -> tuple[bool, str]:
    return _promote(estate, environment, "plan", environment, "--no-pipelines", *_out(estate))


def _apply(estate: Estate, environment: str) -> tuple[bool, str]:
    """Plan and apply; the plan is not what is proved here, it has a role of its own."""
    out = _out(estate, environment)
    planned, output = _promote(
        estate, environment, "plan", environment, "--no-pipelines", *out, expect=_ANY
    )
    if not planned:
        return False, output
    return _promote(estate, environment, "apply", out[1], "--yes")


def _promote(
    estate: Estate, environment: str, *words: str, expect: tuple[int, ...] = (0,)
) -> tuple[bool, str]:
    """Run `promote` as Jenkins; the whole output of Terraform is in its log."""
    log = estate.story.root / "build" / "terraform" / environment / "log"
    log.unlink(missing_ok=True)
    try:
        estate.story.commands.promote(*words, principal="jenkins", expect=expect)
    except DemoFailed as error:
        return False, str(error) + (log.read_text("utf-8", "replace") if log.exists() else "")
    return True, ""


def _out(estate: Estate, environment: str = "any") -> tuple[str, str]:
    path = estate.story.build / f"{environment}-terraform.plan"
    return "--out", str(path.relative_to(estate.story.root))


def _destroy(estate: Estate, environment: str) -> tuple[bool, str]:
    module = _MODULES.get(estate.story.accounts[environment].settings["kind"])
    if module is None:
        return True, ""
    package = sorted((estate.story.root / "build" / "handlers").glob("*.zip"))[-1]
    folder = _folder(estate, environment)
    done = _terraform(
        estate, environment, "destroy", "-auto-approve", f"-target={module}",
        f"-var-file={_var_file(estate, environment)}",
        f"-var=lambda_package={os.path.relpath(package, folder)}",
    )  # fmt: skip
    return done.returncode == 0, done.stdout + done.stderr


def _ready_to_go(estate: Estate, environment: str) -> None:
    """Empty buckets and groups, and let Terraform forget the ledger, which nobody removes."""
    empty(estate, environment)
    listed = _terraform(estate, environment, "state", "list").stdout.split()
    kept = [address for address in listed if f".{_KEPT_TABLE}." in address]
    if kept:
        _terraform(estate, environment, "state", "rm", *kept)


def _without_leftovers(estate: Estate, environment: str) -> None:
    """Remove the table that was kept, as an administrator."""
    ledger = estate.story.accounts[environment].settings.get("ledger")
    if ledger:
        dynamodb = estate.client("dynamodb", environment)
        if ledger["table"] in dynamodb.list_tables()["TableNames"]:
            dynamodb.update_table(TableName=ledger["table"], DeletionProtectionEnabled=False)
            dynamodb.delete_table(TableName=ledger["table"])


def _folder(estate: Estate, environment: str) -> Path:
    return estate.story.root / "mlops-infra" / "accounts" / environment


def _var_file(estate: Estate, environment: str) -> Path:
    return estate.story.root / "environments" / f"{environment}.tfvars.json"


def _terraform(estate: Estate, environment: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Terraform as the deploy role, where `promote` has initialised it."""
    data = estate.story.root / "build" / "terraform" / environment
    variables = {
        **deploy_session(estate, environment),
        "TF_DATA_DIR": str(data.resolve()),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "TF_CLI_ARGS": "-no-color",
    }
    return subprocess.run(  # noqa: S603 - our own words
        ["terraform", f"-chdir={_folder(estate, environment)}", *words],  # noqa: S607
        env=environment_of_command(variables),
        capture_output=True,
        text=True,
        check=False,
    )


def deploy_session(estate: Estate, environment: str) -> dict[str, str]:
    """Return the variables of a session of the deploy role, which Jenkins assumes."""
    settings = estate.story.accounts[environment].settings
    variables = estate.sandbox.environment("jenkins")
    factory: Any = boto3.client
    sts = factory("sts", **estate.sandbox.client_arguments("jenkins"))
    keys = sts.assume_role(
        RoleArn=f"arn:aws:iam::{settings['account_id']}:role/{settings['roles']['deploy']}",
        RoleSessionName="proof",
        ExternalId=settings["external_id"],
    )["Credentials"]
    return {
        **variables,
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }
