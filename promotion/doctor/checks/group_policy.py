"""The policies of the model package groups: training registers, inference finds, approvers decide.

Calls SageMaker GetModelPackageGroupPolicy in the registry account, under its plan role.
"""

from collections.abc import Iterator

from promotion.aws.errors import RemoteMissing
from promotion.aws.model_packages import ModelPackages
from promotion.config import Environment, RegistryEnvironment, WorkloadEnvironment
from promotion.doctor.examination import Examination
from promotion.doctor.policy import Request, allows, denies
from promotion.doctor.result import CheckResult, Finding, skipped, verdict

CHECK = "group-policy"
SUMMARY = "each model package group lets its training register, and only the approver role decide"
MEND = "plan and apply the Terraform of the registry, which writes the groups' policies"
# Conditions of the policy on a registration: what it must say, and not say.
_PENDING = {"sagemaker:modelapprovalstatus": "PendingManualApproval"}
_APPROVED = {"sagemaker:modelapprovalstatus": "Approved"}


def check(examination: Examination) -> CheckResult:
    """Read the policy of each use case's group."""
    environment = examination.environment
    if not isinstance(environment, (RegistryEnvironment, WorkloadEnvironment)):
        return skipped("a tooling account uses no models")
    plan = examination.registry_plan
    packages = ModelPackages(plan.sagemaker, plan.account_id)
    findings = []
    for use_case in environment.use_cases:
        arn = environment.model_package_group_arn(use_case)
        try:
            policy = packages.group_policy(arn.rpartition("/")[2])
        except RemoteMissing as error:
            findings.append(Finding(error.message, arn))
            continue
        findings += _sharing(examination, use_case, arn, policy)
        findings += _deciding(environment, arn, policy)
    number = len(environment.use_cases)
    return verdict(findings, "1 group" if number == 1 else f"{number} groups")


def _sharing(examination: Examination, use_case: str, arn: str, policy: str) -> Iterator[Finding]:
    examined = examination.environment
    environments = (
        [examined]
        if isinstance(examined, WorkloadEnvironment)
        else examination.environments.values()
    )
    for each in environments:
        if not isinstance(each, WorkloadEnvironment) or use_case not in each.use_cases:
            continue
        trainer = each.execution_role_arn(use_case)
        resolver = each.role_arn(f"{each.roles.lambda_}-resolve-model")
        for role, action, resource, context in (
            (trainer, "CreateModelPackage", arn, _PENDING),
            (trainer, "CreateModelPackage", _package(arn), _PENDING),
            (trainer, "CreateModel", _package(arn), {}),
            (resolver, "ListModelPackages", arn, {}),
            (resolver, "DescribeModelPackage", _package(arn), {}),
        ):
            request = Request(role, f"sagemaker:{action}", resource, context)
            if not allows(policy, request):
                yield Finding(f"the policy lets {role} not do {request.action}", resource)
        decided = Request(trainer, "sagemaker:CreateModelPackage", arn, _APPROVED)
        if not denies(policy, decided):
            yield Finding(f"{trainer} may register versions that are approved already", arn)


def _deciding(environment: Environment, arn: str, policy: str) -> Iterator[Finding]:
    update = "sagemaker:UpdateModelPackage"
    approver = environment.approver_role_arn
    if denies(policy, Request(approver, update, _package(arn))):
        yield Finding(f"the policy denies {approver} to decide", arn)
    accounts = {environment.account_id, *environment.linked_accounts.values()}
    accounts.discard(environment.tooling_account_id)
    for account_id in sorted(accounts):
        anybody = environment.role_arn("anybody", account_id)
        if not denies(policy, Request(anybody, update, _package(arn))):
            yield Finding(
                f"other principals of account {account_id} than the approver role may decide", arn
            )


def _package(group_arn: str) -> str:
    return f"{group_arn.replace(':model-package-group/', ':model-package/')}/1"
