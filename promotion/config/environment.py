"""An environment: what its file says, and every name and ARN that follows from it.

Reads, writes and calls nothing. Names derive here and in `mlops-infra/`, nowhere else.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from promotion.config.fields import (
    AccountId,
    Email,
    EnvironmentName,
    EventBusName,
    ExternalId,
    Filled,
    ImageName,
    ImageUri,
    PrincipalArn,
    ProjectName,
    Region,
    UseCaseName,
)
from promotion.config.parts import (
    AccountBuckets,
    Alerts,
    ArtifactBuckets,
    Ledger,
    Part,
    Promotion,
    Roles,
    Studio,
    WorkloadBuckets,
)
from promotion.config.use_case_parts import DeployedUseCase, GovernedUseCase, RegisteredUseCase


class Environment(Part):
    """One AWS account and what it is for; the fields that every kind has."""

    project: Annotated[
        ProjectName, Field(description="First part of every name; the same in every file.")
    ]
    environment: Annotated[
        EnvironmentName, Field(description="Name of the environment; the file is named after it.")
    ]
    account_id: Annotated[AccountId, Field(description="Id of this AWS account.")]
    region: Annotated[Region, Field(description="Region in which everything is; files agree.")]
    linked_accounts: Annotated[
        Mapping[EnvironmentName, AccountId],
        Field(description="Account id of every other environment, by its name."),
    ]
    external_id: Annotated[
        ExternalId,
        Field(
            description="External id that Jenkins states to assume the deploy and the plan role; "
            "files agree."
        ),
    ]
    roles: Annotated[Roles, Field(description="Names of the IAM roles.")]
    # Narrowed by each kind; here so that any environment's state bucket can be asked for.
    buckets: Annotated[AccountBuckets, Field(description="Names of the S3 buckets.")]

    @property
    def partition(self) -> str:
        """Partition of the region, as in ARNs."""
        prefixes = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
        return next((p for start, p in prefixes.items() if self.region.startswith(start)), "aws")

    @property
    def registry_account_id(self) -> str:
        """Account that holds the model package groups."""
        return self.account_of("registry")

    @property
    def tooling_account_id(self) -> str:
        """Account that runs Jenkins."""
        return self.account_of("tooling")

    @property
    def state_key(self) -> str:
        """Key of this account's Terraform state in `buckets.state`."""
        return f"accounts/{self.environment}/terraform.tfstate"

    @property
    def lock_key(self) -> str:
        """Key in `buckets.state` of the lock that whoever changes this account holds."""
        return f"accounts/{self.environment}/promote.lock"

    @property
    def applied_key(self) -> str:
        """Key in `buckets.state` of the note which plan's Terraform was applied last."""
        return f"accounts/{self.environment}/promote.applied"

    @property
    def ledger_function_arn(self) -> str:
        """Function in the registry account that takes what this account states of itself."""
        name = f"{self.project}-registry-ledger-{self.environment}"
        return self.arn("lambda", f"function:{name}", self.registry_account_id)

    @property
    def state_lock_key(self) -> str:
        """Key of Terraform's lock on the state in `buckets.state`."""
        return f"{self.state_key}.tflock"

    @property
    def kms_key_arn(self) -> str:
        """ARN of the alias of the account's data key; the tooling account has none."""
        return self.arn("kms", f"alias/{self.project}-{self.environment}")

    @property
    def has_functions(self) -> bool:
        """Whether Lambda functions run here, so that the Terraform root takes their package."""
        return True

    @property
    def deploy_role_arn(self) -> str:
        """Role in this account that applies and runs."""
        return self.role_arn(self.roles.deploy)

    @property
    def plan_role_arn(self) -> str:
        """Role in this account that plans; it only reads."""
        return self.role_arn(self.roles.plan)

    @property
    def jenkins_role_arn(self) -> str:
        """Role of Jenkins in the tooling account."""
        return self.role_arn(self.roles.jenkins, self.tooling_account_id)

    @property
    def build_role_arn(self) -> str:
        """Role in the tooling account that signs and publishes releases: their builder."""
        return self.role_arn(self.roles.build, self.tooling_account_id)

    @property
    def signing_key_arn(self) -> str:
        """ARN of the alias of the release signing key, in the tooling account."""
        return self.arn("kms", f"alias/{self.project}-release-signing", self.tooling_account_id)

    @property
    def approver_role_arn(self) -> str:
        """Role in the registry account that approves models."""
        return self.role_arn(self.roles.approver, self.registry_account_id)

    def account_of(self, environment: str) -> str:
        """Return the account id of an environment, this one included."""
        if environment == self.environment:
            return self.account_id
        return self.linked_accounts[environment]

    def arn(self, service: str, resource: str, account_id: str | None = None) -> str:
        """Return the ARN of a regional resource, of this account unless told otherwise."""
        account = account_id or self.account_id
        return f"arn:{self.partition}:{service}:{self.region}:{account}:{resource}"

    def role_arn(self, name: str, account_id: str | None = None) -> str:
        """Return the ARN of a role, of this account unless told otherwise."""
        return f"arn:{self.partition}:iam::{account_id or self.account_id}:role/{name}"


