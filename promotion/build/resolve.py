"""Fills an environment's values into a release. Pure: needs no SDK, no network, no files."""

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from promotion.build.archive import CODE, canonical_json
from promotion.build.checks.structure import value_problem
from promotion.build.definition import Place, all_values, parameters
from promotion.build.release import CodeObject, Release, ResolvedPipeline, ResolvedRelease
from promotion.build.tokens import substitute, token_problem, tokens_in
from promotion.build.wheel_sets import set_digests, set_of
from promotion.errors import BuildError

if TYPE_CHECKING:
    from promotion.config.environment import WorkloadEnvironment
    from promotion.config.use_case_parts import DeployedUseCase

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePipeline.html
MAXIMUM_DEFINITION_CHARACTERS = 1_048_576


def resolve(release: Release, environment: "WorkloadEnvironment") -> ResolvedRelease:
    """Return a release as an environment gets it.

    Tokens are replaced, and parameter defaults are those of the environment file where it has
    them.

    Raises:
        BuildError: the environment has not what the release needs; lists every problem.
    """
    entry = environment.use_cases.get(release.use_case)
    if entry is None:
        raise BuildError(
            f"environment {environment.environment!r} does not run {release.use_case!r}",
            hint=f"add use_cases.{release.use_case} to "
            f"environments/{environment.environment}.tfvars.json",
        )
    if problems := [*_key_problems(release, entry), *_problems(release, environment, entry)]:
        raise BuildError(
            f"release {release.use_case} {release.digest[:12]} does not fit environment "
            f"{environment.environment!r}",
            problems=problems,
        )
    values = token_values(release, environment)
    return ResolvedRelease(
        use_case=release.use_case,
        digest=release.digest,
        git_commit=release.git_commit,
        pipelines=tuple(
            _pipeline(release, key, environment, values) for key in sorted(release.definitions)
        ),
        code_objects=tuple(sorted(_code_objects(release, environment), key=lambda o: o.key)),
        code=release.code,
    )


def _code_objects(release: Release, environment: "WorkloadEnvironment") -> Iterable[CodeObject]:
    keys, bucket = _code_keys(release), environment.buckets.data
    for path, size in release.sizes.items():
        yield CodeObject(bucket, keys[path], release.digests[f"{CODE}{path}"], size, path)


def _code_keys(release: Release) -> dict[str, str]:
    """Return the key of each file of a release's code, by its path."""
    digests = {path: release.digests[f"{CODE}{path}"] for path in release.code}
    sets = set_digests(digests)
    keys = {}
    for path, digest in digests.items():
        wheel = set_of(path)
        folder = sets[wheel[0]] if wheel else digest
        keys[path] = f"code/{folder}/{PurePosixPath(path).name}"
    return keys


def token_values(release: Release, environment: "WorkloadEnvironment") -> dict[str, str]:
    """Return the value of each token of a release in an environment, by the token's name."""
    bucket, keys = environment.buckets.data, _code_keys(release)
    sets = {wheel[0]: key for path, key in keys.items() if (wheel := set_of(path))}
    return {
        **environment_values(environment, release.use_case),
        "release.digest": release.digest,
        "release.git_commit": release.git_commit,
        **{f"code.{path}": f"s3://{bucket}/{key}" for path, key in keys.items()},
        **{
            f"wheels.{name}": f"s3://{bucket}/{PurePosixPath(key).parent}/"
            for name, key in sets.items()
        },
    }


def environment_values(environment: "WorkloadEnvironment", use_case: str) -> dict[str, str]:
    """Return the value of every token that depends on the environment alone, for a use case."""
    pipelines = environment.use_cases[use_case].pipelines
    return {
        "env.project": environment.project,
        "env.environment": environment.environment,
        "env.account_id": environment.account_id,
        "env.region": environment.region,
        "env.data_bucket": environment.buckets.data,
        "env.artifact_bucket": environment.buckets.artifacts,
        "env.execution_role_arn": environment.execution_role_arn(use_case),
        "env.kms_key_arn": environment.kms_key_arn,
        "env.model_package_group_arn": environment.model_package_group_arn(use_case),
        "env.resolve_model_function_arn": environment.function_arn("resolve-model"),
        "env.resolve_batch_function_arn": environment.function_arn("resolve-batch"),
        "env.emit_drift_function_arn": environment.function_arn("emit-drift"),
        "use_case.name": use_case,
        **{f"use_case.pipelines.{key}": name for key, name in pipelines.items()},
        **{f"image.{name}": uri for name, uri in environment.images.items()},
    }


def _key_problems(release: Release, entry: "DeployedUseCase") -> Iterable[str]:
    for key in sorted(release.definitions.keys() - entry.pipelines.keys()):
        yield f"pipeline {key}: the environment gives it no name (use_cases.pipelines.{key})"
    for key in sorted(entry.pipelines.keys() - release.definitions.keys()):
        yield f"pipeline {key}: the environment names it but the release does not have it"


def _problems(
    release: Release, environment: "WorkloadEnvironment", entry: "DeployedUseCase"
) -> Iterable[str]:
    for key, definition in sorted(release.definitions.items()):
        for place, found in _token_problems(definition, release, environment, entry):
            yield f"pipeline {key}: {place}: {found}"
        declared = parameters(definition)
        for name, value in entry.parameters.get(key, {}).items():
            where = f"use_cases.{release.use_case}.parameters.{key}.{name}"
            if name not in declared:
                known = ", ".join(sorted(declared)) or "none"
                yield f"{where}: the pipeline has no such parameter (it has {known})"
            elif problem := value_problem(declared[name], value):
                yield f"{where}: {problem}"


def _token_problems(
    definition: Mapping[str, Any],
    release: Release,
    environment: "WorkloadEnvironment",
    entry: "DeployedUseCase",
) -> Iterable[tuple[Place, str]]:
    def problem_of(name: str) -> str | None:
        return token_problem(
            name, pipelines=entry.pipelines, code=release.code, images=environment.images
        )

    # Where all is well a look through the text is enough; only a message needs the places.
    if not any(map(problem_of, set(tokens_in(canonical_json(definition))))):
        return
    for place, value in all_values(definition):
        for name in tokens_in(value) if isinstance(value, str) else ():
            if problem := problem_of(name):
                yield place, problem


def _pipeline(
    release: Release, key: str, environment: "WorkloadEnvironment", values: Mapping[str, str]
) -> ResolvedPipeline:
    entry = environment.use_cases[release.use_case]
    definition: dict[str, Any] = substitute(release.definitions[key], values)
    given = entry.parameters.get(key, {})
    if given:
        definition["Parameters"] = [
            {**declared, "DefaultValue": given[declared["Name"]]}
            if declared["Name"] in given
            else declared
            for declared in definition["Parameters"]
        ]
    text = canonical_json(definition)
    if len(text) > MAXIMUM_DEFINITION_CHARACTERS:
        raise BuildError(
            f"pipeline {key} of {release.use_case}: its definition has {len(text)} characters; "
            f"SageMaker takes {MAXIMUM_DEFINITION_CHARACTERS}"
        )
    return ResolvedPipeline(
        key=key,
        name=entry.pipelines[key],
        role_arn=environment.execution_role_arn(release.use_case),
        definition_json=text,
    )
