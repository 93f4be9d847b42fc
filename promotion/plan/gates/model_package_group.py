"""The use cases' model package groups exist in the registry and this account may see them.

Calls SageMaker DescribeModelPackageGroup by the group's ARN.
"""

from promotion.aws.errors import RemoteDenied
from promotion.aws.fanout import fan_out
from promotion.plan.gates import Facts
from promotion.plan.model import GateResult, Outcome

GATE = "model-package-group"
SUMMARY = "the use cases' model package groups exist, and this account may see them"
OVERRIDABLE = True
_TYPE = "aws_sagemaker_model_package_group"


def check(facts: Facts) -> GateResult:
    """Look up the group of each use case whose pipelines are written."""
    made = {
        use_case: arn
        for use_case, arn in sorted(facts.groups.items())
        if facts.terraform and facts.terraform.creates(_TYPE, arn.rpartition("/")[2])
    }
    others = sorted(facts.groups.keys() - made.keys())
    told = fan_out(lambda use_case: _problem(facts, facts.groups[use_case]), others)
    problems = [f"{name}: {problem}" for name, problem in zip(others, told, strict=True) if problem]
    if problems:
        return GateResult(
            GATE,
            Outcome.REFUSED,
            "; ".join(problems),
            "apply the Terraform of the registry account first: it makes the group and lets this "
            "account see it",
        )
    if made:
        return GateResult(GATE, Outcome.DEFERRED, f"Terraform creates {', '.join(made.values())}")
    found = ", ".join(sorted(facts.groups.values()))
    return GateResult(GATE, Outcome.PASSED, found or "no pipeline is written")


def _problem(facts: Facts, arn: str) -> str:
    try:
        return "" if facts.lookups.group_exists(arn) else f"{arn} does not exist"
    except RemoteDenied:
        return f"account {facts.account_id} may not see {arn}"
