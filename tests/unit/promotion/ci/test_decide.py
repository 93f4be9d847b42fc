"""What a build of the Jenkinsfile does: its parameters, what has changed, and which stages run."""

from __future__ import annotations

from pathlib import Path

import pytest

from promotion.ci.changes import Changes, changed_since, classify
from promotion.ci.decide import Decision, decide
from promotion.ci.request import BuildRequest, read_request
from promotion.config import WorkloadEnvironment, load_environments
from promotion.errors import ConfigError

ROOT = Path(__file__).parents[4]
ENVIRONMENTS = load_environments(ROOT)
USE_CASE = Changes(("mammography",))
EVERYTHING = Changes(("mammography",), everything=True)
BOTH = {"dev": ("mammography",), "prod": ("mammography",)}
MAIN, PULL = BuildRequest(branch="main"), BuildRequest(branch="PR-1", target="main")
TO_PROD = BuildRequest(branch="main", environment="prod")
CHECKED = {"checks", "builds"}
COMMIT = "GIT_PREVIOUS_SUCCESSFUL_COMMIT"


def test_read_request__nothing_given__is_a_promotion_all_the_way() -> None:
    assert read_request({"BRANCH_NAME": "main"}) == MAIN


def test_read_request__everything_given__is_kept() -> None:
    commit = "c" * 40
    assert read_request({
        "action": "promote", "targetEnvironment": "prod", "useCases": "b, a  a",
        "prodAccount": "444444444444", "dryRun": "true", "BRANCH_NAME": "PR-7",
        "CHANGE_TARGET": "release/1", "GIT_PREVIOUS_SUCCESSFUL_COMMIT": commit, "reason": "x",
        "JOB_BASE_NAME": "PR-7",
    }) == BuildRequest(
        environment="prod", use_cases=("b", "a"), prod_account="444444444444", dry_run=True,
        branch="PR-7", target="release/1", previous_commit=commit,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"action": "delete"}, "action: 'delete' is none of promote, rollback, destroy"),
        ({"useCases": "a;b"}, "useCases: 'a;b' is no name of a use case"),
        ({"useCases": "--yes"}, "useCases: '--yes' is no name of a use case"),
        ({"releaseDigest": "abc"}, "releaseDigest: 'abc' is no digest: 7 to 64 hexadecimal digits"),
        ({"prodAccount": "1"}, "prodAccount: '1' is no account id: 12 digits"),
        ({"dryRun": "yes"}, "dryRun: 'yes' is neither true nor false"),
        ({"targetEnvironment": "../x"}, "targetEnvironment: '../x' is no name of an environment"),
        ({"CHANGE_TARGET": "-x"}, "CHANGE_TARGET: '-x' is no name of a branch"),
        ({COMMIT: "HEAD"}, f"{COMMIT}: 'HEAD' is no commit"),
        (
            {"releaseDigest": "1f0c2ab"},
            "releaseDigest: a release is of one use case, so useCases has to name it",
        ),
    ],
)  # fmt: skip
def test_read_request__wrong_parameter__is_named(variables: dict[str, str], problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read_request({"BRANCH_NAME": "main", **variables})
    assert raised.value.problems == (problem,)


def test_read_request__rollback_of_nothing_from_a_branch__tells_every_problem_at_once() -> None:
    with pytest.raises(ConfigError) as raised:
        read_request({"action": "rollback", "BRANCH_NAME": "feature"})
    assert raised.value.problems == (
        "action: only builds of main rollback",
        "targetEnvironment: rollback needs one",
        "useCases: rollback needs exactly one",
        "reason: the reason is missing",
    )


@pytest.mark.parametrize(
    ("paths", "changes"),
    [
        ((), Changes()),
        (("docs/x.md", "README.md", "tests/a.py", "Jenkinsfile", "sandbox/x.py"), Changes()),
        (("pipelines/mammography/README.md", "mlops-infra/jenkins/plugins.txt"), Changes()),
        (("mlops-infra/modules/studio/tests/x.tftest.hcl",), Changes()),
        (("pipelines/mammography/steps/train.py",), Changes(("mammography",))),
        (("pipelines/gone/train.py",), Changes(everything=True)),
        (("environments/dev.tfvars.json",), Changes(everything=True)),
        (("mlops-infra/modules/studio/main.tf",), Changes(everything=True)),
        (("requirements.lock",), Changes(everything=True)),
        (("a/new/folder.txt",), Changes(everything=True)),
    ],
)
def test_classify__paths__by_what_they_are_promoted_with(
    paths: tuple[str, ...], changes: Changes
) -> None:
    assert classify(paths, ["mammography"]) == changes


def test_changed_since__no_commit_to_compare_with__is_everything(tmp_path: Path) -> None:
    everything = Changes(("a",), everything=True)
    assert changed_since(tmp_path, MAIN, ["a"]) == everything
    unknown = BuildRequest(branch="main", previous_commit="0" * 40)
    assert changed_since(tmp_path, unknown, ["a"]) == everything


@pytest.mark.parametrize(
    ("request_", "changes", "stages"),
    [
        (MAIN, EVERYTHING, {*CHECKED, "shared", "dev", "prod"}),
        (MAIN, USE_CASE, {*CHECKED, "dev", "prod"}),
        (MAIN, Changes(), {"checks"}),
        (BuildRequest(branch="main", environment="dev"), USE_CASE, {*CHECKED, "dev", "partial"}),
        (TO_PROD, USE_CASE, {*CHECKED, "dev", "prod"}),
        (BuildRequest(branch="main", dry_run=True), USE_CASE, {*CHECKED, "reviews", "partial"}),
        (BuildRequest(branch="main", dry_run=True), Changes(), {*CHECKED, "reviews", "partial"}),
        (PULL, USE_CASE, {*CHECKED, "reviews"}),
        (PULL, EVERYTHING, {*CHECKED, "reviews", "shared"}),
        (PULL, Changes(), {"checks"}),
        # The branch of a pull request may be called main too.
        (BuildRequest(branch="main", target="main"), USE_CASE, {*CHECKED, "reviews"}),
        (BuildRequest(is_nightly=True), Changes(), {"nightly"}),
    ],
)  # fmt: skip
def test_decide__build__runs_these_stages(
    request_: BuildRequest, changes: Changes, stages: set[str]
) -> None:
    document = decide(request_, changes, ENVIRONMENTS).document()
    assert {name for name, value in document.items() if value is True} == stages


def test_decide__published_release_to_prod__does_not_touch_dev() -> None:
    request = BuildRequest(
        branch="main", environment="prod", use_cases=("mammography",), release="1f0c2ab"
    )
    assert decide(request, Changes(), ENVIRONMENTS) == Decision(
        "a promotion", BOTH, prod=True, partial=True
    )  # fmt: skip


def test_decide__published_release__leaves_the_terraform_of_shared_accounts() -> None:
    request = BuildRequest(
        branch="main", environment="prod", use_cases=("mammography",), release="1f0c2ab"
    )
    assert decide(request, EVERYTHING, ENVIRONMENTS) == decide(request, Changes(), ENVIRONMENTS)


@pytest.mark.parametrize(
    ("request_", "stages"),
    [
        (BuildRequest(branch="main", use_cases=("mammography",)), {*CHECKED, "shared", "dev"}),
        (
            BuildRequest(branch="PR-1", target="main", use_cases=("mammography",)),
            {*CHECKED, "shared", "reviews"},
        ),
    ],
)
def test_decide__use_case_that_prod_lacks__leaves_prod_out(
    request_: BuildRequest, stages: set[str]
) -> None:
    prod = ENVIRONMENTS["prod"]
    assert isinstance(prod, WorkloadEnvironment)
    lacking = {**ENVIRONMENTS, "prod": prod.model_copy(update={"use_cases": {}})}
    decision = decide(request_, EVERYTHING, lacking)
    assert decision.use_cases == {"dev": ("mammography",)}
    document = decision.document()
    assert {name for name, value in document.items() if value is True} - {"partial"} == stages


@pytest.mark.parametrize(
    ("request_", "partial"),
    [
        (MAIN, False),
        (TO_PROD, False),
        (PULL, False),
        (BuildRequest(branch="main", use_cases=("mammography",)), True),
        (BuildRequest(branch="main", environment="dev"), True),
        # A pull request's success is what branch protection waits for.
        (BuildRequest(branch="PR-1", target="main", dry_run=True), False),
        (BuildRequest(branch="experiment"), False),
    ],
)
def test_decide__build_of_main_that_leaves_changes_behind__is_partial(
    request_: BuildRequest, partial: bool
) -> None:
    assert decide(request_, USE_CASE, ENVIRONMENTS).partial is partial


def test_decide__use_case_in_no_environment_yet__plans_nothing() -> None:
    document = decide(PULL, Changes(("new",)), ENVIRONMENTS).document()
    assert (document["use_cases"], document["reviews"]) == ({}, False)


def test_decide__rollback__moves_one_use_case_in_one_environment() -> None:
    request = BuildRequest(
        action="rollback", branch="main", environment="prod", use_cases=("mammography",)
    )
    assert decide(request, EVERYTHING, ENVIRONMENTS) == Decision(
        "rollback of mammography in prod", {"prod": ("mammography",)},
        moves=True, applies=True, partial=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        (
            BuildRequest(prod_account="999999999999"),
            "prodAccount: 999999999999 is not prod, whose account is 444444444444",
        ),
        (BuildRequest(environment="registry"), "targetEnvironment: registry is none of dev, prod"),
        (BuildRequest(use_cases=("x",)), "useCases: there is no use case x"),
    ],
)  # fmt: skip
def test_decide__parameter_that_does_not_fit_the_project__is_refused(
    request_: BuildRequest, problem: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        decide(request_, EVERYTHING, ENVIRONMENTS)
    assert raised.value.problems == (problem,)
