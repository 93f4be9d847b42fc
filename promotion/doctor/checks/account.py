"""The credentials of this shell reach the environment's account, as both roles of Jenkins.

Calls STS GetCallerIdentity and AssumeRole.
"""

from promotion.doctor.examination import Examination
from promotion.doctor.result import CheckResult, Finding, verdict, warning
from promotion.errors import RemoteError

CHECK = "account"
SUMMARY = "the credentials of this shell reach the account, as its plan role and its deploy role"
MEND = "use Jenkins' credentials, or those of an administrator of the account"


def check(examination: Examination) -> CheckResult:
    """Enter the account by each role."""
    environment, accounts = examination.environment, examination.accounts
    caller = accounts.caller(environment.region)
    findings, entered = [], []
    for role_arn in (environment.plan_role_arn, environment.deploy_role_arn):
        try:
            entered.append(accounts.open(environment, role_arn).caller_arn)
        except RemoteError as error:
            what = "; ".join((error.message, *error.problems))
            findings.append(Finding(what, role_arn, error.hint or ""))
    if not findings and entered == [caller.arn] * 2:
        return warning(
            Finding(
                f"{caller.arn} is of the account itself: every check has his rights, not those of "
                "the plan role and the deploy role",
                environment.account_id,
                "to try the roles, run the command with Jenkins' credentials",
            )
        )
    roles = f"{environment.roles.plan} and {environment.roles.deploy}"
    return verdict(findings, f"account {environment.account_id}, as {roles}")
