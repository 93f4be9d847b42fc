"""Builds one use case into a release.

Reads `pipelines/<use case>/` and git, runs the pipeline modules in sealed subprocesses
(`obtain.py`), writes the archive into the folder it is given; what was built before of the same
source is taken as it is (`cache.py`). Calls nothing outside, but for pip's index where the use case
asks for wheels (`wheels.py`) or a virtual environment of its own (`interpreter.py`) that are not
there yet.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promotion.build.archive import new_release, open_release, write_release
from promotion.build.cache import Cache
from promotion.build.lambda_package import own_package
from promotion.build.release import Release
from promotion.build.source import Origin, origin, read_code
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
        cache: what earlier builds gave; without it the SDK is always run, and the archive is
            compared or written.

    Returns:
        The release; `out_dir / release.file_name` is its archive.

    Raises:
        ConfigError: there is no such use case, or its declaration is wrong.
        BuildError: a pipeline cannot be defined or its definition is wrong, or what it needs
            cannot be installed; lists every problem.
    """
    come_from = origin(root, use_case)
    made_of = f"{come_from} {hashlib.sha256(own_package()).hexdigest()}"
    entry = cache.entry(use_case) if cache else None
    if entry and (archive := entry.archive(out_dir, made_of)):
        return open_release(archive)
    declared = load_use_case(root, use_case)
    release, read = _assemble(root, declared, come_from, entry.definitions if entry else None)
    archive = write_release(release, out_dir)
    # What was read of a source that has changed meanwhile is of neither.
    if cache and entry == cache.entry(use_case) and come_from == origin(root, use_case):
        if read is not None:
            entry.keep(release.definitions, read)
        entry.keep_archive(archive, made_of)
    return release


def _assemble(
    root: Path, declared: UseCase, come_from: Origin, kept: dict[str, dict[str, Any]] | None
) -> tuple[Release, tuple[str, ...] | None]:
    """Return the release, and what was read for its definitions unless they were kept."""
    folder = root / FOLDER / declared.name
    wheels = _wheels(root, declared)
    code = {**read_code(folder), **{path: wheel.body for path, wheel in wheels.items()}}
    own = _own_requirements(folder, declared)
    definitions, read = (kept, None) if kept is not None else _define(root, declared, own, code)
    release = new_release(
        use_case=declared.name,
        git_commit=come_from.git_commit,
        dirty=come_from.dirty,
        built_with=built_with(declared.pipelines.values(), own.versions if own else None),
        definitions=definitions,
        code=code,
        declaration=(folder / DECLARATION).read_bytes(),
        functions=own_package(),
        known={path: wheel.sha256 for path, wheel in wheels.items()},
    )
    return release, read


def _define(
    root: Path, declared: UseCase, own: "Requirements | None", code: Mapping[str, bytes]
) -> tuple[dict[str, dict[str, Any]], tuple[str, ...]]:
    """Return the checked definitions, and what was read for them."""
    # What is cached needs none of it.
    from promotion.build.interpreter import interpreter_for
    from promotion.build.obtain import obtain_definitions

    python = interpreter_for(own, root / INTERPRETERS) if own else None
    obtained = obtain_definitions(root, declared.name, declared.pipelines, python)
    _check(root, declared, obtained.definitions, code)
    return obtained.definitions, obtained.read


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
