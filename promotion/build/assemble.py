"""Builds one use case into a release.

Reads `pipelines/<use case>/` and git, runs the pipeline modules in sealed subprocesses
(`obtain.py`) unless the same source was built before (`cache.py`), writes the archive into the
folder it is given. Calls nothing outside, but for pip's index where the use case asks for wheels
(`wheels.py`) or a virtual environment of its own (`interpreter.py`) that are not there yet.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promotion.build.archive import new_release, open_release, write_release
from promotion.build.cache import Cache
from promotion.build.lambda_package import own_package
from promotion.build.release import Release
from promotion.build.source import origin, read_code
from promotion.build.versions import built_with
from promotion.config.use_case import DECLARATION, FOLDER, UseCase, load_use_case
from promotion.errors import BuildError

if TYPE_CHECKING:
    from promotion.build.requirements import Requirements
    from promotion.build.wheels import WheelFile

INTERPRETERS = Path("build") / "interpreters"
WHEELS = Path("build") / "wheels"


def build(root: Path, use_case: str, out_dir: Path, cache: Cache | None = None) -> Release:
    """Build a use case and write `<out_dir>/<use case>-<digest12>.tar`.

    Args:
        root: folder that holds `pipelines/`.
        use_case: name of the use case.
        out_dir: folder of the archive; made if needed.
        cache: definitions of earlier builds; without it the SDK is always run.

    Returns:
        The release; `out_dir / release.file_name` is its archive.

    Raises:
        ConfigError: there is no such use case, or its declaration is wrong.
        BuildError: a pipeline cannot be defined or its definition is wrong, or what it needs
            cannot be installed; lists every problem.
    """
    declared = load_use_case(root, use_case)
    folder = root / FOLDER / use_case
    come_from, functions = origin(root, use_case), own_package()
    entry = cache.entry(use_case) if cache else None
    definitions = entry.definitions() if entry else None
    made_of = f"{come_from} {hashlib.sha256(functions).hexdigest()}"
    if entry and definitions is not None:
        archive = entry.archive(out_dir, made_of)
        if archive is not None:
            return open_release(archive)
    wheels = _wheels(root, declared)
    code = {**read_code(folder), **{path: wheel.body for path, wheel in wheels.items()}}
    own = _own_requirements(folder, declared)
    if definitions is None:
        # What is cached needs none of it.
        from promotion.build.interpreter import interpreter_for
        from promotion.build.obtain import obtain_definitions

        python = interpreter_for(own, root / INTERPRETERS) if own else None
        obtained = obtain_definitions(root, use_case, declared.pipelines, python)
        _check(root, declared, obtained.definitions, code)
        definitions = obtained.definitions
        if entry:
            entry.keep(definitions, obtained.read)
    release = new_release(
        use_case=use_case,
        git_commit=come_from.git_commit,
        dirty=come_from.dirty,
        built_with=built_with(declared.pipelines.values(), own.versions if own else None),
        definitions=definitions,
        code=code,
        declaration=(folder / DECLARATION).read_bytes(),
        functions=functions,
        known={path: wheel.sha256 for path, wheel in wheels.items()},
    )
    archive = write_release(release, out_dir)
    if entry:
        entry.keep_archive(archive, made_of)
    return release


def _wheels(root: Path, declared: UseCase) -> dict[str, "WheelFile"]:
    if not declared.wheels:
        return {}
    from promotion.build.wheels import read_wheels

    return read_wheels(root / FOLDER / declared.name, declared.wheels, root / WHEELS)


def _own_requirements(folder: Path, declared: UseCase) -> "Requirements | None":
    if declared.build_requirements is None:
        return None
    from promotion.build.requirements import read_requirements

    return read_requirements(folder, declared.build_requirements)


def _check(
    root: Path,
    declared: UseCase,
    definitions: Mapping[str, dict[str, Any]],
    code: Mapping[str, bytes],
) -> None:
    from promotion.build.checks import Subject, check_definition  # reads AWS's service models

    problems = [
        f"pipeline {key}: {problem}"
        for key, definition in definitions.items()
        for problem in check_definition(
            Subject(
                definition=definition,
                pipelines=declared.pipelines.keys(),
                code=code.keys(),
                machine_paths=(str(root.resolve()), str(Path.home())),
            )
        )
    ]
    if problems:
        raise BuildError(f"use case {declared.name!r} cannot be built", problems=problems)
