"""Running Terraform from tests: with a provider mirror where the machine has one.

Runs the ``terraform`` on PATH and ``.ci/terraform-cli-config``; writes only where it is told.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Terraform:
    """Terraform in one root module.

    Attributes:
        directory: The root module.
        environment: Credentials and endpoint; all else is taken from this process.
        data_directory: For plugins and the backend's configuration.
    """

    directory: Path
    environment: dict[str, str]
    data_directory: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command; the result holds exit code, output and errors."""
        return subprocess.run(
            [_executable(), f"-chdir={self.directory}", *arguments],
            env={**_inherited(), **self.environment, "TF_DATA_DIR": str(self.data_directory)},
            capture_output=True,
            text=True,
            check=False,
        )

    def succeed(self, *arguments: str) -> str:
        """Run a command that has to succeed; returns its output."""
        done = self.run(*arguments)
        if done.returncode != 0:
            raise AssertionError(f"terraform {arguments[0]}: {done.stdout[-4000:]}{done.stderr}")
        return done.stdout


def _executable() -> str:
    found = shutil.which("terraform")
    if found is None:
        raise AssertionError("no terraform on PATH: install Terraform 1.11 or newer")
    return found


def _inherited() -> dict[str, str]:
    """Return this process's environment without AWS's variables, with the provider mirror."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "TF_")) or name == "TF_PLUGIN_CACHE_DIR"
    }
    script = ROOT / ".ci" / "terraform-cli-config"
    configuration = subprocess.run([script], capture_output=True, text=True, check=True)
    path = configuration.stdout.strip()
    return {
        **kept,
        **({"TF_CLI_CONFIG_FILE": path} if path else {}),
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
    }
