"""Refusals: when a plan must not be applied any more.

Reads the environment's file, and SageMaker's ListPipelines and DescribePipeline; where pipelines
are deleted, ListPipelineExecutions.
"""

from pathlib import Path

from promotion.aws.executions import Executions
from promotion.aws.pipelines import DeployedPipeline, Pipelines
from promotion.config import Environment
from promotion.errors import GateRefused, StalePlan
from promotion.plan.compare import equivalent
from promotion.plan.model import Action, PipelineChange, Plan
from promotion.plan.overrides import check_overrides
from promotion.plan.remote import read_pipelines, state_of
from promotion.plan.stage import file_digest


def check_environment(plan: Plan, root: Path, environment: Environment) -> None:
    """Refuse a plan that a gate refused, of another account, or of another environment file.

    Raises:
        GateRefused: the plan was refused when it was made, or an override in it does not hold.
        StalePlan: account or file are others now.
    """
    if plan.refusals:
        raise GateRefused(
            f"the plan for {plan.environment} was refused when it was made",
            problems=[f"{result.gate}: {result.message}" for result in plan.refusals],
        )
    check_overrides(plan)
    again = f"make a new plan: promote plan {plan.environment}"
    if environment.account_id != plan.account_id:
        raise StalePlan(
            f"the plan is for account {plan.account_id}, but environment {plan.environment} is "
            f"account {environment.account_id}",
            hint=again,
        )
    if file_digest(root, plan.environment) != plan.environment_sha256:
        raise StalePlan(
            f"environments/{plan.environment}.tfvars.json has changed since the plan was made",
            hint=again,
        )


def check_account(plan: Plan, account_id: str) -> None:
    """Refuse to apply in another account than the plan's.

    Raises:
        StalePlan: the session is in another account.
    """
    if account_id != plan.account_id:
        raise StalePlan(
            f"the plan is for account {plan.account_id} ({plan.environment}), but the credentials "
            f"lead to {account_id}",
            hint="use credentials of the plan's account",
        )


def read_current(plan: Plan, pipelines: Pipelines) -> dict[str, DeployedPipeline]:
    """Return the plan's pipelines as the account has them now, by name."""
    if not plan.pipelines:
        return {}
    arns = pipelines.arns()
    return read_pipelines(
        pipelines, [change.name for change in plan.pipelines if change.name in arns]
    )


def check_pipelines(plan: Plan, current: dict[str, DeployedPipeline]) -> frozenset[str]:
    """Return the names of pipelines that already are as the plan wants them.

    A pipeline may be as it was when the plan was made, or, after an apply that did not finish,
    as the plan wants it: missing, where the plan deletes it. Anything else was written by somebody
    else. Tags say nothing here: they are written before the rest, which is one call.

    Raises:
        StalePlan: pipelines have changed since the plan was made; names each.
    """
    problems: list[str] = []
    done: set[str] = set()
    for change in plan.pipelines:
        found = current.get(change.name)
        if _is_done(change, found):
            done.add(change.name)
        elif found is None and change.former is not None:
            problems.append(f"{change.name} was deleted")
        elif found is not None and change.former is None:
            problems.append(f"{change.name} was created, at {found.last_modified_at:%F %T %Z}")
        elif found and change.former and not equivalent(state_of(found), change.former):
            problems.append(f"{change.name} was changed, at {found.last_modified_at:%F %T %Z}")
    if problems:
        raise StalePlan(
            f"account {plan.account_id} ({plan.environment}) has changed since the plan was made",
            problems=problems,
            hint=f"nothing was applied; make a new plan: promote plan {plan.environment}",
        )
    return frozenset(done)


def check_idle(plan: Plan, done: frozenset[str], executions: Executions) -> None:
    """Refuse to delete a pipeline of which something runs.

    Args:
        plan: the plan.
        done: names of pipelines that are gone already.
        executions: gateway to the account's executions.

    Raises:
        StalePlan: executions were started since the plan was made; names each.
    """
    problems = [
        f"{change.name} runs: {arn}"
        for change in plan.pipelines
        if change.action is Action.DELETE and change.name not in done
        for arn in executions.running(change.name)
    ]
    if problems:
        raise StalePlan(
            f"pipelines that the plan for {plan.environment} deletes are running",
            problems=problems,
            hint="nothing was applied; wait for the executions to end, or stop them, and apply "
            "the plan again",
        )


def _is_done(change: PipelineChange, found: DeployedPipeline | None) -> bool:
    if change.desired is None or found is None:
        return change.desired is None and found is None
    return equivalent(state_of(found), change.desired)
