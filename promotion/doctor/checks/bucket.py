"""The account's bucket keeps versions, keeps the public out, and gives back what is put into it.

Calls S3 GetBucketVersioning and GetPublicAccessBlock under the plan role; writes, reads and removes
an object below `code/.doctor/` under the deploy role. In the registry account nothing is written:
no role of Jenkins may touch model artifacts there.
"""

from promotion.aws.buckets import Buckets
from promotion.aws.probes import ProbeObjects
from promotion.config import RegistryEnvironment, WorkloadEnvironment
from promotion.doctor.examination import Examination
from promotion.doctor.result import CheckResult, Finding, skipped, verdict

CHECK = "bucket"
SUMMARY = "the account's bucket keeps versions, is not public, and takes, gives and removes a probe"
MEND = "plan and apply the Terraform of the environment, which sets up the bucket and the roles"


def check(examination: Examination) -> CheckResult:
    """Look at the settings, then probe."""
    environment = examination.environment
    if isinstance(environment, WorkloadEnvironment):
        bucket = environment.buckets.data
    elif isinstance(environment, RegistryEnvironment):
        bucket = environment.buckets.artifacts
    else:
        return skipped("a tooling account has no bucket but those of state and logs")
    buckets = Buckets(examination.plan.s3, examination.plan.account_id)
    findings = []
    if not buckets.is_versioned(bucket):
        what = "the bucket keeps no versions: what is overwritten is lost"
        findings.append(Finding(what, f"s3://{bucket}"))
    if not buckets.blocks_public_access(bucket):
        findings.append(Finding("the bucket does not keep the public out", f"s3://{bucket}"))
    if not isinstance(environment, WorkloadEnvironment):
        told = f"s3://{bucket}, read; the check artifact-access of each workload account probes it"
        return verdict(findings, told)
    if not examination.probes.objects:
        return verdict(findings, f"s3://{bucket}, read; not probed, because of --no-probe")
    uri = f"s3://{bucket}/{environment.code_probe_prefix}"
    if not _echoes(examination, bucket, environment.code_probe_prefix):
        findings.append(Finding("the object that was read is not the one that was written", uri))
    return verdict(findings, f"s3://{bucket}: a probe was written, read and removed")


def _echoes(examination: Examination, bucket: str, prefix: str) -> bool:
    name = examination.new_id()
    probes = ProbeObjects(examination.deploy.s3, examination.deploy.account_id)
    return probes.echo(bucket, prefix + name, name.encode()).body == name.encode()
