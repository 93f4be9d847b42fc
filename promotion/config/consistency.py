"""Checks that hold between environment files, and between them and `pipelines/`.

`check_consistency` is pure; `check_use_cases` reads `pipelines/*/use_case.toml`, and
`check_roots` looks which Terraform roots there are. Nothing is written or called.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from promotion.config.environment import (
    Environment,
    RegistryEnvironment,
    ToolingEnvironment,
    WorkloadEnvironment,
)
from promotion.config.use_case import (
    UseCase,
    load_use_case,
    undeclared_folders,
    use_case_names,
)
from promotion.errors import ConfigError


def check_consistency(environments: Mapping[str, Environment]) -> list[str]:
    """Return every contradiction between environment files, each naming file and key path.

    Args:
        environments: all environments of the project, by name.
    """
    return [
        *_kinds(environments),
        *_unique(environments),
        *_same(environments),
        *_links(environments),
        *_registry(environments),
        *_evidence(environments),
        *_images(environments),
    ]


def check_roots(root: Path, environments: Mapping[str, Environment]) -> list[str]:
    """Return the environments without a Terraform root; none where there is no Terraform at all.

    Args:
        root: folder that holds `mlops-infra/`.
        environments: all environments of the project, by name.
    """
    accounts = root / "mlops-infra" / "accounts"
    missing = [name for name in environments if not (accounts / name).is_dir()]
    return [
        f"mlops-infra/accounts/{name}: does not exist: the roots of workload accounts are copies "
        "of each other"
        for name in (missing if accounts.is_dir() else ())
    ]


def check_use_cases(root: Path, environments: Mapping[str, Environment]) -> list[str]:
    """Return every contradiction between environment files and `pipelines/`.

    Args:
        root: folder that holds `pipelines/`.
        environments: all environments of the project, by name.
    """
    problems = [
        f"pipelines/{name}: has no use_case.toml: add it, or remove the folder"
        for name in undeclared_folders(root)
    ]
    declared: dict[str, UseCase | None] = {}
    for name in use_case_names(root):
        try:
            declared[name] = load_use_case(root, name)
        except ConfigError as error:
            declared[name] = None
            problems.append(str(error))
    for environment in environments.values():
        if isinstance(environment, WorkloadEnvironment):
            problems.extend(_deployed(environment, declared))
    return problems


def _images(environments: Mapping[str, Environment]) -> Iterable[str]:
    for name, environment in _workloads(environments):
        for image, uri in environment.images.items():
            if (region := uri.split(".")[3]) != environment.region:
                yield (
                    f"{_file(name)}: images.{image}: is in {region}, but SageMaker takes images "
                    f"of the environment's region {environment.region} only"
                )


def _evidence(environments: Mapping[str, Environment]) -> Iterable[str]:
    for name, environment in _workloads(environments):
        source = environment.promotion.evidence_from
        if source is None:
            continue
        if source == name or not isinstance(environments.get(source), WorkloadEnvironment):
            yield (
                f"{_file(name)}: promotion.evidence_from: {source!r} is no other environment that "
                "runs pipelines"
            )


def _kinds(environments: Mapping[str, Environment]) -> Iterable[str]:
    for needed in ("tooling", "registry"):
        if needed not in environments:
            yield f"{_file(needed)}: does not exist"
    if not any(isinstance(e, WorkloadEnvironment) for e in environments.values()):
        yield 'environments/: no file is of the kind "workload"'


def _unique(environments: Mapping[str, Environment]) -> Iterable[str]:
    accounts = [(name, "account_id", e.account_id) for name, e in environments.items()]
    # Bucket names are unique on all of S3. The artifacts bucket is the registry's.
    buckets = [(name, "buckets.state", e.buckets.state) for name, e in environments.items()]
    buckets += [(name, "buckets.logs", e.buckets.logs) for name, e in environments.items()]
    buckets += [(name, "buckets.data", e.buckets.data) for name, e in _workloads(environments)]
    buckets += [
        (name, "buckets.artifacts", e.buckets.artifacts)
        for name, e in environments.items()
        if isinstance(e, RegistryEnvironment)
    ]
    for entries in (accounts, buckets):
        users: dict[str, str] = {}
        for name, path, value in entries:
            if value in users:
                yield f"{_file(name)}: {path}: {value!r} is {users[value]} too"
            users.setdefault(value, f"{path} of {_file(name)}")


def _same(environments: Mapping[str, Environment]) -> Iterable[str]:
    first, *others = environments.values()
    for other in others:
        for path, mine, theirs in (
            ("project", first.project, other.project),
            ("region", first.region, other.region),
            ("external_id", first.external_id, other.external_id),
            *(
                (f"roles.{key}", getattr(first.roles, key), getattr(other.roles, key))
                for key in type(first.roles).model_fields
            ),
        ):
            if mine != theirs:
                where = f"{_file(other.environment)}: {path.removesuffix('_')}"
                yield f"{where}: is {theirs!r} but {mine!r} in {_file(first.environment)}"


def _links(environments: Mapping[str, Environment]) -> Iterable[str]:
    for name, environment in environments.items():
        for other in environments.keys() - {name} - environment.linked_accounts.keys():
            yield f"{_file(name)}: linked_accounts.{other}: is missing ({_file(other)} exists)"
        for other, account_id in environment.linked_accounts.items():
            where = f"{_file(name)}: linked_accounts.{other}"
            if other not in environments:
                yield f"{where}: there is no {_file(other)}"
            elif environments[other].account_id != account_id:
                stated = environments[other].account_id
                yield f"{where}: is {account_id} but account_id of {_file(other)} is {stated}"


def _registry(environments: Mapping[str, Environment]) -> Iterable[str]:
    registry = environments.get("registry")
    if not isinstance(registry, RegistryEnvironment):
        return
    for name, environment in environments.items():
        if not isinstance(environment, ToolingEnvironment | WorkloadEnvironment):
            continue
        mine, theirs = environment.buckets.artifacts, registry.buckets.artifacts
        if mine != theirs:
            yield f"{_file(name)}: buckets.artifacts: is {mine!r} but {theirs!r} in the registry"
        if isinstance(environment, WorkloadEnvironment):
            yield from _groups(name, environment, registry)


def _groups(
    name: str, environment: WorkloadEnvironment, registry: RegistryEnvironment
) -> Iterable[str]:
    for use_case, entry in environment.use_cases.items():
        where = f"{_file(name)}: use_cases.{use_case}"
        known = registry.use_cases.get(use_case)
        if known is None:
            yield f"{where}: {_file('registry')} has no use_cases.{use_case}"
        elif known.model_package_group != entry.model_package_group:
            yield (
                f"{where}.model_package_group: is {entry.model_package_group!r} but "
                f"{known.model_package_group!r} in the registry"
            )


def _deployed(
    environment: WorkloadEnvironment, declared: Mapping[str, UseCase | None]
) -> Iterable[str]:
    for name, entry in environment.use_cases.items():
        where = f"{_file(environment.environment)}: use_cases.{name}"
        if name not in declared:
            yield f"{where}: there is no pipelines/{name}/use_case.toml"
            continue
        use_case = declared[name]
        if use_case is None:
            continue
        for key in sorted(entry.pipelines.keys() - use_case.pipelines.keys()):
            yield f"{where}.pipelines.{key}: pipelines/{name}/use_case.toml does not declare it"
        for key in sorted(use_case.pipelines.keys() - entry.pipelines.keys()):
            yield f"{where}.pipelines: {key!r} of pipelines/{name}/use_case.toml is missing"


def _workloads(environments: Mapping[str, Environment]) -> list[tuple[str, WorkloadEnvironment]]:
    return [(n, e) for n, e in environments.items() if isinstance(e, WorkloadEnvironment)]


def _file(name: str) -> str:
    return f"environments/{name}.tfvars.json"
