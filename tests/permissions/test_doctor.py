"""`promote doctor` as Jenkins over the whole estate: with the rights that Terraform gives the roles
every check can be done, finds all well, and leaves nothing behind.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sandbox.proof.estate import Estate

    from .attack import Ground

# One process applies the Terraform of all of these tests once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("estate")]

NO_PIPELINES = {"artifact-access", "quotas"}
NO_WORK = {"alert-delivery", "alerts", "bucket", "data-key", "group-policy", *NO_PIPELINES}
SKIPPED = {"dev": set(), "prod": set(), "registry": NO_PIPELINES, "tooling": NO_WORK}
BUCKETS = (("dev", "data"), ("prod", "data"), ("registry", "artifacts"))


def left(ground: Ground) -> dict[str, Any]:
    """Return what the doctor could leave behind, as administrators see it."""
    found: dict[str, Any] = {}
    for environment, key in BUCKETS:
        bucket = ground.bucket(environment, key)
        pages = ground.admin("s3", environment).get_paginator("list_object_versions")
        found[bucket] = [
            each["Key"]
            for page in pages.paginate(Bucket=bucket)
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            if "/.doctor/" in each["Key"]
        ]
        queues = ground.admin("sqs", environment).list_queues().get("QueueUrls", [])
        rules = ground.admin("events", environment).list_rules()["Rules"]
        subscriptions = ground.admin("sns", environment).list_subscriptions()["Subscriptions"]
        found[environment] = [
            [url for url in queues if "doctor" in url],
            [rule["Name"] for rule in rules if "doctor" in rule["Name"]],
            [each["Endpoint"] for each in subscriptions if each["Protocol"] == "sqs"],
        ]
    return found


def test_doctor__as_jenkins__finds_all_well_and_leaves_nothing(
    estate: Estate, ground: Ground
) -> None:
    told = estate.story.commands.promote(
        "doctor", "--probe-alerts", "--json", principal="jenkins", shown=False
    )
    checks = json.loads(told.output)["checks"]
    skipped: dict[str, set[str]] = {name: set() for name in SKIPPED}
    for each in checks:
        if each["outcome"] == "skipped":
            skipped[each["environment"]].add(each["check"])
    wrong = [each for each in checks if each["outcome"] not in {"ok", "skipped"}]
    assert (wrong, skipped) == ([], SKIPPED)
    assert all(found in ([], [[], [], []]) for found in left(ground).values()), left(ground)
