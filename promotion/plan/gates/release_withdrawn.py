"""No release was withdrawn. Asks the ledger; calls nothing else."""

from promotion.config import WorkloadEnvironment
from promotion.plan.gates import Facts
from promotion.plan.model import GateResult, Outcome

GATE = "release-withdrawn"
SUMMARY = "no release that is planned was withdrawn"
OVERRIDABLE = False


def check(facts: Facts) -> GateResult:
    """Look for withdrawals of the releases."""
    if not isinstance(facts.environment, WorkloadEnvironment) or not facts.releases:
        return GateResult(GATE, Outcome.PASSED, "no release is promoted")
    found = facts.lookups.withdrawals(facts.releases)
    problems = [
        f"{release.use_case}: release {release.digest[:12]} was withdrawn at {told.at} by "
        f"{told.actor}: {told.reason}"
        for release in facts.releases
        if (told := found.get(release.digest))
    ]
    if problems:
        return GateResult(
            GATE,
            Outcome.REFUSED,
            "; ".join(problems),
            "a withdrawal is for good: build and publish another release, or promote one that "
            "promote releases lists without it",
        )
    return GateResult(GATE, Outcome.PASSED, "no release was withdrawn")
