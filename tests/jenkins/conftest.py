"""One harness for all scenarios; a repository and stand-ins for each, and the story of builds.

The story is one: each of its builds finds the accounts as the one before has left them, so every
fixture takes that one. They live as long as this folder's tests.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .builds import APPROVED, MAIN, PULL_REQUEST, later_build
from .live import Live, commit_change, open_live
from .world import CONFIGURED, HERE, ROOT, Harness, World, compile_harness, git, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .chapters import Chapter

NIGHTLY = {"JOB_BASE_NAME": "nightly", "JOB_NAME": "nightly"}
STEP = "pipelines/mammography/steps/preprocess.py"
ABORT = {"answer": "abort", "by": "alice"}


@pytest.fixture(scope="session")
def harness() -> Iterator[Harness]:
    """The harness; a test without Groovy fails and says what to install."""
    with compile_harness(ROOT / "build" / "harness").serving() as started:
        yield started


@pytest.fixture
def world(harness: Harness, tmp_path: Path) -> World:
    """A repository of its own."""
    return make_world(harness, tmp_path)


@pytest.fixture(scope="package")
def live(harness: Harness, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Empty accounts that their administrators have bootstrapped, and the project beside them."""
    with open_live(harness, tmp_path_factory.mktemp("live")) as opened:
        yield opened


@pytest.fixture(scope="package")
def merged(live: Live) -> Chapter:
    """The merge, from accounts in which nothing is."""
    before = {"Train in dev": live.act("deliver"), "Inference in dev": live.act("approve")}
    chapter = live.chapter(MAIN, inputs=APPROVED, before=before)
    assert chapter.trace.result == "SUCCESS", chapter.said
    return chapter


@pytest.fixture(scope="package")
def nightly(live: Live, merged: Chapter) -> Chapter:
    """The nightly build, after somebody has edited a pipeline and stopped the schedule by hand."""
    sagemaker, name = live.estate.client("sagemaker", "prod"), "mammography-inference"
    events, rule = live.estate.client("events", "prod"), "acme-ml-prod-mammography-schedule"
    definition = merged.after.pipelines["prod"][name].definition
    edited = json.dumps({**json.loads(definition), "Metadata": {"edited": "by hand"}})
    sagemaker.update_pipeline(PipelineName=name, PipelineDefinition=edited)
    events.disable_rule(Name=rule)
    chapter = live.chapter(NIGHTLY, previous_results=["SUCCESS"])
    assert events.describe_rule(Name=rule)["State"] == "DISABLED"
    sagemaker.update_pipeline(PipelineName=name, PipelineDefinition=definition)
    events.enable_rule(Name=rule)
    return chapter


@pytest.fixture(scope="package")
def well_again(live: Live, nightly: Chapter) -> Chapter:
    """The next nightly build, without Terraform: the one before has planned every account."""
    text, every = (ROOT / "Jenkinsfile").read_text("utf-8"), "'tooling', 'registry', 'dev', 'prod'"
    assert text.count(f"in [{every}]") == 1
    live.jenkinsfile = live.folder / "Jenkinsfile.pipelines"
    live.jenkinsfile.write_text(text.replace(f"in [{every}]", "in []"))
    chapter = live.chapter(NIGHTLY, previous_results=["UNSTABLE", "SUCCESS"])
    live.jenkinsfile = ROOT / "Jenkinsfile"
    return chapter


@pytest.fixture(scope="package")
def feature(live: Live, merged: Chapter) -> str:
    """A branch with a change to a step; returns the commit of `main` that it is from."""
    return commit_change(live, "feature", STEP)


@pytest.fixture(scope="package")
def reviewed(live: Live, feature: str, well_again: Chapter) -> Chapter:
    """The pull request of that branch."""
    return live.chapter(PULL_REQUEST, branch="feature")


@pytest.fixture(scope="package")
def forked(live: Live, reviewed: Chapter) -> Chapter:
    """The same change from a fork, whose `make` tries to become each of Jenkins' roles."""
    live.install("make", HERE / "steal.py")
    chapter = live.chapter({**PULL_REQUEST, "CHANGE_FORK": "stranger"}, branch="feature")
    live.install("make", HERE / "stand_in.py")
    return chapter


