"""The metrics on the test rows are within the use case's bounds. Calls nothing."""

from promotion.registry.checks import CheckResult
from promotion.registry.checks.facts import Facts

CHECK = "metrics"
SUMMARY = "the metrics on the held-out rows are within the bounds of the registry's file"


def check(facts: Facts) -> CheckResult:
    """Hold each metric that has a bound against it."""
    bounds = [(name, bound, 1) for name, bound in sorted(facts.demands.minimum.items())]
    bounds += [(name, bound, -1) for name, bound in sorted(facts.demands.maximum.items())]
    if not bounds:
        return CheckResult(CHECK, True, "no bound is demanded")
    if facts.metrics is None:
        return CheckResult(
            CHECK,
            False,
            "the evaluation of the version cannot be read",
            "restore its evaluation.json, or train again",
        )
    told, wrong = [], False
    for name, bound, sign in bounds:
        found = facts.metrics.get(name)
        words = "at least" if sign > 0 else "at most"
        told.append(f"{name} {found or 'is not measured'}, demanded {words} {bound:g}")
        # A number that is none compares false, and so refuses.
        wrong |= found is None or not sign * found.value >= sign * bound
    hint = "train a better model; the bounds stand in environments/registry.tfvars.json"
    return CheckResult(CHECK, not wrong, "; ".join(told), hint if wrong else "")
