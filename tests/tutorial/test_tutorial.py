"""Plays docs/tutorial.md, each command as shown, in a copy of the project.

Starts a sandbox on the default port and applies Terraform in its four accounts.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"

# `promote plan` says by exit code 3 that there are differences: for a reader that is no failure.
# `wait` without arguments forgets how its jobs ended.
PRELUDE = """set -euo pipefail
wait() { local job; for job in $(jobs -p); do builtin wait "$job"; done; }
promote() { command promote "$@" || { code=$?; [ "$1 $code" = "plan 3" ]; }; }
"""


def copy_of_project(folder: Path) -> Path:
    """Copy what git knows or would add, with times kept, and link the virtual environment.

    The copy is a repository with all of it on `main`, as a reader's checkout is.
    """
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    for name in listed:
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    identity = ["-c", "user.name=reader", "-c", "user.email=reader@example.com"]
    for words in (
        ["init", "--quiet", "--initial-branch", "main"],
        ["add", "--all"],
        ["commit", "--quiet", "--message", "All"],
    ):
        subprocess.run(["git", *identity, *words], cwd=folder, check=True)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    return folder


@pytest.mark.slow
@pytest.mark.xdist_group("tutorial")
def test_tutorial__as_shown__ends_with_a_model_in_prod(tmp_path: Path) -> None:
    project = copy_of_project(tmp_path)
    text = TUTORIAL.read_text("utf-8")
    script = PRELUDE + "\n".join(re.findall(r"```console\n(.*?)```", text, re.DOTALL))
    environment = {name: value for name, value in os.environ.items() if name[:4] != "AWS_"}
    try:
        played = subprocess.run(
            ["bash", "-c", script],
            cwd=project, env=environment | {"COLUMNS": "150"},
            check=False, capture_output=True, text=True,
        )  # fmt: skip
    finally:
        subprocess.run(
            [str(Path(sys.executable).with_name("sandbox")), "down"],
            cwd=project, check=True, capture_output=True,
        )  # fmt: skip
    assert played.returncode == 0, played.stdout + played.stderr
    assert "Succeeded" in played.stderr + played.stdout
    assert "mammography version 1: PendingManualApproval → Approved" in played.stdout
    assert "BatchMissing" in played.stdout
    assert played.stderr.rstrip().endswith("sandbox stopped")
