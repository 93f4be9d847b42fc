"""Where a release's commit is in the repository that the plan is made in.

Reads git's commits and branches through its command; fetches nothing.
"""

import re
from enum import StrEnum
from pathlib import Path

from promotion.build.source import run_git

# What was pushed decides: a local `main` may hold commits that nobody reviewed. A checkout
# without a remote, or whose remote has no such branch, has its own `main` only.
_MAINS = ("refs/remotes/origin/main", "refs/heads/main")


class CommitPlace(StrEnum):
    """Where a commit is."""

    ON_MAIN = "on main"
    ELSEWHERE = "not on main"
    UNKNOWN = "unknown to this checkout"
    NO_MAIN = "in a checkout that has no branch main"


def commit_place(root: Path, git_commit: str) -> CommitPlace:
    """Return where a commit is: on `main`, which holds it and all that it comes from, or not.

    Args:
        root: folder in the repository; outside of git every commit is unknown.
        git_commit: what a release says of its commit; only 40 hex digits are asked for.
    """
    if not re.fullmatch(r"[0-9a-f]{40}", git_commit):
        return CommitPlace.UNKNOWN
    if run_git(root, "cat-file", "-e", f"{git_commit}^{{commit}}") is None:
        return CommitPlace.UNKNOWN
    main = next((ref for ref in _MAINS if run_git(root, "rev-parse", "--verify", ref)), None)
    if main is None:
        return CommitPlace.NO_MAIN
    held = run_git(root, "merge-base", "--is-ancestor", git_commit, main)
    return CommitPlace.ELSEWHERE if held is None else CommitPlace.ON_MAIN
