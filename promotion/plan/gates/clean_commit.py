"""The releases were built from a commit on `main`, without further changes.

Asks git about the checkout that the plan is made in; calls nothing else.
"""

from promotion.config import WorkloadEnvironment
from promotion.plan.gates import Facts
from promotion.plan.model import GateResult, Outcome, ReleaseReference
from promotion.plan.ownership import short_commit
from promotion.plan.repository import CommitPlace

GATE = "clean-commit"
SUMMARY = "the releases were built from a commit on main, without further changes"
OVERRIDABLE = True


def check(facts: Facts) -> GateResult:
    """Look up the commit of each release, where the environment's file demands it."""
    environment = facts.environment
    if not isinstance(environment, WorkloadEnvironment) or not facts.releases:
        return GateResult(GATE, Outcome.PASSED, "no release is promoted")
    if not environment.promotion.require_clean_commit:
        return GateResult(GATE, Outcome.PASSED, f"{environment.environment} does not demand it")
    problems = [
        f"{release.use_case}: {problem}"
        for release in facts.releases
        if (problem := _problem(facts, release))
    ]
    if problems:
        return GateResult(
            GATE,
            Outcome.REFUSED,
            "; ".join(problems),
            "merge the change to main, bring this checkout up to date with its whole history, "
            "and build the release there",
        )
    commits = sorted({short_commit(release.git_commit) for release in facts.releases})
    return GateResult(GATE, Outcome.PASSED, f"{', '.join(commits)} on main")


def _problem(facts: Facts, release: ReleaseReference) -> str:
    commit = short_commit(release.git_commit)
    if release.dirty:
        return f"release {release.digest[:12]} has changes that are not in commit {commit}"
    place = facts.lookups.commit_place(release.git_commit)
    if place is CommitPlace.ON_MAIN:
        return ""
    return f"commit {commit} of release {release.digest[:12]} is {place}"
