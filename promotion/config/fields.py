"""Text formats that environment files and use case declarations are checked against.

Reads, writes and calls nothing. Every format carries the pattern that goes into the generated
JSON schema and the words that an error message uses.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from promotion.config.schedule import schedule_problem


@dataclass(frozen=True)
class Format:
    """A pydantic annotation: text that matches a pattern as a whole.

    Attributes:
        pattern: regular expression without anchors, in the dialect JSON schema shares.
        what: noun phrase for messages and the reference, such as "an account id (12 digits)".
        problem: a further check; returns what is wrong, or None.
    """

    pattern: str
    what: str
    problem: Callable[[str], str | None] | None = None

    def check(self, value: str) -> str:
        """Return the value, or raise naming it and what was expected."""
        if not re.fullmatch(self.pattern, value):
            raise PydanticCustomError("format", f"{_quoted(value)} is not {self.what}")
        if self.problem and (found := self.problem(value)):
            raise PydanticCustomError("format", f"{_quoted(value)}: {found}")
        return value

    def __get_pydantic_core_schema__(
        self, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Check after pydantic's own check that the value is text."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Publish the pattern."""
        return {**handler(schema), "pattern": f"^{self.pattern}$"}


def _quoted(value: str) -> str:
    shown = value if len(value) <= 80 else value[:77] + "..."  # noqa: PLR2004 - bounded message
    # PydanticCustomError treats braces as placeholders of a template.
    return repr(shown).replace("{", "(").replace("}", ")")


def _bucket_problem(name: str) -> str | None:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    if name.startswith(("xn--", "sthree-", "amzn-s3-demo-")):
        return "bucket names do not start with xn--, sthree- or amzn-s3-demo-"
    if name.endswith(("-s3alias", "--ol-s3", "--x-s3", "--table-s3")):
        return "this ending of a bucket name is reserved by S3"
    return None


def _filled(items: tuple[str, ...]) -> tuple[str, ...]:
    if not items:
        raise PydanticCustomError("filled", "has no item; one at least is needed")
    return items


# Not `min_length`: pydantic counts valid items only, and so reports one bad item twice.
Filled = AfterValidator(_filled)

AccountId = Annotated[str, Format(r"[0-9]{12}", "an account id (12 digits)")]
Region = Annotated[
    str, Format(r"[a-z]{2}(-[a-z]+){1,3}-[0-9]", 'an AWS region such as "eu-west-1"')
]
ProjectName = Annotated[
    str,
    Format(
        r"[a-z][a-z0-9-]{0,18}[a-z0-9]",
        "a project name (2-20 of a-z, 0-9 and hyphen, starting with a letter)",
    ),
]
EnvironmentName = Annotated[
    str,
    Format(
        r"[a-z][a-z0-9-]{0,14}[a-z0-9]",
        "an environment name (2-16 of a-z, 0-9 and hyphen, starting with a letter)",
    ),
]
# In the data bucket `alerts/` has what people were told of, `code/` is Jenkins' and `studio/` the
# notebooks': no use case's prefixes.
UseCaseName = Annotated[
    str,
    Format(
        r"(?!(?:alerts|code|studio)$)[a-z][a-z0-9-]{0,29}[a-z0-9]",
        "a use case name (2-31 of a-z, 0-9 and hyphen, starting with a letter; not alerts, code or "
        "studio)",
    ),
]
PipelineKey = Annotated[
    str, Format(r"[a-z][a-z0-9_]{0,30}", "a pipeline key (1-31 of a-z, 0-9 and underscore)")
]
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePipeline.html
PipelineName = Annotated[
    str,
    Format(
        r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,81}",
        "a pipeline name (1-82 letters, digits and inner hyphens)",
    ),
]
ModelPackageGroupName = Annotated[
    str,
    Format(
        r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
        "a model package group name (1-63 letters, digits and inner hyphens)",
    ),
]
BucketName = Annotated[
    str,
    Format(
        # No dots, which S3 takes: its certificate does not cover the host of such a bucket.
        r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
        "an S3 bucket name (3-63 of a-z, 0-9 and hyphen)",
        _bucket_problem,
    ),
]
# 64 is IAM's limit; what is appended to the names here needs the rest (see environment.py).
RoleName = Annotated[
    str, Format(r"[A-Za-z0-9+=,.@_-]{1,64}", "an IAM role name (1-64 letters, digits and +=,.@_-)")
]
EventBusName = Annotated[str, Format(r"[A-Za-z0-9._-]{1,256}", "an event bus name")]
TopicName = Annotated[str, Format(r"[A-Za-z0-9_-]{1,256}", "an SNS topic name")]
Email = Annotated[
    str,
    Format(r"[^@\s,;<>\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", "an e-mail address"),
]
ImageName = Annotated[
    str, Format(r"[a-z][a-z0-9_-]{0,40}", "an image name (1-41 of a-z, 0-9, underscore, hyphen)")
]
ImageUri = Annotated[
    str,
    Format(
        r"[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[a-z0-9._/-]+"
        r"(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64})",
        "the URI of an ECR image with its tag or digest",
    ),
]
PrincipalArn = Annotated[
    str,
    Format(
        r"arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[A-Za-z0-9+=,.@_/-]{1,512}",
        "the ARN of an IAM role or user",
    ),
]
# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html (ExternalId)
ExternalId = Annotated[
    str,
    Format(
        r"[A-Za-z0-9_+=,.@:/-]{2,1224}", "an external id (2-1224 letters, digits and _+=,.@:/-)"
    ),
]
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
TableName = Annotated[
    str,
    Format(r"[A-Za-z0-9_.-]{3,255}", "a DynamoDB table name (3-255 letters, digits, _, . and -)"),
]
VpcId = Annotated[
    str, Format(r"vpc-([0-9a-f]{8}|[0-9a-f]{17})", "a VPC id such as vpc-0123456789abcdef0")
]
SubnetId = Annotated[
    str,
    Format(r"subnet-([0-9a-f]{8}|[0-9a-f]{17})", "a subnet id such as subnet-0123456789abcdef0"),
]
ParameterName = Annotated[
    str,
    Format(r"[A-Za-z0-9][A-Za-z0-9_-]{0,255}", "a pipeline parameter's name"),
]
MetricName = Annotated[
    str, Format(r"[a-z][a-z0-9_]{0,40}", "a metric's name (1-41 of a-z, 0-9 and underscore)")
]
ScheduleExpression = Annotated[
    str,
    Format(
        r"(cron|rate)\(.*\)",
        "a schedule such as cron(0 6 * * ? *) or rate(1 day)",
        schedule_problem,
    ),
]
