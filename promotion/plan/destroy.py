"""What a destruction takes away: the pipelines of one use case that promote wrote.

Calls SageMaker ListPipelines, ListTags and DescribePipeline; writes nothing. The mark decides, not
the environment's file: it may not name the use case any more. Code objects, models, and what
Terraform owns are none of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from promotion.aws.fanout import fan_out
from promotion.aws.pipelines import Pipelines
from promotion.changes import diff_values
from promotion.config import Environment, WorkloadEnvironment
from promotion.errors import ConfigError
from promotion.plan.compare import parse_definition
from promotion.plan.diff import diff_definitions
from promotion.plan.model import Action, PipelineChange, PipelineState, ReleaseReference
from promotion.plan.ownership import GIT_COMMIT, RELEASE, USE_CASE, is_ours, marked
from promotion.plan.remote import read_pipelines, whole_state_of


def check_runs_pipelines(environment: Environment) -> WorkloadEnvironment:
    """Return an environment that runs pipelines.

    Raises:
        ConfigError: it runs none.
    """
    if not isinstance(environment, WorkloadEnvironment):
        raise ConfigError(f"environment {environment.environment} runs no pipelines")
    return environment


@dataclass(frozen=True)
class Owned:
    """A pipeline that promote wrote.

    Attributes:
        name: its name.
        state: all that goes with it.
        last_modified_at: when it was last written, aware.
    """

    name: str
    state: PipelineState
    last_modified_at: datetime


def owned_pipelines(
    pipelines: Pipelines, use_case: str, environment: WorkloadEnvironment
) -> tuple[Owned, ...]:
    """Return the pipelines of an account that promote wrote for a use case, by name.

    The mark tells them; of those that the environment names, tags do too.
    """
    descriptions = pipelines.descriptions()
    case = environment.use_cases.get(use_case)
    named = set(case.pipelines.values()) if case else set()
    marks = {name for name, text in descriptions.items() if _owns(marked(text), use_case)}
    unmarked = {name for name in named & set(descriptions) if not marked(descriptions[name])}
    found = read_pipelines(pipelines, marks | unmarked)
    whole = fan_out(lambda name: whole_state_of(pipelines, found[name]), sorted(found))
    return tuple(
        Owned(name, state, found[name].last_modified_at)
        for name, state in zip(sorted(found), whole, strict=True)
        if name in marks or _owns(state.tags, use_case)
    )


def deletions(
    use_case: str, owned: Iterable[Owned], environment: WorkloadEnvironment
) -> tuple[PipelineChange, ...]:
    """Return the deletion of each pipeline.

    Args:
        use_case: use case they belong to.
        owned: the pipelines.
        environment: the environment; knows the keys of those that it names.

    Raises:
        ConfigError: there are none, and the environment does not know the use case either.
    """
    case = environment.use_cases.get(use_case)
    keys = {name: key for key, name in case.pipelines.items()} if case else {}
    changes = tuple(
        PipelineChange(
            use_case=use_case,
            key=keys.get(pipeline.name, ""),
            name=pipeline.name,
            action=Action.DELETE,
            desired=None,
            former=(former := pipeline.state),
            definition=diff_definitions(parse_definition(former.definition_json), {}),
            tags=tuple(diff_values(former.tags, {})),
        )
        for pipeline in owned
    )
    if not changes and case is None:
        raise ConfigError(
            f"environment {environment.environment} has no use case {use_case}, and its account "
            "has no pipeline that promote wrote for it",
            hint="promote status lists the use cases",
        )
    return changes


def releases_of(use_case: str, owned: Sequence[Owned]) -> tuple[ReleaseReference, ...]:
    """Return the release that goes: that of the pipeline that was written last."""
    if not owned:
        return ()
    last = max(owned, key=lambda pipeline: (pipeline.last_modified_at, pipeline.name))
    said = marked(last.state.description) or last.state.tags
    return (ReleaseReference(use_case, said[RELEASE], said.get(GIT_COMMIT, ""), dirty=False),)


def _owns(tags: Mapping[str, str], use_case: str) -> bool:
    return is_ours(tags) and tags.get(USE_CASE) == use_case
