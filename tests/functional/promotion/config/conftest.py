"""A project folder of four environments and one use case, and a way to edit its files."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[4]
Edit = Callable[[str, Callable[[dict[str, Any]], object]], Path]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "tests" / "environments", tmp_path / "environments")
    use_case = tmp_path / "pipelines" / "mammography"
    use_case.mkdir(parents=True)
    (use_case / "use_case.toml").write_text(
        'name = "mammography"\ntitle = "Masses"\nowner = "us"\n'
        '[pipelines]\ntrain = "train.json"\ninference = "inference.py:pipeline"\n'
    )
    (use_case / "train.json").write_text("{}")
    (use_case / "inference.py").write_text("")
    return tmp_path


@pytest.fixture
def edit(project: Path) -> Edit:
    """Return a function that changes an environment file's document in place."""

    def change(name: str, by: Callable[[dict[str, Any]], object]) -> Path:
        path = project / "environments" / f"{name}.tfvars.json"
        document = json.loads(path.read_text())
        by(document)
        path.write_text(json.dumps(document))
        return path

    return change
