"""Terraform's machine-readable output as short progress lines and collected diagnostics.

Reads nothing itself; `promotion.terraform.runner` feeds it.
Source of the format: https://developer.hashicorp.com/terraform/internals/machine-readable-ui
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# A line every few seconds is enough to see that something moves.
_INTERVAL_SECONDS = 3.0
_REPEAT_SECONDS = 30.0


@dataclass
class Progress:
    """Counts resources and says so now and then.

    Attributes:
        label: what runs, such as "terraform apply dev".
        say: writes one line of progress.
        clock: monotonic seconds.
        diagnostics: errors that Terraform reported, in order, as "summary: detail".
    """

    label: str
    say: Callable[[str], None]
    clock: Callable[[], float]
    diagnostics: list[str] = field(default_factory=list)
    _done: int = 0
    _refreshed: int = 0
    _under_way: set[str] = field(default_factory=set)
    _said_at: float = float("-inf")
    _said: str = ""

    def feed(self, line: str) -> str:
        """Take one line of output and return the line for the log."""
        event = _parse(line)
        if event is None:
            return line
        kind = str(event.get("type", ""))
        if kind == "diagnostic":
            return self._diagnostic(event)
        if kind == "change_summary":
            self.say(f"{self.label}: {event.get('@message', '')}")
        else:
            self._count(kind, str((event.get("hook") or {}).get("resource", {}).get("addr", "")))
        return str(event.get("@message", line))

    def _count(self, kind: str, address: str) -> None:
        if kind == "refresh_complete":
            self._refreshed += 1
            self._tell(f"{_resources(self._refreshed)} read")
        elif kind == "apply_start":
            self._under_way.add(address)
        elif kind in {"apply_complete", "apply_errored"}:
            self._under_way.discard(address)
            self._done += kind == "apply_complete"
        if kind.startswith("apply_"):
            waiting = ", ".join(sorted(self._under_way)[:2])
            more = len(self._under_way) - 2
            rest = f" and {more} more" if more > 0 else ""
            under_way = f"; under way: {waiting}{rest}" if waiting else ""
            self._tell(f"{_resources(self._done)} done{under_way}")

    def _tell(self, text: str) -> None:
        now = self.clock()
        pause = _INTERVAL_SECONDS if text != self._said else _REPEAT_SECONDS
        if now - self._said_at >= pause:
            self._said_at, self._said = now, text
            self.say(f"{self.label}: {text}")

    def _diagnostic(self, event: dict[str, Any]) -> str:
        found = event.get("diagnostic") or {}
        summary, detail = str(found.get("summary", "")), str(found.get("detail", ""))
        address = f" ({found['address']})" if found.get("address") else ""
        text = f"{summary}{address}" + (f": {detail}" if detail else "")
        if found.get("severity") == "error":
            self.diagnostics.append(text)
        return f"{found.get('severity', 'note')}: {text}"


def _resources(number: int) -> str:
    return f"{number} resource" if number == 1 else f"{number} resources"


def _parse(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "@message" in event else None
