"""Fixtures of the commands that call AWS: accounts in moto, a project folder, a fake Terraform.

moto runs in this process. It cannot invoke a function of another account, so that the functions of
the ledger are answered here: by the handler that they run, on a table in memory. The caller is in
account 123456789012, outside all environments, and reaches each of them through its plan and deploy
roles. Terraform is a real subprocess: a small script that does what the test laid down for it.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shutil
import stat
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlparse

import boto3
import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.handlers import BUILTIN_HANDLERS
from botocore.loaders import create_loader
from moto import mock_aws
from moto.core.botocore_stubber import MockRawResponse
from moto.kms.responses import KmsResponse
from moto.moto_api import recorder

from promotion.aws.signing import KmsSigner
from promotion.build.archive import new_release
from promotion.build.lambda_package import handlers_zip
from promotion.cli.main import main
from promotion.cli.ui import Ui
from promotion.handlers.ledger import Origin, take_stated
from promotion.handlers.ledger_table import LedgerTable
from promotion.ledger.check import RecordRefused
from sandbox.services import kms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from botocore.awsrequest import AWSPreparedRequest

    from promotion.build.release import Release
    from promotion.handlers.ledger_table import Written
    from promotion.ledger.record import Record

REPOSITORY = Path(__file__).resolve().parents[4]
REGION = "eu-west-1"
DEV, PROD, REGISTRY, TOOLING = "333333333333", "444444444444", "222222222222", "111111111111"
ENVIRONMENTS = {"tooling": TOOLING, "registry": REGISTRY, "dev": DEV, "prod": PROD}
GROUP_ARN = f"arn:aws:sagemaker:{REGION}:{REGISTRY}:model-package-group/mammography"
ROLE = "sagemaker-execution-role-mammography"
BUCKET = "acme-ml-dev-data"
ARTIFACTS, LEDGER = "acme-ml-model-artifacts", "acme-ml-ledger"
# botocore's models of the services, which a session else reads anew: megabytes of JSON.
MODELS = create_loader()
READS = ("Describe", "List", "Get", "Head", "AssumeRole", "Search", "Query")


@pytest.fixture(autouse=True)
def fake_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("AWS_", "MOTO_", "TF_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)


@pytest.fixture
def act_in(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what gives the commands credentials of an account's own administrator."""

    def act(account_id: str) -> None:
        for name, value in aws.keys(account_id).items():
            monkeypatch.setenv(name, value)

    return act


@dataclass
class Ledger:
    """The ledger's functions of all accounts.

    Attributes:
        records: what was recorded, by the token in full.
        stated: how often anything was stated, recorded or not.
        refusal: error code with which Lambda refuses every call; empty while it does not.
        failure: what the function raises, as type and message; None while it does not.
    """

    records: dict[str, Record] = field(default_factory=dict)
    stated: int = 0
    refusal: str = ""
    failure: tuple[str, str] | None = None

    def append(self, record: Record, token: str) -> Written:
        repeated = token in self.records
        self.records.setdefault(token, record)
        place = list(self.records).index(token) + 1
        return {"sequence": place, "digest": "0" * 64, "repeated": repeated}

    def told(self) -> list[tuple[str, str, str, str]]:
        """Return kind, environment, use case and outcome of every record, in order."""
        return [
            (record.kind, record.environment, record.use_case, record.outcome)
            for record in self.records.values()
        ]

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        """Answer a request to a function of the ledger; None for all others."""
        called = re.search(
            rf"/functions/arn:aws:lambda:{REGION}:{REGISTRY}:function:acme-ml-registry-ledger-"
            r"(\w+)/invocations$",
            unquote(request.url),
        )
        return self._answer(request, called[1]) if called else None

    def _answer(self, request: AWSPreparedRequest, environment: str) -> AWSResponse:
        self.stated += 1
        headers: dict[str, str] = {}
        status = 200
        try:
            if self.refusal:
                status, headers = 403, {"x-amzn-ErrorType": self.refusal}
                answer: Any = {"Message": "no resource-based policy allows it"}
            elif self.failure:
                headers = {"X-Amz-Function-Error": "Unhandled"}
                answer = dict(zip(("errorType", "errorMessage"), self.failure, strict=True))
            else:
                origin = Origin(environment, ENVIRONMENTS[environment])
                answer = take_stated(json.loads(request.body), self, origin)
        except RecordRefused as error:
            headers = {"X-Amz-Function-Error": "Unhandled"}
            answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
        body = MockRawResponse(json.dumps(answer))
        return AWSResponse(request.url, status, HTTPHeaders.from_dict(headers), body)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """The ledger, and the only way to its functions for every client made from here on."""
    found = Ledger()
    entry = ("before-send", found)
    BUILTIN_HANDLERS.insert(0, entry)
    yield found
    BUILTIN_HANDLERS.remove(entry)


