"""The version was trained by a release that is known. Calls nothing."""

from promotion.registry.checks import CheckResult
from promotion.registry.checks.facts import Facts

CHECK = "release"
SUMMARY = "the release that trained the version is known and was not withdrawn"


def check(facts: Facts) -> CheckResult:
    """Look for the release in the store and in the ledger's record of the training."""
    release, ran = facts.release, facts.training.release_digest if facts.training else ""
    shown = release.digest[:12]
    problem = ""
    if not release.digest:
        problem = "no release is recorded with the version"
    elif release.withdrawal:
        problem = f"release {shown} was withdrawn: {release.withdrawal}"
    elif ran and ran != release.digest:
        problem = f"release {shown} is recorded, but the ledger says that {ran[:12]} ran"
    elif not release.published and not ran:
        problem = f"neither the release store nor the ledger knows release {shown}"
    if problem:
        hint = "train again with a published release: promote publish, then promote run"
        return CheckResult(CHECK, False, problem, hint)
    places = [
        place
        for place, known in (("published", release.published), ("its run is in the ledger", ran))
        if known
    ]
    return CheckResult(CHECK, True, f"release {shown} is known: {', '.join(places)}")
