"""The bucket of the Terraform state is there, keeps versions, is encrypted and not public.

Calls S3 GetBucketVersioning, GetBucketEncryption, GetPublicAccessBlock and HeadObject.
"""

from promotion.aws.buckets import Buckets
from promotion.doctor.examination import Examination
from promotion.doctor.result import CheckResult, Finding, verdict

CHECK = "state-bucket"
SUMMARY = "the bucket of the Terraform state is there, keeps versions, is encrypted and not public"
MEND = "an administrator of the account runs `promote bootstrap ENV`"


def check(examination: Examination) -> CheckResult:
    """Look at the bucket's settings and for the state in it."""
    environment = examination.environment
    buckets = Buckets(examination.plan.s3, examination.plan.account_id)
    bucket, key = environment.buckets.state, environment.state_key
    findings = []
    if not buckets.is_versioned(bucket):
        what = "the bucket keeps no versions: a state that is overwritten wrongly is lost"
        findings.append(Finding(what, f"s3://{bucket}"))
    if not buckets.encryption(bucket).algorithm:
        findings.append(Finding("the bucket encrypts nothing by default", f"s3://{bucket}"))
    if not buckets.blocks_public_access(bucket):
        findings.append(Finding("the bucket does not keep the public out", f"s3://{bucket}"))
    if not buckets.has(bucket, key):
        what = "there is no Terraform state: the account was never bootstrapped, or lost it"
        mend = (
            f"an administrator of the account runs `promote bootstrap {examination.name}`; had it "
            "a state before, restore the object's last version first"
        )
        findings.append(Finding(what, f"s3://{bucket}/{key}", mend))
    return verdict(findings, f"s3://{bucket}")
