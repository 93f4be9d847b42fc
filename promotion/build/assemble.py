"""Builds one use case into a release.

Reads `pipelines/<use case>/` and git, runs the pipeline modules in sealed subprocesses
(`obtain.py`), writes the archive into the folder it is given. Calls nothing outside.
"""

from pathlib import Path

from promotion.build.archive import release_digest, write_release
from promotion.build.checks import Subject, check_definition
from promotion.build.obtain import obtain_definitions
from promotion.build.release import Release
from promotion.build.source import origin, read_code
from promotion.config.use_case import DECLARATION, FOLDER, load_use_case
from promotion.errors import BuildError


def build(root: Path, use_case: str, out_dir: Path) -> Release:
    """Build a use case and write `<out_dir>/<use case>-<digest12>.tar`.

    Args:
        root: folder that holds `pipelines/`.
        use_case: name of the use case.
        out_dir: folder of the archive; made if needed.

    Returns:
        The release; `out_dir / release.file_name` is its archive.

    Raises:
        ConfigError: there is no such use case, or its declaration is wrong.
        BuildError: a pipeline cannot be defined or its definition is wrong; lists every problem.
    """
    declared = load_use_case(root, use_case)
    folder = root / FOLDER / use_case
    code = read_code(folder)
    definitions = obtain_definitions(root, use_case, declared.pipelines)
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
        raise BuildError(f"use case {use_case!r} cannot be built", problems=problems)
    declaration = (folder / DECLARATION).read_bytes()
    come_from = origin(root, use_case)
    release = Release(
        use_case=use_case,
        digest=release_digest(use_case, definitions, code, declaration),
        git_commit=come_from.git_commit,
        dirty=come_from.dirty,
        definitions=definitions,
        code=code,
        declaration=declaration,
    )
    write_release(release, out_dir)
    return release
