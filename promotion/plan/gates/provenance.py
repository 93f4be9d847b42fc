"""The releases are published, signed by the release signing key, unaltered and of the build role.

Asks the release store and the signing key; calls nothing else.
"""

from promotion.config import WorkloadEnvironment
from promotion.plan.gates import Facts
from promotion.plan.model import GateResult, Outcome

GATE = "provenance"
SUMMARY = "the releases are published, and their signed provenance proves what built them"
OVERRIDABLE = True


def check(facts: Facts) -> GateResult:
    """Verify the provenance of each release, where the environment's file demands it."""
    environment = facts.environment
    if not isinstance(environment, WorkloadEnvironment) or not facts.releases:
        return GateResult(GATE, Outcome.PASSED, "no release is promoted")
    if not environment.promotion.require_provenance:
        return GateResult(GATE, Outcome.PASSED, f"{environment.environment} does not demand it")
    found = facts.lookups.unproven(facts.releases)
    if found:
        from promotion.provenance.verify import PUBLISH  # brings cryptography

        return GateResult(
            GATE,
            Outcome.REFUSED,
            "; ".join(
                found[each.digest].message for each in facts.releases if each.digest in found
            ),
            "; ".join(dict.fromkeys(error.hint or PUBLISH for error in found.values())),
        )
    digests = ", ".join(release.digest[:12] for release in facts.releases)
    return GateResult(GATE, Outcome.PASSED, f"{digests} signed by {environment.roles.build}")
