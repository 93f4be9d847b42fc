"""No pipeline is deleted while one of its executions runs. Calls SageMaker ListPipelineExecutions.

SageMaker refuses it too:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeletePipeline.html
"""

from promotion.plan.gates import Facts
from promotion.plan.model import Action, GateResult, Outcome

GATE = "running-execution"
SUMMARY = "no pipeline is deleted while one of its executions runs"
# SageMaker would refuse: an override would only move the refusal into the apply.
OVERRIDABLE = False


def check(facts: Facts) -> GateResult:
    """Look up what runs of each pipeline that the plan deletes."""
    doomed = [change.name for change in facts.pipelines if change.action is Action.DELETE]
    if not doomed:
        return GateResult(GATE, Outcome.PASSED, "no pipeline is deleted")
    running = [arn for name in doomed for arn in facts.lookups.running_executions(name)]
    if not running:
        return GateResult(GATE, Outcome.PASSED, f"nothing runs of {', '.join(doomed)}")
    return GateResult(
        GATE,
        Outcome.REFUSED,
        f"still running: {', '.join(running)}",
        "wait for the executions to end, or stop them, and plan again",
    )
