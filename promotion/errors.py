"""The errors that promotion raises, with the exit code that each one ends the command with.

Reads, writes and calls nothing. `promotion.cli.main` is the only place that catches
`PromotionError`; it prints the message, the problems and the hint, and exits with `exit_code`.
"""

from collections.abc import Iterable
from typing import ClassVar


class PromotionError(Exception):
    """Something the user can act on.

    Attributes:
        exit_code: what the command exits with (see the CLI reference).
        message: one sentence: what is wrong, and where.
        problems: the single findings, when there are several; shown one a line.
        hint: the next step, or None when the message already says it.
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self, message: str, *, problems: Iterable[str] = (), hint: str | None = None
    ) -> None:
        """Keep the message, its findings and the next step."""
        self.message = message
        self.problems = tuple(problems)
        self.hint = hint
        super().__init__("\n".join((message, *(f"  - {problem}" for problem in self.problems))))


class ConfigError(PromotionError):
    """The command line, an environment file or a use case's declaration is wrong."""

    exit_code: ClassVar[int] = 2


class BuildError(PromotionError):
    """A use case cannot be built, or a release archive cannot be read or resolved."""


class ProvenanceError(PromotionError):
    """A release's provenance cannot be stated, or does not prove what it has to."""


class RemoteError(PromotionError):
    """AWS, or Terraform on its behalf, refused or failed.

    Attributes:
        account_id: the account that was called, when known.
        operation: `service.Operation`, when known.
        resource: name or ARN of what it was about, when known.
    """

    def __init__(
        self,
        message: str,
        *,
        account_id: str | None = None,
        operation: str | None = None,
        resource: str | None = None,
        problems: Iterable[str] = (),
        hint: str | None = None,
    ) -> None:
        """Keep the message and the facts of the failed call."""
        super().__init__(message, problems=problems, hint=hint)
        self.account_id = account_id
        self.operation = operation
        self.resource = resource


class StalePlan(PromotionError):
    """The account has moved on since the plan was made, or the plan is for another account."""


class DriftDetected(PromotionError):
    """What is deployed differs from what was applied."""

    exit_code: ClassVar[int] = 3


class GateRefused(PromotionError):
    """A gate refuses the promotion."""

    exit_code: ClassVar[int] = 4
