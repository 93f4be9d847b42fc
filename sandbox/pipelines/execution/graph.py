"""Which steps may run, must be skipped or are still open, given the outcomes so far.

Reads, writes and calls nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.pipelines.definition.model import Definition, Step

SKIPPED = "Skipped"
RUNNING = "Running"
_SATISFIED = {
    "Completed": frozenset({"Succeeded"}),
    "Failed": frozenset({"Failed"}),
    "Stopped": frozenset({"Stopped"}),
    "Any": frozenset({"Succeeded", "Failed", "Stopped"}),
}


class Graph:
    """The open steps of one execution.

    A step runs when each upstream step has the outcome that its dependency asks for, and never
    when one has another. Once a step has failed only handlers may start: steps that depend on
    a failure (``Trigger`` Failed, Stopped or Any) and what follows them.
    """

    def __init__(self, definition: Definition) -> None:
        self._steps = definition.steps
        self._handlers = _handlers(definition.steps)
        self.outcomes: dict[str, str] = {}
        self._branches: dict[str, bool] = {}

    def start(self, name: str) -> None:
        """Note that a step has started."""
        self.outcomes[name] = RUNNING

    def end(self, name: str, outcome: str, branch: bool | None) -> None:
        """Note how a step ended, and the branch that a condition step took."""
        self.outcomes[name] = outcome
        if branch is not None:
            self._branches[name] = branch

    def ready(self) -> list[Step]:
        """Return the steps that may start now, in the order of the definition."""
        self._skip()
        failed = "Failed" in self.outcomes.values()
        return [
            step
            for name, step in self._steps.items()
            if name not in self.outcomes
            and self._is_satisfied(step)
            and (not failed or name in self._handlers)
        ]

    @property
    def running(self) -> int:
        """How many steps run."""
        return sum(outcome == RUNNING for outcome in self.outcomes.values())

    def failed(self) -> list[str]:
        """Return the names of the failed steps."""
        return [name for name, outcome in self.outcomes.items() if outcome == "Failed"]

    def is_handled(self, failed: str) -> bool:
        """Tell whether a step that asked for this failure has run."""
        return any(
            dependency.step == failed
            and dependency.trigger in {"Failed", "Any"}
            and self.outcomes.get(name) == "Succeeded"
            for name, step in self._steps.items()
            for dependency in step.dependencies
        )

    def _is_satisfied(self, step: Step) -> bool:
        return all(
            self.outcomes.get(dependency.step) in _SATISFIED[dependency.trigger]
            for dependency in step.dependencies
        )

    def _skip(self) -> None:
        # One pass is not enough: skipping a step skips what depends on it.
        while True:
            skipped = [
                name
                for name, step in self._steps.items()
                if name not in self.outcomes and self._is_unreachable(step)
            ]
            if not skipped:
                return
            self.outcomes.update(dict.fromkeys(skipped, SKIPPED))

    def _is_unreachable(self, step: Step) -> bool:
        branch = step.branch
        if branch and branch.condition in self._branches:
            if self._branches[branch.condition] != branch.outcome:
                return True
        for dependency in step.dependencies:
            outcome = self.outcomes.get(dependency.step, RUNNING)
            if outcome != RUNNING and outcome not in _SATISFIED[dependency.trigger]:
                return True
        return False


def _handlers(steps: Mapping[str, Step]) -> frozenset[str]:
    found: set[str] = set()
    while True:
        more = {
            name
            for name, step in steps.items()
            if name not in found
            and any(
                dependency.trigger != "Completed" or dependency.step in found
                for dependency in step.dependencies
            )
        }
        if not more:
            return frozenset(found)
        found |= more
