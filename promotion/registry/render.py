"""Model versions as a table and as JSON. Pure; `promotion.cli.ui` writes them."""

from dataclasses import asdict

from promotion.handlers.resolve_model import RETIRED
from promotion.plan.ownership import short_commit
from promotion.registry.versions import APPROVED, PENDING, REJECTED, ModelVersion, in_service

COLUMNS = (
    "version",
    "status",
    "env",
    "AUC (95 %)",
    "created",
    "commit",
    "release",
)

_WORDS = {APPROVED: "approved", REJECTED: "rejected", PENDING: "pending"}


def version_rows(versions: tuple[ModelVersion, ...]) -> list[list[str]]:
    """Return a row for each version."""
    serving = in_service(versions)
    return [
        [
            str(version.version),
            "in service" if version == serving else _word(version),
            version.environment or "-",
            _auc(version),
            f"{version.created_at:%F}",
            short_commit(version.git_commit) or "-",
            version.release_digest[:12] or "-",
        ]
        for version in versions
    ]


def version_notes(versions: tuple[ModelVersion, ...]) -> list[str]:
    """Return what is too long for a cell: drifted batches, and reasons with the person."""
    notes: list[str] = []
    for version in versions:
        if version.drifted_batch_uri:
            notes.append(f"version {version.version} was trained after {version.drifted_batch_uri}")
        if version.reason:
            notes.append(f"version {version.version} {_word(version)}: {version.reason}")
    return notes


def versions_document(use_case: str, versions: tuple[ModelVersion, ...]) -> dict[str, object]:
    """Return the versions as what `json.dumps` takes."""
    serving = in_service(versions)
    return {
        "use_case": use_case,
        "in_service": serving.version if serving else None,
        "versions": [
            {**asdict(version), "created_at": version.created_at.isoformat()}
            for version in versions
        ],
    }


def _word(version: ModelVersion) -> str:
    if version.stage == RETIRED:
        return "retired"
    return _WORDS.get(version.status, version.status)


def _auc(version: ModelVersion) -> str:
    if version.auc is None:
        return "-"
    if version.auc_low is None or version.auc_high is None:
        return f"{version.auc:.3f}"
    return f"{version.auc:.3f} ({version.auc_low:.3f}-{version.auc_high:.3f})"
