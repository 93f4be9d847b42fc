"""Each schedule can fire, and the release has the pipeline that it starts. Calls nothing."""

from collections.abc import Iterator

from promotion.config import WorkloadEnvironment
from promotion.config.schedule import schedule_problem
from promotion.plan.gates import Facts
from promotion.plan.model import GateResult, Outcome

GATE = "schedule"
SUMMARY = "each schedule's expression is valid, and the release has the pipeline that it starts"
OVERRIDABLE = True


def check(facts: Facts) -> GateResult:
    """Read the expression of every use case, and look for the pipelines of those planned."""
    environment = facts.environment
    if not isinstance(environment, WorkloadEnvironment):
        return GateResult(GATE, Outcome.PASSED, f"{environment.environment} has no schedules")
    problems = list(_problems(facts, environment))
    if problems:
        return GateResult(
            GATE,
            Outcome.REFUSED,
            "; ".join(problems),
            f"correct the schedule in environments/{environment.environment}.tfvars.json, or "
            "promote a release that has the pipeline",
        )
    scheduled = [
        f"{name} {case.schedule.pipeline} {case.schedule.expression}"
        for name, case in sorted(environment.use_cases.items())
        if case.schedule
    ]
    return GateResult(GATE, Outcome.PASSED, "; ".join(scheduled) or "nothing is scheduled")


def _problems(facts: Facts, environment: WorkloadEnvironment) -> Iterator[str]:
    planned = {release.use_case for release in facts.releases}
    keys = {(change.use_case, change.key) for change in facts.pipelines if change.desired}
    for name, case in sorted(environment.use_cases.items()):
        if case.schedule is None:
            continue
        # Reading the file checks it too; a plan must not depend on who read it.
        if problem := schedule_problem(case.schedule.expression):
            yield f"{name}: {case.schedule.expression}: {problem}"
        if name in planned and (name, case.schedule.pipeline) not in keys:
            yield f"{name}: the release has no pipeline {case.schedule.pipeline}"
