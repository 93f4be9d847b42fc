"""Published releases as a table and as JSON. Pure; `promotion.cli.ui` writes them."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC

from promotion.plan.ownership import short_commit
from promotion.releases.listing import Keys, Listing

COLUMNS = (
    "use case",
    "release",
    "commit",
    "published",
    "signed by",
    "live",
    "succeeded",
    "withdrawn",
)
WRAP = frozenset({"signed by", "live", "succeeded", "withdrawn"})


def release_rows(listing: Listing) -> list[list[str]]:
    """Return a row for each release."""
    return [
        [
            line.use_case,
            line.digest[:12],
            short_commit(line.git_commit) or "-",
            f"{line.published_at.astimezone(UTC):%F %H:%M}",
            line.signed_by.rpartition("/")[2] or "NOT PROVED",
            _told(line.live),
            _told(line.succeeded),
            line.withdrawal.reason if line.withdrawal else "-",
        ]
        for line in listing.releases
    ]


def release_notes(listing: Listing) -> Iterator[str]:
    """Yield why releases are not proved."""
    for line in listing.releases:
        if line.problem:
            yield f"{line.use_case} {line.digest[:12]}: {line.problem}"


def releases_document(listing: Listing) -> dict[str, object]:
    """Return the releases as what `json.dumps` takes."""
    return {
        "releases": [
            {**asdict(line), "published_at": line.published_at.astimezone(UTC).isoformat()}
            for line in listing.releases
        ]
    }


def _told(keys: Keys) -> str:
    return "; ".join(f"{name}: {', '.join(found)}" for name, found in keys.items()) or "-"
