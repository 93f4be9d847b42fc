"""Applies a plan under the environment's lock, and tells the ledger.

Two applies never interleave: what is left to do is looked at under the lock once more, and only
that look counts. The first one, without the lock, is for the person who is asked and for a plan
that has nothing to do, which writes nothing. Calls its lock, its executor and its journal.
"""

from collections.abc import Callable

from promotion.apply.journal import Journal
from promotion.apply.lock import EnvironmentLock, Lock
from promotion.apply.perform import ApplyFailed, perform
from promotion.apply.stage import Ready


def apply_locked(
    lock: EnvironmentLock,
    holder: Lock,
    *,
    look_again: Callable[[], Ready],
    journal: Journal,
    say: Callable[[str], None],
) -> int:
    """Carry out what is left of a plan, record it, and return the number of actions.

    Args:
        lock: the environment's lock.
        holder: who takes it, and for which plan.
        look_again: checks the plan against the account and returns what is left to do.
        journal: tells the ledger.
        say: writes one line of progress.

    Raises:
        LockHeld: somebody else changes the environment; nothing was done.
        StalePlan: the account is not what it was; nothing was done.
        ApplyFailed: an action failed; says what state everything is in.
        NotRecorded: everything was done, and the ledger does not know.
    """
    with lock.hold(holder):
        ready = look_again()
        if ready.actions:
            journal.begin()
        try:
            number = perform(ready.actions, ready.executor, say=say)
        except ApplyFailed as error:
            journal.failed(error, holder.id)
            raise
        journal.applied(number)
        return number
