"""Obtains a use case's definitions: JSON files directly, Python sources in sealed subprocesses.

Reads the use case's folder; writes to a temporary folder; starts two interpreters at once, which
differ in hash seed, clock and folder. What they give must be the same, else something of this
machine or moment is in the definition.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import promotion
from promotion.build.definition import all_values
from promotion.build.sealed.guard import NEUTRAL_REGION
from promotion.config.use_case import FOLDER
from promotion.errors import BuildError

# 3 years, 47 days, 5 h 17 min 13 s: every part of a date and a time differs.
SHIFT_SECONDS = ((3 * 365 + 47) * 24 + 5) * 3600 + 17 * 60 + 13
TIMEOUT_SECONDS = 180
STDERR_LINES = 15
BUILDER = "builder"
SEALED = Path("promotion") / "build" / "sealed"


@dataclass(frozen=True)
class Obtained:
    """What a use case's sources gave.

    Attributes:
        definitions: definition by pipeline key.
        read: files below `pipelines/` that were opened for them, relative to it.
    """

    definitions: dict[str, dict[str, Any]]
    read: tuple[str, ...] = ()


def obtain_definitions(
    root: Path, use_case: str, sources: Mapping[str, str], python: Path | None = None
) -> Obtained:
    """Return the definition of every pipeline of a use case.

    Args:
        root: folder that holds `pipelines/`.
        use_case: name of the use case.
        sources: source by pipeline key: "train.py:pipeline" or "train.json".
        python: interpreter that runs the modules, which needs no package of the platform's; None
            is this one.

    Raises:
        BuildError: a source fails, reaches out, or gives another definition the second time;
            lists every problem.
    """
    folder = root / FOLDER / use_case
    files = {key: s for key, s in sources.items() if s.endswith(".json")}
    modules = {key: s for key, s in sources.items() if key not in files}
    definitions = {key: _read_json(folder / file, use_case) for key, file in files.items()}
    if not modules:
        return Obtained(definitions)
    with tempfile.TemporaryDirectory(prefix="promote-build-") as scratch:
        runs = [
            _Run.start(
                python or Path(sys.executable),
                _Request(str(root.resolve() / FOLDER), use_case, modules, shift_seconds),
                Path(scratch) / name,
            )
            for name, shift_seconds in (("first", 0), ("second", SHIFT_SECONDS))
        ]
        try:
            first, second = (run.result(use_case) for run in runs)
        finally:
            for run in runs:
                run.stop()
    if problems := _problems(first) or _problems(second):
        raise BuildError(f"use case {use_case!r} cannot be built", problems=problems)
    if problems := _differences(first["definitions"], second["definitions"]):
        raise BuildError(
            f"use case {use_case!r}: two builds at once gave different definitions",
            problems=problems,
            hint="take clock, randomness, set order and absolute paths out of the definition",
        )
    return Obtained({**definitions, **first["definitions"]}, tuple(first["read"]))


@dataclass(frozen=True)
class _Request:
    """What an interpreter is asked; `pipelines_folder` is replaced by a path of its own."""

    pipelines_folder: str
    use_case: str
    sources: Mapping[str, str]
    shift_seconds: int


@dataclass(frozen=True)
class _Run:
    process: subprocess.Popen[bytes]
    scratch: Path

    @classmethod
    def start(cls, python: Path, asked: _Request, scratch: Path) -> "_Run":
        """Start an interpreter; `scratch` is made, and is its home and current folder."""
        scratch.mkdir()
        # Each run sees the use cases below a path of its own.
        pipelines = scratch / FOLDER
        pipelines.symlink_to(asked.pipelines_folder, target_is_directory=True)
        request = replace(asked, pipelines_folder=str(pipelines))
        (scratch / "request.json").write_text(json.dumps(asdict(request)), encoding="utf-8")
        _copy_builder(scratch / BUILDER)
        with (scratch / "stderr").open("wb") as stderr:
            process = subprocess.Popen(  # noqa: S603 - fixed words, in an interpreter of ours
                [str(python), "-P", "-s", "-B", "-m", "promotion.build.sealed",
                 "request.json", "result.json"],
                cwd=scratch,
                env=_environment(scratch, hash_seed="1" if asked.shift_seconds else "0"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )  # fmt: skip
        return cls(process, scratch)

    def result(self, use_case: str) -> dict[str, Any]:
        """Wait and return what was found."""
        try:
            code = self.process.wait(timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise BuildError(
                f"use case {use_case!r}: its pipelines were not defined in {TIMEOUT_SECONDS} s"
            ) from error
        if code != 0:
            lines = (self.scratch / "stderr").read_text("utf-8", "replace").splitlines()
            raise BuildError(
                f"use case {use_case!r}: the sealed build ended with exit code {code}",
                problems=lines[-STDERR_LINES:],
            )
        result: dict[str, Any] = json.loads((self.scratch / "result.json").read_text("utf-8"))
        return result

    def stop(self) -> None:
        """End the interpreter if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def _copy_builder(folder: Path) -> None:
    """Give the interpreter the sealed part of this package and nothing of what is beside it."""
    place = folder / SEALED
    shutil.copytree(
        Path(promotion.__file__).parents[1] / SEALED,
        place,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    for package in (place.parent, place.parent.parent):
        (package / "__init__.py").touch()


def _environment(home: Path, *, hash_seed: str) -> dict[str, str]:
    nothing = str(home / "none")
    return {
        "AWS_ACCESS_KEY_ID": "AKIABUILD",
        "AWS_SECRET_ACCESS_KEY": "build",
        "AWS_REGION": NEUTRAL_REGION,
        "AWS_DEFAULT_REGION": NEUTRAL_REGION,
        "AWS_CONFIG_FILE": nothing,
        "AWS_SHARED_CREDENTIALS_FILE": nothing,
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": str(home),
        "TMPDIR": str(home),
        "XDG_CONFIG_HOME": nothing,
        "XDG_CONFIG_DIRS": nothing,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PATH": os.defpath,
        "PYTHONHASHSEED": hash_seed,
        "PYTHONPATH": str(home / BUILDER),
        "SAGEMAKER_VALIDATE_ROLE": "false",
    }


def _read_json(path: Path, use_case: str) -> dict[str, Any]:
    shown = f"{FOLDER}/{use_case}/{path.name}"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise BuildError(f"{shown}: {place}: not JSON: {error.msg}") from error
    except (OSError, ValueError) as error:
        raise BuildError(f"{shown}: cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise BuildError(f"{shown}: is not a JSON object")
    return document


def _problems(result: Mapping[str, Any]) -> list[str]:
    found: dict[str, list[str]] = result["problems"]
    return [f"pipeline {key}: {problem}" for key, told in found.items() for problem in told]


def _differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    problems: list[str] = []
    for key in first:
        if first[key] == second[key]:
            continue
        ours, theirs = ({str(p): v for p, v in all_values(d[key])} for d in (first, second))
        found = [
            f"pipeline {key}: {place}: {ours.get(place)!r}, then {theirs.get(place)!r}"
            for place in sorted(ours.keys() | theirs.keys())
            if ours.get(place) != theirs.get(place)
            and not isinstance(ours.get(place, theirs.get(place)), dict | list)
        ]
        problems.extend(found or [f"pipeline {key}: the order of its steps differs"])
    return problems
