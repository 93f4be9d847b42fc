"""Whether AWS would allow a request, and which statements decide it.

Pure. An explicit deny anywhere wins. Then:

* Within an account the identity policies or the resource's policy must allow; boundary and
  session policy must allow too, except for what the resource's policy grants to the user,
  the session or everyone directly:
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
* Across accounts both sides must allow:
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
* Keys and roles need the consent of their own policy within the account also:
  https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html

Organization policies, VPC endpoint policies, federated users and KMS grants are not
modelled: the sandbox has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.authorization.principals import Grant
from sandbox.authorization.reasons import Layer, explicit_deny, implicit_deny
from sandbox.authorization.request import Caller, Kind, Policies, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.authorization.policy import Policy, Removed
    from sandbox.authorization.statement import Effect

__all__ = ["Caller", "Decision", "Kind", "Policies", "Request", "StatementRef", "evaluate"]


@dataclass(frozen=True)
class StatementRef:
    """A statement of a policy.

    Attributes:
        policy: ``Policy.name``.
        sid: Its Sid, or ``#0`` (its place, from 0) when it has none.
        effect: ``Allow`` or ``Deny``.
    """

    policy: str
    sid: str
    effect: Effect


@dataclass(frozen=True)
class Decision:
    """Outcome of a request.

    Attributes:
        allowed: Whether it may go on.
        explicit_deny: Whether a Deny statement decided.
        layer: What decided: for a denial ``identity``, ``resource``, ``boundary`` or
            ``session``; for an allowed request the sides that grant it, ``identity``,
            ``resource``, ``identity+resource``, ``root`` or ``root+resource``.
        reason: The end of AWS's message ("because no identity-based policy allows the
            s3:GetObject action"); empty when allowed.
        statements: All matching Allows of the layers that count, or the matching Denies of
            the layer; empty for an implicit deny.
    """

    allowed: bool
    explicit_deny: bool
    layer: str
    reason: str
    statements: tuple[StatementRef, ...] = ()


@dataclass(frozen=True)
class _Match:
    """What the policies of a layer say about a request."""

    allows: tuple[StatementRef, ...]
    denies: tuple[StatementRef, ...]
    grant: Grant


def evaluate(
    request: Request, policies: Policies, *, without: frozenset[Removed] = frozenset()
) -> Decision:
    """Decide a request.

    Args:
        request: Who asks what.
        policies: Everything that applies.
        without: Statements and actions that count as not there.

    Raises:
        PolicyError: A condition cannot be evaluated: the request has several values of a
            key that the policy compares without a set operator.
    """
    layers: dict[Layer, tuple[Policy, ...]] = {
        "identity": policies.identity,
        "resource": _one(policies.resource),
        "boundary": _one(policies.boundary),
        "session": _one(policies.session),
    }
    bounded = policies.boundary is not None
    found = {
        layer: _match(request, (each.without(without) for each in several), bounded=bounded)
        for layer, several in layers.items()
    }
    for layer, match in found.items():
        if match.denies:
            return Decision(False, True, layer, explicit_deny(layer, request), match.denies)
    return _decide(request, policies, found)


def _one(policy: Policy | None) -> tuple[Policy, ...]:
    return () if policy is None else (policy,)


def _match(request: Request, policies: Iterable[Policy], *, bounded: bool) -> _Match:
    refs: dict[Effect, list[StatementRef]] = {"Allow": [], "Deny": []}
    best = Grant.NONE
    for policy in policies:
        for statement in policy.about(request.action):
            if not statement.names_resource(request.resource, request.context):
                continue
            grant = statement.grant(request.caller, bounded=bounded)
            if grant is Grant.NONE or not statement.holds(request.context):
                continue
            effect = statement.effect
            refs[effect].append(StatementRef(policy.name, statement.sid, effect))
            if effect == "Allow":
                best = max(best, grant)
    return _Match(tuple(refs["Allow"]), tuple(refs["Deny"]), best)


def _decide(request: Request, policies: Policies, found: Mapping[Layer, _Match]) -> Decision:
    """Decide a request that nothing denies explicitly."""
    grant = found["resource"].grant
    own = request.caller.account_id == request.resource_account
    if request.caller.kind == "service":
        obstacle: Layer | None = "resource"
        direct = grant is Grant.DIRECT
    else:
        obstacle = _obstacle(request, policies, found)
        # Across accounts a direct grant is only one of the two sides.
        direct = own and grant is Grant.DIRECT
    if obstacle is None:
        owed = policies.resource_required or not own
        # Within an account, naming the account grants nothing that its identity policies do
        # not, and its root needs no grant.
        adds = grant > Grant.ACCOUNT and request.caller.kind != "root"
        return _allowed(request, found, counts=owed or adds)
    if direct:
        return Decision(True, False, "resource", "", found["resource"].allows)
    return Decision(False, False, obstacle, implicit_deny(obstacle, request))


def _obstacle(request: Request, policies: Policies, found: Mapping[Layer, _Match]) -> Layer | None:
    """Return the first layer without the Allow that it owes, ``None`` when all have one.

    Leaves aside what the resource's policy grants directly.
    """
    grant = found["resource"].grant
    own = request.caller.account_id == request.resource_account
    root = request.caller.kind == "root"
    refused = grant is Grant.NONE and (policies.resource_required or not own)
    if refused and own:
        return "resource"
    if not (root or found["identity"].allows or (own and grant is Grant.ROLE)):
        return "identity"
    if refused:
        return "resource"
    if policies.boundary is not None and not found["boundary"].allows:
        return "boundary"
    if policies.session is not None and not found["session"].allows:
        return "session"
    return None


def _allowed(request: Request, found: Mapping[Layer, _Match], *, counts: bool) -> Decision:
    root = request.caller.kind == "root"
    sides = ["root"] if root else ["identity"] if found["identity"].allows else []
    layers: list[Layer] = ["identity", "boundary", "session"]
    if counts and found["resource"].allows:
        sides.append("resource")
        layers.insert(1, "resource")
    statements = tuple(ref for layer in layers for ref in found[layer].allows)
    return Decision(True, False, "+".join(sides), "", statements)
