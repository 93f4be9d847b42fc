"""The copy of the project in which permissions are proved."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from sandbox.model import SandboxError
from sandbox.proof.project import copy_project

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "a/code.py": "1", "environments/dev.tfvars.json": "ours", "environments/schema.json": "{}",
        ".gitignore": "build\n", "build/old": "x",
        "chosen/dev.tfvars.json": "theirs", "chosen/notes": "",
    }  # fmt: skip
    folder = write(tmp_path / "project", files)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    return folder


def test_copy__has_the_projects_files__and_the_chosen_environments(
    project: Path, tmp_path: Path
) -> None:
    """Ignored files stay away, leftovers go, and of the environments only the chosen are there."""
    folder = write(tmp_path / "copy", {"left.over": ""})
    assert copy_project(project, folder, project / "chosen") == folder
    found = {
        str(path.relative_to(folder)): path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.is_file() and not {".venv", ".git"} & set(path.parts)
    }
    assert found == {
        "a/code.py": "1", "environments/dev.tfvars.json": "theirs",
        "environments/schema.json": "{}", ".gitignore": "build\n",
        "chosen/dev.tfvars.json": "theirs", "chosen/notes": "",
    }  # fmt: skip
    assert (folder / ".venv" / "bin").is_dir()


def test_copy__is_a_clean_commit_on_main__whatever_was_not_committed(
    project: Path, tmp_path: Path
) -> None:
    """Production takes releases of clean commits only."""
    folder = copy_project(project, tmp_path / "copy", project / "chosen")

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
        return done.stdout.decode().strip()

    assert git("log", "--format=%s", "main") == "The project"
    assert git("status", "--porcelain", "--", "a", "environments") == ""


def test_copy__without_environment_files__is_refused_and_touches_nothing(
    project: Path, tmp_path: Path
) -> None:
    folder = write(tmp_path / "copy", {"kept": ""})
    with pytest.raises(SandboxError, match="has no file that ends with"):
        copy_project(project, folder, project / "a")
    assert [path.name for path in folder.iterdir()] == ["kept"]


def test_copy__of_no_working_copy__is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "plain", {"environments/dev.tfvars.json": "{}"})
    with pytest.raises(SandboxError, match=r"git ls-files .* fails"):
        copy_project(folder, tmp_path / "copy", folder / "environments")
