"""What the commands that plan have in common: make the plan, save it, show it.

Writes the plan file; calls what `promotion.plan.stage` calls.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from promotion.cli.main import State
    from promotion.plan.stage import PlanRequest, Prepared

_REFUSED = {
    "apply": "the promotion to {}",
    "rollback": "the rollback in {}",
    "destroy": "the destruction in {}",
}


def plan_to_file(
    state: "State", request: "PlanRequest", path: Path, *, as_json: bool = False
) -> "Prepared":
    """Make a plan, write its file unless a gate refuses, show it and return it.

    Raises:
        GateRefused: a gate refuses; no plan file is left.
        PromotionError: the plan cannot be made.
    """
    from promotion.errors import GateRefused

    _remove(path)
    prepared = _prepare(state, request)
    _warn(state, request, prepared)
    found = prepared.plan
    digest = "" if found.refusals else prepared.write(path)
    _show(state, prepared, path, digest, as_json=as_json)
    if found.refusals:
        what = _REFUSED[found.purpose].format(found.environment)
        raise GateRefused(
            f"{what} is refused; no plan file was written",
            problems=[f"{each.gate}: {each.message}" for each in found.refusals],
            hint="; ".join(dict.fromkeys(each.hint for each in found.refusals)),
        )
    return prepared


def _remove(path: Path) -> None:
    """Remove an earlier plan file: where this plan is refused, nobody shall apply that instead."""
    from promotion.errors import ConfigError

    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(
            f"plan file {path} cannot be replaced: {error.strerror}",
            hint="give another file with --out",
        ) from error


def _prepare(state: "State", request: "PlanRequest") -> "Prepared":
    from promotion.aws.session import Accounts
    from promotion.cli.wiring import terraform_factory
    from promotion.plan.stage import prepare_plan

    return prepare_plan(
        request,
        accounts=Accounts(),
        make_terraform=terraform_factory(state.ui),
        say=state.ui.progress,
    )


def _warn(state: "State", request: "PlanRequest", prepared: "Prepared") -> None:
    from promotion.plan.overrides import needless

    for gate in needless(prepared.plan, request.overrides):
        state.ui.warning(f"the override of {gate} is not needed: the gate does not refuse")


def _show(state: "State", prepared: "Prepared", path: Path, digest: str, *, as_json: bool) -> None:
    from promotion.plan.encode import plan_document
    from promotion.plan.render import render_plan

    if as_json:
        written = {"path": str(path), "digest": digest} if digest else None
        state.ui.json({**plan_document(prepared.plan), "plan_file": written})
        return
    for line in render_plan(prepared.plan):
        state.ui.result(line.text, style=line.style)
    if digest:
        state.ui.result(f"plan file {path}")
        state.ui.result(f"digest {digest}")
