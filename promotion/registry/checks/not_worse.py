"""The version is not worse than the one in service, on the same rows. Calls nothing.

Non-inferiority: the lower end of the paired difference's interval may not be below minus the
margin (Piaggio et al. 2012, https://doi.org/10.1001/jama.2012.87802).
"""

from promotion.registry.checks import CheckResult
from promotion.registry.checks.facts import Comparison, Facts

CHECK = "not-worse"
SUMMARY = "on the same held-out rows the version is not worse than the one in service"
METRIC = "auc"

_AGAIN = "start the train pipeline again: it compares with the version that is in service then"


def check(facts: Facts) -> CheckResult:
    """Hold the difference that the train pipeline measured against the margin."""
    if not facts.serving_arn:
        return CheckResult(CHECK, True, "no version is in service")
    if facts.serving_arn == facts.arn:
        return CheckResult(CHECK, True, "the version is in service itself")
    if facts.comparison is None:
        message = "the train pipeline's comparison with the version in service cannot be read"
        return CheckResult(CHECK, False, message, _AGAIN)
    serving = _number(facts.serving_arn)
    if facts.comparison.champion_arn != facts.serving_arn:
        with_whom = facts.comparison.champion_arn
        compared = f"with version {_number(with_whom)}" if with_whom else "with none"
        message = f"version {serving} is in service, but the candidate was compared {compared}"
        return CheckResult(CHECK, False, message, _AGAIN)
    return _measured(facts.comparison, serving, facts.demands.margin)


def _measured(comparison: Comparison, serving: str, margin: float) -> CheckResult:
    difference = comparison.difference.get(METRIC)
    if difference is None:
        return CheckResult(CHECK, False, f"the comparison has no {METRIC}", _AGAIN)
    message = (
        f"{METRIC} against version {serving} on the same {comparison.rows} rows: "
        f"{difference.value:+.3f} ({difference.low:+.3f} to {difference.high:+.3f}), "
        f"margin {margin:g}"
    )
    passed = difference.low >= -margin
    hint = "keep the version in service, or train on more data: the interval narrows with rows"
    return CheckResult(CHECK, passed, message, "" if passed else hint)


def _number(arn: str) -> str:
    return arn.rpartition("/")[2]
