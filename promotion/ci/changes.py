"""What a change of the repository is about: use cases, all of them, or nothing that is promoted.

Reads git's history through its command; fetches nothing.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from promotion.build.source import run_git
from promotion.ci.request import BuildRequest

# Whoever adds a folder gets the whole promotion until it is named here: the safe side.
_INERT = re.compile(
    r"(docs|tests|sandbox|\.ci|\.github|mlops-infra/jenkins)/.*"
    r"|(.*/)?[^/]+\.md|mlops-infra/modules/[^/]+/tests/.*|mlops-infra/permissions-reasons\.toml"
    r"|LICENSE|Makefile|Jenkinsfile|\.gitignore|\.checkov\.yaml|checkov\.lock|pyproject\.toml"
)


@dataclass(frozen=True)
class Changes:
    """What has changed.

    Attributes:
        use_cases: use cases whose folder has changed, sorted.
        everything: whether something has changed that is in every use case and account: the
            platform, an environment file, Terraform, a pinned dependency.
    """

    use_cases: tuple[str, ...] = ()
    everything: bool = False

    def __bool__(self) -> bool:
        """Return whether there is anything to promote."""
        return self.everything or bool(self.use_cases)


def classify(paths: Iterable[str], use_cases: Collection[str]) -> Changes:
    """Return what changed files are about.

    Args:
        paths: files, relative to the project's folder.
        use_cases: the use cases that there are.
    """
    touched, everything = set(), False
    for path in paths:
        folder, _, rest = path.partition("/")
        if _INERT.fullmatch(path):
            continue
        use_case = rest.partition("/")[0]
        if folder == "pipelines" and use_case in use_cases:
            touched.add(use_case)
        else:
            everything = True
    return Changes(tuple(sorted(touched)), everything)


def changed_since(root: Path, request: BuildRequest, use_cases: Collection[str]) -> Changes:
    """Return what has changed since the last successful build, or against a pull request's target.

    Everything, where git cannot tell: no earlier build, or a checkout without that commit.
    """
    since = request.previous_commit
    if request.target:
        since = run_git(root, "merge-base", f"refs/remotes/origin/{request.target}", "HEAD") or ""
    names = run_git(root, "diff", "--name-only", "-z", since, "HEAD") if since else None
    if names is None:
        return Changes(tuple(sorted(use_cases)), everything=True)
    return classify(filter(None, names.split("\0")), use_cases)
