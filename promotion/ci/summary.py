"""Plans for people who review and approve: Markdown, and the sentence that an approver is asked.

Reads plan files, and documents of `promote plan --json`; calls nothing.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from promotion.errors import ConfigError
from promotion.plan.archive import SUFFIX, read_plan
from promotion.plan.encode import plan_from_document
from promotion.plan.model import GateResult, Plan
from promotion.plan.render import render_plan

# GitHub takes 65,535 characters of a check's summary:
# https://docs.github.com/en/rest/checks/runs#create-a-check-run
LIMIT_CHARACTERS = 60_000

SETTLED_BY_MERGE = frozenset({"clean-commit", "evidence", "provenance"})
"""Gates that a pull request cannot pass: not on `main`, not published, never run in dev."""


@dataclass(frozen=True)
class Reviewed:
    """A plan that people look at.

    Attributes:
        plan: the plan.
        digest: SHA-256 of its plan file; empty where there is none.
    """

    plan: Plan
    digest: str = ""

    @property
    def verdict(self) -> str:
        """What the plan does, in a sentence."""
        return render_plan(self.plan)[-1].text

    @property
    def refused_for_good(self) -> tuple[GateResult, ...]:
        """The refusals that a merge would not settle."""
        return tuple(each for each in self.plan.refusals if each.gate not in SETTLED_BY_MERGE)

    @property
    def sentence(self) -> str:
        """What an approver is asked to answer for."""
        plan = self.plan
        return f"{plan.environment} (account {plan.account_id}): {self.verdict}"


def read_reviewed(path: Path) -> Reviewed:
    """Read a plan file, or what `promote plan --json` printed.

    Raises:
        PromotionError: it is neither, or was altered.
        ConfigError: it cannot be read.
    """
    if path.suffix == SUFFIX:
        file = read_plan(path)
        return Reviewed(file.plan, file.digest)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _no_plan(path, str(error)) from error
    if not isinstance(document, dict):
        raise _no_plan(path, "it is no JSON object")
    written = document.pop("plan_file", None) or {}
    if not isinstance(written, dict):
        raise _no_plan(path, "plan_file is no JSON object")
    return Reviewed(plan_from_document(document), str(written.get("digest", "")))


def _no_plan(path: Path, why: str) -> ConfigError:
    return ConfigError(f"{path} holds no plan: {why}", hint=f"promote plan ENV --json > {path}")


def markdown(reviewed: Sequence[Reviewed]) -> str:
    """Return plans as Markdown, the one with the most to lose last cut short.

    Nothing in a plan can end the block that it stands in, so that a name or a diff cannot pass
    for words of ours.
    """
    share = LIMIT_CHARACTERS // max(len(reviewed), 1)
    return "\n".join(line for each in reviewed for line in _section(each, share))


def _section(reviewed: Reviewed, limit: int) -> Iterable[str]:
    plan = reviewed.plan
    lines = [line.text for line in render_plan(plan)]
    text = "\n".join(lines)
    if len(text) > limit:
        text = f"{text[:limit]}\n… cut short: the archived plan has all of it"
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"### {plan.environment} · account {plan.account_id}"
    yield ""
    yield reviewed.verdict
    for refusal in plan.refusals:
        later = " (the merge settles it)" if refusal.gate in SETTLED_BY_MERGE else ""
        yield f"- refused by the gate `{refusal.gate}`{later}"
    if reviewed.digest:
        yield f"- plan file `{reviewed.digest}`"
    yield from ("", fence + "text", text, fence, "")
