"""A project folder with one use case whose pipeline module a test writes."""

from collections.abc import Callable
from pathlib import Path

import pytest

HELPER = """\
def fail(message):
    return {
        "Version": "2020-12-01",
        "Steps": [{"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": str(message)}}],
    }
"""
Write = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tmp_path / "project"


@pytest.fixture
def write(project: Path) -> Write:
    """Return a function that writes the use case "demo" and returns the project's folder.

    It takes the text of train.py, whose callable is `pipeline` and which may use `fail(message)`
    to make a definition, and further files by their path in the use case's folder.
    """

    def write_use_case(train: str = "", **files: str) -> Path:
        folder = project / "pipelines" / "demo"
        pipelines = {"train": "train.py:pipeline"} if train else {}
        for name, text in {
            "helper.py": HELPER,
            **({"train.py": f"from helper import fail\n{train}"} if train else {}),
            **files,
        }.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            if name.endswith(".json"):
                pipelines[path.stem] = name
            elif name not in ("helper.py", "train.py") and "/" not in name:
                pipelines[path.stem] = f"{name}:pipeline"
        declared = "\n".join(f'{key} = "{source}"' for key, source in pipelines.items())
        (folder / "use_case.toml").write_text(
            f'name = "demo"\ntitle = "Demo"\nowner = "us"\n[pipelines]\n{declared}\n'
        )
        return project

    return write_use_case
