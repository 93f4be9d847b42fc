"""The ledger as a table, as JSON and as CSV. Pure; `promotion.cli.ui` writes them."""

import csv
import io
import json
from collections.abc import Sequence

from promotion.history.stage import Line, Verdict

COLUMNS = ("entry", "at", "kind", "env", "use case", "who", "outcome", "release", "reason")
WRAP = ("who", "reason")
CSV_COLUMNS = (
    "entry",
    "recorded_at",
    "at",
    "kind",
    "environment",
    "account_id",
    "use_case",
    "actor",
    "outcome",
    "release_digest",
    "git_commit",
    "model_package_arn",
    "reason",
    "dataset_versions",
    "details",
    "digest",
)
# Spreadsheets take a cell that begins so for a formula, and run it:
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ARN_PARTS = 5


def line_rows(lines: Sequence[Line]) -> list[list[str]]:
    """Return a row for each entry; long values are cut as people write them."""
    return [
        [
            str(line.sequence),
            line.record.at[:16].replace("T", " "),
            line.record.kind,
            line.record.environment,
            line.record.use_case or "-",
            _who(line.record.actor),
            line.record.outcome or "-",
            line.record.release_digest[:12] or "-",
            line.record.reason or "-",
        ]
        for line in lines
    ]


def lines_document(lines: Sequence[Line]) -> dict[str, object]:
    """Return the entries as what `json.dumps` takes."""
    return {
        "entries": [
            {
                "entry": line.sequence,
                "recorded_at": line.recorded_at,
                "digest": line.digest,
                "token": line.token,
                **line.record.document(),
            }
            for line in lines
        ]
    }


def lines_csv(lines: Sequence[Line]) -> str:
    """Return the entries as CSV with a heading; lists and objects as JSON in their cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for line in lines:
        values: dict[str, object] = {
            **line.record.document(),
            "entry": line.sequence,
            "recorded_at": line.recorded_at,
            "digest": line.digest,
        }
        writer.writerow([_cell(values[name]) for name in CSV_COLUMNS])
    return text.getvalue()


def verdict_document(verdict: Verdict) -> dict[str, object]:
    """Return what the check found as what `json.dumps` takes."""
    return {
        "entries": verdict.count,
        "head": str(verdict.head) if verdict.head else None,
        "faults": [{"entry": fault.sequence, "problem": fault.problem} for fault in verdict.faults],
    }


def _who(arn: str) -> str:
    parts = arn.split(":", _ARN_PARTS)
    return parts[-1] if len(parts) > _ARN_PARTS else arn or "unknown"


def _cell(value: object) -> str:
    text = (
        value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    )
    return f"'{text}" if text.startswith(_FORMULA) else text
