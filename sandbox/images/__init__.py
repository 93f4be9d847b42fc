"""Local runners of container images, one a module of this package, found by folder.

Reads the package's own folder. An image is chosen by its repository name, whatever its account,
region and tag. Adding one is adding a module here that holds ``IMAGE: Image``, and its test;
``_`` names are not images. ``programs/`` holds what runs inside jobs: files that import nothing
of the sandbox.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.pipelines.errors import JobFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROGRAMS = Path(__file__).parent / "programs"


@dataclass(frozen=True)
class Command:
    """What a container runs.

    Attributes:
        arguments: Program and arguments; ``python3`` is the sandbox's interpreter.
        environment: What the image itself sets.
    """

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def _no_training(_hyperparameters: Mapping[str, str]) -> Command:
    raise JobFailure("ClientError: This image has no algorithm of its own; give a script to train")


def _no_serving(_environment: Mapping[str, str]) -> Command:
    raise JobFailure("ClientError: The sandbox cannot serve models of this image")


@dataclass(frozen=True)
class Image:
    """A local stand-in for images.

    Attributes:
        repositories: Repository names that it stands for.
        training: Hyperparameters -> the image's own training command.
        serving: Environment of the model -> command that answers the payloads of a transform
            job (see ``programs/xgboost_serving.py`` for the protocol).
    """

    repositories: frozenset[str]
    training: Callable[[Mapping[str, str]], Command] = _no_training
    serving: Callable[[Mapping[str, str]], Command] = _no_serving


def find_image(uri: str) -> Image:
    """Return the runner for an image URI.

    Raises:
        JobFailure: None stands for it.
    """
    name = repository(uri)
    image = _images().get(name)
    if image is None:
        known = ", ".join(sorted(_images()))
        raise JobFailure(
            f"ClientError: The sandbox has no local runner for image {uri} (repository '{name}'; "
            f"known: {known}). Add a module with IMAGE to sandbox/images/"
        )
    return image


def repository(uri: str) -> str:
    """Return the repository name of ``[registry/]name[:tag][@digest]``."""
    path = uri.partition("@")[0]
    head, slash, rest = path.partition("/")
    if slash and ("." in head or ":" in head):
        path = rest
    return path.partition(":")[0]


@functools.cache
def _images() -> Mapping[str, Image]:
    found: dict[str, Image] = {}
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("_") and not module.ispkg:
            image: Image = importlib.import_module(f"{__name__}.{module.name}").IMAGE
            found.update(dict.fromkeys(image.repositories, image))
    return found
