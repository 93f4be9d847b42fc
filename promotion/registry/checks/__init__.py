"""Checks: what must hold before a model version may serve. One check a file, found by folder.

A check's module has a function `check(facts) -> CheckResult` and declares `CHECK` (the file's name
with hyphens) and `SUMMARY` (what must hold, in one line). Checks look at the facts that they are
given; they read, write and call nothing. Standard library only: the registry's function runs them
too, on decisions that were made without `promote`.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import ModuleType

from promotion.registry.checks.facts import Facts

__all__ = [
    "Check",
    "CheckResult",
    "Facts",
    "check_names",
    "checks",
    "override",
    "refusals",
    "run_checks",
]
_NO_CHECK = "facts"


@dataclass(frozen=True)
class Check:
    """What a check's module declares.

    Attributes:
        name: its name.
        summary: what must hold, in one line.
    """

    name: str
    summary: str


@dataclass(frozen=True)
class CheckResult:
    """What one check says.

    Attributes:
        check: name of the check.
        passed: whether it holds.
        message: what was found.
        hint: the next step after a refusal; empty otherwise.
        overridden: reason for which a person answers for the refusal; empty without one.
    """

    check: str
    passed: bool
    message: str
    hint: str = ""
    overridden: str = ""

    @property
    def outcome(self) -> str:
        """The result in one word."""
        if self.passed:
            return "passed"
        return "overridden" if self.overridden else "refused"


def check_names() -> tuple[str, ...]:
    """Return the names of all checks, sorted."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name.replace("_", "-") for name in found if name != _NO_CHECK))


def checks() -> tuple[Check, ...]:
    """Return what every check declares, by name."""
    return tuple(Check(each.CHECK, each.SUMMARY) for each in map(_module, check_names()))


def run_checks(facts: Facts) -> tuple[CheckResult, ...]:
    """Return what every check says, by name; one's refusal does not keep others from speaking."""
    return tuple(_module(name).check(facts) for name in check_names())


def override(
    results: tuple[CheckResult, ...], reasons: Mapping[str, str]
) -> tuple[CheckResult, ...]:
    """Return the results with the refusals marked that a person answers for.

    Args:
        results: what the checks say.
        reasons: reason by check; one of a check that holds changes nothing.
    """
    return tuple(
        replace(result, overridden=reasons.get(result.check, "")) if not result.passed else result
        for result in results
    )


def refusals(results: tuple[CheckResult, ...]) -> tuple[CheckResult, ...]:
    """Return the results that refuse and that nobody answers for."""
    return tuple(result for result in results if not result.passed and not result.overridden)


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
