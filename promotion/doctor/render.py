"""What the doctor says, as a table and as JSON. Pure; `promotion.cli.ui` writes it."""

from collections.abc import Iterable, Sequence

from promotion.doctor.checks import Check, Checked
from promotion.doctor.result import Outcome

COLUMNS = ("check", "result", "told")
WRAP = ("told",)
LIST_COLUMNS = ("check", "what it means, and how to mend it")
LIST_WRAP = (LIST_COLUMNS[1],)


def checked_rows(found: Iterable[Checked]) -> list[list[str]]:
    """Return a row for each check; what is wrong stands with where, and how to mend it."""
    return [[each.check.name, _result(each), _told(each)] for each in found]


def check_rows(checks: Iterable[Check]) -> list[list[str]]:
    """Return a row for each check that there is."""
    return [[check.name, f"{check.summary}\nmend: {check.mend}"] for check in checks]


def checked_document(found: Sequence[Checked]) -> dict[str, object]:
    """Return what the checks say as what `json.dumps` takes."""
    return {
        "failed": sum(each.has_failed for each in found),
        "checks": [
            {
                "environment": each.environment,
                "check": each.check.name,
                "summary": each.check.summary,
                "outcome": str(each.result.outcome),
                "message": each.result.message,
                "findings": [
                    {"what": item.what, "where": item.where, "mend": each.mend_of(item)}
                    for item in each.result.findings
                ],
            }
            for each in found
        ],
    }


def list_document(checks: Iterable[Check]) -> dict[str, object]:
    """Return the checks that there are as what `json.dumps` takes."""
    return {
        "checks": [
            {"check": check.name, "summary": check.summary, "mend": check.mend} for check in checks
        ]
    }


def _result(checked: Checked) -> str:
    outcome = checked.result.outcome
    return outcome.upper() if outcome is Outcome.FAILED else str(outcome)


def _told(checked: Checked) -> str:
    if not checked.result.findings:
        return checked.result.message
    return "\n".join(
        f"{finding.what}\nwhere: {finding.where}\nmend:  {checked.mend_of(finding)}"
        for finding in checked.result.findings
    )
