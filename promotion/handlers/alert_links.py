"""Links into the AWS console, as alerts carry them. Reads, writes and calls nothing."""

from urllib.parse import quote, urlencode, urlsplit

_LOG_GROUPS = {
    "Processing": "/aws/sagemaker/ProcessingJobs",
    "Training": "/aws/sagemaker/TrainingJobs",
    "Transform": "/aws/sagemaker/TransformJobs",
}


def object_link(uri: str, region: str) -> str:
    """Return where the console shows an S3 object."""
    parts = urlsplit(uri)
    query = urlencode({"region": region, "prefix": parts.path.lstrip("/")})
    return f"https://{region}.console.aws.amazon.com/s3/object/{parts.netloc}?{query}"


def log_link(step_type: str, region: str) -> str:
    """Return where the console shows the logs of steps of a type, or the list of all groups."""
    base = (
        f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logsV2:log-groups"
    )
    if step_type not in _LOG_GROUPS:
        return base
    # The console escapes a group's name twice, with $ for the outer %.
    name = quote(quote(_LOG_GROUPS[step_type], safe=""), safe="").replace("%", "$")
    return f"{base}/log-group/{name}"


def registry_link(region: str) -> str:
    """Return where the console shows SageMaker, with its model registry."""
    return f"https://{region}.console.aws.amazon.com/sagemaker/home?region={region}#/studio-landing"
