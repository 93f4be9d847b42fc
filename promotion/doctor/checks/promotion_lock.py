"""Nobody holds the locks of promotions and of Terraform; or who does, since when. A lock that is
held is a warning: an apply may be going on.

Calls S3 GetObject.
"""

import json
from collections.abc import Iterator

from promotion.aws.errors import RemoteMissing
from promotion.aws.objects import Objects
from promotion.doctor.examination import Examination
from promotion.doctor.result import CheckResult, Finding, verdict, warning

CHECK = "promotion-lock"
SUMMARY = "nobody holds the lock of promotions or of the Terraform state; a warning says who does"
MEND = "wait until the apply that holds it has ended"


def check(examination: Examination) -> CheckResult:
    """Read both locks."""
    found = [*_promotion(examination), *_terraform(examination)]
    return warning(*found) if found else verdict([], "both locks are free")


def _promotion(examination: Examination) -> Iterator[Finding]:
    key = examination.environment.lock_key
    lock = _read(examination, key)
    if lock is not None:
        yield Finding(
            f"{lock.get('who', 'somebody')} holds the lock since {lock.get('since', '?')}, to "
            f"{lock.get('purpose', 'apply')} plan {str(lock.get('plan_digest', '?'))[:12]}",
            _uri(examination, key),
            f"{MEND}; if it has died: `promote unlock {examination.name} --reason TEXT`",
        )


def _terraform(examination: Examination) -> Iterator[Finding]:
    key = examination.environment.state_lock_key
    lock = _read(examination, key)
    if lock is not None:
        # Terraform writes these names:
        # https://github.com/hashicorp/terraform/blob/v1.11.4/internal/states/statemgr/locker.go
        yield Finding(
            f"{lock.get('Who', 'somebody')} holds the lock of the Terraform state since "
            f"{lock.get('Created', '?')} ({lock.get('Operation', '?')})",
            _uri(examination, key),
            f"{MEND}; if it has died: `terraform -chdir=mlops-infra/accounts/{examination.name} "
            f"force-unlock {lock.get('ID', 'ID')}` under the deploy role",
        )


def _read(examination: Examination, key: str) -> dict[str, object] | None:
    objects = Objects(examination.plan.s3, examination.plan.account_id)
    try:
        body = objects.read(examination.environment.buckets.state, key)
    except RemoteMissing:
        return None
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _uri(examination: Examination, key: str) -> str:
    return f"s3://{examination.environment.buckets.state}/{key}"
