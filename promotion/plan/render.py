"""The plan as lines for a reviewer. Pure; `promotion.cli.ui` writes them."""

from collections.abc import Iterator

from promotion.plan.model import Action, GateResult, Outcome, PipelineChange, Plan
from promotion.plan.ownership import DEFINITION, KEYS, short_commit
from promotion.plan.render_changes import Line, field_lines, item_lines, script_lines
from promotion.terraform.summary import ResourceChange

_ACTIONS = {
    Action.CREATE: ("+", "bold green"),
    Action.UPDATE: ("~", "bold yellow"),
    Action.DELETE: ("-", "bold red"),
    Action.UNCHANGED: ("=", "dim"),
}
_TERRAFORM = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "replace": ("±", "bold red"),
    "delete": ("-", "bold red"),
    "import": (">", "cyan"),
    "forget": (".", "cyan"),
}
_GATES = {
    Outcome.PASSED: ("passed  ", "green"),
    Outcome.REFUSED: ("REFUSED ", "bold red"),
    Outcome.DEFERRED: ("deferred", "cyan"),
    Outcome.OVERRIDDEN: ("OVERRIDDEN", "bold yellow"),
}
_RESOURCES = 200
_ATTRIBUTES = 20


def render_plan(plan: Plan) -> tuple[Line, ...]:
    """Return the plan as lines, the account first, the verdict last."""
    return (
        Line(f"{plan.environment} · account {plan.account_id} · {plan.region}", "bold"),
        *(
            Line(
                f"  release {release.use_case} {release.digest[:12]} · commit "
                f"{short_commit(release.git_commit)}"
                + (" · uncommitted changes" if release.dirty else ""),
                "yellow" if release.dirty else None,
            )
            for release in plan.releases
        ),
        *([Line(f"  {plan.purpose}: {plan.reason}", "yellow")] if plan.reason else []),
        *_section("Pipelines", (line for change in plan.pipelines for line in _pipeline(change))),
        *_destroyed(plan),
        *_section("Code objects", _code(plan)),
        *_section("Terraform", _terraform(plan)),
        *_section("Ours, but in no use case of this environment", _strays(plan)),
        *_section("Gates", (line for result in plan.gates for line in _gate(result))),
        Line(""),
        *_overridden(plan),
        _verdict(plan),
    )


def _section(title: str, lines: Iterator[Line]) -> Iterator[Line]:
    found = list(lines)
    if found:
        yield Line("")
        yield Line(title, "bold")
        yield from found


def _pipeline(change: PipelineChange) -> Iterator[Line]:
    sign, style = _ACTIONS[change.action]
    yield Line(f"  {sign} {change.name} · {change.use_case}/{change.key} · {change.action}", style)
    for field in (each for each in (change.role, change.description) if each):
        yield from field_lines(field, 6)
    for title, items in (
        ("parameter", change.definition.parameters),
        ("step", change.definition.steps),
    ):
        for item in items:
            yield from item_lines(title, item)
    if change.action is Action.UPDATE:
        for field in change.definition.other:
            yield from field_lines(field, 6)
    for script in change.scripts:
        yield from script_lines(script)
    for field in change.tags:
        if _tells(change.action, field.path):
            yield from field_lines(field, 6, "tag ")


def _tells(action: Action, tag: str) -> bool:
    if action is Action.DELETE:
        return tag not in KEYS
    # The digest of the definition says nothing that the diff does not.
    return action is Action.UPDATE and tag != DEFINITION


def _destroyed(plan: Plan) -> Iterator[Line]:
    if any(change.action is Action.DELETE for change in plan.pipelines):
        yield Line("  SageMaker's record of their executions goes with them.", "yellow")
        yield Line("  Code objects, models and what Terraform owns stay as they are.", "dim")


def _code(plan: Plan) -> Iterator[Line]:
    for upload in plan.code:
        if not upload.present:
            place = f"s3://{upload.bucket}/{upload.key}"
            yield Line(f"  + {place} ({upload.size_bytes} bytes)", "green")
    present = sum(upload.present for upload in plan.code)
    if present:
        yield Line(f"  = {present} already there", "dim")


def _terraform(plan: Plan) -> Iterator[Line]:
    if plan.terraform is None:
        return
    yield Line(f"  {plan.terraform.sentence}", None if plan.terraform.has_changes else "dim")
    for change in plan.terraform.changes[:_RESOURCES]:
        yield from _resource(change)
    hidden = len(plan.terraform.changes) - _RESOURCES
    if hidden > 0:
        yield Line(f"  … {hidden} more resources", "dim")


def _resource(change: ResourceChange) -> Iterator[Line]:
    sign, style = _TERRAFORM.get(change.action, ("?", "yellow"))
    adopted = " (imported)" if change.imported else ""
    yield Line(f"  {sign} {change.address}{adopted}", style)
    for field in change.attributes[:_ATTRIBUTES]:
        yield from field_lines(field, 6)
    if change.more or len(change.attributes) > _ATTRIBUTES:
        yield Line("      … more attributes; terraform/plan.txt in the plan file has all", "dim")
    if change.forced_by:
        yield Line(f"      replaced because of {', '.join(change.forced_by)}", "bold red")


def _strays(plan: Plan) -> Iterator[Line]:
    for stray in plan.strays:
        yield Line(
            f"  ? {stray.name} · use case {stray.use_case or 'unknown'} · release "
            f"{stray.release[:12]} · left as it is",
            "yellow",
        )


def _gate(result: GateResult) -> Iterator[Line]:
    word, style = _GATES[result.outcome]
    yield Line(f"  {word} {result.gate}: {result.message}", style)
    if result.override:
        yield Line(f"             reason: {result.override.reason}", style)
        yield Line(f"             asked by: {result.override.asked_by}", style)
    elif result.hint:
        yield Line(f"             next: {result.hint}")


def _overridden(plan: Plan) -> Iterator[Line]:
    if plan.overridden:
        names = ", ".join(result.gate for result in plan.overridden)
        yield Line(f"{_count(len(plan.overridden), 'gate')} overridden: {names}.", "bold yellow")


def _verdict(plan: Plan) -> Line:
    if plan.refusals:
        return Line(f"Refused by {len(plan.refusals)} of {len(plan.gates)} gates.", "bold red")
    if not plan.has_changes:
        return Line("Nothing to do: the account is as the plan wants it.", "bold green")
    counts = {
        action: sum(change.action is action for change in plan.pipelines) for action in Action
    }
    uploads = sum(not upload.present for upload in plan.code)
    parts = [f"{_count(number, 'pipeline')} to {action}" for action, number in counts.items()
             if number and action is not Action.UNCHANGED]  # fmt: skip
    if counts[Action.UNCHANGED]:
        parts.append(f"{counts[Action.UNCHANGED]} unchanged")
    if uploads:
        parts.append(f"{_count(uploads, 'code object')} to upload")
    if plan.terraform and plan.terraform.has_changes:
        parts.append(f"Terraform: {plan.terraform.sentence}")
    return Line("; ".join(parts) + ".", "bold")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
