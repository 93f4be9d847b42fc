"""Decides one requirement at a time and keeps the journal.

Reads the emulator's stores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.authorization.callers import role_caller, service_caller
from sandbox.authorization.context import Surroundings, context_of
from sandbox.authorization.evaluate import Decision, evaluate
from sandbox.authorization.journal import Entry, Journal
from sandbox.authorization.policies_of import policies_of
from sandbox.authorization.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.authorization.policy import Removed
    from sandbox.authorization.request import Caller
    from sandbox.authorization.requirement import Requirement, Values
    from sandbox.model import Clock


class Judge:
    """Decides requirements.

    Args:
        clock: Virtual time, for conditions on it.

    Attributes:
        journal: Every distinct decision.
        label: What is going on, for the journal.
        without: Statements and actions that count as not there.
    """

    def __init__(self, clock: Clock) -> None:
        self.journal = Journal()
        self.label = ""
        self.without: frozenset[Removed] = frozenset()
        self._clock = clock
        self._group_policy: Callable[[str], str | None] = lambda _: None
        self._sagemaker_tags: Callable[[str], Mapping[str, str]] = lambda _: {}

    def use_sagemaker(
        self,
        group_policy: Callable[[str], str | None],
        tags: Callable[[str], Mapping[str, str]],
    ) -> None:
        """Ask for what the sandbox keeps of SageMaker itself.

        Args:
            group_policy: Returns a model package group's policy by the group's ARN.
            tags: Returns a resource's tags by its ARN.
        """
        self._group_policy, self._sagemaker_tags = group_policy, tags

    def decide(
        self,
        caller: Caller,
        requirement: Requirement,
        around: Surroundings,
        *,
        operation: str,
        session: str = "",
        more: Mapping[str, Values] | None = None,
    ) -> tuple[Caller, Decision]:
        """Decide a requirement and note it.

        Args:
            caller: Who makes the call.
            requirement: What it needs.
            around: What surrounds the call.
            operation: For the journal, such as ``s3:PutObject``.
            session: Policy of the caller's session, as text; empty for none.
            more: Condition keys of the caller's session.

        Returns:
            Who was asked (the caller, unless the requirement names another) and the decision.

        Raises:
            PolicyError: A stored policy cannot be evaluated.
        """
        if requirement.service:
            caller, session = service_caller(caller.account_id, requirement.service), ""
        elif requirement.role_arn:
            caller, session = role_caller(requirement.role_arn, "SageMaker"), ""
        context = context_of(requirement, caller, around, self._clock.now(), self._sagemaker_tags)
        request = Request(
            caller,
            requirement.action,
            requirement.resource_arn,
            requirement.resource_account,
            {**context, **(more or {})},
        )
        policies = policies_of(
            caller, requirement, session=session, group_policy=self._group_policy
        )
        decision = evaluate(request, policies, without=self.without)
        self.journal.note(Entry(self.label, operation, request, policies, decision))
        return caller, decision
