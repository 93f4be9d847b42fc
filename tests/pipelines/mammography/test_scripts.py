"""The step scripts as files: what they may import, which Python they need, how they end."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

STEPS = sorted((Path(__file__).parents[3] / "pipelines" / "mammography" / "steps").glob("*.py"))

# What the SageMaker XGBoost 1.7-1 image has (github.com/aws/sagemaker-xgboost-container,
# docker/1.7-1/base/Dockerfile.cpu and requirements.txt: Python 3.8, numpy 1.19, xgboost 1.7).
IN_THE_IMAGE = {"numpy", "xgboost"}
IMAGE_PYTHON = (3, 8)


@pytest.mark.parametrize("step", STEPS, ids=lambda path: path.name)
def test_script__imports__are_in_the_image(step):
    tree = ast.parse(step.read_text(), feature_version=IMAGE_PYTHON)
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    beside = {"distributions"} if step.name == "data_quality.py" else set()
    assert imported - sys.stdlib_module_names <= IN_THE_IMAGE | beside


@pytest.mark.parametrize(
    "step", [path for path in STEPS if path.name != "distributions.py"], ids=lambda path: path.name
)
def test_script__started_as_a_program__explains_itself_and_needs_arguments(step):
    helped = subprocess.run([sys.executable, step, "--help"], capture_output=True, check=False)
    assert (helped.returncode, b"usage:" in helped.stdout) == (0, True)
    bare = subprocess.run([sys.executable, step], capture_output=True, check=False)
    assert (bare.returncode, b"required" in bare.stderr) == (2, True)


def test_script__bad_input__ends_with_one_line_and_no_traceback(tmp_path):
    step = next(path for path in STEPS if path.name == "prepare_batch.py")
    folders = [f"--{name}-dir={tmp_path / name}" for name in ("input", "batch", "rejected")]
    options = ["--id=id", "--features=age", "--maximum-rejected-fraction=0"]
    done = subprocess.run(
        [sys.executable, step, *folders, *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == (
        f"ERROR prepare_batch: {tmp_path / 'input'}: no *.csv file; "
        "check the batch URI of the pipeline\n"
    )
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []
