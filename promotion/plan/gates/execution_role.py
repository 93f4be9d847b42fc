"""The roles that the written pipelines run with exist, or this plan's Terraform makes them.

Calls IAM GetRole.
"""

from promotion.aws.fanout import fan_out
from promotion.plan.gates import Facts
from promotion.plan.model import GateResult, Outcome

GATE = "execution-role"
SUMMARY = "the roles that the pipelines run with exist, or this plan's Terraform makes them"
OVERRIDABLE = True


def check(facts: Facts) -> GateResult:
    """Look up each role of the pipelines that are written once."""
    desired = [change.desired for change in facts.written if change.desired]
    names = sorted({state.role_arn.rpartition("/")[2] for state in desired})
    made = [
        name for name in names if facts.terraform and facts.terraform.creates("aws_iam_role", name)
    ]
    others = [name for name in names if name not in made]
    found = fan_out(facts.lookups.role_exists, others)
    missing = [name for name, exists in zip(others, found, strict=True) if not exists]
    if missing:
        return GateResult(
            GATE,
            Outcome.REFUSED,
            f"account {facts.account_id} has no role {', '.join(missing)}",
            f"apply the Terraform of {facts.environment.environment} with the pipelines or before",
        )
    if made:
        return GateResult(GATE, Outcome.DEFERRED, f"Terraform creates {', '.join(made)}")
    return GateResult(GATE, Outcome.PASSED, ", ".join(names) or "no pipeline is written")
