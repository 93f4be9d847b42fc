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

from promotion.aws.ledger import LedgerItems
from sandbox.demo.commands import environment_of_command
from sandbox.demo.story import ESTATE, prepare_data
from sandbox.proof.estate import Estate, lock_keys, open_estate
from sandbox.proof.project import copy_project

from .chapters import Accounts, Chapter, Pipeline
from .world import CONFIGURED, HERE, ROOT, Harness, Trace, World, git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.authorization.journal import Entry


class Live(World):
    """A World in which `promote` is real; only `make` is not, which would run these tests."""

    estate: Estate

    def variables_of(self, principal: str) -> dict[str, str]:
        """Return all variables with which a process acts as a principal."""
        return environment_of_command(self.estate.sandbox.environment(principal))

    def scenario(
        self, number: int, variables: dict[str, str], *, branch: str = "main", **more: Any
    ) -> Path:
        """Write a scenario of a branch; the agent has no credentials, the controller Jenkins'."""
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
        return super().scenario(
            number,
            {**agent, **variables},
            checkout=["sh", "-c", checkout],
            controller=[sys.executable, str(HERE / "controller.py")],
            controller_variables=self.variables_of("jenkins"),
            **more,
        )

    def chapter(self, variables: dict[str, str], **more: Any) -> Chapter:
        """Run a build, and look at what it has done."""
        self.estate.sandbox.settle()
        label = f"build {self.last + 1}"
        with self.estate.labelled(label):
            trace = self.build(variables, **more)
        asked = tuple(each for each in self.estate.journal if each.label == label)
        return self.told(self.last, trace, asked)

    def told(self, number: int, trace: Trace, asked: tuple[Entry, ...]) -> Chapter:
        """Return what a build has done."""
        log = (self.folder / "jenkins" / f"log-{number}.txt").read_text()
        return Chapter(number, trace, asked, self.accounts_now(), log)

    def install(self, name: str, source: Path) -> None:
        """Put a Python program onto the agents' PATH."""
        program = self.stand_in / "bin" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!{sys.executable}\n{source.read_text()}")
        program.chmod(0o755)

    @property
    def owned(self) -> Path:
        """File that parameters try to write; not in a workspace, which is wiped."""
        return self.folder / "owned"

    def act(self, act: str) -> list[str]:
        """Return the command with which a person acts while a build goes on."""
        return [sys.executable, str(HERE / "people.py"), str(self.folder / "people.json"), act]

    def archived(self, number: int, name: str) -> Any:
        """Return a JSON file that a build archived."""
        return json.loads((self.folder / "jenkins/archive" / str(number) / name).read_text())

    def accounts_now(self) -> Accounts:
        """Return what is in the accounts, as their administrators see it."""
        return Accounts(
            {name: self._pipelines(name) for name in ("dev", "prod")},
            tuple(self._ledger()),
            tuple(each for name in ESTATE for each in self._locks(name)),
        )

    def _pipelines(self, environment: str) -> dict[str, Pipeline]:
        sagemaker = self.estate.client("sagemaker", environment)
        names = [each["PipelineName"] for each in sagemaker.list_pipelines()["PipelineSummaries"]]
        found = {}
        for name in names:
            told = sagemaker.describe_pipeline(PipelineName=name)
            tags = sagemaker.list_tags(ResourceArn=told["PipelineArn"])["Tags"]
            found[name] = Pipeline(
                told["PipelineDefinition"],
                told["PipelineDescription"],
                {each["Key"]: each["Value"] for each in tags},
            )
        return found

    def _ledger(self) -> Iterator[dict[str, Any]]:
        settings = self.estate.story.accounts["registry"].settings
        client = self.estate.client("dynamodb", "registry")
        items = LedgerItems(client, settings["account_id"], settings["ledger"]["table"])
        yield from (json.loads(each.body)["record"] for each in items.entries())

    def _locks(self, environment: str) -> Iterator[str]:
        s3, account = self.estate.client("s3", environment), self.estate.story.accounts[environment]
        bucket, locks = account.settings["buckets"]["state"], lock_keys(environment)
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"accounts/{environment}/")
        yield from (
            f"s3://{bucket}/{each['Key']}"
            for each in listed.get("Contents", [])
            if each["Key"] in locks
        )


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
