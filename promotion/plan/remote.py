"""What an account has of the pipelines and code objects that a plan is about.

Calls SageMaker ListPipelines, DescribePipeline once for each pipeline, and ListTags only for one
whose description lacks our mark; S3 HeadObject and GetObject. Writes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from promotion.aws.errors import RemoteDenied, RemoteMissing
from promotion.aws.fanout import fan_out
from promotion.aws.objects import Objects
from promotion.aws.pipelines import DeployedPipeline, Pipelines
from promotion.plan.model import PipelineState, Stray
from promotion.plan.ownership import RELEASE, USE_CASE, marked, our_tags
from promotion.plan.scripts import CodeUri


@dataclass(frozen=True)
class RemoteState:
    """The account's pipelines, as far as a plan is about them.

    Attributes:
        pipelines: those of the releases that exist, by name.
        strays: those that carry our mark and that the environment does not name.
    """

    pipelines: Mapping[str, PipelineState]
    strays: tuple[Stray, ...] = ()


def read_remote(pipelines: Pipelines, wanted: Iterable[str], named: Iterable[str]) -> RemoteState:
    """Return the state of the wanted pipelines, and our pipelines that nothing names.

    Args:
        pipelines: gateway to the account.
        wanted: names of the pipelines of the releases.
        named: names of all pipelines that the environment's file names.
    """
    descriptions = pipelines.descriptions()
    wanted = set(wanted)
    found = read_pipelines(pipelines, wanted & set(descriptions))
    strays = (
        Stray(name, said[USE_CASE], said[RELEASE])
        for name in sorted(set(descriptions) - wanted - set(named))
        if (said := marked(descriptions[name]))
    )
    return RemoteState(states_of(pipelines, found), tuple(strays))


def states_of(
    pipelines: Pipelines, found: Mapping[str, DeployedPipeline]
) -> dict[str, PipelineState]:
    """Return what promotion writes of pipelines, with the tags of those that lack our mark.

    Somebody else made such a pipeline, or gave one of ours another description, or it is of a
    promote that wrote tags alone: its tags tell.
    """
    states = {name: state_of(pipeline) for name, pipeline in found.items()}
    unmarked = [name for name, state in states.items() if not state.tags]
    tags = fan_out(lambda name: tags_of(pipelines, found[name].arn), unmarked)
    return states | {
        name: replace(states[name], tags=our_tags(given))
        for name, given in zip(unmarked, tags, strict=True)
    }


def read_pipelines(pipelines: Pipelines, names: Iterable[str]) -> dict[str, DeployedPipeline]:
    """Return those of the named pipelines that exist, by name."""
    found = fan_out(lambda name: _describe(pipelines, name), sorted(set(names)))
    return {pipeline.name: pipeline for pipeline in found if pipeline is not None}


def state_of(pipeline: DeployedPipeline) -> PipelineState:
    """Return what promotion writes of a pipeline, as the account has it and its mark says."""
    return PipelineState(
        pipeline.definition_json,
        pipeline.role_arn,
        marked(pipeline.description),
        pipeline.description,
    )


def whole_state_of(pipelines: Pipelines, pipeline: DeployedPipeline) -> PipelineState:
    """Return what a deletion takes away: the same with the tags of others, AWS' own apart."""
    tags = tags_of(pipelines, pipeline.arn)
    return replace(
        state_of(pipeline),
        tags={key: tags[key] for key in tags if not key.startswith("aws:")},
    )


def tags_of(pipelines: Pipelines, arn: str) -> Mapping[str, str]:
    """Return the tags of a pipeline; none when it was deleted since it was listed."""
    try:
        return pipelines.tags(arn)
    except RemoteMissing:
        return {}


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