@pytest.fixture(scope="package")
def half_way(live: Live, feature: str, forked: Chapter) -> Chapter:
    """The merge of that branch; somebody denies Jenkins one of prod's pipelines in the meantime."""
    git(live.repository, "merge", "--quiet", "--ff-only", "feature")
    variables = {**MAIN, "GIT_PREVIOUS_SUCCESSFUL_COMMIT": feature}
    chapter = live.chapter(variables, inputs=APPROVED, before={"Prod": live.act("deny")})
    live.estate.client("iam", "prod").delete_role_policy(
        RoleName=CONFIGURED["DEPLOY_ROLE"], PolicyName="denied-by-hand"
    )
    return chapter


@pytest.fixture(scope="package")
def published(half_way: Chapter) -> dict[str, str]:
    """The parameters that bring to prod what was published and has run in dev."""
    [digest] = half_way.after.releases("dev")
    return {"useCases": "mammography", "targetEnvironment": "prod", "releaseDigest": digest}


@pytest.fixture(scope="package")
def unapproved(live: Live, published: dict[str, str]) -> dict[str, Chapter]:
    """Two builds of that release, which nobody approves."""
    return {
        said: live.chapter(MAIN, parameters=published, inputs={"Approve prod": answer})
        for said, answer in {
            "Rejected by alice": ABORT,
            "Timeout has been exceeded": {"answer": "timeout"},
        }.items()
    }


@pytest.fixture(scope="package")
def met(
    live: Live, published: dict[str, str], unapproved: dict[str, Chapter]
) -> tuple[Chapter, Chapter]:
    """Two builds of that release at once: while one waits, the later one is approved."""
    number = live.last + 2
    meanwhile = later_build(
        live, number, inputs=APPROVED, parameters=published, previous_results=["FAILURE"]
    )
    waiting = {**APPROVED["Approve prod"], "meanwhile": meanwhile}
    earlier = live.chapter(MAIN, parameters=published, inputs={"Approve prod": waiting})
    live.last = number
    return earlier, live.told(number, live.read(live.trace(number)), earlier.asked)


@pytest.fixture(scope="package")
def rolled_back(live: Live, met: tuple[Chapter, Chapter]) -> Chapter:
    """The rollback of that release."""
    parameters = {
        "action": "rollback", "targetEnvironment": "prod", "useCases": "mammography",
        "reason": "AUC fell; see ticket 7",
    }  # fmt: skip
    return live.chapter(MAIN, inputs=APPROVED, parameters=parameters)


@pytest.fixture(scope="package")
def destructive(live: Live) -> dict[str, str]:
    """The parameters that take the use case out of prod, with a reason that shells would run."""
    owned = live.owned
    return {
        "action": "destroy", "targetEnvironment": "prod", "useCases": "mammography",
        "reason": f'trial ended\'; touch {owned}; $(touch {owned}) `touch {owned}` "$HOME"',
    }  # fmt: skip


@pytest.fixture(scope="package")
def in_use(live: Live, rolled_back: Chapter, destructive: dict[str, str]) -> Chapter:
    """The destruction of what a schedule, drift and approvals still start."""
    return live.chapter(MAIN, parameters=destructive)


@pytest.fixture(scope="package")
def kept(live: Live, in_use: Chapter, destructive: dict[str, str]) -> Chapter:
    """The destruction that nobody approves, once nothing starts the pipelines any more."""
    # Committed only: Terraform has applied enough in this story.
    file = live.repository / "environments" / "prod.tfvars.json"
    settings = json.loads(file.read_text("utf-8"))
    for starter in ("schedule", "retrain", "start_on_approval"):
        del settings["use_cases"]["mammography"][starter]
    file.write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
    git(live.repository, "commit", "--quiet", "--all", "--message", "feat: Start nothing in prod")
    return live.chapter(MAIN, parameters=destructive, inputs={"Approve the move": ABORT})


@pytest.fixture(scope="package")
def destroyed(live: Live, kept: Chapter, destructive: dict[str, str]) -> Chapter:
    """The destruction that somebody approves: the story's end."""
    return live.chapter(MAIN, parameters=destructive, inputs=APPROVED)
