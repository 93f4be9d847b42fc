"""Taking an account down, as docs/how-to/take-down-an-account.md tells it.

An administrator empties the account and has Terraform forget its keys; he destroys the ledger,
which a real account keeps, so that setting the account up proves how the ledger is made. Jenkins
removes the rest.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sandbox.proof.acts.by_hand import empty
from sandbox.proof.acts.commands import (
    Finished,
    as_administrator,
    as_jenkins,
    succeeded,
    variables_of,
)

if TYPE_CHECKING:
    from sandbox.proof.estate import Estate

# All that Jenkins applies in an account, beside what administrators do.
_MODULES = {"workload": "module.workload", "registry": "module.registry"}
# Jenkins removes no function of the registry.
_LEDGER = tuple(
    f"-target=module.registry.module.{name}" for name in ("approval_review", "audit_ledger")
)
_KEY = ".aws_kms_key."
_PLAN = "destroy.tfplan"


def ready_to_go(estate: Estate, environment: str) -> None:
    """Do the administrator's part."""
    empty(estate, environment)
    settings = estate.story.accounts[environment].settings
    if _module(estate, environment) is None:
        return
    if "ledger" in settings:
        _destroy_ledger(estate, environment)
    listed = succeeded(as_administrator(estate, environment, "state", "list"))
    module = f"{_module(estate, environment)}."
    keys = [each for each in listed.split() if each.startswith(module) and _KEY in each]
    if keys:
        succeeded(as_administrator(estate, environment, "state", "rm", *keys))


def _destroy_ledger(estate: Estate, environment: str) -> None:
    settings = estate.story.accounts[environment].settings
    unprotected = json.dumps({**settings["ledger"], "deletion_protection": False})
    given = (*variables_of(estate, environment), f"-var=ledger={unprotected}", *_LEDGER)
    for command in ("apply", "destroy"):
        succeeded(as_administrator(estate, environment, command, "-auto-approve", *given))


def take_down(estate: Estate, environment: str) -> tuple[bool, str]:
    """Plan the destruction under the plan role and apply it under the deploy role.

    Returns:
        Whether it went well, and all output.
    """
    module = _module(estate, environment)
    if module is None:
        return True, ""
    planned = as_jenkins(
        estate, environment, "plan", "plan", "-destroy", f"-target={module}", "-lock=false",
        f"-out={_PLAN}", *variables_of(estate, environment),
    )  # fmt: skip
    if planned.returncode:
        return False, _told(planned)
    applied = as_jenkins(estate, environment, "deploy", "apply", _PLAN)
    return applied.returncode == 0, _told(applied)


def _module(estate: Estate, environment: str) -> str | None:
    return _MODULES.get(estate.story.accounts[environment].settings["kind"])


def _told(finished: Finished) -> str:
    return finished.stdout + finished.stderr
