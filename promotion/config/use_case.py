"""Use case declarations: the folders of `pipelines/` and their `use_case.toml`.

Reads `pipelines/*/use_case.toml`; writes and calls nothing.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, ValidationError

from promotion.config.fields import Format, PipelineKey, UseCaseName
from promotion.config.parts import Part
from promotion.config.problems import describe
from promotion.errors import ConfigError

FOLDER = "pipelines"
DECLARATION = "use_case.toml"

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
PipelineSource = Annotated[
    str,
    Format(
        rf"([A-Za-z0-9_-]+/)*({_NAME}\.py:{_NAME}|[A-Za-z0-9_.-]+\.json)",
        'a pipeline\'s source: "module.py:callable" or "definition.json", in the folder',
    ),
]


RequirementsFile = Annotated[
    str,
    Format(
        r"([A-Za-z0-9_-]+/)*[A-Za-z0-9_-][A-Za-z0-9_.-]*\.txt",
        "the path of a requirements file (.txt) in the folder",
    ),
]
WheelSetName = Annotated[
    str, Format(r"[a-z][a-z0-9_]{0,30}", "a name of wheels (1-31 of a-z, 0-9 and underscore)")
]


class WheelSet(Part):
    """Wheels that steps of one kind of container install."""

    requirements: Annotated[
        RequirementsFile, Field(description="Requirements file: every line pinned and hashed.")
    ]
    python: Annotated[
        Annotated[str, Format(r"3\.[0-9]{1,2}", 'a version of Python such as "3.9"')],
        Field(description="Python of the container."),
    ]
    platforms: Annotated[
        tuple[Annotated[str, Format(r"[a-z0-9_]+", "a platform tag of wheels")], ...],
        Field(description="Platform tags that the container takes.", min_length=1, strict=False),
    ] = ("manylinux2014_x86_64",)


class UseCase(Part):
    """What `use_case.toml` declares.

    Keys that this version does not know (features, metrics, thresholds) belong to the use case.
    """

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    name: Annotated[UseCaseName, Field(description="Name of the use case and of its folder.")]
    title: Annotated[str, Field(description="What it is, for people.", min_length=1)]
    owner: Annotated[str, Field(description="Who answers for it.", min_length=1)]
    pipelines: Annotated[
        Mapping[PipelineKey, PipelineSource],
        Field(
            description='Pipelines by key: "train.py:pipeline" is a callable without arguments '
            'that returns an object with definition() or a dict; "x.json" is a definition.',
            min_length=1,
        ),
    ]
    build_requirements: Annotated[
        RequirementsFile | None,
        Field(
            description="Requirements file of the virtual environment in which the pipelines are "
            "built; without it they are built with the platform's own packages."
        ),
    ] = None
    wheels: Annotated[
        Mapping[WheelSetName, WheelSet],
        Field(description="Wheels that steps install, by a name of one's own."),
    ] = {}


def use_case_names(root: Path) -> list[str]:
    """Return the names of the folders in `pipelines/` that hold a use_case.toml, sorted."""
    return sorted(path.parent.name for path in (root / FOLDER).glob(f"*/{DECLARATION}"))


def undeclared_folders(root: Path) -> list[str]:
    """Return the names of the folders in `pipelines/` that hold files but no use_case.toml.

    Hidden and private folders do not count, and neither do caches that a removed use case left.
    """
    return sorted(
        folder.name
        for folder in (root / FOLDER).glob("[!._]*")
        if not (folder / DECLARATION).is_file()
        and any(path.is_file() and path.suffix != ".pyc" for path in folder.rglob("*"))
    )


def load_use_case(root: Path, name: str) -> UseCase:
    """Load `pipelines/<name>/use_case.toml`.

    Raises:
        ConfigError: there is no such use case, or its declaration is wrong; lists every problem.
    """
    import tomllib  # a plan with nothing changed reads no declaration

    folder = root / FOLDER / name
    path = folder / DECLARATION
    shown = f"{FOLDER}/{name}/{DECLARATION}"
    if not path.is_file():
        known = ", ".join(use_case_names(root)) or "none"
        raise ConfigError(
            f"there is no use case {name!r}: {shown} does not exist", hint=f"use cases: {known}"
        )
    try:
        declared = UseCase.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        problems = [describe(found, {}) for found in error.errors(include_url=False)]
        raise ConfigError(f"{shown} is not valid", problems=problems) from error
    except ValueError as error:  # malformed TOML says line and column; so does undecodable text
        raise ConfigError(f"{shown}: not TOML: {error}") from error
    if problems := list(_problems(folder, declared)):
        raise ConfigError(f"{shown} is not valid", problems=problems)
    return declared


def _problems(folder: Path, declared: UseCase) -> Iterable[str]:
    if declared.name != folder.name:
        yield f"name: is {declared.name!r} in the folder {folder.name!r}"
    for key, source in declared.pipelines.items():
        file = source.partition(":")[0]
        if not (folder / file).is_file():
            yield f"pipelines.{key}: the file {file!r} does not exist in the folder"
    named = {
        f"wheels.{name}.requirements": each.requirements for name, each in declared.wheels.items()
    }
    if declared.build_requirements:
        named["build_requirements"] = declared.build_requirements
    for key, file in named.items():
        if not (folder / file).is_file():
            yield f"{key}: the file {file!r} does not exist in the folder"
