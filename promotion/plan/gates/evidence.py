"""The releases have run in the environment that this one takes its evidence from.

Asks the ledger and the model registry; calls nothing else.
"""

from promotion.config import WorkloadEnvironment
from promotion.plan.gates import Facts
from promotion.plan.model import GateResult, Outcome

GATE = "evidence"
SUMMARY = "the ledger has succeeded executions of the releases in the environment before"
OVERRIDABLE = True


def check(facts: Facts) -> GateResult:
    """Look for succeeded executions, where the environment's file names where."""
    environment = facts.environment
    if not isinstance(environment, WorkloadEnvironment) or not facts.releases:
        return GateResult(GATE, Outcome.PASSED, "no release is promoted")
    source = environment.promotion.evidence_from
    if source is None:
        return GateResult(GATE, Outcome.PASSED, f"{environment.environment} does not demand it")
    found = facts.lookups.evidence(facts.releases, source)
    problems = [
        f"{release.use_case}: {', '.join(found[release.digest].missing)} of release "
        f"{release.digest[:12]} has not succeeded in {source}"
        for release in facts.releases
        if found[release.digest].missing
    ]
    if problems:
        return GateResult(
            GATE,
            Outcome.REFUSED,
            "; ".join(problems),
            f"apply the release to {source} and run it there: promote run {source} USE_CASE "
            "PIPELINE; a run is in the ledger some seconds after its end",
        )
    shown = [
        f"{release.use_case}: {', '.join(found[release.digest].demanded)}"
        for release in facts.releases
    ]
    return GateResult(GATE, Outcome.PASSED, f"{'; '.join(shown)} succeeded in {source}")
