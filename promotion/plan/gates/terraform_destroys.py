"""The Terraform plan destroys or replaces nothing that holds state. Calls nothing."""

from promotion.plan.gates import Facts
from promotion.plan.model import GateResult, Outcome

GATE = "terraform-destroys"
SUMMARY = "the Terraform plan destroys or replaces nothing that holds state"
OVERRIDABLE = True

# Destroying one of these loses data, keys to data, or the history of approved models.
STATE_BEARING = frozenset(
    {
        "aws_dynamodb_table",
        "aws_kms_key",
        "aws_s3_bucket",
        "aws_sagemaker_feature_group",
        "aws_sagemaker_model_package_group",
    }
)


def check(facts: Facts) -> GateResult:
    """Look for buckets, keys, tables, model package groups and feature groups that would go."""
    if facts.terraform is None:
        return GateResult(GATE, Outcome.PASSED, "no Terraform planned")
    doomed = [
        f"{change.address} ({change.action})"
        for change in facts.terraform.changes
        if change.type in STATE_BEARING and change.action in {"delete", "replace"}
    ]
    if not doomed:
        return GateResult(GATE, Outcome.PASSED, "nothing that holds state is destroyed")
    return GateResult(
        GATE,
        Outcome.REFUSED,
        f"Terraform would destroy {', '.join(doomed)}",
        "keep the resource, or take it out of the state by a reviewed `removed` block",
    )
