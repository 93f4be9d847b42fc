"""What Terraform says when it fails, as an error with the next step. Reads and calls nothing."""

import re
from collections.abc import Sequence

from promotion.errors import RemoteError, StalePlan
from promotion.terraform.root import TerraformRoot

_SHOWN = 12
_LIMIT = 700


class TerraformFailed(RemoteError):
    """A Terraform command ended with an error."""


def error_blocks(output: str) -> list[str]:
    """Return the errors in Terraform's output for people, without its frames.

    Args:
        output: what `terraform init -no-color` or another command without -json wrote.
    """
    blocks: list[list[str]] = []
    for line in output.splitlines():
        text = line.removeprefix("│").strip()
        if text.startswith("Error:"):
            blocks.append([text.removeprefix("Error:").strip()])
        elif line.startswith("╵"):
            blocks.append([])
        elif blocks and blocks[-1] and text:
            blocks[-1].append(text)
    return ["\n".join(block) for block in blocks if block]


def failure(
    root: TerraformRoot, command: str, exit_code: int, errors: Sequence[str]
) -> RemoteError | StalePlan:
    """Return the error for a failed command.

    Args:
        root: where it ran.
        command: `init`, `plan`, `show`, `apply` or `output`.
        exit_code: what it ended with.
        errors: what it reported.
    """
    text = "\n".join(errors)
    where = f"terraform {command} of {root.environment} (account {root.account_id})"
    if "Saved plan is stale" in text:
        return StalePlan(
            f"{where}: the Terraform state has changed since the plan was made",
            hint=f"make a new plan: promote plan {root.environment}",
        )
    message, hint = _known(root, text) or (
        f"failed with exit code {exit_code}",
        f"the whole output is in {root.log_path}",
    )
    return TerraformFailed(
        f"{where}: {message}",
        account_id=root.account_id,
        operation=f"terraform.{command}",
        resource=str(root.folder),
        problems=[_bounded(error) for error in errors[:_SHOWN]],
        hint=hint,
    )


def _known(root: TerraformRoot, text: str) -> tuple[str, str] | None:
    if "Error acquiring the state lock" in text:
        return _locked(root, text)
    if "NoSuchBucket" in text or re.search(r"S3 bucket .* does not exist", text):
        return (
            f"the state bucket {root.state_bucket} does not exist",
            f"create it: promote bootstrap {root.environment}",
        )
    if re.search(r"Failed to (load|read).*plan|not a valid plan file|as a plan file", text):
        return (
            "the saved Terraform plan cannot be read",
            f"make a new plan: promote plan {root.environment}",
        )
    if re.search(r"Failed to (query available|install) provider|registry\.terraform\.io", text):
        return (
            "a provider cannot be installed",
            "check the network, or the provider mirror in TF_CLI_CONFIG_FILE; "
            f"the whole output is in {root.log_path}",
        )
    return None


def _locked(root: TerraformRoot, text: str) -> tuple[str, str]:
    facts = dict(re.findall(r"^\s*(ID|Who|Operation|Created):\s*(\S.*?)\s*$", text, re.MULTILINE))
    who = facts.get("Who", "somebody")
    since = f" since {facts['Created']}" if "Created" in facts else ""
    lock_id = facts.get("ID", "LOCK_ID")
    return (
        f"the state is locked by {who}{since}",
        "wait until that run has ended; if it is dead, remove the lock: "
        f"terraform -chdir={root.folder} force-unlock {lock_id}",
    )


def _bounded(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LIMIT else text[: _LIMIT - 1] + "…"
