"""The demo's last stages: who is refused, and what the ledger tells.

Attacks the accounts (`refusals`), and runs `promote history` as the auditor.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sandbox.demo.refusals import Attackers, refused
from sandbox.demo.story import USE_CASE

if TYPE_CHECKING:
    from sandbox.demo.story import Story


def refusals(story: Story) -> None:
    """Stage 8: who may not, cannot, with whatever credentials; and nothing has changed by it."""
    with story.narrator.stage("Who may not, cannot"):
        before = _state(story)
        for attack in Attackers(story, USE_CASE).attacks():
            refusal = refused(attack)
            story.refusals.append(asdict(refusal))
            story.narrator.fact(f"{attack.who} may not {attack.tries}")
            story.narrator.say(f"{refusal.action} {refusal.reason}")
        story.check(_state(story) == before, "nothing has changed by these attempts")


def ledger(story: Story) -> None:
    """Stage 9: the auditor reads what happened, and proves that nothing of it was altered."""
    with story.narrator.stage("The ledger tells it all"):
        story.inbox()  # waits until everything that was told to the ledger is in it
        story.commands.promote("history", principal="auditor")
        told = story.commands.promote(
            "history", "--json", "--limit", "0", principal="auditor", shown=False
        )
        entries: list[dict[str, Any]] = json.loads(told.output)["entries"]
        versions = len(story.versions(shown=False))
        expected = {
            "registration": versions, "approval": versions, "retrain": 1,
            "execution": sum(
                len(account.executions(account.pipeline_name(USE_CASE, key)))
                for account in (story.dev, story.prod)
                for key in ("train", "inference")
            ),
        }  # fmt: skip
        applied = [entry for entry in entries if entry["kind"] == "apply"]
        story.check(
            _ways(applied, story.release["digest"]) == ["dev", "prod"]
            and {entry["outcome"] for entry in applied} == {"applied"},
            f"it has the way of the release to dev and prod, among {len(applied)} applies",
        )
        # In a checkout that is not clean the plan for prod has an override.
        counted = [entry["kind"] for entry in entries if entry["kind"] not in ("apply", "override")]
        seen = dict(Counter(counted))
        story.check(
            seen == expected,
            f"it has every registration ({versions}), approval ({versions}), pipeline run "
            f"({expected['execution']}) and decision to train after drift (1), and nothing else",
            str(seen),
        )
        told = story.commands.promote("history", "--verify", principal="auditor")
        verdict = told.output.strip()
        story.check("is whole" in verdict, verdict)
        story.ledger = {"verdict": verdict, "entries": [_entry(entry) for entry in entries]}


def _ways(applied: list[dict[str, Any]], release_digest: str) -> list[str]:
    """Return where a release was applied, once for each record of it, in the order of names."""
    found = [entry for entry in applied if entry["release_digest"] == release_digest]
    return sorted(entry["environment"] for entry in found)


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    """Return what the report shows of an entry."""
    names = ("entry", "at", "kind", "environment", "actor", "outcome", "reason", "release_digest")
    promoted = (entry["use_case"] or "Terraform") if "plan_digest" in entry["details"] else ""
    return {name: entry[name] for name in (*names, "model_package_arn", "digest")} | {
        "pipeline": entry["details"].get("pipeline", "") or promoted
    }


def _state(story: Story) -> list[Any]:
    """Return what the attacks would change."""
    return [
        [(version["version"], version["status"]) for version in story.versions(shown=False)],
        [
            story.prod.executions(story.prod.pipeline_name(USE_CASE, key))
            for key in ("train", "inference")
        ],
        len(story.inbox()),
    ]
