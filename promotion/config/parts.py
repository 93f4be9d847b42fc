"""The nested parts of an environment file. Reads, writes and calls nothing.

Each field's description is the text of `environments/schema.json` and of
`docs/reference/environment.md`, which `python -m promotion.config.reference` writes.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from promotion.config.fields import (
    BucketName,
    Email,
    EnvironmentName,
    Filled,
    RoleName,
    SubnetId,
    TableName,
    TopicName,
    VpcId,
)


class Part(BaseModel):
    """Base of everything in an environment file: frozen, strict, no unknown keys."""

    # Each part is built into the validator of the whole file; one of its own is hardly ever asked.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class AccountBuckets(Part):
    """Buckets that every account has."""

    state: Annotated[BucketName, Field(description="Bucket of this account's Terraform state.")]
    logs: Annotated[
        BucketName, Field(description="Bucket of the access logs of this account's buckets.")
    ]


class ArtifactBuckets(AccountBuckets):
    """Buckets of the tooling and the registry account."""

    artifacts: Annotated[
        BucketName,
        Field(
            description="Bucket of model artifacts and releases, in the registry account; all "
            "files agree."
        ),
    ]


class WorkloadBuckets(ArtifactBuckets):
    """Buckets that a workload account uses."""

    data: Annotated[
        BucketName,
        Field(description="Bucket of this account's data, batches, predictions and step code."),
    ]


class Roles(Part):
    """Names of the IAM roles; the same in every file."""

    jenkins: Annotated[
        RoleName, Field(description="Role of Jenkins, in the tooling account.", max_length=64)
    ]
    deploy: Annotated[
        RoleName,
        Field(description="Role in every account that Jenkins assumes to apply and to run."),
    ]
    plan: Annotated[
        RoleName,
        Field(description="Role in every account that Jenkins assumes to plan; it only reads."),
    ]
    build: Annotated[
        RoleName,
        Field(
            description="Role in the tooling account that Jenkins assumes to sign and publish "
            "releases."
        ),
    ] = "jenkins-build-role"
    execution: Annotated[
        RoleName,
        Field(
            description="Role of SageMaker pipelines and jobs; the use case's name is appended, "
            "one role for each.",
            max_length=32,
        ),
    ]
    lambda_: Annotated[
        RoleName,
        Field(
            alias="lambda",
            description="Role of the Lambda functions; the function's name is appended, one role "
            "for each.",
            max_length=50,
        ),
    ]
    events: Annotated[RoleName, Field(description="Role with which EventBridge starts pipelines.")]
    approver: Annotated[
        RoleName,
        Field(description="Role in the registry account that approves and rejects models."),
    ]
    auditor: Annotated[
        RoleName,
        Field(description="Role in the registry account that reads the ledger and the models."),
    ]
    break_glass: Annotated[
        RoleName,
        Field(
            description="Role in the registry account that may correct the ledger, in an emergency."
        ),
    ]


class Alerts(Part):
    """Where failures are told."""

    topic: Annotated[TopicName, Field(description="Name of this account's SNS topic for alerts.")]
    emails: Annotated[
        tuple[Email, ...],
        Filled,
        Field(
            description="E-mail addresses subscribed to the topic.",
            json_schema_extra={"minItems": 1},
        ),
    ]


class Ledger(Part):
    """Where promotions, approvals and executions are recorded."""

    table: Annotated[TableName, Field(description="Name of the ledger's DynamoDB table.")]
    deletion_protection: Annotated[
        bool,
        Field(
            description="Whether the table refuses to be deleted; false is for taking the account "
            "down."
        ),
    ] = True


class Promotion(Part):
    """What `promote` demands of a promotion; Terraform takes no notice."""

    require_clean_commit: Annotated[
        bool,
        Field(
            description="Whether only releases are promoted here that were built from a commit on "
            "`main` without further changes."
        ),
    ] = True
    require_provenance: Annotated[
        bool,
        Field(
            description="Whether only published releases are promoted here, whose signed "
            "provenance proves what built them."
        ),
    ] = True
    evidence_from: Annotated[
        EnvironmentName | None,
        Field(
            description="Environment in which a release must have run before it is promoted here, "
            "by its records in the ledger; nothing is demanded without it."
        ),
    ] = None


class Studio(Part):
    """Network of the SageMaker Studio domain."""

    vpc_id: Annotated[VpcId, Field(description="VPC that notebooks run in.")]
    subnet_ids: Annotated[
        tuple[SubnetId, ...],
        Filled,
        Field(description="Subnets of the VPC for notebooks.", json_schema_extra={"minItems": 1}),
    ]
