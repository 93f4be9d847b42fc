"""Fixtures of applies that are killed or meet: an account with a ledger, and a way to stand in it.

The account is the sandbox's, with IAM enforced and the ledger's real function. Between a `promote`
in a process of its own and the account stands a relay, which may act at each write that passes.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from promotion.aws.ledger import LedgerItems
from promotion.build import package_handlers
from promotion.build.archive import new_release
from promotion.cli.main import main
from promotion.cli.ui import Ui
from promotion.ledger.verify import verify
from sandbox.accounts import load_accounts
from sandbox.server import Sandbox

from ...bench.account import document, furnish_registry

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

ROOT = Path(__file__).resolve().parents[3]
DEV, REGISTRY = "333333333333", "222222222222"
STATE, DATA = "acme-ml-dev-tfstate", "acme-ml-dev-data"
WRITES = re.compile(r"(Create|Update|Delete|Add)[A-Z]")


def furnish_dev(sandbox: Sandbox) -> None:
    s3 = sandbox.client("s3", "dev-admin")
    for bucket in (STATE, DATA):
        s3.create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}}
    sandbox.client("iam", "dev-admin").create_role(
        RoleName="sagemaker-execution-role-mammography",
        AssumeRolePolicyDocument=document({**trust, "Action": "sts:AssumeRole"}),
    )


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    exit_code: int
    stdout: str
    stderr: str


@dataclass
class Account:
    """The account dev, a project that promotes into it, and what lies in it.

    Attributes:
        sandbox: the accounts.
        root: the project's folder.
    """

    sandbox: Sandbox
    root: Path

    @property
    def plan_path(self) -> str:
        return str(self.root / "build" / "plans" / "dev.plan")

    def promote(self, *words: str) -> Ended:
        """Run a command in this process, past the relay."""
        out, err = io.StringIO(), io.StringIO()
        code = main(["--root", str(self.root), *words], ui=Ui(stdout=out, stderr=err))
        return Ended(code, out.getvalue(), err.getvalue())

    def release(self, commit: str, message: str) -> None:
        """Write a release as the only one in `build/releases/`."""
        definitions = {
            "train": _definition(
                message, ("MinimumAuc", "Float", 0.5), ("TrainingInstanceType", "String", "x")
            ),
            "inference": _definition("steady", ("TransformInstanceType", "String", "x")),
        }
        code = {"steps/preprocess.py": f"print({message!r})\n".encode()}
        declaration = b'name = "mammography"\n'
        folder = self.root / "build" / "releases"
        shutil.rmtree(folder, ignore_errors=True)
        new_release(
            use_case="mammography",
            git_commit=commit,
            dirty=False,
            built_with={"sagemaker-promotion": "0.1.0"},
            definitions=definitions,
            code=code,
            declaration=declaration,
            functions=b"zip",
        ).write(folder)

    def pipelines(self) -> dict[str, Any]:
        """Return definition, role and tags of every pipeline."""
        client = self.sandbox.client("sagemaker", "dev-admin")
        found = {}
        for summary in client.list_pipelines()["PipelineSummaries"]:
            pipeline = client.describe_pipeline(PipelineName=summary["PipelineName"])
            tags = client.list_tags(ResourceArn=summary["PipelineArn"])["Tags"]
            found[summary["PipelineName"]] = {
                "definition": json.loads(pipeline["PipelineDefinition"]),
                "role": pipeline["RoleArn"],
                "tags": {tag["Key"]: tag["Value"] for tag in tags},
            }
        return found

    def objects(self, bucket: str) -> dict[str, str]:
        """Return the entity tag of every object by its key."""
        listed = self.sandbox.client("s3", "dev-admin").list_objects_v2(Bucket=bucket)
        return {each["Key"]: each["ETag"] for each in listed.get("Contents", [])}

    def empty(self, kept: Collection[str] = ()) -> None:
        """Remove the pipelines, the lock, and the code but for what is kept."""
        sagemaker = self.sandbox.client("sagemaker", "dev-admin")
        for name in self.pipelines():
            sagemaker.delete_pipeline(PipelineName=name, ClientRequestToken=uuid4().hex)
        s3 = self.sandbox.client("s3", "dev-admin")
        for bucket in (DATA, STATE):
            for key in set(self.objects(bucket)) - set(kept):
                s3.delete_object(Bucket=bucket, Key=key)

    def records(self) -> list[dict[str, Any]]:
        """Return what the ledger has, after proving that it is whole."""
        client = self.sandbox.client("dynamodb", "registry-admin")
        items = LedgerItems(client, REGISTRY, "acme-ml-ledger")
        entries = list(items.entries())
        assert verify(entries, list(items.receipts())) == ()
        return [json.loads(entry.body)["record"] for entry in entries]


def _definition(message: str, *parameters: tuple[str, str, Any]) -> dict[str, Any]:
    text = f"{message} ${{code.steps/preprocess.py}}"
    return {
        "Version": "2020-12-01",
        "Metadata": {},
        "Parameters": [
            {"Name": name, "Type": type_, "DefaultValue": value}
            for name, type_, value in parameters
        ],
        "Steps": [{"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": text}}],
    }


@dataclass
class Relay:
    """Passes requests on to the sandbox, and lets a test act at each write.

    Attributes:
        target: address of the sandbox.
        before: called with the number of the write, from 1, before it is passed on; it is not,
            when this returns True.
        after: called when the sandbox has answered, before the answer is passed back.
        writes: operation of every write, in order.
    """

    target: str
    before: Callable[[int], bool | None] = lambda _: None
    after: Callable[[int], object] = lambda _: None
    writes: list[str] = field(default_factory=list)
    url: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, operation: str) -> int:
        with self._lock:
            self.writes.append(operation)
            return len(self.writes)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start `promote` in a process of its own, through the relay."""
        return subprocess.Popen(
            [str(Path(sys.executable).with_name("promote")), *words],
            env={**os.environ, "AWS_ENDPOINT_URL": self.url},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


class _Handler(BaseHTTPRequestHandler):
    """Passes one request on; signatures hold because the host that was signed is passed on too."""

    protocol_version = "HTTP/1.1"
    relay: Relay

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        operation = self._write()
        number = self.relay.count(operation) if operation else 0
        if number and self.relay.before(number):
            self.close_connection = True
            return
        connection = http.client.HTTPConnection(urlsplit(self.relay.target).netloc, timeout=60)
        try:
            connection.putrequest(
                self.command, self.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in self.headers.items():
                if name.lower() != "expect":
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if number:
            self.relay.after(number)
        self._answer(answer, content)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve

    def _write(self) -> str:
        """Return the operation when it is a write; empty otherwise."""
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if target:
            return target if WRITES.match(target) else ""
        if "/functions/" in self.path:
            return "Invoke"
        if self.command in {"PUT", "DELETE"}:
            kind = "lock" if ".lock" in self.path else "object"
            return f"{self.command.title()} {kind}"
        return ""

    def _answer(self, answer: http.client.HTTPResponse, content: bytes) -> None:
        try:
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                    self.send_header(name, value)
            length = answer.getheader("Content-Length") if self.command == "HEAD" else None
            self.send_header("Content-Length", length or str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            self.close_connection = True  # the process was killed meanwhile

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        """Write nothing."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    accounts = load_accounts(ROOT / "tests" / "environments")
    with Sandbox(accounts, workspace=tmp_path_factory.mktemp("sandbox")) as sandbox:
        package = package_handlers(ROOT, tmp_path_factory.mktemp("package")).read_bytes()
        furnish_registry(sandbox, package, ["mammography"])
        furnish_dev(sandbox)
        yield sandbox


@pytest.fixture
def account(
    running: Sandbox, no_real_aws: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Account:
    """The account as dev's administrator promotes into it."""
    for name, value in running.environment("dev-admin").items():
        monkeypatch.setenv(name, value)
    shutil.copytree(ROOT / "tests" / "environments", tmp_path / "project" / "environments")
    return Account(running, tmp_path / "project")


@pytest.fixture
def relay(running: Sandbox) -> Iterator[Relay]:
    relay = Relay(running.endpoint_url)
    handler = type("Handler", (_Handler,), {"relay": relay})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        relay.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield relay
        finally:
            server.shutdown()
            thread.join()
