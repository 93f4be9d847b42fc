"""The environment files agree with each other. Calls nothing."""

from promotion.plan.gates import Facts
from promotion.plan.model import GateResult, Outcome

GATE = "environment-consistency"
SUMMARY = "the environment files agree with each other"
OVERRIDABLE = False


def check(facts: Facts) -> GateResult:
    """Refuse when one file contradicts another."""
    found = facts.inconsistencies
    if not found:
        return GateResult(GATE, Outcome.PASSED, "the environment files agree")
    return GateResult(
        GATE,
        Outcome.REFUSED,
        "; ".join(found),
        "correct the environment files; promote validate shows the same findings",
    )
