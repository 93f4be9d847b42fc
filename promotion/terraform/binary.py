"""The `terraform` on PATH: where, and whether new enough. Runs `terraform version`."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from promotion.errors import RemoteError

# The first release in which S3 state locking by lock file is no longer an experiment.
# https://github.com/hashicorp/terraform/blob/v1.11/CHANGELOG.md
MINIMUM_VERSION = (1, 11, 0)


def find_terraform(environ: Mapping[str, str]) -> Path:
    """Return the path of a usable `terraform`.

    Args:
        environ: environment variables whose PATH is searched.

    Raises:
        RemoteError: there is none, it does not run, or it is too old.
    """
    wanted = ".".join(map(str, MINIMUM_VERSION))
    found = shutil.which("terraform", path=environ.get("PATH", ""))
    if found is None:
        raise RemoteError(
            "terraform is not on PATH",
            operation="terraform.version",
            hint=f"install Terraform {wanted} or later, or plan with --no-terraform",
        )
    try:
        completed = subprocess.run(  # noqa: S603 - the executable that the user has on PATH
            [found, "version", "-json"],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        version = str(json.loads(completed.stdout)["terraform_version"])
        numbers = tuple(int(part) for part in version.partition("-")[0].split("."))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        raise RemoteError(
            f"{found} does not tell its version: {error}",
            operation="terraform.version",
            hint=f"install Terraform {wanted} or later",
        ) from error
    if numbers < MINIMUM_VERSION:
        raise RemoteError(
            f"{found} is Terraform {version}, which is too old",
            operation="terraform.version",
            hint=f"install Terraform {wanted} or later",
        )
    return Path(found)
