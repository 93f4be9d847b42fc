"""What a Jenkins build was asked to do: its parameters and variables, checked.

Reads a mapping of environment variables; calls nothing. Jenkins exports parameters as variables of
their names (https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#handling-parameters); the rest is
of its multibranch and Git plugins.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from promotion.errors import ConfigError
from promotion.plan.reasons import checked_reason

PROMOTE, ROLLBACK, DESTROY = "promote", "rollback", "destroy"
ACTIONS = (PROMOTE, ROLLBACK, DESTROY)
MAIN = "main"
NIGHTLY_JOB = "nightly"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_DIGEST = re.compile(r"[0-9a-f]{7,64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,200}")


@dataclass(frozen=True)
class BuildRequest:
    """A build, as Jenkins describes it.

    Attributes:
        action: promote, rollback or destroy.
        environment: the target; empty goes all the way.
        use_cases: what the person chose; empty takes those that have changed.
        release: digest or its beginning; empty builds this commit.
        prod_account: account id that the person expects of prod; empty expects nothing.
        dry_run: whether to end with the plans.
        branch: name of the branch; empty outside of a multibranch job.
        target: branch that a pull request wants to be merged into; empty for a branch.
        previous_commit: commit of the last successful build; empty when there is none.
        is_nightly: whether the nightly job runs it.
    """

    action: str = PROMOTE
    environment: str = ""
    use_cases: tuple[str, ...] = ()
    release: str = ""
    prod_account: str = ""
    dry_run: bool = False
    branch: str = ""
    target: str = ""
    previous_commit: str = ""
    is_nightly: bool = False

    @property
    def is_main(self) -> bool:
        """Whether this is a build of `main`, and of no pull request."""
        return self.branch == MAIN and not self.target


def read_request(variables: Mapping[str, str]) -> BuildRequest:
    """Return what a build was asked to do.

    Args:
        variables: the environment variables of the build.

    Raises:
        ConfigError: a parameter is not what it can be; all that are wrong are named.
    """
    given = {name: variables.get(name, "").strip() for name in _PATTERNS}
    problems = [
        f"{name}: {value[:60]!r} {expected}"
        for name, value in given.items()
        for pattern, expected in [_PATTERNS[name]]
        if value and not pattern.fullmatch(value)
    ]
    use_cases = tuple(dict.fromkeys(re.split(r"[\s,]+", variables.get("useCases", "").strip())))
    use_cases = () if use_cases == ("",) else use_cases
    problems += [
        f"useCases: {name[:60]!r} is no name of a use case"
        for name in use_cases
        if not _NAME.fullmatch(name)
    ]
    request = BuildRequest(
        action=given["action"] or PROMOTE,
        environment=given["targetEnvironment"],
        use_cases=use_cases,
        release=given["releaseDigest"],
        prod_account=given["prodAccount"],
        dry_run=given["dryRun"] == "true",
        branch=given["BRANCH_NAME"],
        target=given["CHANGE_TARGET"],
        previous_commit=given["GIT_PREVIOUS_SUCCESSFUL_COMMIT"],
        is_nightly=variables.get("JOB_BASE_NAME", "") == NIGHTLY_JOB,
    )
    problems = problems or _together(request, variables.get("reason", ""))
    if problems:
        raise ConfigError(
            "the build's parameters are wrong",
            problems=problems,
            hint="start the build again with other parameters; nothing was done",
        )
    return request


_PATTERNS = {
    "action": (re.compile("|".join(ACTIONS)), f"is none of {', '.join(ACTIONS)}"),
    "targetEnvironment": (_NAME, "is no name of an environment"),
    "releaseDigest": (_DIGEST, "is no digest: 7 to 64 hexadecimal digits"),
    "prodAccount": (re.compile(r"[0-9]{12}"), "is no account id: 12 digits"),
    "dryRun": (re.compile("true|false"), "is neither true nor false"),
    "BRANCH_NAME": (_BRANCH, "is no name of a branch"),
    "CHANGE_TARGET": (_BRANCH, "is no name of a branch"),
    "GIT_PREVIOUS_SUCCESSFUL_COMMIT": (_COMMIT, "is no commit"),
}


def _together(request: BuildRequest, reason: str) -> list[str]:
    """Return what is wrong with parameters that need each other, each well formed."""
    if request.action == PROMOTE:
        if request.release and len(request.use_cases) != 1:
            return ["releaseDigest: a release is of one use case, so useCases has to name it"]
        return []
    problems = [] if request.is_main else [f"action: only builds of {MAIN} {request.action}"]
    if not request.environment:
        problems.append(f"targetEnvironment: {request.action} needs one")
    if len(request.use_cases) != 1:
        problems.append(f"useCases: {request.action} needs exactly one")
    if request.release and request.action == DESTROY:
        problems.append("releaseDigest: destroy takes none")
    try:
        checked_reason(reason)
    except ConfigError as error:
        problems.append(f"reason: {error.message}")
    return problems
