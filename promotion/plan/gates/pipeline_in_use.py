"""No pipeline is deleted that something of the environment's still starts. Calls nothing."""

from collections.abc import Iterator

from promotion.config import WorkloadEnvironment
from promotion.config.use_case_parts import DeployedUseCase
from promotion.plan.gates import Facts
from promotion.plan.model import Action, GateResult, Outcome

GATE = "pipeline-in-use"
SUMMARY = "no pipeline is deleted that a schedule, drift or an approval starts"
OVERRIDABLE = True


def check(facts: Facts) -> GateResult:
    """Look for what the environment's file lets start each pipeline that the plan deletes."""
    environment = facts.environment
    doomed = [change for change in facts.pipelines if change.action is Action.DELETE]
    if not doomed or not isinstance(environment, WorkloadEnvironment):
        return GateResult(GATE, Outcome.PASSED, "no pipeline is deleted")
    found = [
        f"{starter} starts {change.name}"
        for change in doomed
        if (case := environment.use_cases.get(change.use_case))
        for starter, key in _starters(case)
        if key == change.key
    ]
    if not found:
        return GateResult(GATE, Outcome.PASSED, "nothing starts what is deleted")
    return GateResult(
        GATE,
        Outcome.REFUSED,
        "; ".join(found),
        f"remove that from environments/{environment.environment}.tfvars.json and apply its "
        "Terraform first; else every start will fail and alert",
    )


def _starters(case: DeployedUseCase) -> Iterator[tuple[str, str]]:
    if case.schedule:
        yield f"the schedule {case.schedule.expression}", case.schedule.pipeline
    if case.retrain:
        yield "drift", case.retrain.pipeline
    if case.start_on_approval:
        yield "an approval", case.start_on_approval