@dataclass
class Aws:
    """The accounts, and what was called in them."""

    recording: Path
    _keys: dict[str, dict[str, str]] = field(default_factory=dict)
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def keys(self, account_id: str) -> dict[str, str]:
        """Return environment variables that make a process one of an account."""
        if account_id not in self._keys:
            self._keys[account_id] = self._assume(account_id)
        return self._keys[account_id]

    def _assume(self, account_id: str) -> dict[str, str]:
        keys = self._made("sts", "").assume_role(
            RoleArn=f"arn:aws:iam::{account_id}:role/test", RoleSessionName="test"
        )["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        }

    def client(self, service: str, account_id: str) -> Any:
        """Return a client of an account, for what a test sets up or looks at."""
        return self._made(service, account_id)

    def _made(self, service: str, account_id: str) -> Any:
        """Return a client that is made once; of no account, it is the caller's own."""
        if (service, account_id) not in self._clients:
            keys = self.keys(account_id) if account_id else {}
            self._clients[service, account_id] = boto3.client(
                service, region_name=REGION, **{name.lower(): keys[name] for name in keys}
            )
        return self._clients[service, account_id]

    def prepare_workload(self, account_id: str = DEV, bucket: str = BUCKET) -> None:
        """Make what bootstrap and Terraform would: buckets, role, a group that it may see."""
        self.prepare_state(account_id)
        self.client("s3", account_id).create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        self.client("iam", account_id).create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}")
        # moto takes a foreign group's ARN for a name in the caller's own account.
        self.client("sagemaker", account_id).create_model_package_group(
            ModelPackageGroupName=GROUP_ARN
        )

    def prepare_state(self, account_id: str = DEV) -> None:
        """Make the state bucket as `promote bootstrap` does, with versions."""
        client = self.client("s3", account_id)
        client.create_bucket(
            Bucket=state_bucket(account_id),
            CreateBucketConfiguration={"LocationConstraint": REGION},
        )
        client.put_bucket_versioning(
            Bucket=state_bucket(account_id), VersioningConfiguration={"Status": "Enabled"}
        )

    def control(self, name: str, account_id: str = DEV) -> Any:
        """Return an object beside the Terraform state, as JSON; None when there is none."""
        client, bucket = self.client("s3", account_id), state_bucket(account_id)
        for found in client.list_objects_v2(Bucket=bucket).get("Contents", []):
            if found["Key"].endswith(f"/{name}"):
                return json.load(client.get_object(Bucket=bucket, Key=found["Key"])["Body"])
        return None

    def put_control(self, name: str, document: Any, account_id: str = DEV) -> None:
        """Write an object beside the Terraform state."""
        bucket = state_bucket(account_id)
        self.client("s3", account_id).put_object(
            Bucket=bucket,
            Key=f"accounts/{bucket.split('-')[2]}/{name}",
            Body=json.dumps(document).encode(),
        )

    def prepare_ledger(self) -> Any:
        """Make the ledger's table, unless it is there; return a client of its account."""
        client = self.client("dynamodb", REGISTRY)
        keys = {"series": "HASH", "place": "RANGE"}
        if LEDGER not in client.list_tables()["TableNames"]:
            client.create_table(
                TableName=LEDGER,
                KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
                AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in keys],
                BillingMode="PAY_PER_REQUEST",
            )
        return client

    def prepare_store(self) -> None:
        """Make the artifact bucket and the release signing key."""
        self.client("s3", REGISTRY).create_bucket(
            Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        client = self.client("kms", TOOLING)
        key = client.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
        client.create_alias(AliasName="alias/acme-ml-release-signing", TargetKeyId=key["KeyId"])

    def state(
        self,
        environment: str,
        token: str,
        *,
        recorded_at: str = "2026-02-01T00:00:00.000000Z",
        **record: Any,
    ) -> None:
        """Write a record to the ledger as its function for an environment does."""
        table = LedgerTable(self.prepare_ledger(), LEDGER, lambda: recorded_at)
        account_id = {"dev": DEV, "prod": PROD}[environment]
        whole = {
            "at": "2026-01-31T06:00:00.000000Z",
            "actor": f"arn:aws:iam::{account_id}:role/x",
            "environment": environment,
            "account_id": account_id,
            **record,
        }
        take_stated({"token": token, "record": whole}, table, Origin(environment, account_id))

    def pipelines(self, account_id: str = DEV) -> dict[str, dict[str, Any]]:
        """Return the pipelines of an account with their descriptions and tags, by name."""
        client = self.client("sagemaker", account_id)
        found = {}
        for summary in client.list_pipelines()["PipelineSummaries"]:
            pipeline = client.describe_pipeline(PipelineName=summary["PipelineName"])
            tags = client.list_tags(ResourceArn=summary["PipelineArn"])["Tags"]
            found[summary["PipelineName"]] = {
                "definition": json.loads(pipeline["PipelineDefinition"]),
                "role": pipeline["RoleArn"],
                "description": pipeline.get("PipelineDescription"),
                "tags": {tag["Key"]: tag["Value"] for tag in tags},
            }
        return found

    def start_recording(self) -> None:
        """Forget the calls so far and record from here."""
        self.recording.write_text("")
        recorder._location = str(self.recording)
        recorder.start_recording()

    def calls(self) -> list[str]:
        """Return the operations called since the recording was started."""
        recorder.stop_recording()
        return [_operation(json.loads(line)) for line in self.recording.read_text().splitlines()]

    def bodies(self, operation: str) -> list[dict[str, Any]]:
        """Return the requests of an operation since the recording was started."""
        recorder.stop_recording()
        entries = [json.loads(line) for line in self.recording.read_text().splitlines()]
        return [json.loads(_body(entry)) for entry in entries if _operation(entry) == operation]

    def assumed(self) -> list[tuple[str, str]]:
        """Return role name and external id of each AssumeRole since the recording was started."""
        recorder.stop_recording()
        bodies = (_body(json.loads(line)) for line in self.recording.read_text().splitlines())
        found = [parse_qs(body) for body in bodies if "Action=AssumeRole" in body]
        return [(each["RoleArn"][0].split("/")[-1], each["ExternalId"][0]) for each in found]

    def writes(self) -> list[str]:
        """Return the mutating operations called since the recording was started."""
        return [call for call in self.calls() if not call.startswith(READS)]


def state_bucket(account_id: str) -> str:
    """Return the name of an account's state bucket."""
    [name] = [name for name, found in ENVIRONMENTS.items() if found == account_id]
    return f"acme-ml-{name}-tfstate"


def _operation(entry: Mapping[str, Any]) -> str:
    target = entry["headers"].get("X-Amz-Target", "")
    if target:
        return str(target).rpartition(".")[2]
    host = urlparse(entry["url"]).netloc
    if "lambda" in host:
        return "Invoke"
    if "s3" in host:
        verb = {"GET": "Get", "HEAD": "Head", "PUT": "Put", "POST": "Post", "DELETE": "Delete"}
        return f"{verb[entry['method']]}Object"
    body = _body(entry)
    return next((part[7:] for part in body.split("&") if part.startswith("Action=")), body)


def _body(entry: Mapping[str, Any]) -> str:
    body = entry["body"] or ""
    return base64.b64decode(body).decode(errors="replace") if entry["body_encoded"] else str(body)


@pytest.fixture
def aws(tmp_path: Path, fake_credentials: None, ledger: Ledger) -> Iterator[Aws]:
    with mock_aws():
        session = botocore.session.get_session()
        session.register_component("data_loader", MODELS)
        boto3.setup_default_session(botocore_session=session)
        made = Aws(tmp_path / "recording")
        made.prepare_ledger()
        yield made
        recorder.stop_recording()


@pytest.fixture
def signing(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what signs with the release signing key, which KMS uses as AWS does.

    moto hashes a digest once more before it signs; the sandbox mends that.
    """
    sign_as_moto = KmsResponse.sign
    monkeypatch.setattr(KmsResponse, "sign", lambda request: kms.sign(sign_as_moto, request))
    aws.prepare_store()
    return KmsSigner(aws.client("kms", TOOLING), TOOLING, "alias/acme-ml-release-signing")


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


class Terminal(io.StringIO):
    """Standard input of a person at a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass
class Project:
    """A project folder, and `promote` run in it."""

    root: Path
    releases: list[Release] = field(default_factory=list)

    def promote(self, *words: str, answer: str | None = None) -> Result:
        """Run a command; `answer` is what a person at a terminal types."""
        out, err = io.StringIO(), io.StringIO()
        stdin = Terminal(answer) if answer is not None else io.StringIO()
        ui = Ui(stdout=out, stderr=err, stdin=stdin)
        exit_code = main(["--root", str(self.root), *words], ui=ui)
        return Result(exit_code, out.getvalue(), err.getvalue())

    def release(
        self,
        definitions: Mapping[str, Any] | None = None,
        code: Mapping[str, bytes] | None = None,
        commit: str = "c0ffee" * 6 + "c0ff",
        functions: bytes | None = None,
    ) -> Release:
        """Write a release of mammography as the only one in `build/releases/`."""
        definitions = definitions or {"train": TRAIN, "inference": INFERENCE}
        code = code if code is not None else {"steps/preprocess.py": b"import sys\nprint(1)\n"}
        declaration = b'name = "mammography"\n'
        release = new_release(
            use_case="mammography",
            git_commit=commit,
            dirty=False,
            built_with={"sagemaker-promotion": "0.1.0"},
            definitions=dict(definitions),
            code=code,
            declaration=declaration,
            functions=handlers_zip(self.root) if functions is None else functions,
        )
        folder = self.root / "build" / "releases"
        shutil.rmtree(folder, ignore_errors=True)
        release.write(folder)
        self.releases.append(release)
        return release

    def edit_environment(self, name: str, **values: Any) -> None:
        """Change top-level keys of an environment's file."""
        path = self.root / "environments" / f"{name}.tfvars.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def step(name: str, **arguments: Any) -> dict[str, Any]:
    """Return a processing step."""
    return {"Name": name, "Type": "Processing", "Arguments": {"RoleArn": "r", **arguments}}


TRAIN: dict[str, Any] = {
    "Version": "2020-12-01",
    "Metadata": {},
    "Parameters": [
        {"Name": "InputUri", "Type": "String", "DefaultValue": "s3://${env.data_bucket}/in/"},
        {"Name": "MinimumAuc", "Type": "Float", "DefaultValue": 0.5},
        {"Name": "TrainingInstanceType", "Type": "String", "DefaultValue": "ml.m5.xlarge"},
        {"Name": "Rounds", "Type": "Integer"},
    ],
    "Steps": [step("Preprocess", Code="${code.steps/preprocess.py}"), step("Train", Depth=3)],
}
INFERENCE: dict[str, Any] = {
    "Version": "2020-12-01",
    "Metadata": {},
    "Parameters": [
        {"Name": "TransformInstanceType", "Type": "String", "DefaultValue": "ml.m5.xlarge"}
    ],
    "Steps": [step("Transform", Commit="${release.git_commit}")],
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "project"
    shutil.copytree(REPOSITORY / "tests" / "environments", root / "environments")
    for name in ("dev", "registry", "prod", "tooling"):
        (root / "mlops-infra" / "accounts" / name).mkdir(parents=True)
    (root / "promotion" / "handlers").mkdir(parents=True)
    (root / "promotion" / "__init__.py").write_text("")
    (root / "promotion" / "handlers" / "__init__.py").write_text("")
    (root / "promotion" / "handlers" / "resolve_model.py").write_text("handler = print\n")
    return Project(root)


@dataclass(frozen=True)
class FakeTerraform:
    """The script on PATH, and what it does."""

    folder: Path

    def changes(self, *resources: Mapping[str, Any]) -> None:
        """Let the next plan contain these resource changes."""
        document = {"format_version": "1.2", "resource_changes": list(resources)}
        (self.folder / "plan.json").write_text(json.dumps(document))

    def fails(self, command: str, text: str) -> None:
        """Let a command write this to stderr and exit with 1."""
        (self.folder / f"fail-{command}").write_text(text)

    def recovers(self, command: str) -> None:
        """Let a command work again."""
        (self.folder / f"fail-{command}").unlink()

    def interrupts(self) -> None:
        """Let an apply be interrupted by Ctrl-C, and take a moment to end in order."""
        (self.folder / "interrupt").touch()

    def runs(self) -> list[dict[str, Any]]:
        """Return what was run: arguments, and the variables that matter."""
        log = self.folder / "runs"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def commands(self) -> list[str]:
        """Return the commands that were run, but `version`."""
        found = [run["arguments"] for run in self.runs()]
        return [words[1] for words in found if words[0] != "version"]


FAKE_TERRAFORM = f"""#!{sys.executable}
import json, os, pathlib, signal, sys, time, urllib.request

folder = pathlib.Path(__file__).parent
words = sys.argv[1:]
names = ("TF_DATA_DIR", "TF_INPUT", "TF_IN_AUTOMATION", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN",
         "AWS_PROFILE", "AWS_REGION", "TF_WORKSPACE")
command = words[1] if words[0].startswith("-chdir=") else words[0]
lent = {{}}
if command != "version":
    address = os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    token = os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    request = urllib.request.Request(address, headers={{"Authorization": token}})
    lent = json.load(urllib.request.urlopen(request))
with open(folder / "runs", "a") as log:
    variables = {{name: os.environ.get(name) for name in names}}
    log.write(json.dumps({{"arguments": words, "lent": lent, **variables}}) + "\\n")
if command == "version":
    told = folder / "version"
    print(told.read_text() if told.exists() else '{{"terraform_version": "1.11.4"}}')
    sys.exit()
failure = folder / f"fail-{{command}}"
if failure.exists():
    sys.stderr.write(failure.read_text())
    sys.exit(1)
source = folder / "plan.json"
document = json.loads(source.read_text()) if source.exists() else {{"resource_changes": []}}
if command == "plan":
    out = next(word for word in words if word.startswith("-out=")).partition("=")[2]
    pathlib.Path(out).write_text("PLAN" + json.dumps(document))
    print(json.dumps({{"@message": "Plan: n to add", "type": "change_summary"}}))
    sys.exit(2 if document["resource_changes"] else 0)
if command in ("show", "apply"):
    text = pathlib.Path(words[-1]).read_text()
    if not text.startswith("PLAN"):
        sys.stderr.write('Error: Failed to load "x" as a plan file')
        sys.exit(1)
    if command == "show":
        print(text[4:] if "-json" in words else "the plan in words")
    else:
        if (folder / "interrupt").exists():
            os.kill(os.getppid(), signal.SIGINT)
            time.sleep(0.3)
            (folder / "lock-given-back").touch()
        for change in json.loads(text[4:])["resource_changes"]:
            hook = {{"resource": {{"addr": change["address"]}}}}
            for kind in ("apply_start", "apply_complete"):
                print(json.dumps({{"@message": kind, "type": kind, "hook": hook}}))
"""


@pytest.fixture
def terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTerraform:
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "terraform"
    script.write_text(FAKE_TERRAFORM)
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return FakeTerraform(folder)


def resource(
    address: str, actions: Sequence[str], after: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return a resource change as `terraform show -json` tells it."""
    return {
        "address": address,
        "mode": "managed",
        "type": address.split(".")[-2],
        "change": {"actions": list(actions), "before": None, "after": after},
    }


@pytest.fixture
def resource_change() -> Any:
    return resource


@pytest.fixture
def train_definition() -> dict[str, Any]:
    return json.loads(json.dumps(TRAIN))


@pytest.fixture
def inference_definition() -> dict[str, Any]:
    return json.loads(json.dumps(INFERENCE))
