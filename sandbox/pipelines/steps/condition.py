"""The Condition step: takes the branch that all its conditions together decide.

Calls nothing beyond what its expressions read.
"""

from sandbox.pipelines.definition.conditions import holds
from sandbox.pipelines.execution.context import StepContext
from sandbox.pipelines.steps import StepOutcome, StepType


def run(context: StepContext) -> StepOutcome:
    """Evaluate the conditions."""
    conditions = context.resolved(context.step.arguments["Conditions"])
    outcome = all(holds(condition) for condition in conditions)
    text = "True" if outcome else "False"
    context.describe({"Condition": {"Outcome": text}})
    return StepOutcome({"Outcome": text}, branch=outcome)


STEP_TYPE = StepType(name="Condition", run=run, properties=("Outcome",))
