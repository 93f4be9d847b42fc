"""The use cases' model package groups exist in the registry and this account may see them.

Calls SageMaker DescribeModelPackageGroup by the group's ARN.
"""

from promotion.aws.errors import RemoteDenied
from promotion.plan.gates import Facts
from promotion.plan.model import GateResult, Outcome

GATE = "model-package-group"
SUMMARY = "the use cases' model package groups exist, and this account may see them"
OVERRIDABLE = True
_TYPE = "aws_sagemaker_model_package_group"


def check(facts: Facts) -> GateResult:
    """Look up the group of each planned use case."""
    problems, made = [], []
    for use_case, arn in sorted(facts.groups.items()):
        if facts.terraform and facts.terraform.creates(_TYPE, arn.rpartition("/")[2]):
            made.append(arn)
        elif problem := _problem(facts, arn):
            problems.append(f"{use_case}: {problem}")
    if problems:
        return GateResult(
            GATE,
            Outcome.REFUSED,
            "; ".join(problems),
            "apply the Terraform of the registry account first: it makes the group and lets this "
            "account see it",
        )
    if made:
        return GateResult(GATE, Outcome.DEFERRED, f"Terraform creates {', '.join(made)}")
    found = ", ".join(sorted(facts.groups.values()))
    return GateResult(GATE, Outcome.PASSED, found or "no pipelines planned")


def _problem(facts: Facts, arn: str) -> str:
    try:
        return "" if facts.lookups.group_exists(arn) else f"{arn} does not exist"
    except RemoteDenied:
        return f"account {facts.account_id} may not see {arn}"
