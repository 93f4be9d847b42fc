"""The account's data key works: it is on, ours, renewed, the bucket's own, and encrypts a probe.

Calls KMS DescribeKey and GetKeyRotationStatus and S3 GetBucketEncryption under the plan role. The
deploy role may use the key through S3 only, as uploads do, so that is how it is tried: PutObject
makes S3 encrypt with a data key (kms:GenerateDataKey), GetObject makes it decrypt (kms:Decrypt).
"""

from promotion.aws.buckets import Buckets
from promotion.aws.keys import Key, Keys
from promotion.aws.probes import ProbeObjects
from promotion.config import RegistryEnvironment, WorkloadEnvironment
from promotion.doctor.examination import Examination
from promotion.doctor.result import CheckResult, Finding, skipped, verdict

CHECK = "data-key"
SUMMARY = "the account's KMS key is on, ours, renewed, the bucket's, and encrypts and decrypts"
MEND = "plan and apply the Terraform of the environment, which sets up key, bucket and roles"


def check(examination: Examination) -> CheckResult:
    """Look at the key and at the bucket's encryption, then probe."""
    environment = examination.environment
    if isinstance(environment, WorkloadEnvironment):
        bucket = environment.buckets.data
    elif isinstance(environment, RegistryEnvironment):
        bucket = environment.buckets.artifacts
    else:
        return skipped("a tooling account has no data key")
    plan = examination.plan
    keys = Keys(plan.kms, plan.account_id)
    key = keys.describe(environment.kms_key_arn)
    findings = _settings(keys, key)
    encryption = Buckets(plan.s3, plan.account_id).encryption(bucket)
    if encryption.key_arn != key.arn:
        used = encryption.key_arn or encryption.algorithm or "nothing"
        what = f"the bucket encrypts with {used}, not with {key.arn}"
        findings.append(Finding(what, f"s3://{bucket}"))
    if not isinstance(environment, WorkloadEnvironment):
        told = f"{key.arn}, read; the check artifact-access of each workload account probes it"
        return verdict(findings, told)
    if not examination.probes.objects:
        return verdict(findings, f"{key.arn}, read; not probed, because of --no-probe")
    findings += _probe(examination, environment, key)
    return verdict(findings, f"{key.arn}: S3 encrypted and decrypted a probe with it")


def _settings(keys: Keys, key: Key) -> list[Finding]:
    findings = []
    if key.state != "Enabled":
        what = f"the key is {key.state}: what it encrypted cannot be read"
        mend = "an administrator of the account cancels its deletion and enables it, in KMS"
        findings.append(Finding(what, key.arn, mend))
    if not key.is_customers:
        what = "the key is AWS's: no other account can be let in"
        findings.append(Finding(what, key.arn))
    elif key.state == "Enabled" and not keys.rotates(key.arn):
        findings.append(Finding("AWS does not renew the key's material", key.arn))
    return findings


def _probe(examination: Examination, environment: WorkloadEnvironment, key: Key) -> list[Finding]:
    deploy, name = examination.deploy, examination.new_id()
    target = environment.code_probe_prefix + name
    bucket = environment.buckets.data
    echo = ProbeObjects(deploy.s3, deploy.account_id).echo(bucket, target, name.encode())
    if echo.key_arn == key.arn:
        return []
    what = f"a new object was encrypted with {echo.key_arn or echo.algorithm}, not with {key.arn}"
    return [Finding(what, f"s3://{bucket}/{environment.code_probe_prefix}")]
