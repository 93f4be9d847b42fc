"""What a comparison means: nothing, a warning to people, or drift that asks for training. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Sequence

from .checking import CHECKS, Checked, Violation
from .errors import BadInputError

if TYPE_CHECKING:
    from .feature import Json

SUMMARY_CHARACTERS = 1000
WORST = 5


class Warn(NamedTuple):
    """Violations that only warn: of one check, of one feature or (empty) of all."""

    check: str
    feature: str


def warnings_of(text: str) -> list[Warn]:
    """Parses `CHECK[:FEATURE],...`.

    Raises:
        BadInputError: There is no such check.
    """
    found = [Warn(*part.partition(":")[::2]) for part in text.split(",") if part]
    unknown = sorted({warn.check for warn in found} - set(CHECKS))
    if unknown:
        raise BadInputError(
            f"--warn: unknown check(s) {', '.join(unknown)}; there are {', '.join(CHECKS)}"
        )
    return found


def verdict(checked: Checked, warn: Sequence[Warn], rows: int, minimum_rows: int) -> Json:
    """Returns check.json.

    `drifted` and `severity` are text so that a pipeline condition can compare them. `severity` is
    `retrain` (drift), `warn` (violations that only warn, or too few rows to compare) or `none`.
    """
    severe = [v for v in checked.violations if not _only_warns(v, warn)]
    parts = [f"{v.feature_name}: {v.constraint_check_type}" for v in checked.violations]
    if not checked.compared:
        parts.append(f"only {rows} row(s), values are compared from {minimum_rows} on")
    return {
        "drifted": "true" if severe else "false",
        "severity": "retrain" if severe else "warn" if parts else "none",
        "violations": len(checked.violations),
        "summary": "; ".join(parts)[:SUMMARY_CHARACTERS] or "no violation",
        "worst_features": worst_features(checked, severe or checked.violations) or "none",
        "rows": rows,
        "features": checked.measured,
    }


def _only_warns(violation: Violation, warn: Sequence[Warn]) -> bool:
    return any(
        each.check == violation.constraint_check_type
        and each.feature in ("", violation.feature_name)
        for each in warn
    )


def worst_features(checked: Checked, violations: Sequence[Violation]) -> str:
    """Returns the features that violate most, in words, the largest excess first.

    Features without a distance (a column that is gone, values that are missing) come first.
    """

    def excess(name: str) -> float:
        found = checked.measured.get(name, {})
        if "distance" not in found or found["distance"] <= found["threshold"]:
            return float("inf")
        return float(found["distance"] / max(found["threshold"], 1e-12))

    reasons: dict[str, list[str]] = {}
    for violation in violations:
        found = checked.measured.get(violation.feature_name, {})
        text = violation.constraint_check_type.replace("_check", "").replace("_", " ")
        if violation.constraint_check_type == "baseline_drift_check":
            text = f"distance {found['distance']:.2f} over {found['threshold']:g}"
        reasons.setdefault(violation.feature_name, []).append(text)
    names = sorted(reasons, key=lambda name: (-excess(name), name))[:WORST]
    return "; ".join(f"{name} ({', '.join(reasons[name])})" for name in names)
