"""SageMaker pipelines of one account: list, describe, read tags; create, update, delete.

Calls SageMaker ListPipelines, DescribePipeline, ListTags; mutates with CreatePipeline,
UpdatePipeline, DeletePipeline, AddTags, DeleteTags.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict
from uuid import uuid4

from promotion.aws.errors import Call, remote_call

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import PipelineSummaryTypeDef, TagTypeDef


class _Definition(TypedDict, total=False):
    PipelineDefinition: str


@dataclass(frozen=True)
class DeployedPipeline:
    """A pipeline as an account has it.

    Attributes:
        name: its name.
        arn: its ARN.
        definition_json: the definition, as the text that was written.
        role_arn: role that its executions run with.
        description: what was written beside it; empty without one.
        last_modified_at: when it was last written, aware.
    """

    name: str
    arn: str
    definition_json: str
    role_arn: str
    description: str
    last_modified_at: datetime


class Pipelines:
    """Reads and writes pipelines.

    Args:
        client: SageMaker client of the account.
        account_id: the account, for messages.
    """

    def __init__(self, client: "SageMakerClient", account_id: str) -> None:
        """Keep the client."""
        self._client = client
        self._account_id = account_id

    def arns(self) -> dict[str, str]:
        """Return the ARN of every pipeline by name."""
        return {found["PipelineName"]: found["PipelineArn"] for found in self._summaries()}

    def descriptions(self) -> dict[str, str]:
        """Return the description of every pipeline by name; empty for one without."""
        return {
            found["PipelineName"]: found.get("PipelineDescription") or ""
            for found in self._summaries()
        }

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of a pipeline."""
        with self._call("ListTags", arn):
            pages = self._client.get_paginator("list_tags").paginate(ResourceArn=arn)
            return {tag["Key"]: tag["Value"] for page in pages for tag in page.get("Tags", [])}

    def describe(self, name: str) -> DeployedPipeline:
        """Return a pipeline.

        Raises:
            RemoteMissing: there is none of that name.
        """
        with self._call("DescribePipeline", name):
            found = self._client.describe_pipeline(PipelineName=name)
        return DeployedPipeline(
            name=name,
            arn=found["PipelineArn"],
            definition_json=found["PipelineDefinition"],
            role_arn=found.get("RoleArn", ""),
            description=found.get("PipelineDescription") or "",
            last_modified_at=found["LastModifiedTime"],
        )

    def create(
        self,
        name: str,
        definition_json: str,
        role_arn: str,
        tags: Mapping[str, str],
        description: str,
    ) -> None:
        """Create a pipeline. Mutates the account."""
        with self._call("CreatePipeline", name):
            self._client.create_pipeline(
                PipelineName=name,
                PipelineDefinition=definition_json,
                PipelineDescription=description,
                RoleArn=role_arn,
                Tags=_tag_list(tags),
                ClientRequestToken=uuid4().hex,
            )

    def update(
        self, name: str, definition_json: str | None, role_arn: str, description: str
    ) -> None:
        """Replace parts of a pipeline. Mutates the account.

        Args:
            name: its name.
            definition_json: its definition; None leaves it, and makes no new version of it.
            role_arn: its role.
            description: its description.
        """
        definition: _Definition = {}
        if definition_json is not None:
            definition = {"PipelineDefinition": definition_json}
        with self._call("UpdatePipeline", name):
            self._client.update_pipeline(
                PipelineName=name, RoleArn=role_arn, PipelineDescription=description, **definition
            )

    def delete(self, name: str) -> None:
        """Delete a pipeline. Mutates the account."""
        with self._call("DeletePipeline", name):
            self._client.delete_pipeline(PipelineName=name, ClientRequestToken=uuid4().hex)

    def add_tags(self, arn: str, tags: Mapping[str, str]) -> None:
        """Set tags of a pipeline; others stay. Mutates the account."""
        with self._call("AddTags", arn):
            self._client.add_tags(ResourceArn=arn, Tags=_tag_list(tags))

    def remove_tags(self, arn: str, keys: Iterable[str]) -> None:
        """Remove tags of a pipeline. Mutates the account."""
        with self._call("DeleteTags", arn):
            self._client.delete_tags(ResourceArn=arn, TagKeys=sorted(keys))

    def _summaries(self) -> "Iterator[PipelineSummaryTypeDef]":
        # A page has at most 100, and 10 unless asked for more:
        # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListPipelines.html
        with self._call("ListPipelines"):
            for page in self._client.get_paginator("list_pipelines").paginate(
                PaginationConfig={"PageSize": 100}
            ):
                yield from page.get("PipelineSummaries", [])

    def _call(self, operation: str, resource: str | None = None) -> "AbstractContextManager[None]":
        return remote_call(Call(self._account_id, f"sagemaker.{operation}", resource))


def _tag_list(tags: Mapping[str, str]) -> "list[TagTypeDef]":
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]
