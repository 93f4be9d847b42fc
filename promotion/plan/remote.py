"""What an account has of the pipelines and code objects that a plan is about.

Calls SageMaker ListPipelines, DescribePipeline and ListTags, and S3 HeadObject and GetObject;
writes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from promotion.aws.errors import RemoteDenied, RemoteMissing
from promotion.aws.fanout import fan_out
from promotion.aws.objects import Objects
from promotion.aws.pipelines import DeployedPipeline, Pipelines
from promotion.plan.model import PipelineState, Stray
from promotion.plan.ownership import RELEASE, USE_CASE, is_ours, our_tags
from promotion.plan.scripts import CodeUri


@dataclass(frozen=True)
class RemoteState:
    """The account's pipelines, as far as a plan is about them.

    Attributes:
        pipelines: those of the releases that exist, by name.
        strays: those that carry our tags and that the environment does not name.
    """

    pipelines: Mapping[str, DeployedPipeline]
    strays: tuple[Stray, ...] = ()


def read_remote(pipelines: Pipelines, wanted: Iterable[str], named: Iterable[str]) -> RemoteState:
    """Return the state of the wanted pipelines, and our pipelines that nothing names.

    Args:
        pipelines: gateway to the account.
        wanted: names of the pipelines of the releases.
        named: names of all pipelines that the environment's file names.
    """
    arns = pipelines.arns()
    wanted = sorted(set(wanted))
    found = read_pipelines(pipelines, [name for name in wanted if name in arns])
    others = sorted(set(arns) - set(wanted) - set(named))
    tags = fan_out(lambda name: _tags(pipelines, arns[name]), others)
    strays = tuple(
        Stray(name, found_tags.get(USE_CASE, ""), found_tags[RELEASE])
        for name, found_tags in zip(others, tags, strict=True)
        if is_ours(found_tags)
    )
    return RemoteState(found, strays)


def read_pipelines(pipelines: Pipelines, names: Iterable[str]) -> dict[str, DeployedPipeline]:
    """Return those of the named pipelines that exist, by name."""
    found = fan_out(lambda name: _describe(pipelines, name), sorted(set(names)))
    return {pipeline.name: pipeline for pipeline in found if pipeline is not None}


def state_of(pipeline: DeployedPipeline) -> PipelineState:
    """Return what promotion writes of a pipeline, as the account has it."""
    return PipelineState(pipeline.definition_json, pipeline.role_arn, our_tags(pipeline.tags))


def read_code(objects: Objects, uri: CodeUri) -> bytes | None:
    """Return the content of a code object, or None when it is gone or not ours to read."""
    try:
        return objects.read(uri.bucket, uri.key)
    except (RemoteMissing, RemoteDenied):
        return None


def _describe(pipelines: Pipelines, name: str) -> DeployedPipeline | None:
    try:
        return pipelines.describe(name)
    except RemoteMissing:
        return None


def _tags(pipelines: Pipelines, arn: str) -> Mapping[str, str]:
    try:
        return pipelines.tags(arn)
    except RemoteMissing:
        # Deleted since it was listed.
        return {}