class ToolingEnvironment(Environment):
    """The account that Jenkins runs in."""

    kind: Annotated[Literal["tooling"], Field(description="What the account is for: tooling.")]
    environment: Annotated[
        Literal["tooling"], Field(description="Name of the environment: tooling.")
    ]
    buckets: Annotated[ArtifactBuckets, Field(description="Names of the S3 buckets.")]
    build_alert_emails: Annotated[
        tuple[Email, ...],
        Field(description="E-mail addresses that hear of failed builds, and of recoveries."),
    ] = ()

    @property
    def has_functions(self) -> bool:
        """No function runs here."""
        return False


class RegistryEnvironment(Environment):
    """The account of the central model registry."""

    kind: Annotated[Literal["registry"], Field(description="What the account is for: registry.")]
    environment: Annotated[
        Literal["registry"], Field(description="Name of the environment: registry.")
    ]
    buckets: Annotated[ArtifactBuckets, Field(description="Names of the S3 buckets.")]
    approvers: Annotated[
        tuple[PrincipalArn, ...],
        Filled,
        Field(
            description="ARNs that may assume the approver role.",
            json_schema_extra={"minItems": 1},
        ),
    ]
    auditors: Annotated[
        tuple[PrincipalArn, ...],
        Filled,
        Field(
            description="ARNs that may assume the auditor role.",
            json_schema_extra={"minItems": 1},
        ),
    ]
    break_glass: Annotated[
        tuple[PrincipalArn, ...],
        Filled,
        Field(
            description="ARNs that may assume the break-glass role.",
            json_schema_extra={"minItems": 1},
        ),
    ]
    ledger: Annotated[Ledger, Field(description="Where promotions and approvals are recorded.")]
    alerts: Annotated[Alerts, Field(description="Where failures are told.")]
    use_cases: Annotated[
        Mapping[UseCaseName, GovernedUseCase],
        Field(description="Use cases with a model package group, by name."),
    ]

    @property
    def alerts_topic_arn(self) -> str:
        """ARN of the SNS topic for alerts."""
        return self.arn("sns", self.alerts.topic)

    def model_package_group_arn(self, use_case: str) -> str:
        """Return the ARN of a use case's model package group."""
        return self.arn("sagemaker", f"model-package-group/{_group(self.use_cases, use_case)}")


class WorkloadEnvironment(Environment):
    """An account in which use cases are developed or run."""

    kind: Annotated[Literal["workload"], Field(description="What the account is for: workload.")]
    buckets: Annotated[WorkloadBuckets, Field(description="Names of the S3 buckets.")]
    event_bus: Annotated[
        EventBusName,
        Filled,
        Field(description="Event bus of drift events; schedules are on the default bus only."),
    ]
    alerts: Annotated[Alerts, Field(description="Where failures are told.")]
    images: Annotated[
        Mapping[ImageName, ImageUri],
        Field(description="Container images by the name that definitions use: ${image.NAME}."),
    ]
    use_cases: Annotated[
        Mapping[UseCaseName, DeployedUseCase],
        Field(description="Use cases that run here, by name; each is a folder in pipelines/."),
    ]
    promotion: Annotated[
        Promotion,
        Field(description="What `promote` demands of a promotion; Terraform takes no notice."),
    ] = Promotion()
    studio: Annotated[
        Studio | None,
        Field(description="Network of the SageMaker Studio domain; no domain without it."),
    ] = None

    @property
    def alerts_topic_arn(self) -> str:
        """ARN of the SNS topic for alerts."""
        return self.arn("sns", self.alerts.topic)

    @property
    def code_probe_prefix(self) -> str:
        """Where `promote doctor` writes in the data bucket; no digest starts with a dot."""
        return "code/.doctor/"

    @property
    def artifact_probe_prefix(self) -> str:
        """Where it writes in the artifact bucket; no use case starts with a dot."""
        return f"{self.environment}/.doctor/"

    @property
    def events_role_arn(self) -> str:
        """Role with which EventBridge starts pipelines."""
        return self.role_arn(self.roles.events)

    def execution_role_arn(self, use_case: str) -> str:
        """Return the role of a use case's pipelines and jobs."""
        return self.role_arn(f"{self.roles.execution}-{use_case}")

    def function_name(self, name: str) -> str:
        """Return the name of a Lambda function: resolve-model, resolve-batch, emit-drift, ..."""
        return f"{self.project}-{self.environment}-{name}"

    def function_arn(self, name: str) -> str:
        """Return the ARN of a Lambda function."""
        return self.arn("lambda", f"function:{self.function_name(name)}")

    def model_package_group_arn(self, use_case: str) -> str:
        """Return the ARN of a use case's model package group in the registry account."""
        group = _group(self.use_cases, use_case)
        return self.arn("sagemaker", f"model-package-group/{group}", self.registry_account_id)

    def pipeline_arn(self, use_case: str, pipeline: str) -> str:
        """Return the ARN of a pipeline by its key."""
        return self.arn("sagemaker", f"pipeline/{self.use_cases[use_case].pipelines[pipeline]}")


AnyEnvironment = Annotated[
    ToolingEnvironment | RegistryEnvironment | WorkloadEnvironment, Field(discriminator="kind")
]


def _group(use_cases: Mapping[str, RegisteredUseCase], use_case: str) -> str:
    return use_cases[use_case].model_package_group
