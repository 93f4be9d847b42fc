"""The proof from end to end: observe all acts, remove permissions, compose the record.

Runs the story and the acts in an estate; reads its policies and its journal.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from sandbox.demo import story as stages
from sandbox.model import SandboxError
from sandbox.proof import record as records
from sandbox.proof.acts import failure_of, happenings, people, pipelines, terraform
from sandbox.proof.inventory import inventory
from sandbox.proof.live import prove_alone, prove_together
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
    from sandbox.proof.proved import Proved

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


@dataclass(frozen=True)
class Findings:
    """What the proof has found.

    Attributes:
        record: For ``docs/permissions.json``.
        problems: What keeps the proof from holding, one line each.
    """

    record: Document
    problems: list[str]


@dataclass(frozen=True)
class Observed:
    """What was seen of the acts with all permissions in place.

    Attributes:
        seconds: How long each act took, its preparation included.
        failures: What is not done as documented, one line an act.
    """

    seconds: Mapping[str, float]
    failures: list[str]


def all_acts() -> tuple[Act, ...]:
    """Return the acts that take seconds."""
    return (*pipelines.acts(), *people.acts(), *happenings.acts())


def lay_ground(estate: Estate) -> None:
    """Set the accounts up and bring a release to dev and prod, as the demo tells it."""
    stages.prepare_data(estate.story)
    for stage, act in GROUND:
        with estate.labelled(act):
            stage(estate.story)


def observe(estate: Estate) -> Observed:
    """Do everything once, each under its label."""
    for stage, act in LOOP:
        with estate.labelled(act):
            stage(estate.story)
    seconds, failures = {}, []
    for each in all_acts():
        start = time.monotonic()
        if failure := _failure(each, estate):
            failures.append(f"fails with all permissions in place: {each.name}: {failure}")
        seconds[each.name] = time.monotonic() - start
    return Observed(seconds, failures)


def _failure(act: Act, estate: Estate) -> str | None:
    try:
        act.prepare(estate)
    except (SandboxError, ClientError) as error:
        return f"cannot be prepared: {type(error).__name__}: {error}"
    return failure_of(act, estate)


def prove_acts(
    estate: Estate,
    permissions: Mapping[Permission, Removed],
    needed: Mapping[Permission, tuple[str, ...]],
    proved: Proved,
    say: Callable[[str], None],
    *,
    seconds: Mapping[str, float],
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
        seconds: How long each act takes: the quicker ones come first.
        in_time: Asked before each act whether there is time for it.
    """
    by_name = {act.name: act for act in all_acts()}
    able = {
        permission: sorted(by_name.keys() & set(names), key=lambda name: (seconds[name], name))
        for permission, names in needed.items()
        if not proved.is_live(permission)
    }
    # What has no record first, then what is proved in the shortest time.
    order = sorted(
        (permission for permission, names in able.items() if names),
        key=lambda each: (each in proved.recorded, seconds[able[each][0]], each),
    )
    for permission in order:
        for name in able[permission]:
            if not in_time():
                return
            outcome = _remove(estate, by_name[name], permission, permissions[permission], proved)
            say(f"{permission.name}: {outcome}")
            if permission in proved.acts:
                break


def _remove(
    estate: Estate, act: Act, permission: Permission, removed: Removed, proved: Proved
) -> str:
    """Do an act without a permission, enter what is found and return it in words."""
    try:
        missed = prove_alone(estate, act, permission, removed)
    except (SandboxError, ClientError) as error:
        proved.failures.append(str(error))
        return f"{type(error).__name__}: {error}"
    if missed:
        proved.acts[permission] = act.name
        return f"needed to {act.name}"
    proved.tolerated.setdefault(permission, []).append(act.name)
    return f"NOT missed when asked to {act.name}"


def prove_deeds(
    estate: Estate,
    permissions: Mapping[Permission, Removed],
    proved: Proved,
    say: Callable[[str], None],
    *,
    in_time: Callable[[], bool],
) -> None:
    """Have Terraform plan, repair, take down and set up all accounts, without what may go.

    Args:
        estate: The accounts.
        permissions: All permissions.
        proved: What is proved already is left in place; what is found is added.
        say: Told of each outcome.
        in_time: Asked before each round whether there is time for it; without, all is done once
            with nothing removed.
    """
    roles = {deed.role for deed in terraform.deeds()}
    unsettled = {
        permission: removed
        for permission, removed in permissions.items()
        if not proved.is_settled(permission)
        and any(_is_of(estate, permission, role) for role in roles)
    }
    if not unsettled:
        return
    for deed in terraform.deeds():
        given = {
            permission: removed
            for permission, removed in unsettled.items()
            if permission not in proved.acts and _is_of(estate, permission, deed.role)
        }
        proved.watched.add(deed.name)
        try:
            _prepare(estate, deed)
            prove_together(
                estate, deed.name, given, _everywhere(estate, deed), proved, in_time=in_time
            )
        except (SandboxError, ClientError) as error:
            proved.failures.append(str(error))
            say(str(error))
        if deed.name == terraform.PLAN:
            _tolerate_in_all(proved, given)
        for permission in sorted(given.keys() & proved.acts.keys()):
            say(f"{permission.name}: needed to {deed.name}")
    if in_time():
        proved.tried.update(unsettled)


def _tolerate_in_all(proved: Proved, given: Iterable[Permission]) -> None:
    """Enter what a plan does without for the other acts too: they begin with the same plan."""
    for permission in given:
        if terraform.PLAN in proved.tolerated.get(permission, []):
            proved.tolerated[permission] = [deed.name for deed in terraform.deeds()]


def _prepare(estate: Estate, deed: terraform.Deed) -> None:
    environments = list(estate.story.accounts)
    with ThreadPoolExecutor(len(environments)) as pool:
        list(pool.map(lambda environment: deed.prepare(estate, environment), environments))


def _is_of(estate: Estate, permission: Permission, role: str) -> bool:
    roles = estate.story.accounts[permission.account].settings["roles"]
    return permission.kind == "identity" and permission.holder == roles[role]


def _everywhere(estate: Estate, deed: terraform.Deed) -> Callable[[], dict[str, str]]:
    """Return what does a deed in each account where it has not gone well yet, side by side.

    It returns the output by account, of those in which the deed failed.
    """
    left = list(estate.story.accounts)

    def run() -> dict[str, str]:
        with ThreadPoolExecutor(len(left)) as pool:
            outcomes = list(pool.map(lambda environment: deed.run(estate, environment), left))
        failed = {
            environment: output
            for environment, (done, output) in zip(left, outcomes, strict=True)
            if not done
        }
        left[:] = failed
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
    shown = {each: found for each, acts in needed.items() if (found := proved.shows(each, acts))}
    excused = {
        each: Evidence("reason", because=because)
        for each in needed.keys() - shown.keys()
        if (because := reason_for(each, reasons))
    }
    accounts = {
        name: str(account.settings["account_id"]) for name, account in estate.story.accounts.items()
    }
    record = compose(several, {**shown, **excused}, accounts)
    problems = [*proved.failures]
    problems += [f"neither needed nor with a reason: {name}" for name in records.unproven(record)]
    unneeded = needed.keys() - shown.keys()
    problems += [f"reason for nothing: {name}" for name in idle_reasons(reasons, unneeded)]
    return Findings(record, problems)


def today(estate: Estate) -> list[HeldPolicy]:
    """Return every policy that is in the accounts now."""
    return inventory(estate.story.accounts.values())
