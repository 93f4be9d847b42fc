"""Policies as values: parsed once, matched often.

Pure. Identity policies, boundaries, session policies and resource policies are the same
language; only a policy of a resource names principals:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sandbox.authorization.errors import PolicyError
from sandbox.authorization.parsing import parse_statements
from sandbox.authorization.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Policy", "PolicyError", "Removed", "Statement", "parse_policy"]


@dataclass(frozen=True)
class Removed:
    """A statement, or one action of it, that is to count as not there.

    Attributes:
        policy: ``Policy.name``.
        sid: The statement's Sid, or ``#0`` (its place, from 0) when it has none.
        action: The action as the policy spells it, wildcards included; ``None`` for the
            whole statement.
    """

    policy: str
    sid: str
    action: str | None = None


@dataclass(frozen=True, eq=False)
class Policy:
    """A parsed policy. Two are equal only when they are the same object.

    Attributes:
        name: Unique among all policies of all accounts, such as the ARN of what it is
            attached to and its own name.
        statements: In the order of the document.
        resource_based: Whether it is attached to a resource and names principals.
    """

    name: str
    statements: tuple[Statement, ...]
    resource_based: bool

    def about(self, action: str) -> tuple[Statement, ...]:
        """Return the statements about an action."""
        return _about(self, action)

    def without(self, removed: frozenset[Removed]) -> Policy:
        """Return the policy as if statements or actions of it were not there."""
        mine = frozenset(item for item in removed if item.policy == self.name)
        return _without(self, mine) if mine else self


@lru_cache(maxsize=65536)
def _about(policy: Policy, action: str) -> tuple[Statement, ...]:
    return tuple(statement for statement in policy.statements if statement.names_action(action))


@lru_cache(maxsize=4096)
def _without(policy: Policy, removed: frozenset[Removed]) -> Policy:
    kept = (_reduced(statement, removed) for statement in policy.statements)
    return replace(policy, statements=tuple(one for one in kept if one is not None))


def _reduced(statement: Statement, removed: frozenset[Removed]) -> Statement | None:
    gone = {item.action for item in removed if item.sid == statement.sid}
    if None in gone:
        return None
    if statement.not_action or not gone:
        return statement
    kept = [
        pair
        for pair in zip(statement.actions, statement.patterns, strict=True)
        if pair[0] not in gone
    ]
    if not kept:
        return None
    actions, patterns = zip(*kept, strict=True)
    return replace(statement, actions=actions, patterns=patterns)


def parse_policy(name: str, document: str | Mapping[str, Any]) -> Policy:
    """Parse a policy; the same name and text give the same object again.

    Args:
        name: See ``Policy``.
        document: JSON text, or the decoded document. Text is the faster of the two.

    Raises:
        PolicyError: AWS would refuse the policy, or it uses a principal type, condition
            operator or condition key that the sandbox does not evaluate.
    """
    text = document if isinstance(document, str) else json.dumps(document)
    return _parsed(name, text)


@lru_cache(maxsize=4096)
def _parsed(name: str, text: str) -> Policy:
    try:
        statements = parse_statements(text)
    except PolicyError as error:
        raise PolicyError(error.problem, name) from error
    return Policy(name, statements, statements[0].principals is not None)
