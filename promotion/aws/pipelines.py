"""SageMaker pipelines of one account: list, describe, tags; create, update, delete.

Calls SageMaker ListPipelines, DescribePipeline, ListTags; mutates with CreatePipeline,
UpdatePipeline, DeletePipeline, AddTags, DeleteTags.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from promotion.aws.errors import Call, remote_call

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import TagTypeDef


@dataclass(frozen=True)
class DeployedPipeline:
    """A pipeline as an account has it.

    Attributes:
        name: its name.
        arn: its ARN.
        definition_json: the definition, as the text that was written.
        role_arn: role that its executions run with.
        tags: all its tags.
        last_modified_at: when it was last written, aware.
    """

    name: str
    arn: str
    definition_json: str
    role_arn: str
    tags: Mapping[str, str]
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
        with self._call("ListPipelines"):
            pages = self._client.get_paginator("list_pipelines").paginate(
                PaginationConfig={"PageSize": 100}
            )
            return {
                summary["PipelineName"]: summary["PipelineArn"]
                for page in pages
                for summary in page.get("PipelineSummaries", [])
            }

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of a pipeline."""
        with self._call("ListTags", arn):
            pages = self._client.get_paginator("list_tags").paginate(ResourceArn=arn)
            return {tag["Key"]: tag["Value"] for page in pages for tag in page.get("Tags", [])}

    def describe(self, name: str) -> DeployedPipeline:
        """Return a pipeline with its tags.

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
            tags=self.tags(found["PipelineArn"]),
            last_modified_at=found["LastModifiedTime"],
        )

    def create(
        self, name: str, definition_json: str, role_arn: str, tags: Mapping[str, str]
    ) -> None:
        """Create a pipeline. Mutates the account."""
        with self._call("CreatePipeline", name):
            self._client.create_pipeline(
                PipelineName=name,
                PipelineDefinition=definition_json,
                RoleArn=role_arn,
                Tags=_tag_list(tags),
                ClientRequestToken=uuid4().hex,
            )

    def update(self, name: str, definition_json: str, role_arn: str) -> str:
        """Replace definition and role of a pipeline and return its ARN. Mutates the account."""
        with self._call("UpdatePipeline", name):
            answer = self._client.update_pipeline(
                PipelineName=name, PipelineDefinition=definition_json, RoleArn=role_arn
            )
        return answer["PipelineArn"]

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

    def _call(self, operation: str, resource: str | None = None) -> "AbstractContextManager[None]":
        return remote_call(Call(self._account_id, f"sagemaker.{operation}", resource))


def _tag_list(tags: Mapping[str, str]) -> "list[TagTypeDef]":
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]
