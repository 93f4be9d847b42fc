"""Terraform without `promote`: as Jenkins in one of its roles, or as an account's administrator.

Runs ``terraform`` as a subprocess in the root that `promote plan` has initialised.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import boto3

from sandbox.demo.commands import DemoFailed, environment_of_command

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.proof.estate import Estate

Finished = subprocess.CompletedProcess[str]


def as_administrator(estate: Estate, environment: str, *words: str) -> Finished:
    """Run Terraform in an environment's root as the administrator of its account."""
    return _run(estate, environment, estate.sandbox.environment(f"{environment}-admin"), words)


def as_jenkins(estate: Estate, environment: str, role: str, *words: str) -> Finished:
    """Run Terraform in an environment's root as Jenkins.

    Args:
        estate: The accounts.
        environment: Whose root.
        role: ``plan`` or ``deploy``.
        words: Command and options.
    """
    return _run(estate, environment, session(estate, environment, role), words)


def succeeded(finished: Finished) -> str:
    """Return what Terraform printed.

    Raises:
        DemoFailed: It failed.
    """
    if finished.returncode:
        words = " ".join(finished.args)
        raise DemoFailed(f"{words}: {(finished.stdout + finished.stderr)[-2000:]}")
    return finished.stdout


def session(estate: Estate, environment: str, role: str) -> dict[str, str]:
    """Return the variables of a session of a role that Jenkins assumes."""
    settings = estate.story.accounts[environment].settings
    factory: Any = boto3.client
    sts = factory("sts", **estate.sandbox.client_arguments("jenkins"))
    keys = sts.assume_role(
        RoleArn=f"arn:aws:iam::{settings['account_id']}:role/{settings['roles'][role]}",
        RoleSessionName="proof",
        ExternalId=settings["external_id"],
    )["Credentials"]
    return {
        **estate.sandbox.environment("jenkins"),
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }


def variables_of(estate: Estate, environment: str) -> tuple[str, ...]:
    """Return the options that give Terraform the environment's variables."""
    root = estate.story.root
    package = sorted((root / "build" / "handlers").glob("*.zip"))[-1]
    return (
        f"-var-file={root / 'environments' / environment}.tfvars.json",
        f"-var=lambda_package={os.path.relpath(package, _folder(estate, environment))}",
    )


def _folder(estate: Estate, environment: str) -> Any:
    return estate.story.root / "mlops-infra" / "accounts" / environment


def _run(
    estate: Estate, environment: str, credentials: Mapping[str, str], words: tuple[str, ...]
) -> Finished:
    data = estate.story.root / "build" / "terraform" / environment
    variables = {
        **credentials,
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
