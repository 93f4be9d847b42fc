"""The build as a picture, drawn from a trace: `make docs` writes it anew.

Runs the first merge of `test_merges.py` with stand-ins; writes ``docs/images/promotion-build.svg``.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from .world import CONFIGURED, ROOT, Trace, compile_harness, make_world

APPROVALS = ("Approve shared accounts", "Approve prod", "Approve the move")
PICTURE = ROOT / "docs" / "images" / "promotion-build.svg"
ANSWERS = {
    "promote plan prod --out build/verify.plan": [0],
    "promote plan": [3],
}
_WIDTH, _ROW, _LINE, _TOP = 1000, 30, 17, 76
_COLUMNS = {"stage": 24, "role": 260, "calls": 560}
_ROLES = {
    "": "no AWS credentials",
    "jenkins-plan-role": "plan role: reads",
    "jenkins-build-role@111111111111": "build role: signs",
    **{
        f"jenkins-plan-role+cross-account-jenkins-role@{CONFIGURED[key]}": f"deploy role of {name}"
        for key, name in (
            ("JENKINS_ACCOUNT", "tooling"), ("REGISTRY_ACCOUNT", "registry"),
            ("DEV_ACCOUNT", "dev"), ("PROD_ACCOUNT", "prod"),
        )
    },
}  # fmt: skip


@dataclass
class Row:
    """A stage that ran.

    Attributes:
        name: Name of the stage.
        gate: Who has to approve here, and for how long it waits; empty for other stages.
        marks: Locks and milestones.
        roles: What its commands could become, in their order.
        lines: Its commands.
    """

    name: str
    gate: str = ""
    marks: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @property
    def height(self) -> int:
        """Height in pixels."""
        return _ROW + _LINE * max(0, len(self.lines) - 1)


def rows_of(trace: Trace) -> list[Row]:
    """Return the stages that ran something, in their order."""
    rows: dict[str, Row] = {}
    calls = iter(trace.calls)
    held: list[str] = []
    for event in trace.events:
        row = rows.setdefault(event["stage"], Row(event["stage"]))
        step = event.get("step")
        if step == "sh":
            call = next(calls)
            row.marks, held = row.marks + held, []
            role = _ROLES[event["role"]]
            row.roles += [] if role in row.roles else [role]
            row.lines.append(_short(call["line"]))
        elif step == "input":
            hours = event["timeout_seconds"] // 3600
            row.gate = f"waits up to {hours} h for an approver, who is shown the plan's digest"
        elif step == "lock":
            held.append(f"lock {event['arguments']['resource']}")
        elif step == "milestone":
            row.marks.append(f"milestone {event['arguments']['ordinal']}")
    return [row for row in rows.values() if row.name and (row.lines or row.gate)]


def _short(line: str) -> str:
    """Return a command line without its options and folders."""
    words = line.partition(" --")[0].partition(" ARGS=")[0]
    return words.replace("build/plans/", "")


def svg(trace: Trace) -> str:
    """Return the picture."""
    rows = rows_of(trace)
    height = _TOP + sum(row.height + 6 for row in rows) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" font-family="Helvetica, Arial, sans-serif" '
        'font-size="13">',
        "<title>A merge to main, from the trace of the Jenkinsfile</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(
            24, 30, "A merge to main: stages, roles, commands and gates", "#111827", weight="bold"
        ),
        _text(_COLUMNS["stage"], 60, "stage", "#6b7280"),
        _text(_COLUMNS["role"], 60, "the session may become", "#6b7280"),
        _text(_COLUMNS["calls"], 60, "commands", "#6b7280"),
    ]
    y = _TOP
    for row in rows:
        parts += _drawn(row, y)
        y += row.height + 6
    return "\n".join([*parts, "</svg>", ""])


def _drawn(row: Row, y: int) -> list[str]:
    fill, edge = ("#fef3c7", "#d97706") if row.gate else ("#f3f4f6", "#d1d5db")
    base = y + 20
    sign = "◆ " if row.gate else ""
    parts = [
        f'<rect x="12" y="{y}" width="{_WIDTH - 24}" height="{row.height}" rx="5" '
        f'fill="{fill}" stroke="{edge}"/>',
        _text(_COLUMNS["stage"], base, sign + row.name, "#111827", weight="bold"),
    ]
    marks = f" · {', '.join(row.marks)}" if row.marks else ""
    if row.gate:
        parts.append(_text(_COLUMNS["role"], base, row.gate + marks, "#92400e"))
        return parts
    several = sum(role.startswith("deploy role") for role in row.roles) > 1
    role = ("one deploy role at a time" if several else ", ".join(row.roles[-1:])) + marks
    parts.append(_text(_COLUMNS["role"], base, role, "#374151"))
    for number, line in enumerate(row.lines):
        place = base + number * _LINE
        parts.append(_text(_COLUMNS["calls"], place, line, "#1d4ed8", family="monospace"))
    return parts


def _text(
    x: int, y: int, text: str, fill: str, *, weight: str = "normal", family: str = "inherit"
) -> str:
    style = f'fill="{fill}" font-weight="{weight}" font-family="{family}"'
    return f'<text x="{x}" y="{y}" {style}>{escape(text)}</text>'


def main() -> None:
    """Run the merge and write its picture."""
    compiled = compile_harness(ROOT / "build" / "harness")
    with tempfile.TemporaryDirectory() as folder, compiled.serving() as harness:
        world = make_world(harness, Path(folder))
        world.answers(ANSWERS)
        answers = {stage: {"answer": "approve", "by": "alice"} for stage in APPROVALS}
        trace = world.build(inputs=answers)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(svg(trace), encoding="utf-8")


if __name__ == "__main__":
    main()
