"""What a check says. Calls nothing."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a check ended.

    Attributes:
        OK: what it looks for is right.
        WARNING: somebody should know, and promotions work.
        FAILED: something is wrong; the findings say what.
        SKIPPED: it was not done; the message says why.
    """

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        what: what is wrong.
        where: ARN, URI or name of what it is about.
        mend: what to do; empty for what the check's MEND says.
    """

    what: str
    where: str
    mend: str = ""


@dataclass(frozen=True)
class CheckResult:
    """What a check says.

    Attributes:
        outcome: how it ended.
        message: what is right, or why it was skipped; for findings, how many there are.
        findings: what is wrong; only of a warning and a failure, which have at least one.
    """

    outcome: Outcome
    message: str
    findings: tuple[Finding, ...] = ()


def skipped(reason: str) -> CheckResult:
    """Return that a check was not done."""
    return CheckResult(Outcome.SKIPPED, reason)


def verdict(findings: list[Finding], message: str) -> CheckResult:
    """Return a failure of the findings, or without any that all is right, as the message says."""
    if not findings:
        return CheckResult(Outcome.OK, message)
    number = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
    return CheckResult(Outcome.FAILED, number, tuple(findings))


def warning(*findings: Finding) -> CheckResult:
    """Return that somebody should know something."""
    return CheckResult(Outcome.WARNING, findings[0].what, findings)
