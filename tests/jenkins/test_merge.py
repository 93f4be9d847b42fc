"""The real commands in the real sandbox: a merge fills empty accounts, a pull request reads.

Terraform's provider waits most of the minutes, so both are one story in one process of its own.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from sandbox.demo.commands import environment_of_command
from sandbox.demo.story import ESTATE, prepare_data
from sandbox.proof.estate import Estate, open_estate
from sandbox.proof.project import copy_project

from .picture import APPROVALS
from .world import CONFIGURED, HERE, ROOT, Harness, Trace, World, git

if TYPE_CHECKING:
    from collections.abc import Iterator

# The merge takes 5 minutes of an idle machine, most of them waits of Terraform's provider, and more
# of a busy one.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("jenkins"),
    pytest.mark.timeout(1800),
]
READS = re.compile(
    r"[a-z0-9-]+:(Get|List|Describe|Head)\w*|sts:AssumeRole|kms:Decrypt|dynamodb:Query"
)
APPROVED = {stage: {"answer": "approve", "by": "alice"} for stage in APPROVALS}


class Live(World):
    """A World in which `promote` is real; only `make` is not, which would run these tests."""

    estate: Estate

    def variables_of(self, principal: str) -> dict[str, str]:
        """Return all variables with which a process acts as a principal."""
        return environment_of_command(self.estate.sandbox.environment(principal))

    def run(self, variables: dict[str, str], branch: str, **more: Any) -> Trace:
        """Run a build of a branch; the agent has no credentials, the controller Jenkins'."""
        agent = {
            name: value
            for name, value in self.variables_of("jenkins").items()
            if not name.startswith(("AWS_ACCESS", "AWS_SECRET", "AWS_SESSION"))
        }
        agent["PATH"] = f"{self.stand_in / 'bin'}:{agent['PATH']}"
        checkout = (
            f"git clone --quiet --branch {branch} {self.repository} . && ln -s {sys.prefix} .venv"
        )
        return self.build(
            {**agent, **variables},
            checkout=["sh", "-c", checkout],
            controller_variables=self.variables_of("jenkins"),
            **more,
        )


