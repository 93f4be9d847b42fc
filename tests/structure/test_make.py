"""`make` on a machine that lacks what it needs: it says so and leaves the folder alone."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("target", ["terraform", "demo", "test", "lint"])
def test_make__no_terraform_on_path__says_so_and_installs_nothing(
    tmp_path: Path, target: str
) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    nothing = tmp_path / "bin"
    nothing.mkdir()
    make = shutil.which("make")
    assert make is not None
    done = subprocess.run(
        [make, target],
        cwd=tmp_path, env={"PATH": str(nothing)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "Terraform 1.11 or newer is needed and is not on PATH: install it from "
        "https://developer.hashicorp.com/terraform/install, then run make again.\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Makefile", "bin"]
