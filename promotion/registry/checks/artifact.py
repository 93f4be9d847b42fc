"""The model archive exists and is the one that was registered. Calls nothing."""

from promotion.registry.checks import CheckResult
from promotion.registry.checks.facts import Facts

CHECK = "artifact"
SUMMARY = "the model archive exists, and its digest is the one that was recorded"

_RESTORE = "restore the archive from its earlier version in the bucket, or train again"


def check(facts: Facts) -> CheckResult:
    """Hold the archive against what training and SageMaker recorded of it."""
    found = facts.artifact
    if not found.exists:
        message = f"{found.uri or 'no archive is recorded'}: does not exist, or cannot be read"
        return CheckResult(CHECK, False, message, _RESTORE)
    if found.recorded_etag and found.recorded_etag != found.etag:
        message = f"{found.uri} has ETag {found.etag}, but {found.recorded_etag} was registered"
        return CheckResult(CHECK, False, message, _RESTORE)
    if found.recorded_sha256 and found.recorded_sha256 != found.sha256:
        message = f"{found.uri} has SHA-256 {found.sha256}, but {found.recorded_sha256} was scored"
        return CheckResult(CHECK, False, message, _RESTORE)
    if not found.recorded_sha256 and not found.recorded_etag:
        message = f"{found.uri} exists, but no digest was recorded of it"
        return CheckResult(CHECK, False, message, "train again with a release that records it")
    if found.recorded_sha256:
        told = f"digest {found.sha256[:12]}, as recorded when it was loaded and scored"
    else:
        told = f"ETag {found.etag}, as registered; no step has recorded that it loads"
    return CheckResult(CHECK, True, told)