@pytest.fixture(scope="module")
def live(harness: Harness, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Empty accounts that their administrators have bootstrapped, and the project beside them."""
    folder = tmp_path_factory.mktemp("live")
    project = copy_project(ROOT, folder / "project", ROOT / "tests" / "environments")
    told = io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        open_estate(project, Console(file=told, width=160)) as estate,
    ):
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        world = Live(harness, folder, project)
        world.estate = estate
        _stand_in_for_make(world)
        prepare_data(estate.story)
        _bootstrap(estate)
        _people(world)
        yield world


def _stand_in_for_make(world: Live) -> None:
    program = world.stand_in / "bin" / "make"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!{sys.executable}\n{(HERE / 'stand_in.py').read_text()}")
    program.chmod(0o755)


def _bootstrap(estate: Estate) -> None:
    promote = estate.story.commands.promote
    with ThreadPoolExecutor(len(ESTATE)) as pool:
        done = [
            pool.submit(promote, "bootstrap", name, "--yes", principal=f"{name}-admin", source=name)
            for name in ESTATE
        ]
        for each in done:
            each.result()


def _people(world: Live) -> None:
    data, date = world.estate.story.build / "data", world.estate.story.now().date().isoformat()
    told = {
        "root": str(world.repository),
        "bucket": world.estate.story.dev.settings["buckets"]["data"],
        "dev-admin": world.variables_of("dev-admin"),
        "approver": world.variables_of("approver"),
        "deliveries": {
            "mammography/training/part-1.csv": str(data / "training/part-1.csv"),
            f"mammography/batches/{date}/batch.csv": str(data / "batches/clean-1.csv"),
        },
    }
    (world.folder / "people.json").write_text(json.dumps(told))


def _act(world: Live, act: str) -> list[str]:
    return [sys.executable, str(HERE / "people.py"), str(world.folder / "people.json"), act]


@pytest.fixture(scope="module")
def merged(live: Live) -> Trace:
    """The merge, from accounts in which nothing is."""
    before = {"Train in dev": _act(live, "deliver"), "Inference in dev": _act(live, "approve")}
    return live.run({"BRANCH_NAME": "main"}, "main", inputs=APPROVED, before=before)


def _said(live: Live, trace: Trace) -> str:
    log = (live.folder / "jenkins" / f"log-{live.last}.txt").read_text()
    reasons = [each for each in trace.events if each["kind"] in {"failure", "interruption"}]
    return f"{reasons}\n{log[-6000:]}"


def _pipelines(live: Live, environment: str) -> dict[str, str]:
    """Return the pipelines of an account with the release that each one carries."""
    sagemaker = live.estate.client("sagemaker", environment)
    found = {}
    for pipeline in sagemaker.list_pipelines()["PipelineSummaries"]:
        tags = sagemaker.list_tags(ResourceArn=pipeline["PipelineArn"])["Tags"]
        found[pipeline["PipelineName"]] = next(
            each["Value"] for each in tags if "release" in each["Key"].lower()
        )
    return found


def test_merge__empty_accounts__takes_the_project_to_a_promoted_release(
    live: Live, merged: Trace
) -> None:
    assert merged.result == "SUCCESS", _said(live, merged)
    skipped = {name for name, outcome in merged.stages.items() if outcome == "SKIPPED"}
    assert skipped == {"Review", "Inference in prod", "Move", "Nightly"}
    dev, prod = _pipelines(live, "dev"), _pipelines(live, "prod")
    assert dev == prod
    assert sorted(prod) == ["mammography-inference", "mammography-train"]
    archive = live.folder / "jenkins" / "archive" / "1"
    published = json.loads((archive / "build" / "published.json").read_text())
    assert {each["digest"] for each in published["releases"]} == set(prod.values())
    status = json.loads((archive / "build" / "status.json").read_text())["statuses"]
    assert [(each["environment"], each["model_in_service"]) for each in status] == [("prod", 1)]


def test_merge__prints__no_secret(live: Live, merged: Trace) -> None:
    assert merged.result == "SUCCESS", _said(live, merged)
    log = (live.folder / "jenkins" / "log-1.txt").read_text()
    jenkins = live.estate.sandbox.environment("jenkins")
    assert "promote apply" in log
    assert [
        name for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN") if jenkins[name] in log
    ] == []


def test_pull_request__after_the_merge__reads_as_the_plan_role_and_changes_nothing(
    live: Live, merged: Trace
) -> None:
    assert merged.result == "SUCCESS", _said(live, merged)
    git(live.repository, "checkout", "--quiet", "-b", "feature")
    step = live.repository / "pipelines" / "mammography" / "steps" / "preprocess.py"
    step.write_text(step.read_text() + "\n# a change to review\n")
    git(live.repository, "commit", "--quiet", "--all", "--message", "feat: Change a step")
    git(live.repository, "checkout", "--quiet", "main")
    live.estate.sandbox.settle()
    before = _pipelines(live, "dev"), _pipelines(live, "prod")
    with live.estate.labelled("pull request"):
        variables = {"BRANCH_NAME": "PR-7", "CHANGE_ID": "7", "CHANGE_TARGET": "main"}
        trace = live.run(variables, "feature")
    assert trace.result == "SUCCESS", _said(live, trace)
    assert trace.ran == ["Check", "Decide", "Lint", "Test", "Build", "Review"]
    asked = [each for each in live.estate.journal if each.label == "pull request"]
    allowed = [each.request for each in asked if each.decision.allowed]
    assert {each.action for each in allowed if not READS.fullmatch(each.action)} == set()
    sessions = [each.caller for each in allowed if each.caller.kind == "session"]
    roles = {str(each.role_arn).rpartition("/")[2] for each in sessions}
    assert roles == {CONFIGURED["JENKINS_ROLE"], CONFIGURED["PLAN_ROLE"]}
    assert [each.caller.arn for each in allowed if each.caller.kind == "user"] == []
    assert (_pipelines(live, "dev"), _pipelines(live, "prod")) == before
    comment = trace.steps("publishChecks")[0]["arguments"]["summary"]
    assert "### prod" in comment
    assert "a change to review" in comment


@pytest.mark.parametrize(
    ("session", "deploys_to_dev"),
    [
        ("readers()", "AccessDenied"),
        # What the stages of dev have, which nobody approves.
        ("readers() + [deployer('dev')]", "allowed"),
    ],
)
def test_stage__its_session__becomes_no_role_but_its_own(
    live: Live, merged: Trace, session: str, deploys_to_dev: str
) -> None:
    assert merged.result == "SUCCESS", _said(live, merged)
    jenkinsfile = live.folder / "Jenkinsfile.stolen"
    text = (ROOT / "Jenkinsfile").read_text()
    reviewing = "acting(readers()) { review() }"
    assert reviewing in text
    jenkinsfile.write_text(text.replace(reviewing, f"acting({session}) {{ sh 'steal' }}"))
    program = live.stand_in / "bin" / "steal"
    program.write_text(f"#!{sys.executable}\n{(HERE / 'steal.py').read_text()}")
    program.chmod(0o755)
    live.jenkinsfile = jenkinsfile
    trace = live.run({"BRANCH_NAME": "PR-8", "CHANGE_ID": "8", "CHANGE_TARGET": "main"}, "feature")
    live.jenkinsfile = ROOT / "Jenkinsfile"
    stolen = json.loads((live.stand_in / "stolen.json").read_text())
    assert trace.stages["Review"] == "FAILURE"
    assert stolen == {
        "PLAN_ROLE in PROD_ACCOUNT": "allowed",
        "DEPLOY_ROLE in PROD_ACCOUNT": "AccessDenied",
        "DEPLOY_ROLE in DEV_ACCOUNT": deploys_to_dev,
        "BUILD_ROLE in JENKINS_ACCOUNT": "AccessDenied",
        "JENKINS_ROLE in JENKINS_ACCOUNT": "AccessDenied",
        "without a session": "NoCredentials",
    }
