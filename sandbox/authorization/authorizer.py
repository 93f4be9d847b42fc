"""Whether a call may go on: asked by the gateway before anything serves it.

Reads the emulator's stores; changes nothing. The account's root passes: only the sandbox's
own bookkeeping acts as it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.authorization import names
from sandbox.authorization.callers import caller_of
from sandbox.authorization.context import surroundings
from sandbox.authorization.denials import code_of, denial, message
from sandbox.authorization.judge import Judge
from sandbox.authorization.on_behalf import required_on_behalf
from sandbox.authorization.requirements import Requirement, UnmappedOperationError, required
from sandbox.authorization.sessions import Sessions
from sandbox.authorization.stored_policies import check_given
from sandbox.model import ServiceError

if TYPE_CHECKING:
    from sandbox.authorization.journal import Entry
    from sandbox.authorization.policy import Removed
    from sandbox.model import Clock
    from sandbox.services.call import Call


class Authorizer:
    """Lets calls pass or refuses them.

    Args:
        clock: Virtual time, for conditions on it.

    Attributes:
        judge: Decides.
        sessions: What sessions of roles were made with.
    """

    def __init__(self, clock: Clock) -> None:
        self.judge = Judge(clock)
        self.sessions = Sessions(clock)

    @property
    def journal(self) -> tuple[Entry, ...]:
        """Every distinct decision, oldest first."""
        return self.judge.journal.entries

    @property
    def label(self) -> str:
        """What is going on: kept with every decision of the journal."""
        return self.judge.label

    @label.setter
    def label(self, label: str) -> None:
        self.judge.label = label

    @property
    def without(self) -> frozenset[Removed]:
        """Statements, and actions of statements, that count as not there."""
        return self.judge.without

    @without.setter
    def without(self, removed: frozenset[Removed]) -> None:
        self.judge.without = removed

    def authorize(self, call: Call) -> None:
        """Return when a call may go on.

        Raises:
            ServiceError: The service's own denial; or the policy that the call brings is one
                that AWS would refuse or the sandbox cannot evaluate.
            PolicyError: A stored policy cannot be evaluated.
        """
        if caller_of(call.principal).kind != "root":
            self._require_all(call)
        check_given(call)

    def require(self, call: Call, requirement: Requirement) -> None:
        """Return when a call may do one thing.

        Raises:
            ServiceError: The service's own denial.
        """
        session = self.sessions.of(call.principal)
        caller, decision = self.judge.decide(
            caller_of(call.principal),
            requirement,
            surroundings(call),
            operation=f"{call.service}:{call.operation}",
            session=session.policy,
            more=session.keys,
        )
        reason = decision.reason
        if _missing_role(requirement):
            # STS says no more than that it is denied, as for a role that trusts nobody.
            reason = "because there is no such role"
        if not decision.allowed or reason:
            text = message(caller, requirement, reason)
            raise denial(call.service, call.protocol, requirement, text)

    def _require_all(self, call: Call) -> None:
        try:
            needs = required(call)
        except UnmappedOperationError as error:
            raise _unmapped(call, error) from error
        for requirement in needs:
            self.require(call, requirement)
        for requirement in required_on_behalf(call):
            self.require(call, requirement)


def _missing_role(requirement: Requirement) -> bool:
    arn = requirement.resource_arn
    if not requirement.action.startswith("sts:Assume"):
        return False
    return names.role(requirement.resource_account, arn.rsplit("/", 1)[-1]) is None


def _unmapped(call: Call, error: UnmappedOperationError) -> ServiceError:
    code, status = code_of(call.service, call.protocol)
    return ServiceError(
        code,
        f"User: {call.principal.arn} is not authorized to perform: {error.operation} because "
        "AWS's tables of actions do not say what it needs: the sandbox refuses what it cannot "
        "judge, see docs/emulation-limits.md",
        status,
    )
