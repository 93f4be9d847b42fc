"""Acts of Jenkins on the infrastructure: Terraform plans, repairs, takes down and sets up.

Each takes from eight seconds to more than a minute, so that many permissions are removed at once:
what Terraform then reports proves them one by one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.demo.commands import DemoFailed
from sandbox.proof.acts.by_hand import change_by_hand
from sandbox.proof.acts.commands import as_administrator, succeeded
from sandbox.proof.acts.taking_down import ready_to_go, take_down

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.model import Document
    from sandbox.proof.estate import Estate

SET_UP = "set up an account with Terraform"
PLAN = "plan an account's Terraform"
REPAIR = "update functions, and repair what was changed by hand, with Terraform"
TAKE_DOWN = "take an account down with Terraform"
_ANOTHER = "\n# Another package.\n"
# In the tooling account there is nothing for Jenkins to change.
_ANY = (0, 3)


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
        Deed(REPAIR, "deploy", _apply, _changed),
        Deed(TAKE_DOWN, "deploy", take_down, ready_to_go),
        Deed(SET_UP, "deploy", _apply, _nothing),
    )


def _nothing(estate: Estate, environment: str) -> None:
    """What needs no preparation."""


def _changed(estate: Estate, environment: str) -> None:
    """Have another package for the functions, whose code Terraform compares with its state only."""
    source = estate.story.root / "promotion" / "handlers" / "__init__.py"
    text = source.read_text("utf-8")
    if not text.endswith(_ANOTHER):
        source.write_text(text + _ANOTHER, "utf-8")
    change_by_hand(estate, environment)


def _plan(estate: Estate, environment: str) -> tuple[bool, str]:
    return _promote(
        estate, environment, "plan", environment, "--no-pipelines", *_out(estate, environment),
        expect=_ANY,
    )  # fmt: skip


def _apply(estate: Estate, environment: str) -> tuple[bool, str]:
    """Plan and apply; the plan is not what is proved here, it has a role of its own."""
    _recover(estate, environment)
    planned, output = _plan(estate, environment)
    if not planned:
        return False, output
    return _promote(estate, environment, "apply", _out(estate, environment)[1], "--yes")


def _recover(estate: Estate, environment: str) -> None:
    """Deal with what a former round has made and not read again; Terraform would remove it first.

    Nobody but an administrator removes keys and tables: a key is forgotten, a table kept.

    Raises:
        DemoFailed: The state cannot be read or written.
    """
    state = succeeded(as_administrator(estate, environment, "state", "pull"))
    for address in tainted(json.loads(state or "{}")):
        if ".aws_kms_key." in address:
            succeeded(as_administrator(estate, environment, "state", "rm", address))
        elif ".aws_dynamodb_table." in address:
            succeeded(as_administrator(estate, environment, "untaint", address))


def tainted(state: Document) -> list[str]:
    """Return the addresses of what a Terraform state calls tainted."""
    return [
        ".".join(part for part in (resource.get("module"), resource["type"], resource["name"])
                 if part)
        + (f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else "")
        for resource in state.get("resources", [])
        for instance in resource["instances"]
        if instance.get("status") == "tainted"
    ]  # fmt: skip


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


def _out(estate: Estate, environment: str) -> tuple[str, str]:
    path = estate.story.build / f"{environment}-terraform.plan"
    return "--out", str(path.relative_to(estate.story.root))
