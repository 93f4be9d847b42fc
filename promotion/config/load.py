"""Loads environment files, reporting every problem of a file at once.

Reads `environments/*.tfvars.json`; writes and calls nothing.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from promotion.config.environment import (
    AnyEnvironment,
    Environment,
    RegistryEnvironment,
    WorkloadEnvironment,
)
from promotion.config.problems import describe
from promotion.errors import ConfigError

FOLDER = "environments"
SUFFIX = ".tfvars.json"

ADAPTER: TypeAdapter[Environment] = TypeAdapter(AnyEnvironment, config=ConfigDict(defer_build=True))


def load_environment(root: Path, name: str) -> Environment:
    """Load `environments/<name>.tfvars.json`.

    Args:
        root: folder that holds `environments/`.
        name: name of the environment.

    Raises:
        ConfigError: there is no such file, or it is wrong; lists every problem with its key path.
    """
    path = root / FOLDER / f"{name}{SUFFIX}"
    if not path.is_file():
        raise ConfigError(
            f"there is no environment {name!r}: {_shown(path)} does not exist",
            hint=_known_hint(root),
        )
    environment, problems = _read(path)
    if environment is None:
        raise ConfigError(f"environment {name!r} is not valid", problems=problems)
    return environment


def load_workload(root: Path, name: str) -> WorkloadEnvironment:
    """Load an environment that runs pipelines.

    Raises:
        ConfigError: as `load_environment`, or the environment is of another kind.
    """
    environment = load_environment(root, name)
    if not isinstance(environment, WorkloadEnvironment):
        raise ConfigError(
            f"environment {name!r} runs no pipelines: {FOLDER}/{name}{SUFFIX} is not of the kind "
            '"workload"',
            hint=_known_hint(root),
        )
    return environment


def load_registry(root: Path) -> RegistryEnvironment:
    """Load the registry's environment.

    Raises:
        ConfigError: as `load_environment`.
    """
    environment = load_environment(root, "registry")
    if not isinstance(environment, RegistryEnvironment):
        raise ConfigError(
            f'environment "registry": {FOLDER}/registry{SUFFIX} is not of the kind "registry"'
        )
    return environment


def load_environments(root: Path) -> dict[str, Environment]:
    """Load every environment file, sorted by name.

    Raises:
        ConfigError: there is no file, or some are wrong; lists every problem of every file.
    """
    environments: dict[str, Environment] = {}
    problems: list[str] = []
    paths = sorted((root / FOLDER).glob(f"*{SUFFIX}"))
    for path in paths:
        environment, found = _read(path)
        problems.extend(found)
        if environment is not None:
            environments[environment.environment] = environment
    if not paths:
        raise ConfigError(
            f"{FOLDER}/ in {root} holds no *{SUFFIX} file",
            hint="run in the project's folder, or pass --root",
        )
    if problems:
        raise ConfigError("environment files are not valid", problems=problems)
    return environments


def _read(path: Path) -> tuple[Environment | None, list[str]]:
    try:
        text = path.read_text(encoding="utf-8")
        document = json.loads(text, object_pairs_hook=_Pairs, parse_constant=_reject_constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        return None, [f"{_shown(path)}: {place}: not JSON: {error.msg}"]
    except (OSError, ValueError) as error:
        return None, [f"{_shown(path)}: {error}"]
    problems = list(_duplicates(document))
    environment: Environment | None = None
    try:
        environment = ADAPTER.validate_json(text)
    except ValidationError as error:
        problems.extend(describe(found, ADAPTER_KEYS) for found in error.errors(include_url=False))
    else:
        problems.extend(_inner_problems(path, environment))
    if problems:
        return None, [f"{_shown(path)}: {problem}" for problem in problems]
    return environment, []


class _Pairs(list[tuple[str, Any]]):
    """A JSON object that still has its duplicate keys."""


def _reject_constant(word: str) -> None:
    raise ValueError(f"not JSON: {word} is not a number of JSON")


def _duplicates(value: object, path: str = "") -> Iterable[str]:
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for key, inner in value:
            here = f"{path}.{key}" if path else key
            if key in seen:
                yield f"{here}: the key stands twice"
            seen.add(key)
            yield from _duplicates(inner, here)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _duplicates(inner, f"{path}[{index}]")


def _inner_problems(path: Path, environment: Environment) -> Iterable[str]:
    name = path.name.removesuffix(SUFFIX)
    if environment.environment != name:
        yield f"environment: is {environment.environment!r} in a file that is named for {name!r}"
    linked = environment.linked_accounts
    for needed in {"tooling", "registry"} - {environment.environment} - linked.keys():
        yield f"linked_accounts.{needed}: is missing"
    if environment.environment in linked:
        yield f"linked_accounts.{environment.environment}: is this environment itself"
    for other, account_id in linked.items():
        if account_id == environment.account_id:
            yield f"linked_accounts.{other}: is this environment's own account {account_id}"
    yield from _role_problems(environment)
    if isinstance(environment, WorkloadEnvironment):
        yield from _pipeline_problems(environment)


def _role_problems(environment: Environment) -> Iterable[str]:
    names: dict[str, str] = {}
    for key, name in environment.roles.model_dump(by_alias=True).items():
        if name in names:
            yield f"roles.{key}: {name!r} is roles.{names[name]} too"
        names.setdefault(name, key)


def _pipeline_problems(environment: WorkloadEnvironment) -> Iterable[str]:
    names: dict[str, str] = {}
    for use_case, entry in environment.use_cases.items():
        where = f"use_cases.{use_case}"
        used = {f"parameters.{key}": key for key in entry.parameters}
        if entry.schedule:
            used["schedule.pipeline"] = entry.schedule.pipeline
        if entry.retrain:
            used["retrain.pipeline"] = entry.retrain.pipeline
        if entry.start_on_approval:
            used["start_on_approval"] = entry.start_on_approval
        for place, key in used.items():
            if key not in entry.pipelines:
                known = ", ".join(sorted(entry.pipelines))
                yield f"{where}.{place}: no pipeline {key!r} in {where}.pipelines (has {known})"
        for key, name in entry.pipelines.items():
            place = f"{where}.pipelines.{key}"
            if name in names:
                yield f"{place}: the pipeline name {name!r} is used by {names[name]} too"
            names.setdefault(name, place)


def _kind_keys() -> dict[str, list[str]]:
    classes = (*Environment.__subclasses__(),)
    return {str(c.model_fields["kind"].annotation.__args__[0]): [*c.model_fields] for c in classes}  # type: ignore[union-attr]


ADAPTER_KEYS = _kind_keys()


def _known_hint(root: Path) -> str:
    names = sorted(p.name.removesuffix(SUFFIX) for p in (root / FOLDER).glob(f"*{SUFFIX}"))
    if not names:
        return "run in the project's folder, or pass --root"
    return f"environments here: {', '.join(names)}"


def _shown(path: Path) -> str:
    return f"{FOLDER}/{path.name}"
