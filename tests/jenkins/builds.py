"""Builds with stand-ins, for the scenarios: merges, pull requests, and what they have left behind.

Commands are stand-ins that note their arguments and the roles that they could become, need the
roles that the real ones need, and answer with documented exit codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .picture import ANSWERS, APPROVALS
from .world import CONFIGURED, git

if TYPE_CHECKING:
    from .world import Trace, World

PLAN, DEPLOY, BUILD = (CONFIGURED[name] for name in ("PLAN_ROLE", "DEPLOY_ROLE", "BUILD_ROLE"))
APPROVED = {stage: {"answer": "approve", "by": "alice"} for stage in APPROVALS}
ACCOUNTS = {
    "tooling": "111111111111", "registry": "222222222222", "dev": "333333333333",
    "prod": "444444444444",
}  # fmt: skip
CHECKS = ["Check", "Decide", "Lint", "Test", "Build"]
SHARED = [
    "Shared accounts", "Plan shared accounts", "Approve shared accounts", "Apply shared accounts",
]  # fmt: skip
DEV = ["Publish", "Dev", "Promote to dev", "Train in dev", "Inference in dev"]
PROD = ["Plan prod", "Approve prod", "Prod", "Apply to prod", "Verify prod", "Record"]
MAIN = {"BRANCH_NAME": "main"}
PULL_REQUEST = {"BRANCH_NAME": "PR-7", "CHANGE_ID": "7", "CHANGE_TARGET": "main"}
WRITES = ("promote apply", "promote publish", "promote run", "promote rollback", "promote destroy")


def differences(**more: list[int]) -> dict[str, list[int]]:
    """Return exit codes of a promotion; the longest beginning of a command line is asked first."""
    codes = {**ANSWERS, **more}
    return dict(sorted(codes.items(), key=lambda each: -len(each[0])))


def merge(world: World, path: str = "pipelines/mammography/train.py", **more: Any) -> Trace:
    """Commit a change to `main` and build it."""
    previous = git(world.repository, "rev-parse", "HEAD")
    world.commit(path)
    variables = {**MAIN, "GIT_PREVIOUS_SUCCESSFUL_COMMIT": previous}
    return world.build(variables, **{"inputs": APPROVED, **more})


def pull_request(world: World, path: str, **variables: str) -> Trace:
    """Commit a change to a branch and build its pull request."""
    git(world.repository, "checkout", "--quiet", "-b", "feature")
    world.commit(path)
    git(world.repository, "checkout", "--quiet", "main")
    clone = ["git", "clone", "--quiet", "--branch", "feature", str(world.repository), "."]
    return world.build({**PULL_REQUEST, **variables}, checkout=clone)


def later_build(world: World, number: int = 2, **more: Any) -> dict[str, str]:
    """Return a build as what goes on while the one before it waits for an answer."""
    scenario = world.scenario(number, MAIN, **more)
    files = {"jenkinsfile": world.jenkinsfile, "scenario": scenario, "trace": world.trace(number)}
    return {name: str(file) for name, file in files.items()}


def kept_plans(trace: Trace) -> list[str]:
    """Return the names of the plans that were archived as text, in their order."""
    kept = [name for each in trace.steps("archiveArtifacts") for name in each["files"]]
    return [name for name in kept if name.startswith("build/plan-")]


def wrote(trace: Trace) -> list[str]:
    """Return the commands that change an account."""
    return [line for line in trace.lines if line.startswith(WRITES)]


def deploying(environment: str) -> str:
    """Return what the session of an apply may become: readers everywhere, one role that writes."""
    return f"{PLAN}+{DEPLOY}@{ACCOUNTS[environment]}"
