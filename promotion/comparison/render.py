"""The comparison as lines. Pure; `promotion.cli.ui` writes them."""

from collections.abc import Iterator

from promotion.comparison.model import Comparison, PipelineComparison, Side
from promotion.plan.ownership import short_commit
from promotion.plan.render_changes import Line, field_lines, item_lines, script_lines


def render_comparison(comparison: Comparison) -> tuple[Line, ...]:
    """Return the comparison as lines, the verdict last."""
    lines = [line for pipeline in comparison.pipelines for line in _pipeline(pipeline)]
    return (
        Line(f"{comparison.before} → {comparison.after}", "bold"),
        *lines,
        Line(""),
        _verdict(comparison),
    )


def _pipeline(pipeline: PipelineComparison) -> Iterator[Line]:
    sign, style = ("~", "bold yellow") if pipeline.differs else ("=", "dim")
    name = f"{pipeline.use_case}/{pipeline.key}"
    states = [_state(side) for side in (pipeline.before, pipeline.after)]
    told = states[0] if states[0] == states[1] else f"{states[0]} → {states[1]}"
    yield Line(f"  {sign} {name} · {told}", style)
    if pipeline.edited:
        yield Line(f"      edited by hand in {' and '.join(pipeline.edited)}", "bold red")
    if pipeline.role:
        yield from field_lines(pipeline.role, 6)
    definition = pipeline.definition
    for title, items in (("parameter", definition.parameters), ("step", definition.steps)):
        for item in items:
            yield from item_lines(title, item)
    for field in definition.other:
        yield from field_lines(field, 6)
    for script in pipeline.scripts:
        yield from script_lines(script)


def _state(side: Side) -> str:
    if not side.named:
        return f"not in {side.environment}'s file"
    if not side.deployed:
        return "not deployed"
    if not side.release_digest:
        return "not ours"
    return f"{side.release_digest[:12]} (commit {short_commit(side.git_commit) or 'unknown'})"


def _verdict(comparison: Comparison) -> Line:
    number = sum(pipeline.differs for pipeline in comparison.pipelines)
    total = len(comparison.pipelines)
    if not number:
        return Line(f"The same: {total} of {total} pipelines.", "bold green")
    return Line(f"{number} of {total} pipelines differ.", "bold yellow")
