"""Builds of the story in the real sandbox, and what each one has left in the accounts. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from promotion.plan.ownership import RELEASE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.authorization.journal import Entry

    from .world import Trace

READS = re.compile(
    r"[a-z0-9-]+:(Get|List|Describe|Head)\w*|sts:AssumeRole|kms:Decrypt|dynamodb:Query"
)


@dataclass(frozen=True)
class Pipeline:
    """A pipeline of an account.

    Attributes:
        definition: its definition, as SageMaker has it.
        description: what `promote` marks it with.
        tags: its tags.
    """

    definition: str
    description: str
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Accounts:
    """What is in the accounts at a moment.

    Attributes:
        pipelines: by environment and name.
        ledger: all records, the oldest first.
        locks: the locks that somebody holds, as S3 URIs.
    """

    pipelines: Mapping[str, Mapping[str, Pipeline]]
    ledger: tuple[Mapping[str, Any], ...]
    locks: tuple[str, ...]

    def releases(self, environment: str) -> set[str]:
        """Return the digests of the releases that the pipelines of an environment carry."""
        return {each.tags[RELEASE] for each in self.pipelines[environment].values()}

    def told(self, kind: str, environment: str = "prod") -> list[tuple[str, str, str]]:
        """Return outcome, release and reason of each record of a kind about pipelines."""
        return [
            (each["outcome"], each["release_digest"], each["reason"])
            for each in self.ledger
            if (each["kind"], each["environment"]) == (kind, environment) and each["use_case"]
        ]


@dataclass(frozen=True)
class Chapter:
    """A build, or several at once.

    Attributes:
        number: the build's.
        trace: what it did.
        asked: every distinct call of AWS in the meantime, with its decision.
        after: what it has left behind.
        log: what it printed.
    """

    number: int
    trace: Trace
    asked: tuple[Entry, ...]
    after: Accounts
    log: str

    @property
    def ended(self) -> tuple[str, list[str]]:
        """The result, and the stages that were not skipped."""
        return self.trace.result, self.trace.ran

    @property
    def said(self) -> str:
        """Why the build ended as it did; for the message of a failing test."""
        reasons = [
            each for each in self.trace.events if each["kind"] in {"failure", "interruption"}
        ]
        return f"{reasons}\n{self.log[-6000:]}"

    @property
    def writes(self) -> set[tuple[str, str]]:
        """Role and action of what was allowed and does more than read."""
        return {
            (each.principal.rpartition("/")[2], each.request.action)
            for each in self.asked
            if each.decision.allowed and not READS.fullmatch(each.request.action)
        }

    @property
    def applied(self) -> list[str]:
        """The command lines of `promote apply` that were run."""
        scripts = [each["arguments"]["script"] for each in self.trace.steps("sh")]
        return [script for script in scripts if script.startswith("promote apply")]

    def subjects(self, step: str = "snsPublish") -> list[str]:
        """Return the subjects of what people were told."""
        return [each["arguments"]["subject"] for each in self.trace.steps(step)]
