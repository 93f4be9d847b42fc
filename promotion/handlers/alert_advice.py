"""What to do about a step that has failed, by its reason. Reads, writes and calls nothing."""

import re

# The first that is found in the reason counts. Names of errors are those of our own functions and
# of AWS: https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html
_ADVICE = (
    (
        r"NoApprovedModel",
        "No model version is approved. Approve one in the registry account "
        "(promote models approve), then start the pipeline again.",
    ),
    (
        r"BatchMissing",
        "The batch is not there. Have it delivered, then start the pipeline again.",
    ),
    (
        r"ModelArtifact(Missing|Changed)|BaselineMissing",
        "The approved version is not what was registered. Restore its files, or approve another "
        "version; then start the pipeline again.",
    ),
    (
        r"KMS|kms:",
        "A key refuses. Check with promote doctor that the role may use the data key and that "
        "the key is enabled.",
    ),
    (
        r"AccessDenied|not authorized|Forbidden",
        "A permission is missing. promote doctor says which; Terraform grants it.",
    ),
    (
        r"ResourceLimitExceeded|service limit|quota",
        "A quota of the account is used up. Wait for other jobs to end, or ask AWS for more "
        "(Service Quotas), then start the pipeline again.",
    ),
    (
        r"Throttling|InternalServerError|InternalFailure",
        "AWS failed for a moment. Start the pipeline again.",
    ),
    (
        r"AlgorithmError|exit code|Exit Code",
        "The step's script ended with an error, or refused its input. Read the end of its log; "
        "mend the batch or the script, then start the pipeline again.",
    ),
)
_OTHERWISE = "Read the step's log, remove the cause, then start the pipeline again."


def advice(reason: str) -> str:
    """Return what to do about a failure.

    Args:
        reason: SageMaker's failure reason.
    """
    for pattern, text in _ADVICE:
        if re.search(pattern, reason):
            return text
    return _OTHERWISE
