"""Model versions as a table and as JSON. Pure; `promotion.cli.ui` writes them."""

from dataclasses import asdict

from promotion.registry.versions import ModelVersion, in_service

COLUMNS = (
    "version",
    "status",
    "trained in",
    "AUC (95 %)",
    "registered (UTC)",
    "commit",
    "release",
    "drifted batch",
    "reason",
)


def version_rows(versions: tuple[ModelVersion, ...]) -> list[list[str]]:
    """Return a row for each version; the one in service is marked."""
    serving = in_service(versions)
    return [
        [
            str(version.version),
            f"{version.status} (in service)" if version == serving else version.status,
            version.environment or "-",
            _auc(version),
            f"{version.created_at:%Y-%m-%d %H:%M}",
            version.git_commit[:7] or "-",
            version.release_digest[:12] or "-",
            version.drifted_batch_uri or "-",
            version.reason or "-",
        ]
        for version in versions
    ]


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


def _auc(version: ModelVersion) -> str:
    if version.auc is None:
        return "-"
    if version.auc_low is None or version.auc_high is None:
        return f"{version.auc:.3f}"
    return f"{version.auc:.3f} ({version.auc_low:.3f}-{version.auc_high:.3f})"
