"""The checks, one a file, found by folder.

A check's module has a function `check(examination) -> CheckResult` and declares `CHECK` (the file's
name with hyphens), `SUMMARY` (what it means, in one line) and `MEND` (how to mend what it finds).
A check reads; what it writes is a probe, and gone when it returns.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType

from promotion.doctor.examination import Examination, NoSession
from promotion.doctor.result import CheckResult, Finding, Outcome, skipped, verdict
from promotion.errors import RemoteError


@dataclass(frozen=True)
class Check:
    """What a check's module declares.

    Attributes:
        name: its name.
        summary: what it means.
        mend: how to mend what it finds.
    """

    name: str
    summary: str
    mend: str


@dataclass(frozen=True)
class Checked:
    """A check, and what it says.

    Attributes:
        check: the check.
        environment: the environment that was examined.
        result: what it says.
    """

    check: Check
    environment: str
    result: CheckResult

    @property
    def has_failed(self) -> bool:
        """Whether something is wrong."""
        return self.result.outcome is Outcome.FAILED

    def mend_of(self, finding: Finding) -> str:
        """Return what to do about a finding."""
        return finding.mend or self.check.mend.replace(" ENV", f" {self.environment}")


def check_names() -> tuple[str, ...]:
    """Return the names of all checks, sorted."""
    return tuple(sorted(found.name.replace("_", "-") for found in pkgutil.iter_modules(__path__)))


def checks() -> tuple[Check, ...]:
    """Return what every check declares, by name."""
    return tuple(_declared(_module(name)) for name in check_names())


def examine(examination: Examination, names: Sequence[str]) -> Iterator[Checked]:
    """Yield what each check says, as soon as it does; none keeps another from speaking."""
    for name in names:
        module = _module(name)
        yield Checked(_declared(module), examination.name, _result(module, examination))


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}")


def _declared(module: ModuleType) -> Check:
    return Check(module.CHECK, module.SUMMARY, module.MEND)


def _result(module: ModuleType, examination: Examination) -> CheckResult:
    try:
        result = module.check(examination)
    except NoSession as missing:
        return skipped(missing.message)
    except RemoteError as error:
        where = error.resource or error.operation or examination.name
        return verdict([Finding(error.message, where, error.hint or "")], "")
    if not isinstance(result, CheckResult):
        raise TypeError(f"{module!r}: check() returns a CheckResult")
    return result
