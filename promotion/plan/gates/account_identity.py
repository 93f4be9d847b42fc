"""The plan was made in the account that the environment's file names. Calls nothing."""

from promotion.plan.gates import Facts
from promotion.plan.model import GateResult, Outcome

GATE = "account-identity"
SUMMARY = "the plan is made in the account that the environment's file names"
OVERRIDABLE = False


def check(facts: Facts) -> GateResult:
    """Compare the account of the session with the environment's."""
    environment = facts.environment
    if facts.account_id == environment.account_id:
        return GateResult(GATE, Outcome.PASSED, f"account {facts.account_id}")
    return GateResult(
        GATE,
        Outcome.REFUSED,
        f"{environment.environment} is account {environment.account_id}, "
        f"but the credentials lead to {facts.account_id}",
        "use credentials of the right account, or correct account_id in the environment's file",
    )
