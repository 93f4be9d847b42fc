"""Who decides is not who trained. Calls nothing."""

import re

from promotion.registry.checks import CheckResult
from promotion.registry.checks.facts import Facts

CHECK = "four-eyes"
SUMMARY = "who approves the version is not who started its training"

_ROLE_SESSION = re.compile(r"arn:[^:]+:sts::[0-9]{12}:assumed-role/([^/]+)/(.+)")
# IAM Identity Center names its roles so, in every account; the session is the person.
# https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
_SINGLE_SIGN_ON = "AWSReservedSSO_"


def check(facts: Facts) -> CheckResult:
    """Compare the identities that AWS saw."""
    if facts.training is None or not facts.training.started_by:
        what = "the ledger has no record of the run that registered the version"
        if facts.training is not None:
            what = "the ledger does not say who started the run that registered the version"
        return CheckResult(CHECK, False, what, "a run is recorded within a minute of its end")
    trainer = facts.training.started_by
    if any(_person(decider) == _person(trainer) for decider in facts.deciders):
        return CheckResult(
            CHECK, False, f"{trainer} started the training and decides", "ask another approver"
        )
    return CheckResult(CHECK, True, f"trained by {trainer}, decided by {facts.deciders[0]}")


def _person(arn: str) -> str:
    """Return what stands for the person behind an ARN, the same in every account where AWS says."""
    session = _ROLE_SESSION.fullmatch(arn)
    return session[2] if session and session[1].startswith(_SINGLE_SIGN_ON) else arn
