"""How overrides are worded in a version's life cycle, and read again.

Pure; standard library only.
"""

from collections.abc import Iterable

from promotion.registry.checks import CheckResult

_START = "overridden: "
_BETWEEN = "; "


def overrides_worded(results: Iterable[CheckResult]) -> str:
    """Return what the life cycle says of the checks."""
    told = [f"{each.check}={each.overridden}" for each in results if each.overridden]
    return _START + _BETWEEN.join(told) if told else "all checks passed"


def overrides_in(description: str) -> dict[str, str]:
    """Return the reason of each override by check, from what the life cycle says."""
    if not description.startswith(_START):
        return {}
    words = description.removeprefix(_START).split(_BETWEEN)
    pairs = (word.partition("=") for word in words)
    return {check: reason for check, separator, reason in pairs if separator and reason}
