"""Builds of the real Jenkinsfile: scenarios handed to the Groovy harness, traces read back."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MISSING = (
    "{} is missing: a Groovy harness runs the Jenkinsfile and needs Groovy 2.4 and Java 17. "
    "Install Debian's packages (apt-get install groovy default-jre-headless), then run it again."
)
# What mlops-infra/jenkins/jenkins.yaml gives every build.
CONFIGURED = {
    "APPROVERS": "acme*ml-approvers",
    "JENKINS_ACCOUNT": "111111111111",
    "REGISTRY_ACCOUNT": "222222222222",
    "DEV_ACCOUNT": "333333333333",
    "PROD_ACCOUNT": "444444444444",
    "JENKINS_ROLE": "jenkins-role",
    "EXTERNAL_ID": "acme-ml-jenkins",
    "PLAN_ROLE": "jenkins-plan-role",
    "DEPLOY_ROLE": "cross-account-jenkins-role",
    "BUILD_ROLE": "jenkins-build-role",
    "PROMOTION_REGION": "eu-west-1",
    "PROMOTION_TOPIC": "arn:aws:sns:eu-west-1:111111111111:acme-ml-jenkins-alerts",
    "PROMOTION_MAIL": "ml-platform@example.com",
}


@dataclass(frozen=True)
class Answer:
    """What the harness answers.

    Attributes:
        status: 0 done, however a build ended; 3 Jenkins would refuse; 4 a bad scenario; 1 a fault.
        out: the result.
        err: what is wrong.
    """

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Compiled:
    """The compiled harness.

    Attributes:
        classes: folder of its classes.
        java: the program `java`.
        groovy: Groovy's jar.
    """

    classes: Path
    java: str
    groovy: Path

    @contextlib.contextmanager
    def serving(self) -> Iterator[Harness]:
        """Start a harness for many builds: a Java machine of its own for each takes seconds."""
        path = os.pathsep.join([str(self.groovy), str(self.classes)])
        words = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", path, "Harness"]
        with subprocess.Popen(
            [self.java, *words, str(HERE / "harness" / "plugins.json")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            yield Harness(process)


@dataclass(frozen=True)
class Harness:
    """The running harness.

    Attributes:
        process: Reads requests, writes answers.
    """

    process: subprocess.Popen[str]

    def run(self, jenkinsfile: Path, scenario: Path, trace: Path) -> Answer:
        """Run a Jenkinsfile."""
        return self._ask("run", jenkinsfile, scenario, trace)

    def problems(self, *jenkinsfiles: Path) -> dict[str, list[str]]:
        """Return what Jenkins would refuse in each file, by its path."""
        found: dict[str, list[str]] = json.loads(self._ask("check", *jenkinsfiles).out)
        return found

    def calls(self, script: Path) -> list[str]:
        """Return the names of everything that a Groovy script calls."""
        found: list[str] = json.loads(self._ask("calls", script).out)
        return found

    def _ask(self, mode: str, *files: Path) -> Answer:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([mode, *map(str, files)]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the harness has ended; its messages are on standard error"
        return Answer(**json.loads(line))


def compile_harness(folder: Path) -> Compiled:
    """Compile the harness below a folder, unless these sources are there already.

    Raises:
        RuntimeError: Groovy or Java is missing, with what to install; or it does not compile.
    """
    java, groovy = shutil.which("java"), _groovy()
    if java is None or groovy is None:
        raise RuntimeError(MISSING.format("Java" if java is None else "Groovy"))
    sources = sorted((HERE / "harness").glob("*.groovy"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    if (folder / digest).is_dir():
        return Compiled(folder / digest, java, groovy)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as fresh:
        compiler = "org.codehaus.groovy.tools.FileSystemCompiler"
        words = [java, "-cp", str(groovy), compiler, "-d", fresh, *map(str, sources)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"the harness does not compile: {done.stdout}{done.stderr}")
        # Whoever else compiles the same beside us is as good.
        with contextlib.suppress(OSError):
            shutil.copytree(fresh, f"{fresh}-whole")
            Path(f"{fresh}-whole").rename(folder / digest)
    return Compiled(folder / digest, java, groovy)


def _groovy() -> Path | None:
    """Return Groovy's jar: Debian's, or one below GROOVY_HOME."""
    home = Path(os.environ.get("GROOVY_HOME", "/usr/share/java"))
    found = [*home.glob("groovy-all*.jar"), *home.glob("embeddable/groovy-all*.jar")]
    return next((jar for jar in sorted(found) if jar.is_file()), None)


@dataclass(frozen=True)
class Trace:
    """What a build did.

    Attributes:
        result: SUCCESS, UNSTABLE, FAILURE, ABORTED or NOT_BUILT.
        events: agents, stages, steps and post conditions in their order.
        calls: commands that ran in this build, with the roles that they could become.
    """

    result: str
    events: list[dict[str, Any]]
    calls: list[dict[str, Any]] = field(default_factory=list)

    @property
    def stages(self) -> dict[str, str]:
        """Outcome of each stage, in their order."""
        return {each["stage"]: each["outcome"] for each in self.events if each["kind"] == "stage"}

    @property
    def ran(self) -> list[str]:
        """Stages that were not skipped."""
        return [name for name, outcome in self.stages.items() if outcome != "SKIPPED"]

    @property
    def lines(self) -> list[str]:
        """Command lines of what was called."""
        return [call["line"] for call in self.calls]

    def steps(self, name: str) -> list[dict[str, Any]]:
        """Events of a step."""
        return [each for each in self.events if each.get("step") == name]

    def called(self, start: str) -> list[str]:
        """Command lines that begin so."""
        return [line for line in self.lines if line.startswith(start)]


@dataclass
class World:
    """A repository, stand-ins for commands, and the builds in it.

    Attributes:
        harness: Runs Jenkinsfiles.
        folder: Everything is below it.
        repository: What builds check out.
        jenkinsfile: The Jenkinsfile.
    """

    harness: Harness
    folder: Path
    repository: Path
    jenkinsfile: Path = ROOT / "Jenkinsfile"
    last: int = 0

    @property
    def stand_in(self) -> Path:
        """Folder of the stand-ins' notes."""
        return self.folder / "stand-in"

    @property
    def accounts(self) -> dict[str, Any]:
        """What was applied, by name of the plan."""
        path = self.stand_in / "accounts.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def answers(self, codes: dict[str, list[int]]) -> None:
        """Say with which exit codes commands answer, by the beginning of the command line."""
        (self.stand_in / "answers.json").write_text(json.dumps(codes))

    def commit(self, path: str, content: str = "changed\n") -> str:
        """Commit a change to a file and return the commit."""
        file = self.repository / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        git(self.repository, "add", "--all")
        git(self.repository, "commit", "--quiet", "--message", path)
        return git(self.repository, "rev-parse", "HEAD")

    def scenario(self, number: int, variables: dict[str, str], **more: Any) -> Path:
        """Write a scenario and return its file."""
        own = {
            "PATH": os.pathsep.join([str(self.stand_in / "bin"), os.environ["PATH"]]),
            "HOME": str(self.folder),
            "STAND_IN": str(self.stand_in),
            "BUILD_NUMBER": str(number),
            "BUILD_URL": f"https://jenkins.example.com/job/promotion/{number}/",
            "JOB_NAME": "promotion/main",
            "JOB_BASE_NAME": "main",
            **CONFIGURED,
        }
        document = {
            "number": number,
            "work": str(self.folder / "jenkins"),
            "variables": {**own, **variables},
            "controller": [sys.executable, "-IS", str(HERE / "controller.py")],
            "controller_variables": {},
            "checkout": ["git", "clone", "--quiet", str(self.repository), "."],
            "parameters": {},
            "groups": {"alice": ["acme*ml-approvers"], "mallory": []},
            **more,
        }
        (self.folder / "jenkins").mkdir(exist_ok=True)
        path = self.folder / f"scenario-{number}.json"
        path.write_text(json.dumps(document))
        return path

    def trace(self, number: int) -> Path:
        """Return the file of a build's trace."""
        return self.folder / f"trace-{number}.json"

    def build(self, variables: dict[str, str] | None = None, **more: Any) -> Trace:
        """Run a build: of `main` unless the variables say otherwise."""
        self.last = more.pop("number", self.last + 1)
        scenario = self.scenario(self.last, variables or {"BRANCH_NAME": "main"}, **more)
        trace = self.trace(self.last)
        before = len(self.calls())
        done = self.harness.run(self.jenkinsfile, scenario, trace)
        assert done.status == 0, done.err
        return self.read(trace, before)

    def read(self, trace: Path, before: int = 0) -> Trace:
        """Read a trace back."""
        document = json.loads(trace.read_text())
        return Trace(document["result"], document["events"], self.calls()[before:])

    def calls(self) -> list[dict[str, Any]]:
        """Every command that was called so far, in all builds."""
        path = self.stand_in / "calls.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def git(folder: Path, *words: str) -> str:
    """Run git and return what it prints."""
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgSign=false"]
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def make_world(harness: Harness, folder: Path) -> World:
    """Make a small repository with the project's environments, and the stand-ins."""
    repository = folder / "repository"
    shutil.copytree(ROOT / "tests" / "environments", repository / "environments")
    use_case = repository / "pipelines" / "mammography" / "use_case.toml"
    use_case.parent.mkdir(parents=True)
    shutil.copy(ROOT / "pipelines" / "mammography" / "use_case.toml", use_case)
    git(folder, "init", "--quiet", "--initial-branch=main", str(repository))
    world = World(harness, folder, repository)
    (world.stand_in / "bin").mkdir(parents=True)
    for name in ("promote", "make", "terraform"):
        program = world.stand_in / "bin" / name
        body = (HERE / "stand_in.py").read_text()
        program.write_text(f"#!{sys.executable} -IS\n{body}")
        program.chmod(0o755)
    world.commit("README.md")
    return world
