"""Operations on pipelines and their versions.

Reads and writes the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.pipelines.errors import conflict, not_found, validation
from sandbox.pipelines.operations.call import Call, definition_of, once, present, user_context
from sandbox.pipelines.pages import ordered, page, within
from sandbox.pipelines.records import Pipeline, PipelineVersion
from sandbox.pipelines.store import pipeline_arn

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.model import Document


def create_pipeline(call: Call) -> Document:
    """Serve CreatePipeline."""
    request = call.request
    arn = pipeline_arn(request["PipelineName"], call.principal.account_id, call.region)
    return once(call, arn, lambda: _create(call, arn))


def _create(call: Call, arn: str) -> Document:
    request, now = call.request, call.services.clock.now()
    name = request["PipelineName"]
    if call.store.has_pipeline(arn):
        raise validation(
            "Pipeline names must be unique within an AWS account and region. Pipeline with name "
            f"({name}) already exists."
        )
    definition = definition_of(call, request["RoleArn"])
    if definition is None:
        raise validation("PipelineDefinition or PipelineDefinitionS3Location is required")
    pipeline = Pipeline(
        name=name,
        arn=arn,
        account_id=call.principal.account_id,
        region=call.region,
        display_name=request.get("PipelineDisplayName") or name,
        description=request.get("PipelineDescription") or "",
        role_arn=request["RoleArn"],
        parallelism=request.get("ParallelismConfiguration"),
        created_at=now,
        modified_at=now,
        created_by=call.principal,
        modified_by=call.principal,
        versions=[
            PipelineVersion(1, definition, now, aliases=request.get("PipelineVersionAliases") or [])
        ],
        tags=request.get("Tags") or [],
    )
    call.store.put_pipeline(pipeline)
    return {"PipelineArn": arn}


def update_pipeline(call: Call) -> Document:
    """Serve UpdatePipeline: a new definition is a new version."""
    request = call.request
    pipeline = _pipeline(call)
    role_arn = request.get("RoleArn") or pipeline.role_arn
    definition = definition_of(call, role_arn)
    now = call.services.clock.now()
    with call.store.lock:
        pipeline.role_arn = role_arn
        pipeline.display_name = request.get("PipelineDisplayName") or pipeline.display_name
        pipeline.description = request.get("PipelineDescription", pipeline.description)
        pipeline.parallelism = request.get("ParallelismConfiguration", pipeline.parallelism)
        pipeline.modified_at, pipeline.modified_by = now, call.principal
        if definition is not None:
            number = pipeline.current.number + 1
            aliases = request.get("PipelineVersionAliases") or []
            pipeline.versions.append(PipelineVersion(number, definition, now, aliases=aliases))
        return {"PipelineArn": pipeline.arn, "PipelineVersionId": pipeline.current.number}


def delete_pipeline(call: Call) -> Document:
    """Serve DeletePipeline."""
    request = call.request
    arn = pipeline_arn(request["PipelineName"], call.principal.account_id, call.region)
    return once(call, arn, lambda: _delete(call))


def _delete(call: Call) -> Document:
    pipeline = _pipeline(call)
    running = [one.arn for one in call.store.executions(pipeline.arn) if not one.done.is_set()]
    if running:
        raise conflict(
            f"Pipeline {pipeline.arn} has executions that have not ended: {', '.join(running)}"
        )
    call.store.remove_pipeline(pipeline)
    return {"PipelineArn": pipeline.arn}


def describe_pipeline(call: Call) -> Document:
    """Serve DescribePipeline."""
    pipeline = _pipeline(call)
    number, alias = call.request.get("PipelineVersionId"), call.request.get("PipelineVersionAlias")
    version = find_version(pipeline, number, alias)
    return present(
        {
            "PipelineArn": pipeline.arn,
            "PipelineName": pipeline.name,
            "PipelineDisplayName": pipeline.display_name,
            "PipelineDefinition": version.definition.text,
            "PipelineDescription": pipeline.description,
            "RoleArn": pipeline.role_arn,
            "PipelineStatus": "Active",
            "CreationTime": pipeline.created_at.timestamp(),
            "LastModifiedTime": pipeline.modified_at.timestamp(),
            "LastRunTime": pipeline.last_run_at and pipeline.last_run_at.timestamp(),
            "CreatedBy": user_context(pipeline.created_by),
            "LastModifiedBy": user_context(pipeline.modified_by),
            "ParallelismConfiguration": pipeline.parallelism,
            "PipelineVersionDisplayName": version.display_name,
            "PipelineVersionDescription": version.description,
            "PipelineVersionAliases": version.aliases,
        }
    )


def list_pipelines(call: Call) -> Document:
    """Serve ListPipelines."""
    request = call.request
    prefix = request.get("PipelineNamePrefix", "")
    mine = [
        pipeline
        for pipeline in call.store.pipelines(call.principal.account_id, call.region)
        if pipeline.name.startswith(prefix) and within(pipeline.created_at, request, "Created")
    ]
    keys: dict[str, Callable[[Pipeline], str]] = {
        "Name": lambda pipeline: pipeline.name,
        "CreationTime": lambda pipeline: pipeline.created_at.isoformat(),
    }
    rows, token = page(ordered(mine, request, keys, "CreationTime"), request, 10)
    return {"PipelineSummaries": [_summary(row) for row in rows], **token}


def list_pipeline_versions(call: Call) -> Document:
    """Serve ListPipelineVersions."""
    request, pipeline = call.request, _pipeline(call)
    with call.store.lock:
        found = [
            version
            for version in pipeline.versions
            if within(version.created_at, request, "Created")
        ]
    keys: dict[str, Callable[[PipelineVersion], str]] = {
        "number": lambda version: f"{version.number:09d}"
    }
    rows, token = page(ordered(found, request, keys, "number"), request, 10)
    return {
        "PipelineVersionSummaries": [_version_summary(pipeline, row) for row in rows],
        **token,
    }


def update_pipeline_version(call: Call) -> Document:
    """Serve UpdatePipelineVersion."""
    request = call.request
    pipeline = call.store.pipeline(request["PipelineArn"], call.principal, call.region)
    version = find_version(pipeline, request["PipelineVersionId"], None)
    aliases = request.get("PipelineVersionAliasOperations") or {}
    with call.store.lock:
        version.display_name = request.get("PipelineVersionDisplayName", version.display_name)
        version.description = request.get("PipelineVersionDescription", version.description)
        added = aliases.get("Add") or []
        for other in pipeline.versions:
            dropped = {*added, *(aliases.get("Remove") or [])} if other is version else {*added}
            other.aliases = [alias for alias in other.aliases if alias not in dropped]
        version.aliases = [*version.aliases, *added]
    return {"PipelineArn": pipeline.arn, "PipelineVersionId": version.number}


def find_version(pipeline: Pipeline, number: int | None, alias: str | None) -> PipelineVersion:
    """Return a version by number or alias, the current one by default.

    Raises:
        ServiceError: ``ResourceNotFound``.
    """
    if number is None and alias is None:
        return pipeline.current
    for version in pipeline.versions:
        if version.number == number or (alias is not None and alias in version.aliases):
            return version
    raise not_found(f"Pipeline '{pipeline.arn}' has no version {number if number else alias}.")


def _pipeline(call: Call) -> Pipeline:
    return call.store.pipeline(call.request["PipelineName"], call.principal, call.region)


def _summary(pipeline: Pipeline) -> Document:
    return present(
        {
            "PipelineArn": pipeline.arn,
            "PipelineName": pipeline.name,
            "PipelineDisplayName": pipeline.display_name,
            "PipelineDescription": pipeline.description,
            "RoleArn": pipeline.role_arn,
            "CreationTime": pipeline.created_at.timestamp(),
            "LastModifiedTime": pipeline.modified_at.timestamp(),
            "LastExecutionTime": pipeline.last_run_at and pipeline.last_run_at.timestamp(),
        }
    )


def _version_summary(pipeline: Pipeline, version: PipelineVersion) -> Document:
    return present(
        {
            "PipelineArn": pipeline.arn,
            "PipelineVersionId": version.number,
            "CreationTime": version.created_at.timestamp(),
            "PipelineVersionDescription": version.description,
            "PipelineVersionDisplayName": version.display_name,
            "LastExecutionPipelineExecutionArn": version.last_execution_arn,
            "PipelineVersionAliases": version.aliases,
        }
    )
