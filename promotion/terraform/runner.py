"""Runs Terraform commands of one root.

Starts `terraform` as a subprocess with the credentials of the target account; writes its whole
output to the root's log and a condensed one to the progress callback.
"""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from promotion.terraform.binary import find_terraform
from promotion.terraform.failures import error_blocks, failure
from promotion.terraform.progress import Progress
from promotion.terraform.root import TerraformRoot

# Of the caller's variables these would override the account's credentials or choose another state.
# https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
_DROPPED = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "TF_WORKSPACE",
)

_NOTHING_TO_DO = 0
_CHANGES = 2


class TerraformRunner(Protocol):
    """What plan and apply need of Terraform."""

    def check(self) -> None:
        """Raise when there is no Terraform to run."""

    def init(self) -> None:
        """Install providers and modules and connect the state."""

    def plan(self, lambda_package: Path | None, targets: Sequence[str] = ()) -> bool:
        """Save a plan at the root's plan path; return whether it changes anything."""

    def show(self, plan: Path) -> dict[str, Any]:
        """Return a saved plan as data."""

    def show_text(self, plan: Path) -> str:
        """Return a saved plan as text for people."""

    def apply(self, plan: Path) -> None:
        """Apply a saved plan. Mutates the account."""


class Terraform:
    """The real runner.

    Args:
        root: which Terraform.
        credentials: gives the environment variables with the target account's credentials for
            as long as a command runs.
        say: writes one line of progress.
        environ: environment variables that Terraform starts from.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        root: TerraformRoot,
        *,
        credentials: Callable[[], AbstractContextManager[Mapping[str, str]]],
        say: Callable[[str], None],
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep the parts, and start the log anew at the first command."""
        self._root = root
        self._credentials = credentials
        self._say = say
        self._environ = environ
        self._clock = clock
        self._binary: Path | None = None
        self._log_mode = "w"

    def check(self) -> None:
        """Find the Terraform to run, once.

        Raises:
            RemoteError: Terraform is missing or too old.
        """
        self._found()

    def init(self) -> None:
        """Install providers and modules and connect the state.

        Raises:
            RemoteError: Terraform is missing or too old, or init fails.
        """
        self._say(f"terraform init {self._root.environment}")
        self._run("init", "-no-color", "-input=false", "-reconfigure", *self._root.backend_options)

    def plan(self, lambda_package: Path | None, targets: Sequence[str] = ()) -> bool:
        """Save a plan at the root's plan path. Writes nothing to the account.

        Args:
            lambda_package: zip of the Lambda functions, or None for a root without any.
            targets: addresses of the modules to plan alone; all of the root without it.

        Returns:
            Whether the plan changes anything, outputs included.

        Raises:
            RemoteError: the plan fails.
        """
        options = [f"-out={self._root.plan_path}", f"-var-file={self._root.var_file}"]
        if lambda_package is not None:
            # Relative to the root's folder: a saved plan holds this path, and is applied
            # elsewhere too.
            relative = os.path.relpath(lambda_package, self._root.folder)
            options += ["-var", f"lambda_package={relative}"]
        options += [f"-target={address}" for address in targets]
        # Without the lock, which is an object in the state bucket: who plans may only read. A
        # state that changes meanwhile makes the saved plan stale, which apply refuses.
        exit_code, _ = self._run(
            "plan", "-json", "-input=false", "-lock=false", "-detailed-exitcode", *options,
            accepted=(_NOTHING_TO_DO, _CHANGES),
        )  # fmt: skip
        return exit_code == _CHANGES

    def show(self, plan: Path) -> dict[str, Any]:
        """Return a saved plan as data.

        Raises:
            RemoteError: the plan cannot be read.
        """
        _, output = self._run("show", "-json", str(plan), logged=False)
        document: dict[str, Any] = json.loads(_json_line(output))
        return document

    def show_text(self, plan: Path) -> str:
        """Return a saved plan as text for people.

        Raises:
            RemoteError: the plan cannot be read.
        """
        return self._run("show", "-no-color", str(plan), logged=False)[1]

    def apply(self, plan: Path) -> None:
        """Apply a saved plan. Mutates the account.

        Raises:
            StalePlan: the state has changed since the plan was made.
            RemoteError: the apply fails; the log says what was done before.
        """
        self._run("apply", "-json", "-input=false", str(plan))

    def outputs(self) -> dict[str, Any]:
        """Return the outputs of the applied state by name.

        Raises:
            RemoteError: the state cannot be read.
        """
        _, output = self._run("output", "-json", logged=False)
        document: dict[str, dict[str, Any]] = json.loads(output)
        return {name: found["value"] for name, found in document.items()}

    def _run(
        self, command: str, *options: str, accepted: tuple[int, ...] = (0,), logged: bool = True
    ) -> tuple[int, str]:
        self._root.data_dir.mkdir(parents=True, exist_ok=True)
        arguments = [str(self._found()), f"-chdir={self._root.folder}", command, *options]
        progress = Progress(f"terraform {command} {self._root.environment}", self._say, self._clock)
        with (
            self._root.log_path.open(self._log_mode, encoding="utf-8") as log,
            self._credentials() as credentials,
        ):
            self._log_mode = "a"
            log.write(f"== {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} terraform {command}\n")
            exit_code, output, errors = _execute(
                arguments,
                self._variables(credentials),
                lambda line: log.write(progress.feed(line) + "\n") if logged else None,
            )
            log.write(errors)
        if exit_code not in accepted:
            found = progress.diagnostics or error_blocks(errors) or error_blocks(output)
            raise failure(self._root, command, exit_code, found or [errors.strip()[-2000:]])
        return exit_code, output

    def _found(self) -> Path:
        if self._binary is None:
            self._binary = find_terraform(self._environ)
        return self._binary

    def _variables(self, credentials: Mapping[str, str]) -> dict[str, str]:
        kept = {key: value for key, value in self._environ.items() if key not in _DROPPED}
        return {
            **kept,
            **credentials,
            "TF_DATA_DIR": str(self._root.data_dir.resolve()),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
        }


def _execute(
    arguments: list[str], variables: Mapping[str, str], each_line: Callable[[str], object]
) -> tuple[int, str, str]:
    """Run a command to its end and return its exit code, stdout and stderr.

    On Ctrl-C Terraform gets the signal too: it stops in order and gives its lock back, which is
    waited for.
    """
    lines: list[str] = []
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors,
        subprocess.Popen(  # noqa: S603 - the terraform on PATH, with our own arguments
            arguments,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        output = process.stdout or ()
        try:
            for line in output:
                lines.append(line)
                each_line(line.rstrip("\n"))
        except KeyboardInterrupt:
            # Read on: with a full pipe Terraform could not end.
            for line in output:
                each_line(line.rstrip("\n"))
            raise
        exit_code = process.wait()
        errors.seek(0)
        return exit_code, "".join(lines), errors.read()


def _json_line(output: str) -> str:
    """Return the line with the document: warnings may stand before it."""
    return next((line for line in output.splitlines() if line.startswith("{")), output)
