"""The sandbox with an account for a fleet: counts its calls, and throttles them when it is told to.

Serves in this process, so that what calls it is measured alone.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

from sandbox.accounts import load_accounts
from sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BUCKET = "acme-ml-dev-data"
DEV = "333333333333"
REFUSED = b'{"__type": "ThrottlingException", "message": "Rate exceeded"}'


class Watch:
    """A WSGI application before the sandbox's: counts SageMaker's calls and refuses some.

    Args:
        application: what answers the others.
    """

    def __init__(self, application: Callable[..., Any]) -> None:
        self._application = application
        self._lock = Lock()
        self.every = 0
        self.answered: Counter[str] = Counter()
        self.refused = 0

    def start(self, every: int = 0) -> None:
        """Count from zero, and throttle one call in so many; 0 throttles none."""
        with self._lock:
            self.every, self.answered, self.refused = every, Counter(), 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Serve one request (PEP 3333)."""
        service, _, operation = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")
        if service == "SageMaker" and self._refuses(operation):
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            headers = [("Content-Type", "application/x-amz-json-1.1"),
                       ("Content-Length", str(len(REFUSED)))]  # fmt: skip
            start_response("400 Bad Request", headers)
            return io.BytesIO(REFUSED)
        return self._application(environ, start_response)

    def _refuses(self, operation: str) -> bool:
        with self._lock:
            total = self.answered.total() + self.refused + 1
            if self.every and total % self.every == 0:
                self.refused += 1
                return True
            self.answered[operation] += 1
            return False


@contextmanager
def account(root: Path) -> Iterator[tuple[Sandbox, Watch]]:
    """Serve the accounts of a project, with what dev's Terraform would make for its use cases."""
    with Sandbox(load_accounts(root / "environments")) as sandbox:
        _prepare(sandbox, root)
        watch = Watch(sandbox._http.application)
        sandbox._http.application = watch
        yield sandbox, watch


def variables(sandbox: Sandbox) -> dict[str, str]:
    """Return the environment of dev's administrator, without the sandbox's bound on retries."""
    found = sandbox.environment("dev-admin")
    return {name: value for name, value in found.items() if name != "AWS_MAX_ATTEMPTS"}


def _prepare(sandbox: Sandbox, root: Path) -> None:
    dev = json.loads((root / "environments" / "dev.tfvars.json").read_text(encoding="utf-8"))
    sandbox.client("s3", "dev-admin").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": dev["region"]}
    )
    iam, registry = (
        sandbox.client("iam", "dev-admin"),
        sandbox.client("sagemaker", "registry-admin"),
    )
    trust = _policy({"Principal": {"Service": "sagemaker.amazonaws.com"}}, "sts:AssumeRole")
    for name in dev["use_cases"]:
        role = f"{dev['roles']['execution']}-{name}"
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)
        arn = registry.create_model_package_group(ModelPackageGroupName=name)[
            "ModelPackageGroupArn"
        ]
        allowed = {"Sid": "See", "Principal": {"AWS": f"arn:aws:iam::{DEV}:root"}, "Resource": arn}
        registry.put_model_package_group_policy(
            ModelPackageGroupName=name,
            ResourcePolicy=_policy(allowed, "sagemaker:DescribeModelPackageGroup"),
        )


def _policy(statement: dict[str, Any], action: str) -> str:
    allowed = {"Effect": "Allow", "Action": action, **statement}
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
