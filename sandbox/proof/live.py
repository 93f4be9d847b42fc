"""The live proof: permissions are really removed, and the acts that need them fail.

Runs acts in an estate. An act counts as failed for the want of a permission only when it fails,
and a request of it was denied that this permission alone would have allowed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.authorization.evaluate import evaluate
from sandbox.model import SandboxError
from sandbox.proof.acts import failure_of
from sandbox.proof.replay import hinges_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sandbox.authorization.policy import Removed
    from sandbox.proof.acts import Act
    from sandbox.proof.estate import Estate
    from sandbox.proof.policies import Permission
    from sandbox.proof.proved import Proved
    from sandbox.proof.replay import Decided

_DENIAL = re.compile(r'not authorized to perform: (\S+) on resource: \\*"?([^\s"\\]+)')
_MOST_ROUNDS = 60


def prove_alone(estate: Estate, act: Act, permission: Permission, removed: Removed) -> bool:
    """Do an act without one permission; return whether it failed for the want of it.

    Raises:
        SandboxError: The act failed, but no request was denied for the want of this permission.
    """
    act.prepare(estate)
    label = f"{act.name} (without {permission.name})"
    with estate.removed([removed]):
        failure = failure_of(act, estate, label)
    if failure is None:
        return False
    if not any(hinges_on(entry, removed) for entry in _denied(estate.journal, label)):
        raise SandboxError(
            f"{act.name!r} failed without {permission.name}, but not for the want of it: {failure}"
        )
    return True


def prove_together(
    estate: Estate,
    act: str,
    permissions: Mapping[Permission, Removed],
    run: Callable[[], Mapping[str, str]],
    proved: Proved,
    *,
    in_time: Callable[[], bool] = lambda: True,
) -> None:
    """Do something without many permissions at once, again and again, until it goes well.

    Each denial in its output proves the permission that would have allowed the request, which is
    given back for the next round. What is denied in the last round, which goes well, is not missed.

    Args:
        estate: The accounts.
        act: Name of what is done.
        permissions: What may be removed.
        run: Does it in all accounts; returns the output of each in which it failed.
        proved: Where the outcome is entered.
        in_time: Asked before each round; without time, all permissions are given back.

    Raises:
        SandboxError: It fails for another reason.
    """
    left = dict(permissions)
    for number in range(_MOST_ROUNDS):
        if not in_time() or number == _MOST_ROUNDS - 1:
            left.clear()
        label = f"{act} (round {number})"
        with estate.removed(left.values()), estate.labelled(label):
            failed = run()
        denied = _denied(estate.journal, label)
        if not failed:
            break
        given_back: set[Permission] = set()
        for account, output in failed.items():
            surfaced = _surfaced(left, account, output, denied)
            proved.acts.update(dict.fromkeys(surfaced, act))
            back = surfaced or _granting(left, denied)
            if not back:
                raise SandboxError(f"{act!r} fails, but not for a permission: {output[-2000:]}")
            given_back.update(back)
        left = {each: removed for each, removed in left.items() if each not in given_back}
    for permission in _hinging(left, denied):
        proved.tolerated.setdefault(permission, []).append(act)


def _hinging(left: Mapping[Permission, Removed], denied: Iterable[Decided]) -> list[Permission]:
    """Return the permissions whose absence alone causes one of some denials."""
    return [
        permission
        for permission, removed in left.items()
        if any(hinges_on(entry, removed) for entry in denied)
    ]


def _granting(left: Mapping[Permission, Removed], denied: Iterable[Decided]) -> list[Permission]:
    """Return the permissions each of which would by itself have let a denied request pass.

    Two statements that allow the same are both here, and are no proof of each other.
    """
    everything = frozenset(left.values())
    several = list(denied)
    return [
        permission
        for permission, removed in left.items()
        if any(
            evaluate(entry.request, entry.policies, without=everything - {removed}).allowed
            for entry in several
        )
    ]


def _surfaced(
    left: Mapping[Permission, Removed], account: str, output: str, denied: list[Decided]
) -> list[Permission]:
    """Return the permissions whose absence alone causes a denial that an output tells of.

    A HEAD request's denial has no text: where none is told and only one in the account hinges on a
    permission, it is that one.
    """
    told = set(_DENIAL.findall(" ".join(output.split())))
    shown = [entry for entry in denied if (entry.request.action, entry.request.resource) in told]
    if found := _hinging(left, shown):
        return found
    silent = [each for each in _hinging(left, denied) if each.account == account]
    return silent if len(silent) == 1 else []


def _denied(journal: Iterable[Decided], label: str) -> list[Decided]:
    return [entry for entry in journal if entry.label == label and not entry.decision.allowed]
