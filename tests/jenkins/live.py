"""The real commands in the real sandbox: an estate, its builds, and what people do beside them."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from sandbox.demo.commands import environment_of_command
from sandbox.demo.story import ESTATE, prepare_data
from sandbox.proof.estate import Estate, open_estate
from sandbox.proof.project import copy_project

from .world import CONFIGURED, HERE, ROOT, Harness, Trace, World, git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Live(World):
    """A World in which `promote` is real; only `make` is not, which would run these tests."""

    estate: Estate

    def variables_of(self, principal: str) -> dict[str, str]:
        """Return all variables with which a process acts as a principal."""
        return environment_of_command(self.estate.sandbox.environment(principal))

    def run(self, variables: dict[str, str], branch: str = "main", **more: Any) -> Trace:
        """Run a build of a branch; the agent has no credentials, the controller Jenkins'."""
        agent = {
            name: value
            for name, value in self.variables_of("jenkins").items()
            if not name.startswith(("AWS_ACCESS", "AWS_SECRET", "AWS_SESSION"))
        }
        agent["PATH"] = f"{self.stand_in / 'bin'}:{agent['PATH']}"
        # No source is built twice, nor packages installed: other tests do both.
        cache = self.folder / "cache"
        cache.mkdir(exist_ok=True)
        checkout = (
            f"git clone --quiet --branch {branch} {self.repository} . && ln -s {sys.prefix} .venv "
            f"&& mkdir build && ln -s {cache} build/cache"
        )
        return self.build(
            {**agent, **variables},
            checkout=["sh", "-c", checkout],
            controller=[sys.executable, str(HERE / "controller.py")],
            controller_variables=self.variables_of("jenkins"),
            **more,
        )

    def install(self, name: str, source: Path) -> None:
        """Put a Python program onto the agents' PATH."""
        program = self.stand_in / "bin" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!{sys.executable}\n{source.read_text()}")
        program.chmod(0o755)

    def act(self, act: str) -> list[str]:
        """Return the command with which a person acts while a build goes on."""
        return [sys.executable, str(HERE / "people.py"), str(self.folder / "people.json"), act]

    def log(self, number: int) -> str:
        """Return what a build printed."""
        return (self.folder / "jenkins" / f"log-{number}.txt").read_text()

    def said(self, trace: Trace) -> str:
        """Return why a build ended as it did; for the message of a failing test."""
        reasons = [each for each in trace.events if each["kind"] in {"failure", "interruption"}]
        return f"{reasons}\n{self.log(self.last)[-6000:]}"

    def archived(self, number: int, name: str) -> Any:
        """Return a JSON file that a build archived."""
        return json.loads((self.folder / "jenkins/archive" / str(number) / name).read_text())

    def releases(self, environment: str) -> dict[str, str]:
        """Return the pipelines of an account with the release that each one carries."""
        sagemaker = self.estate.client("sagemaker", environment)
        found = {}
        for pipeline in sagemaker.list_pipelines()["PipelineSummaries"]:
            tags = sagemaker.list_tags(ResourceArn=pipeline["PipelineArn"])["Tags"]
            found[pipeline["PipelineName"]] = next(
                each["Value"] for each in tags if "release" in each["Key"].lower()
            )
        return found

    def definitions(self, environment: str) -> dict[str, tuple[str, str]]:
        """Return the definition and the description of each pipeline of an account."""
        sagemaker = self.estate.client("sagemaker", environment)
        names = [each["PipelineName"] for each in sagemaker.list_pipelines()["PipelineSummaries"]]
        told = {name: sagemaker.describe_pipeline(PipelineName=name) for name in names}
        return {
            name: (each["PipelineDefinition"], each["PipelineDescription"])
            for name, each in told.items()
        }

    def records(self, environment: str, kind: str) -> list[dict[str, Any]]:
        """Return the ledger's entries of a kind about an environment, the newest first."""
        self.estate.sandbox.settle()
        told = self.estate.story.commands.promote(
            "history", "--environment", environment, "--kind", kind, "--json", "--limit", "0",
            principal="auditor", shown=False,
        )  # fmt: skip
        entries: list[dict[str, Any]] = json.loads(told.output)["entries"]
        return entries


@contextlib.contextmanager
def open_live(harness: Harness, folder: Path) -> Iterator[Live]:
    """Start empty accounts that their administrators have bootstrapped, and the project beside."""
    project = copy_project(ROOT, folder / "project", ROOT / "tests" / "environments")
    told = io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        open_estate(project, Console(file=told, width=160)) as estate,
    ):
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        live = Live(harness, folder, project)
        live.estate = estate
        live.install("make", HERE / "stand_in.py")
        prepare_data(estate.story)
        _bootstrap(estate)
        _people(live)
        yield live


def _bootstrap(estate: Estate) -> None:
    promote = estate.story.commands.promote
    with ThreadPoolExecutor(len(ESTATE)) as pool:
        done = [
            pool.submit(promote, "bootstrap", name, "--yes", principal=f"{name}-admin", source=name)
            for name in ESTATE
        ]
        for each in done:
            each.result()


def _people(live: Live) -> None:
    data, date = live.estate.story.build / "data", live.estate.story.now().date().isoformat()
    told = {
        "root": str(live.repository),
        "bucket": live.estate.story.dev.settings["buckets"]["data"],
        "dev-admin": live.variables_of("dev-admin"),
        "prod-admin": live.variables_of("prod-admin"),
        "approver": live.variables_of("approver"),
        "deliveries": {
            "mammography/training/part-1.csv": str(data / "training/part-1.csv"),
            f"mammography/batches/{date}/batch.csv": str(data / "batches/clean-1.csv"),
        },
        "denied": {"role": CONFIGURED["DEPLOY_ROLE"], "pipeline": "mammography-train"},
    }
    (live.folder / "people.json").write_text(json.dumps(told))


def commit_change(live: Live, branch: str, path: str) -> str:
    """Commit a change to a file in a branch of its own, and return the commit that it is from."""
    base = git(live.repository, "rev-parse", "HEAD")
    git(live.repository, "checkout", "--quiet", "-b", branch)
    file = live.repository / path
    file.write_text(f"{file.read_text()}\n# a change to review\n")
    git(live.repository, "commit", "--quiet", "--all", "--message", f"feat: Change {path}")
    git(live.repository, "checkout", "--quiet", "main")
    return base
