"""No pipeline is replaced that promotion did not write. Calls nothing."""

from promotion.plan.gates import Facts
from promotion.plan.model import GateResult, Outcome
from promotion.plan.ownership import is_ours

GATE = "pipeline-ownership"
SUMMARY = "no pipeline is replaced that promote did not write; an override adopts it"
OVERRIDABLE = True


def check(facts: Facts) -> GateResult:
    """Look for pipelines that have a wanted name and do not carry our mark."""
    foreign = [
        change.name
        for change in facts.pipelines
        if change.former is not None and not is_ours(change.former.tags)
    ]
    if foreign:
        return GateResult(
            GATE,
            Outcome.REFUSED,
            f"promote did not write {', '.join(foreign)}",
            "give the use case's pipelines other names, or remove those of the account; "
            "an override adopts them: their definitions are replaced",
        )
    found = sum(change.former is not None for change in facts.pipelines)
    if not found:
        return GateResult(GATE, Outcome.PASSED, "no pipeline is replaced")
    return GateResult(GATE, Outcome.PASSED, f"promote wrote all {found} that exist")
