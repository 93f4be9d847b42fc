"""This account's pipelines reach the model artifacts in the registry account, through its KMS key.

Reads the policies of the artifact bucket and of the registry's key, under the registry's plan role:
S3 GetBucketPolicy, KMS DescribeKey and GetKeyPolicy. They must let each execution role of this
account write its own prefix and read what it serves. No role of Jenkins may do that, so the deploy
role tries the same way with a prefix of its own: it writes, reads and removes an object below
`<environment>/.doctor/`; the key's policy lets it and the execution roles in by one statement.
"""

from collections.abc import Iterator

from promotion.aws.buckets import Buckets
from promotion.aws.keys import Keys
from promotion.aws.probes import ProbeObjects
from promotion.config import WorkloadEnvironment
from promotion.doctor.examination import Examination
from promotion.doctor.policy import Request, allows
from promotion.doctor.result import CheckResult, Finding, skipped, verdict

CHECK = "artifact-access"
SUMMARY = "this account's pipelines may use the registry's artifacts and key; a probe goes that way"
MEND = "plan and apply the Terraform of the registry: its bucket and key let this account in"


def check(examination: Examination) -> CheckResult:
    """Read what the registry allows, then probe."""
    environment = examination.environment
    if not isinstance(environment, WorkloadEnvironment):
        return skipped("no pipelines run in this account")
    plan, registry = examination.registry_plan, examination.registry
    keys = Keys(plan.kms, plan.account_id)
    key_arn = keys.describe(registry.kms_key_arn).arn
    bucket = registry.buckets.artifacts
    findings = [
        *_on_bucket(examination, environment, Buckets(plan.s3, plan.account_id).policy(bucket)),
        *_on_key(environment, key_arn, keys.policy(key_arn)),
    ]
    if not examination.probes.objects:
        return verdict(findings, f"s3://{bucket}, as read; not probed, because of --no-probe")
    findings += _probe(examination, environment, key_arn)
    return verdict(findings, f"s3://{bucket}: as read, and a probe was written, read and removed")


def _on_bucket(
    examination: Examination, environment: WorkloadEnvironment, policy: str
) -> Iterator[Finding]:
    bucket = environment.buckets.artifacts
    own = environment.environment
    others = sorted(
        name
        for name, other in examination.environments.items()
        if isinstance(other, WorkloadEnvironment) and name != own
    )
    for use_case in environment.use_cases:
        role = environment.execution_role_arn(use_case)
        wanted = [(own, "s3:PutObject"), (own, "s3:GetObject")]
        wanted += [(other, "s3:GetObject") for other in others]
        for folder, action in wanted:
            arn = f"arn:{environment.partition}:s3:::{bucket}/{folder}/{use_case}/probe"
            if not allows(policy, Request(role, action, arn, _TLS)):
                what = f"the bucket's policy lets {role} not do {action}"
                yield Finding(what, f"s3://{bucket}/{folder}/{use_case}/")


def _on_key(environment: WorkloadEnvironment, key_arn: str, policy: str) -> Iterator[Finding]:
    via = {**_TLS, "kms:viaservice": f"s3.{environment.region}.amazonaws.com"}
    for use_case in environment.use_cases:
        role = environment.execution_role_arn(use_case)
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            if not allows(policy, Request(role, action, key_arn, via)):
                what = f"the key's policy lets {role} not do {action} through S3"
                yield Finding(what, key_arn)


def _probe(
    examination: Examination, environment: WorkloadEnvironment, key_arn: str
) -> list[Finding]:
    deploy, name = examination.deploy, examination.new_id()
    bucket, prefix = environment.buckets.artifacts, environment.artifact_probe_prefix
    echo = ProbeObjects(deploy.s3, deploy.account_id).echo(bucket, prefix + name, name.encode())
    if echo.key_arn == key_arn:
        return []
    what = f"a new object was encrypted with {echo.key_arn or echo.algorithm}, not with {key_arn}"
    return [Finding(what, f"s3://{bucket}/{prefix}")]


_TLS = {"aws:securetransport": "true"}
