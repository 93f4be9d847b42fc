"""Pipelines that are built in a virtual environment of the use case's own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from promotion.build import Cache, build
from promotion.errors import BuildError

from .wheel_index import line, write_wheel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Declare = Callable[..., Path]

# An SDK that the platform does not have; it carries a second module.
SDK = {"workflow": "class Pipeline:\n    def definition(self):\n        return self.text\n"}
TOOLS = [pytest.param("pip", marks=pytest.mark.slow), "uv"]
AUTHOR = """
import json
import sagemaker
from sagemaker.workflow import Pipeline

def pipeline():
    made = Pipeline()
    made.text = json.dumps(fail(sagemaker.__version__))
    return made
"""


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where pip and uv find wheels, and nowhere else."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name, value in {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder),
        "UV_NO_CONFIG": "1",
        "UV_OFFLINE": "1",
        "UV_FIND_LINKS": str(folder),
        "UV_CACHE_DIR": str(tmp_path / "uv"),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", f"{sys.prefix}/bin:/usr/bin:/bin")
    return folder


@pytest.fixture
def declare(write: Callable[..., Path]) -> Declare:
    """Return what writes a use case whose pipelines need the packages of a requirements file."""

    def written(author: str, requirements: str) -> Path:
        root = write(author)
        folder = root / "pipelines" / "demo"
        (folder / "build.txt").write_text(requirements)
        declaration = folder / "use_case.toml"
        text = declaration.read_text().replace(
            "[pipelines]", 'build_requirements = "build.txt"\n[pipelines]'
        )
        declaration.write_text(text)
        return root

    return written


def message(root: Path, out: Path, cache: Cache | None = None) -> str:
    """Build and return what the only step of the pipeline says."""
    release = build(root, "demo", out, cache)
    [step] = release.definitions["train"]["Steps"]
    assert release.built_with["sagemaker"] == "2.999.0"
    return str(step["Arguments"]["ErrorMessage"])


@pytest.mark.parametrize("tool", TOOLS)
def test_build__sdk_of_its_own__is_used_and_installed_once(
    index: Path, declare: Declare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    if tool == "pip":
        monkeypatch.setenv("PATH", "/usr/bin:/bin")
    stated = write_wheel(index, "sagemaker", "2.999.0", **SDK)
    root = declare(AUTHOR, line("sagemaker", "2.999.0", stated))
    assert message(root, tmp_path / "one") == "2.999.0"
    next(index.iterdir()).unlink()
    cache = Cache(tmp_path / "cache", root)
    assert message(root, tmp_path / "two", cache) == "2.999.0"
    [place] = (root / "build" / "interpreters").iterdir()
    (place / "bin" / "python").unlink()
    assert message(root, tmp_path / "three", cache) == "2.999.0"
    names = {path.name for path in tmp_path.glob("[ot]*/*.tar")}
    assert len(names) == 1


def test_build__in_its_own_environment__is_sealed_and_sees_nothing_of_the_platform(
    index: Path, declare: Declare, tmp_path: Path
) -> None:
    stated = write_wheel(index, "sagemaker", "2.999.0", **SDK)
    author = """
import socket

def pipeline():
    for name in ("pydantic", "boto3", "typer", "promotion.config"):
        try:
            __import__(name)
        except ModuleNotFoundError:
            continue
        return fail(name)
    socket.create_connection(("192.0.2.1", 80))
"""
    root = declare(author, line("sagemaker", "2.999.0", stated))
    with pytest.raises(BuildError) as caught:
        build(root, "demo", tmp_path / "out")
    assert caught.value.problems == (
        "pipeline train: pipelines/demo/train.py:12: network access (socket.getaddrinfo, "
        "'192.0.2.1') is refused during a build",
    )


@pytest.mark.parametrize("tool", TOOLS)
def test_build__sdk_that_is_not_to_be_had__says_so_and_leaves_nothing(
    index: Path, declare: Declare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    if tool == "pip":
        monkeypatch.setenv("PATH", "/usr/bin:/bin")
    root = declare(AUTHOR, line("sagemaker", "2.999.0", "a" * 64))
    with pytest.raises(BuildError) as caught:
        build(root, "demo", tmp_path / "out")
    assert caught.value.message == "the virtual environment of demo cannot be made"
    assert any("sagemaker" in problem for problem in caught.value.problems)
    assert caught.value.hint is not None
    assert list((root / "build" / "interpreters").iterdir()) == []
    assert not (tmp_path / "out").exists()
