"""Faults in an environment file: Terraform refuses to plan, naming file and key.

Talks to a small server that knows the caller's account, refuses all else and remembers what it was
asked: ``promote validate`` stops such a file before Terraform is started at all, and Terraform
itself, which checks values while it reads the account, must at least not write.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOCAL_STATE = 'terraform {\n  backend "local" {}\n}\n'
IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    "<GetCallerIdentityResult><Account>444444444444</Account><UserId>AIDATESTING</UserId>"
    "<Arn>arn:aws:iam::444444444444:user/admin</Arn></GetCallerIdentityResult>"
    "<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
)


class Identity(BaseHTTPRequestHandler):
    """Answers GetCallerIdentity; anything else is not there."""

    calls: list[str]

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        known = "Action=GetCallerIdentity" in body
        if not known:
            self.calls.append(f"{self.command} {self.path} {body}")
        self.send_response(200 if known else 404)
        self.end_headers()
        self.wfile.write(IDENTITY.encode() if known else b"")

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def aws() -> Iterator[tuple[str, list[str]]]:
    """Return the address of the server and the calls it was asked besides GetCallerIdentity."""
    calls: list[str] = []
    handler = type("Recording", (Identity,), {"calls": calls})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", calls
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def prod(
    infra_copy: Path,
    terraform: Callable[..., Any],
    handlers_package: Path,
    aws: tuple[str, list[str]],
) -> Iterator[Any]:
    """Return prod's root, with local state: no backend is asked."""
    assert handlers_package.exists()
    override = infra_copy / "mlops-infra" / "accounts" / "prod" / "backend_override.tf"
    override.write_text(LOCAL_STATE, encoding="utf-8")
    run = terraform(
        "accounts/prod",
        {
            "AWS_ENDPOINT_URL": aws[0],
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
        },
    )
    run.succeed("init", "-reconfigure")
    yield run
    override.unlink()


@pytest.fixture
def plan_with(prod: Any, infra_copy: Path, tmp_path: Path) -> Callable[[dict[str, object]], str]:
    """Return what plans with one value of prod's file replaced and returns the refusal.

    ``None`` as the value removes the key.
    """

    def plan(faults: dict[str, object]) -> str:
        settings = json.loads((infra_copy / "environments" / "prod.tfvars.json").read_text())
        for path, value in faults.items():
            *parents, last = path.split("/")
            node = settings
            for parent in parents:
                node = node[parent]
            if value is None:
                del node[last]
            else:
                node[last] = value
        file = tmp_path / "prod.tfvars.json"
        file.write_text(json.dumps(settings, indent=2), encoding="utf-8")
        package = f"-var=lambda_package={infra_copy / 'handlers.zip'}"
        refused = prod.run("plan", f"-var-file={file}", package)
        assert refused.returncode == 1, refused.stdout
        return " ".join(refused.stderr.split())

    return plan


@pytest.mark.slow
@pytest.mark.parametrize(
    "faults",
    [
        # Each plan takes Terraform seconds, and it tells of all variables at once.
        {
            "account_id": ("44444444444", "account_id must be 12 digits"),
            "region": ("Ireland", "region must look like eu-west-1"),
            "kind": ("registry", "kind must be workload"),
            "buckets/data": ("Acme_Data", "buckets: every name must have 3-63 lower-case"),
            "external_id": ("a b", "external_id must have 2-1224 letters"),
            "roles/plan": ("break-glass-role", "roles: every role needs a name of its own"),
            "use_cases/mammography/start_on_approval": (
                "score",
                "start_on_approval must be one of the use case's pipelines",
            ),
            "use_cases/mammography/schedule/expression": (
                "cron(0 25 * * ? *)",
                "schedule.expression must be an EventBridge schedule",
            ),
            "studio": ({"vpc_id": "vpc-1", "subnet_ids": []}, "studio.vpc_id must look like vpc-"),
        },
        {
            "buckets/data": ("sthree-data", "buckets: no name may start with xn--, sthree-"),
            "linked_accounts/registry": (None, "linked_accounts must name tooling and registry"),
            "buckets/logs": ("sthree-data", "buckets: every bucket needs a name of its own"),
        },
        {
            "use_cases/mammography/model_package_group": (
                None,
                'attribute "model_package_group" is required',
            ),
        },
    ],
)
def test_plan__bad_values__names_file_and_keys_and_writes_nothing(
    faults: dict[str, tuple[object, str]],
    plan_with: Callable[[dict[str, object]], str],
    aws: tuple[str, list[str]],
) -> None:
    told = plan_with({path: value for path, (value, _) in faults.items()})

    for path, (_, message) in faults.items():
        assert message in told
        assert path.partition("/")[0] in told
    assert "prod.tfvars.json" in told
    assert [call for call in aws[1] if not call.startswith(("GET ", "HEAD "))] == []


@pytest.mark.slow
def test_plan__region_that_does_not_exist__is_refused(
    plan_with: Callable[[dict[str, object]], str],
) -> None:
    assert "invalid AWS Region: eu-west-9" in plan_with({"region": "eu-west-9"})


@pytest.mark.slow
def test_plan__account_of_other_credentials__is_refused(
    plan_with: Callable[[dict[str, object]], str],
) -> None:
    told = plan_with({"account_id": "555555555555"})
    assert "AWS account ID not allowed: 444444444444" in told
