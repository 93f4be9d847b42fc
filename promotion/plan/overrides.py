"""Overrides: refusals that a person answers for, with a reason. Reads, writes and calls nothing.

An override is asked for when a plan is made, and stands in the plan beside what the gate said.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from promotion.errors import ConfigError, GateRefused
from promotion.plan.gates import Gate, gate_names, gates
from promotion.plan.model import GateResult, Outcome, Override, Plan


def parse_overrides(words: Iterable[str]) -> dict[str, str]:
    """Return the reason of each override by gate.

    Args:
        words: what was given with `--override`, each `GATE=REASON`.

    Raises:
        ConfigError: a gate is unknown, cannot be overridden or stands twice, or a reason is
            missing; lists every problem.
    """
    known = {gate.name: gate for gate in gates()}
    overrides: dict[str, str] = {}
    problems = []
    for word in words:
        name, _, text = word.partition("=")
        name, reason = name.strip(), " ".join(text.split())
        if problem := _problem(known.get(name), name, reason):
            problems.append(problem)
        elif name in overrides:
            problems.append(f"{name}: is given twice")
        else:
            overrides[name] = reason
    if problems:
        raise ConfigError(
            "an override is not valid; give --override GATE=REASON",
            problems=problems,
            hint="promote gates lists the gates, and which of them can be overridden",
        )
    return overrides


def override_refusals(
    results: Iterable[GateResult], overrides: Mapping[str, str], asked_by: str
) -> tuple[GateResult, ...]:
    """Return what the gates say with the overridden refusals marked as such.

    Args:
        results: what the gates say.
        overrides: reason by gate; one of a gate that does not refuse changes nothing.
        asked_by: ARN of whoever overrides.
    """
    return tuple(
        replace(
            result,
            outcome=Outcome.OVERRIDDEN,
            override=Override(overrides[result.gate], asked_by),
        )
        if result.outcome is Outcome.REFUSED and result.gate in overrides
        else result
        for result in results
    )


def needless(plan: Plan, overrides: Mapping[str, str]) -> tuple[str, ...]:
    """Return the gates that were overridden though they do not refuse, by name."""
    used = {result.gate for result in plan.overridden}
    return tuple(sorted(set(overrides) - used))


def check_overrides(plan: Plan) -> None:
    """Refuse a plan with an override that `promote plan` would not have written.

    Raises:
        GateRefused: an override lacks its reason or who asked, or its gate takes none.
    """
    known = {gate.name: gate for gate in gates()}
    problems = [
        f"{result.gate}: {problem}"
        for result in plan.gates
        if (problem := _stored_problem(known.get(result.gate), result))
    ]
    if problems:
        raise GateRefused(
            f"the plan for {plan.environment} has overrides that do not hold",
            problems=problems,
            hint=f"nothing was applied; make a new plan: promote plan {plan.environment}",
        )


def _problem(gate: Gate | None, name: str, reason: str) -> str:
    if gate is None:
        known: Sequence[str] = gate_names()
        return f"{name or 'no name'}: there is no such gate (there are {', '.join(known)})"
    if not gate.overridable:
        return f"{name}: cannot be overridden"
    if not reason:
        return f"{name}: the reason is missing"
    # A plan is read on terminals, and a reason must not redraw what stands above it.
    return "" if reason.isprintable() else f"{name}: the reason has characters that do not print"


def _stored_problem(gate: Gate | None, result: GateResult) -> str:
    if result.outcome is not Outcome.OVERRIDDEN:
        return "" if result.override is None else f"is {result.outcome} and overridden at once"
    if result.override is None or not result.override.reason or not result.override.asked_by:
        return "is overridden without a reason, or by nobody"
    return "" if gate and gate.overridable else "cannot be overridden"
