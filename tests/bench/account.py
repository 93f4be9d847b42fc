"""The sandbox with an account for a fleet: counts its calls, and throttles them when it is told to.

Serves in this process, so that what calls it is measured alone.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from promotion.build import package_handlers
from sandbox.accounts import load_accounts
from sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ROOT = Path(__file__).resolve().parents[2]
DEV, REGISTRY = "333333333333", "222222222222"
TABLE = f"arn:aws:dynamodb:eu-west-1:{REGISTRY}:table/acme-ml-ledger"
LEDGER = f"arn:aws:lambda:eu-west-1:{REGISTRY}:function:acme-ml-registry-ledger-dev"
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
    for bucket in (dev["buckets"]["data"], dev["buckets"]["state"]):
        sandbox.client("s3", "dev-admin").create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": dev["region"]}
        )
    package = package_handlers(ROOT, root / "build" / "handlers")
    furnish_registry(sandbox, package.read_bytes(), dev["use_cases"])
    iam = sandbox.client("iam", "dev-admin")
    service = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}}
    trust = document({**service, "Action": "sts:AssumeRole"})
    for name in dev["use_cases"]:
        role = f"{dev['roles']['execution']}-{name}"
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)


def document(*statements: dict[str, Any]) -> str:
    """Return a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def furnish_registry(sandbox: Sandbox, package: bytes, groups: Iterable[str]) -> None:
    """Make the ledger, its function for dev, the plan role, and groups that dev may see.

    Args:
        sandbox: the accounts.
        package: the Lambda package, as `promote plan` makes it.
        groups: names of the model package groups.
    """
    keys = {"series": "HASH", "place": "RANGE"}
    sandbox.client("dynamodb", "registry-admin").create_table(
        TableName="acme-ml-ledger",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    iam = sandbox.client("iam", "registry-admin")
    lambda_trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
    role = iam.create_role(
        RoleName="lambda-sagemaker-role-ledger-dev",
        AssumeRolePolicyDocument=document({**lambda_trust, "Action": "sts:AssumeRole"}),
    )
    logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    append = ["dynamodb:PutItem", "dynamodb:Query"]
    iam.put_role_policy(
        RoleName="lambda-sagemaker-role-ledger-dev",
        PolicyName="append",
        PolicyDocument=document(
            {"Effect": "Allow", "Action": append, "Resource": TABLE},
            {"Effect": "Allow", "Action": logs, "Resource": "*"},
        ),
    )
    functions = sandbox.client("lambda", "registry-admin")
    functions.create_function(
        FunctionName="acme-ml-registry-ledger-dev",
        Runtime="python3.12",
        Role=role["Role"]["Arn"],
        Handler="promotion.handlers.ledger.stated",
        Code={"ZipFile": package},
        Timeout=60,
        Environment={
            "Variables": {
                "LEDGER_TABLE": "acme-ml-ledger",
                "STATED_ENVIRONMENT": "dev",
                "STATED_ACCOUNT_ID": DEV,
            }
        },
    )
    functions.add_permission(
        FunctionName=LEDGER,
        StatementId="append-from-dev",
        Action="lambda:InvokeFunction",
        Principal=f"arn:aws:iam::{DEV}:root",
    )
    for group in groups:
        _furnish_group(sandbox, group)
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{DEV}:root"},
        "Action": "sts:AssumeRole",
    }
    iam.create_role(RoleName="jenkins-plan-role", AssumeRolePolicyDocument=document(trust))
    iam.put_role_policy(
        RoleName="jenkins-plan-role",
        PolicyName="read",
        PolicyDocument=document(
            {"Effect": "Allow", "Action": "dynamodb:Query", "Resource": TABLE},
        ),
    )


def _furnish_group(sandbox: Sandbox, name: str) -> None:
    sagemaker = sandbox.client("sagemaker", "registry-admin")
    made = sagemaker.create_model_package_group(ModelPackageGroupName=name)
    sagemaker.put_model_package_group_policy(
        ModelPackageGroupName=name,
        ResourcePolicy=document(
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{DEV}:root"},
                "Action": "sagemaker:DescribeModelPackageGroup",
                "Resource": made["ModelPackageGroupArn"],
            }
        ),
    )
