"""Wheels for steps, from a folder of tiny ones: what is packed, what is kept, what is refused."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from promotion.build import Release, build
from promotion.build.requirements import read_requirements
from promotion.build.wheels import read_wheels
from promotion.config.use_case import WheelSet
from promotion.errors import BuildError

from .wheel_index import line, write_wheel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LINUX = "cp39-cp39-manylinux2014_x86_64"
PROCESSING = WheelSet(requirements="steps.txt", python="3.9")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where pip finds wheels, and nowhere else."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a use case."""
    found = tmp_path / "pipelines" / "demo"
    found.mkdir(parents=True)
    return found


def read(folder: Path, kept: Path) -> dict[str, bytes]:
    found = read_wheels(folder, {"processing": PROCESSING}, kept)
    hashed = {path: hashlib.sha256(wheel.body).hexdigest() for path, wheel in found.items()}
    assert hashed == {path: wheel.sha256 for path, wheel in found.items()}
    return {path: wheel.body for path, wheel in found.items()}


def test_read_wheels__wheels_of_several_platforms__takes_those_of_the_container(
    index: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = [
        write_wheel(index, "fast", "1.5", tag)
        for tag in (LINUX, "cp311-cp311-manylinux2014_x86_64", "cp39-cp39-win_amd64")
    ]
    pure = write_wheel(index, "pure", "2.0", requires="what-the-container-has")
    text = line("fast", "1.5", *hashes) + line("pure", "2.0", pure)
    (folder / "steps.txt").write_text(text)
    found = read(folder, tmp_path / "kept")
    assert found == {
        f"wheels/processing/fast-1.5-{LINUX}.whl": (index / f"fast-1.5-{LINUX}.whl").read_bytes(),
        "wheels/processing/pure-2.0-py3-none-any.whl": next(index.glob("pure*")).read_bytes(),
        "wheels/processing/requirements.txt": text.encode(),
    }
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nowhere"))
    assert read(folder, tmp_path / "kept") == found


@pytest.mark.parametrize("harm", ["no wheel", "other platform", "altered"])
def test_read_wheels__not_to_be_had__says_what_and_keeps_nothing(
    index: Path, folder: Path, tmp_path: Path, harm: str
) -> None:
    tag = "cp39-cp39-win_amd64" if harm == "other platform" else "py3-none-any"
    stated = write_wheel(index, "pure", "2.0", tag)
    if harm == "no wheel":
        next(index.iterdir()).unlink()
    elif harm == "altered":
        write_wheel(index, "pure", "2.0", tag, extra="x = 1")
    (folder / "steps.txt").write_text(line("pure", "2.0", stated))
    with pytest.raises(BuildError) as caught:
        read(folder, tmp_path / "kept")
    assert caught.value.message == (
        "wheels.processing: pip does not get the wheels of steps.txt for Python 3.9 on "
        "manylinux2014_x86_64"
    )
    expected = "THESE PACKAGES DO NOT MATCH THE HASHES" if harm == "altered" else "pure"
    assert any(expected in problem for problem in caught.value.problems), caught.value.problems
    assert list((tmp_path / "kept").iterdir()) == []


def test_read_wheels__kept_file_was_altered__is_downloaded_again(
    index: Path, folder: Path, tmp_path: Path
) -> None:
    (folder / "steps.txt").write_text(line("pure", "2.0", write_wheel(index, "pure", "2.0")))
    found = read(folder, tmp_path / "kept")
    next((tmp_path / "kept").rglob("*.whl")).write_bytes(b"altered")
    assert read(folder, tmp_path / "kept") == found


def test_build__use_case_with_wheels__packs_them_with_their_digests(
    index: Path, write: Callable[..., Path], tmp_path: Path
) -> None:
    stated = write_wheel(index, "pure", "2.0")
    root = write(
        "def pipeline():\n    return fail('${wheels.processing}')",
        **{"requirements-steps.txt": line("pure", "2.0", stated)},
    )
    declaration = root / "pipelines" / "demo" / "use_case.toml"
    text = declaration.read_text().replace(
        'requirements-steps = "requirements-steps.txt:pipeline"\n', ""
    )
    wheels = '[wheels.processing]\nrequirements = "requirements-steps.txt"\npython = "3.9"\n'
    declaration.write_text(text + wheels)
    first = build(root, "demo", tmp_path / "one")
    archive = tmp_path / "one" / first.file_name
    read_back = Release.read(archive)
    name = "wheels/processing/pure-2.0-py3-none-any.whl"
    assert hashlib.sha256(read_back.code[name]).hexdigest() == stated
    assert (f'"code/{name}": "{stated}"').encode() in archive.read_bytes()
    second = build(root, "demo", tmp_path / "two")
    assert archive.read_bytes() == (tmp_path / "two" / second.file_name).read_bytes()
    write_wheel(index, "pure", "2.0", extra="x = 1")
    declaration.write_text(text + wheels.replace("processing", "training"))
    with pytest.raises(BuildError) as caught:
        build(root, "demo", tmp_path / "three")
    assert caught.value.problems == (
        "pipeline train: step Stop: Arguments.ErrorMessage: ${wheels.processing}: the use case has "
        "no wheels 'processing'",
    )
    assert not (tmp_path / "three").exists()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("pure==2.0\n", "line 1: 'pure==2.0' has no --hash=sha256:..."),
        (f"pure>=2 --hash=sha256:{'a' * 64}\n", "is not pinned with =="),
        ("# only\n-r other.txt\n", "line 2: '-r other.txt' is an option; name indexes in the "),
        (f"pure @ file:///x --hash=sha256:{'a' * 64}\n", "is not pinned with =="),
        (f"pure==2.0 --hash=sha256:{'a' * 63}\n", "is no pinned and hashed requirement"),
        (f"pure==2.* --hash=sha256:{'a' * 64}\n", "is no pinned and hashed requirement"),
        ("./pure-2.0.whl --hash=md5:1\n", "is not pinned with =="),
    ],
)
def test_read_requirements__line_that_names_no_bytes__is_refused(
    folder: Path, text: str, problem: str
) -> None:
    (folder / "steps.txt").write_text(text)
    with pytest.raises(BuildError) as caught:
        read_requirements(folder, "steps.txt")
    assert caught.value.message == (
        "pipelines/demo/steps.txt: every line has to be pinned and hashed"
    )
    assert [problem in each for each in caught.value.problems] == [True], caught.value.problems


def test_read_requirements__as_tools_write_it__is_read_whole(folder: Path) -> None:
    text = (
        "# by a tool\nPure.Name[extra]==2.0 ; python_version < '3.10' \\\n"
        f"    --hash=sha256:{'a' * 64} \\\n    --hash=sha256:{'b' * 64}\n    # via other\n\n"
        f"other==1 --hash=sha256:{'c' * 64}\n"
    )
    (folder / "steps.txt").write_text(text)
    found = read_requirements(folder, "steps.txt")
    assert (found.versions, found.hashes) == (
        {"pure-name": "2.0", "other": "1"},
        {"a" * 64, "b" * 64, "c" * 64},
    )


def test_read_requirements__empty_or_missing__is_refused(folder: Path) -> None:
    with pytest.raises(BuildError, match=r"pipelines/demo/steps\.txt: cannot be read"):
        read_requirements(folder, "steps.txt")
    (folder / "steps.txt").write_text("# nothing\n")
    with pytest.raises(BuildError, match=r"pipelines/demo/steps\.txt: is empty"):
        read_requirements(folder, "steps.txt")
