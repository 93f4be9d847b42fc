"""The proof from end to end: observe all acts, remove permissions, compose the record.

Runs the story and the acts in an estate; reads its policies and its journal.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sandbox.demo import story as stages
from sandbox.model import SandboxError
from sandbox.proof import record as records
from sandbox.proof.acts import failure_of, happenings, people, pipelines, terraform
from sandbox.proof.inventory import inventory
from sandbox.proof.live import Proved, prove_alone, prove_together
from sandbox.proof.policies import HeldPolicy, Permission, all_permissions
from sandbox.proof.reasons import Reason, idle_reasons, reason_for
from sandbox.proof.record import Evidence, compose
from sandbox.proof.replay import needs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sandbox.authorization.policy import Removed
    from sandbox.model import Document
    from sandbox.proof.acts import Act
    from sandbox.proof.estate import Estate

# The demo's stages, with the acts that they are.
GROUND = (
    (stages.accounts_and_terraform, terraform.SET_UP),
    (stages.release_to_dev, "bring a release to dev"),
    (stages.approval, "refuse to score without an approved model"),
    (stages.promotion_to_prod, "promote a release to prod"),
)
LOOP = (
    (stages.scheduled_inference, "score the scheduled batch in prod"),
    (stages.drift_and_retraining, "announce drift and train on it in prod"),
    (stages.unrelated_failure, "alert people to a failed step in prod"),
)


@dataclass
class Findings:
    """What the proof has found.

    Attributes:
        record: For ``docs/permissions.json``.
        problems: What keeps the proof from holding, one line each.
        needed: Acts that need each permission.
        proved: What live runs showed.
    """

    record: Document
    problems: list[str]
    needed: Mapping[Permission, tuple[str, ...]]
    proved: Proved = field(default_factory=Proved)


def all_acts() -> tuple[Act, ...]:
    """Return the acts that take seconds."""
    return (*pipelines.acts(), *people.acts(), *happenings.acts())


def lay_ground(estate: Estate) -> None:
    """Set the accounts up and bring a release to dev and prod, as the demo tells it."""
    stages.prepare_data(estate.story)
    for stage, act in GROUND:
        with estate.labelled(act):
            stage(estate.story)


def observe(estate: Estate) -> list[str]:
    """Do everything once, each under its label.

    Returns:
        What is not done as documented although nothing is removed, one line an act.
    """
    for stage, act in LOOP:
        with estate.labelled(act):
            stage(estate.story)
    failures = {each.name: _failure(each, estate) for each in all_acts()}
    return [
        f"fails with all permissions in place: {name}: {failure}"
        for name, failure in failures.items()
        if failure
    ]


def _failure(act: Act, estate: Estate) -> str | None:
    try:
        act.prepare(estate)
    except (SandboxError, ClientError) as error:
        return f"cannot be prepared: {type(error).__name__}: {error}"
    return failure_of(act, estate)


def proved_before(
    record: Document,
    policies: Iterable[HeldPolicy],
    needed: Mapping[Permission, tuple[str, ...]],
) -> Proved:
    """Return what an earlier proof showed live, of statements and needs that are the same today."""
    earlier = records.still_live(record, policies)
    return Proved(
        {
            permission: next(act for act in found.acts if act in needed[permission])
            for permission, found in earlier.items()
            if set(found.acts) & set(needed.get(permission, ()))
        }
    )


def prove_acts(
    estate: Estate,
    permissions: Mapping[Permission, Removed],
    needed: Mapping[Permission, tuple[str, ...]],
    proved: Proved,
    say: Callable[[str], None],
    *,
    in_time: Callable[[], bool],
) -> None:
    """Remove each permission that an act of seconds needs, and do that act.

    The first act that fails is proof; an act that goes well all the same is noted.

    Args:
        estate: The accounts.
        permissions: All permissions.
        needed: Acts that need each permission.
        proved: What is proved already is left out; what is found is added.
        say: Told of each outcome.
        in_time: Asked before each act whether there is time for it.
    """
    by_name = {act.name: act for act in all_acts()}
    order = list(by_name)
    for permission, names in needed.items():
        if permission in proved.acts:
            continue
        for name in sorted((name for name in names if name in by_name), key=order.index):
            if not in_time():
                return
            if prove_alone(estate, by_name[name], permission, permissions[permission]):
                proved.acts[permission] = name
                say(f"{permission.name}: needed to {name}")
                break
            proved.tolerated.setdefault(permission, []).append(name)
            say(f"{permission.name}: NOT missed when asked to {name}")


def prove_deeds(
    estate: Estate,
    permissions: Mapping[Permission, Removed],
    proved: Proved,
    *,
    live: bool,
) -> None:
    """Have Terraform plan, repair, take down and set up all accounts, without what may go.

    Args:
        estate: The accounts.
        permissions: All permissions.
        proved: What is proved already; what is found is added.
        live: Whether to remove anything; otherwise the acts are only observed.
    """
    for deed in terraform.deeds():
        if deed.name == terraform.SET_UP and not live:
            continue  # seen when the ground was laid
        for environment in estate.story.accounts:
            deed.prepare(estate, environment)
        given = {
            permission: removed
            for permission, removed in permissions.items()
            if live and permission not in proved.acts and _is_of(estate, permission, deed.role)
        }
        prove_together(estate, deed.name, given, _everywhere(estate, deed), proved)


def _is_of(estate: Estate, permission: Permission, role: str) -> bool:
    roles = estate.story.accounts[permission.account].settings["roles"]
    return permission.kind == "identity" and permission.holder == roles[role]


def _everywhere(estate: Estate, deed: terraform.Deed) -> Callable[[], list[str]]:
    """Return what does a deed in each account where it has not gone well yet, side by side."""
    left = list(estate.story.accounts)

    def run() -> list[str]:
        with ThreadPoolExecutor(len(left)) as pool:
            outcomes = list(pool.map(lambda environment: deed.run(estate, environment), left))
        failed = [output for done, output in outcomes if not done]
        left[:] = [name for name, (done, _) in zip(left, outcomes, strict=True) if not done]
        return failed

    return run


def conclude(
    estate: Estate,
    policies: Iterable[HeldPolicy],
    proved: Proved,
    reasons: tuple[Reason, ...],
) -> Findings:
    """Compose the record and say what is neither needed nor has a reason.

    Args:
        estate: The accounts; their journal is replayed.
        policies: The inventory.
        proved: What live runs showed.
        reasons: The reviewed list.
    """
    several = list(policies)
    needed = needs(all_permissions(several), estate.journal)
    unneeded = [each for each, acts in needed.items() if not _is_needed(each, acts, proved)]
    evidence = {
        permission: found
        for permission, acts in needed.items()
        if (found := _evidence(permission, acts, proved, reasons))
    }
    accounts = {
        name: str(account.settings["account_id"]) for name, account in estate.story.accounts.items()
    }
    record = compose(several, evidence, accounts)
    problems = [f"neither needed nor with a reason: {name}" for name in records.unproven(record)]
    problems += [f"reason for nothing: {name}" for name in idle_reasons(reasons, unneeded)]
    return Findings(record, problems, needed, proved)


def _is_needed(permission: Permission, acts: tuple[str, ...], proved: Proved) -> bool:
    """Return whether an act fails without it, or would for all that is known."""
    tolerant = proved.tolerated.get(permission, [])
    return permission in proved.acts or bool(set(acts) - set(tolerant))


def _evidence(
    permission: Permission, acts: tuple[str, ...], proved: Proved, reasons: tuple[Reason, ...]
) -> Evidence | None:
    tolerant = proved.tolerated.get(permission, [])
    missed = tuple(sorted({*acts, *filter(None, [proved.acts.get(permission)])} - set(tolerant)))
    if permission in proved.acts:
        return Evidence("live", missed)
    if missed:
        return Evidence("replayed", missed)
    because = reason_for(permission, reasons)
    return Evidence("reason", because=because) if because else None


def today(estate: Estate) -> list[HeldPolicy]:
    """Return every policy that is in the accounts now."""
    return inventory(estate.story.accounts.values())
