"""Jenkins becomes the plan and the deploy role with the external id, and nobody else does.

Reads the trust policies with IAM GetRole. Where the caller is Jenkins, tries too: STS AssumeRole
with the external id, which Jenkins' own policy has to allow as well, and without it, which must
be denied.
"""

from collections.abc import Iterator

from promotion.aws.errors import RemoteMissing
from promotion.aws.roles import trust_policy
from promotion.doctor.examination import Examination
from promotion.doctor.policy import Request, allows, statements
from promotion.doctor.result import CheckResult, Finding, verdict

CHECK = "role-trust"
SUMMARY = "Jenkins becomes the plan and the deploy role with the external id only, and nobody else"
MEND = "an administrator of the account runs `promote bootstrap ENV`, which writes the trust anew"
_EXTERNAL_ID = "sts:externalid"


def check(examination: Examination) -> CheckResult:
    """Read who may enter, and try it where the caller is Jenkins."""
    environment = examination.environment
    roles = (environment.plan_role_arn, environment.deploy_role_arn)
    findings = [finding for role in roles for finding in _read(examination, role)]
    if not examination.accounts.is_jenkins(environment):
        told = "as read; not tried, because the caller is not Jenkins"
        return verdict(findings, told)
    findings += [finding for role in roles for finding in _try(examination, role)]
    return verdict(findings, "as read, and as tried with and without the external id")


def _read(examination: Examination, role_arn: str) -> Iterator[Finding]:
    environment = examination.environment
    try:
        policy = trust_policy(examination.plan, role_arn.rpartition("/")[2])
    except RemoteMissing as error:
        yield Finding(error.message, role_arn)
        return
    right = {_EXTERNAL_ID: environment.external_id}
    jenkins, stranger = environment.jenkins_role_arn, f"{environment.jenkins_role_arn}-other"
    if not allows(policy, _enter(jenkins, right)):
        yield Finding(f"its trust policy lets {jenkins} not in", role_arn)
    if allows(policy, _enter(jenkins, {})):
        yield Finding("its trust policy lets Jenkins in without an external id", role_arn)
    elif allows(policy, _enter(jenkins, {_EXTERNAL_ID: f"{environment.external_id}-other"})):
        yield Finding("its trust policy lets Jenkins in with any external id", role_arn)
    if allows(policy, _enter(stranger, right)):
        yield Finding("its trust policy lets other roles of the tooling account in", role_arn)
    known = {environment.tooling_account_id}
    for principal in _principals(policy):
        if not known & set(principal.split(":")):
            yield Finding(f"its trust policy names {principal}", role_arn)


def _principals(policy: object) -> list[str]:
    found: set[str] = set()
    for statement in statements(policy):  # type: ignore[arg-type]
        if statement["Effect"] != "Allow":
            continue
        principal = statement.get("Principal", "everybody but some (NotPrincipal)")
        groups = principal.values() if isinstance(principal, dict) else [principal]
        for group in groups:
            found |= {group} if isinstance(group, str) else set(group)
    return sorted(found)


def _try(examination: Examination, role_arn: str) -> Iterator[Finding]:
    environment, accounts = examination.environment, examination.accounts
    if not accounts.admits(environment, role_arn, environment.external_id):
        yield Finding(
            f"{environment.jenkins_role_arn} cannot become it: its trust policy or Jenkins' own "
            "policy does not allow it",
            role_arn,
            "administrators run `promote bootstrap tooling` and `promote bootstrap "
            f"{examination.name}`",
        )
    if accounts.admits(environment, role_arn, None):
        yield Finding("Jenkins became it without an external id", role_arn)


def _enter(principal: str, context: dict[str, str]) -> Request:
    return Request(principal, "sts:AssumeRole", "", context)
