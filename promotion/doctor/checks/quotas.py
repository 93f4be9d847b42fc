"""The account may run the instance types that its environment's file names.

Calls Service Quotas ListServiceQuotas and ListAWSDefaultServiceQuotas. SageMaker counts instances
by type and kind of job, and names its quotas "<type> for <kind> job usage"
(https://docs.aws.amazon.com/general/latest/gr/sagemaker.html); of many types a new account may
run none.
"""

import re
from collections.abc import Iterator

from promotion.aws.quotas import Quota, sagemaker_quotas
from promotion.config import WorkloadEnvironment
from promotion.doctor.examination import Examination
from promotion.doctor.result import CheckResult, Finding, skipped, verdict, warning

CHECK = "quotas"
SUMMARY = "the account may run the instance types that its file names (parameters *InstanceType)"
MEND = "ask for more in the Service Quotas console, or name another type in the environment's file"
_PARAMETER = re.compile(r"(.*)Instance(Type|Count)")
_KINDS = ("processing", "training", "transform")


def check(examination: Examination) -> CheckResult:
    """Compare what the parameters name with what the account may run."""
    environment = examination.environment
    if not isinstance(environment, WorkloadEnvironment):
        return skipped("no pipelines run in this account")
    wanted = wanted_instances(environment)
    if not wanted:
        return skipped("no parameter of the environment's file names an instance type")
    plan = examination.plan
    quotas = sagemaker_quotas(plan.service_quotas, plan.account_id)
    unknown = list(_unknown(environment, wanted, quotas))
    short = list(_short(environment, wanted, quotas))
    if unknown and not short:
        return warning(*unknown)
    told = ", ".join(f"{quota.value:g} {name}" for name, quota in quotas.items() if name in wanted)
    return verdict([*short, *unknown], told)


def wanted_instances(environment: WorkloadEnvironment) -> dict[str, int]:
    """Return by a quota's name how many instances of it one pipeline of the file asks for.

    `TrainingInstanceType` belongs with `TrainingInstanceCount`, one without or where that is no
    number; a parameter whose name has no kind of job in it counts for all three.
    """
    wanted: dict[str, int] = {}
    for use_case in environment.use_cases.values():
        for parameters in use_case.parameters.values():
            for name, value in parameters.items():
                found = _PARAMETER.fullmatch(name)
                if found is None or found[2] == "Count":
                    continue
                stated = str(parameters.get(f"{found[1]}InstanceCount", 1))
                count = int(stated) if stated.isdecimal() else 1
                kinds = [kind for kind in _KINDS if kind in found[1].lower()] or _KINDS
                for quota in (f"{value} for {kind} job usage" for kind in kinds):
                    wanted[quota] = max(count, wanted.get(quota, 0))
    return dict(sorted(wanted.items()))


def _short(
    environment: WorkloadEnvironment, wanted: dict[str, int], quotas: dict[str, Quota]
) -> Iterator[Finding]:
    for name, count in wanted.items():
        quota = quotas.get(name)
        if quota is None or quota.value >= count:
            continue
        yield Finding(
            f"the account may run {quota.value:g} {name}, and {count} is needed",
            environment.arn("servicequotas", f"sagemaker/{quota.code}"),
            "ask for more: `aws service-quotas request-service-quota-increase --service-code "
            f"sagemaker --quota-code {quota.code} --desired-value {count}`",
        )


def _unknown(
    environment: WorkloadEnvironment, wanted: dict[str, int], quotas: dict[str, Quota]
) -> Iterator[Finding]:
    for name in wanted:
        if name not in quotas:
            yield Finding(
                f"whether it may run {name} is unknown: Service Quotas has no such quota",
                f"environments/{environment.environment}.tfvars.json",
                "check the spelling of the type, and that SageMaker has it in this region",
            )
