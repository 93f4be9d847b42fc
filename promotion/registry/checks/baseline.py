"""The data-quality baseline exists. Calls nothing."""

from promotion.registry.checks import CheckResult
from promotion.registry.checks.facts import Facts

CHECK = "baseline"
SUMMARY = "the data-quality baseline exists: without it no batch could be checked for drift"


def check(facts: Facts) -> CheckResult:
    """Look for both parts of the baseline."""
    missing = [
        f"{part}: {uri or 'none is recorded'}"
        for part, (uri, exists) in sorted(facts.baseline.items())
        if not exists
    ]
    if missing:
        return CheckResult(
            CHECK,
            False,
            f"does not exist, or cannot be read: {'; '.join(missing)}",
            "restore it from its earlier version in the bucket, or train again",
        )
    return CheckResult(CHECK, True, "statistics and constraints exist")
