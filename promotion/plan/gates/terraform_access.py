"""The Terraform plan leaves alone who may enter the account. Calls nothing."""

from promotion.plan.gates import Facts
from promotion.plan.model import GateResult, Outcome
from promotion.terraform.access import in_access_module

GATE = "terraform-access"
SUMMARY = "the Terraform plan leaves alone who may enter the account"
# The deploy role may not change these: an override would only move the refusal into the apply.
OVERRIDABLE = False


def check(facts: Facts) -> GateResult:
    """Look for changes of the access module, which an administrator's bootstrap alone applies."""
    if facts.terraform is None:
        return GateResult(GATE, Outcome.PASSED, "no Terraform planned")
    changed = [
        f"{change.address} ({change.action})"
        for change in facts.terraform.changes
        if in_access_module(change.address)
    ]
    if not changed:
        return GateResult(GATE, Outcome.PASSED, "the access module stays as it is")
    name = facts.environment.environment
    return GateResult(
        GATE,
        Outcome.REFUSED,
        f"Terraform would change who may enter the account: {', '.join(changed)}",
        f"an administrator of account {facts.account_id} runs `promote bootstrap {name}`",
    )
