"""``docs/permissions.md``: who may do what in which account, and why.

Pure: made of the recorded proof alone, so that the page is as fresh as the record is.
``python -m sandbox.proof.page`` writes it.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.proof import record as records
from sandbox.proof.wording import bullets, condition_lines, principal_lines, sid_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.model import Document

FILE = "docs/permissions.md"
_ACTS_SHOWN = 3
_MARKS = {"live": "", "replayed": " ○", "reason": " †"}
_INTRODUCTION = """\
<!-- Written by `python -m sandbox.proof.page` from docs/permissions.json; do not edit. -->
# Permissions

For the auditor: who may do what in which account, on what, under which condition, and why. Every
policy that Terraform makes is here, read from the accounts of the sandbox after all roots were
applied. What is not listed is denied. Names and account ids are those of `tests/environments`.

1. [The roles](#the-roles): what each is for, and who becomes it.
2. [Who may do what](#who-may-do-what): the whole of it, statement by statement.
3. [Limits](#limits-that-no-policy-of-a-role-can-widen) and
   [denials](#what-is-denied-explicitly), which win over all else.

## How it is shown that each permission is needed

`make prove-permissions` takes one action out of one statement and does the step that needs it: the
step fails (no mark). Where it was not taken out, every request of the whole loop is decided again
without it, and one of them is denied (○). What only real AWS needs, and the sandbox cannot show,
has its reason (†) in `mlops-infra/permissions-reasons.toml`, which is reviewed like code. Nothing
else is in the policies. Which steps need which action is in [permissions.json](permissions.json).
"""


def render(record: Document) -> str:
    """Return the page."""
    policies = record["policies"]
    accounts = {account_id: name for name, account_id in record["accounts"].items()}
    everything = ["account", "who", "may", "on", "under the condition", "why"]
    sections = [
        (
            "The roles",
            "Nobody but those named here can become a role.",
            [
                "account",
                "role",
                "for",
                "who becomes it",
                "under the condition",
                "boundary",
                "proof",
            ],
            list(_trust(policies, accounts)),
        ),
        (
            "Who may do what",
            "First roles by their own policies, then what the policies of buckets, keys, topics, "
            "queues, functions and groups let others do. Across accounts both are needed.",
            everything,
            [
                *_rows(policies, "identity", "Allow", accounts),
                *_rows(policies, "resource", "Allow", accounts),
            ],
        ),
        (
            "Limits that no policy of a role can widen",
            "A permissions boundary: a role that carries it may do what both its own policies and "
            "the boundary allow.",
            ["account", "boundary", "at most", *everything[3:]],
            list(_rows(policies, "boundary", "Allow", accounts)),
        ),
        (
            "What is denied explicitly",
            "These win over every Allow.",
            ["account", "whom or where", "not", *everything[3:]],
            [
                row
                for kind in ("identity", "boundary", "resource", "trust")
                for row in _rows(policies, kind, "Deny", accounts)
            ],
        ),
    ]
    parts = [_INTRODUCTION, _summary(record)]
    parts += [_section(*section) for section in sections]
    return "\n".join(parts)


def _summary(record: Document) -> str:
    counts = Counter(
        (policy["account"], found.get("proof", "nothing"))
        for policy in record["policies"]
        for statement in policy["statements"]
        if statement["effect"] == "Allow"
        for found in statement["actions"].values()
    )
    proofs = ("live", "replayed", "reason")
    lines = ["| account | permissions | removed | replayed ○ | with a reason † |",
             "|---|---|---|---|---|"]  # fmt: skip
    for account, account_id in sorted(record["accounts"].items()):
        numbers = [counts[account, proof] for proof in proofs]
        told = " | ".join(str(number) for number in (sum(numbers), *numbers))
        lines.append(f"| {account} ({account_id}) | {told} |")
    return "\n".join(lines) + "\n"


def _section(title: str, text: str, columns: list[str], rows: list[list[str]]) -> str:
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return f"## {title}\n\n{text}\n\n" + "\n".join(lines) + "\n"


def _statements(policies: list[Document], kind: str, effect: str) -> Iterator[
    tuple[Document, Document]
]:  # fmt: skip
    for policy in policies:
        for statement in policy["statements"]:
            if (policy["kind"], statement["effect"]) == (kind, effect):
                yield policy, statement


def _rows(
    policies: list[Document], kind: str, effect: str, accounts: dict[str, str]
) -> Iterator[list[str]]:
    for policy, statement in _statements(policies, kind, effect):
        yield [
            policy["account"],
            _who(policy, statement, accounts),
            _actions(statement),
            _resources(policy, statement),
            bullets(condition_lines(statement["elements"].get("Condition", {}))),
            _why(statement),
        ]


def _trust(policies: list[Document], accounts: dict[str, str]) -> Iterator[list[str]]:
    for policy, statement in _statements(policies, "trust", "Allow"):
        yield [
            policy["account"],
            f"`{policy['holder']}`",
            policy.get("purpose", "").replace("|", "\\|"),
            bullets(principal_lines(statement["elements"].get("Principal", {}), accounts)),
            bullets(condition_lines(statement["elements"].get("Condition", {}))),
            f"`{policy['boundary']}`" if "boundary" in policy else "",
            _proof(statement),
        ]


def _proof(statement: Document) -> str:
    """Return how a trust is proved, and what needs it."""
    proofs = {found.get("proof", "") for found in statement["actions"].values()}
    mark = _MARKS["replayed"].strip() if "replayed" in proofs else ""
    return f"{mark} {_why(statement, in_words=False)}".strip()


def _who(policy: Document, statement: Document, accounts: dict[str, str]) -> str:
    elements = statement["elements"]
    if "NotPrincipal" in elements:
        return "all but " + bullets(principal_lines(elements["NotPrincipal"], accounts))
    if "Principal" in elements:
        return bullets(principal_lines(elements["Principal"], accounts))
    return f"`{policy['holder']}`"


def _actions(statement: Document) -> str:
    if left_out := statement["elements"].get("NotAction"):
        return "everything but<br>" + bullets([f"`{action}`" for action in left_out])
    return bullets(
        [
            f"`{action}`{_MARKS.get(found.get('proof', ''), '')}"
            for action, found in statement["actions"].items()
        ]
    )


def _resources(policy: Document, statement: Document) -> str:
    elements = statement["elements"]
    if left_out := elements.get("NotResource"):
        return "everything but<br>" + bullets([f"`{arn}`" for arn in left_out])
    arns = elements.get("Resource", [])
    if policy["kind"] == "resource" and arns in ([], ["*"]):
        return f"{policy['policy']} `{policy['holder']}`"
    return bullets([f"`{arn}`" for arn in arns])


def _why(statement: Document, *, in_words: bool = True) -> str:
    acts = sorted({act for found in statement["actions"].values() for act in found.get("acts", [])})
    reasons = {found["because"] for found in statement["actions"].values() if "because" in found}
    words = sid_in_words(statement["sid"]) if in_words else ""
    lines = [f"{words}."] if words else []
    if acts:
        more = len(acts) - _ACTS_SHOWN
        lines.append("Needed to " + "; ".join(acts[:_ACTS_SHOWN])
                     + (f"; and {more} more." if more > 0 else "."))  # fmt: skip
    return bullets([*lines, *(f"† {reason}" for reason in sorted(reasons))])


def write_page(root: Path) -> None:
    """Write the page from the record, both in a project's folder."""
    record = records.read_record(root / records.FILE)
    (root / FILE).write_text(render(record), encoding="utf-8")


if __name__ == "__main__":
    write_page(Path())
