"""The step scripts as files: what they may import, which Python they need, how they end."""

from __future__ import annotations

import ast
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pipelines.mammography.steps.data_quality.bootstrap import find_engine
from pipelines.mammography.steps.data_quality.errors import BadInputError
from promotion.build.programs import pack_programs

FOLDER = Path(__file__).parents[3] / "pipelines" / "mammography" / "steps"
STEPS = sorted(FOLDER.glob("*.py"))
PROGRAM = sorted((FOLDER / "data_quality").glob("*.py"))
# What the step brings itself: wheels beside its code.
ENGINE = {"duckdb", "datasketches"}

# What the SageMaker XGBoost 1.7-1 image has (github.com/aws/sagemaker-xgboost-container,
# docker/1.7-1/base/Dockerfile.cpu and requirements.txt: Python 3.8, numpy 1.19, scipy 1.6,
# xgboost 1.7).
IN_THE_IMAGE = {"numpy", "scipy", "xgboost"}
IMAGE_PYTHON = (3, 8)


@pytest.mark.parametrize("step", [*STEPS, *PROGRAM], ids=lambda path: path.name)
def test_script__imports__are_in_the_image(step):
    tree = ast.parse(step.read_text(), feature_version=IMAGE_PYTHON)
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            imported.add((node.module or "").partition(".")[0])
    allowed = IN_THE_IMAGE | (ENGINE if step in PROGRAM else set())
    beside = {"evaluate"} if step.name == "compare.py" else set()
    assert imported - sys.stdlib_module_names <= allowed | beside


@pytest.mark.parametrize("step", STEPS, ids=lambda path: path.name)
def test_script__started_as_a_program__explains_itself_and_needs_arguments(step):
    helped = subprocess.run([sys.executable, step, "--help"], capture_output=True, check=False)
    assert (helped.returncode, b"usage:" in helped.stdout) == (0, True)
    bare = subprocess.run([sys.executable, step], capture_output=True, check=False)
    assert (bare.returncode, b"required" in bare.stderr) == (2, True)


@pytest.fixture
def program(tmp_path) -> Path:
    """Returns the data-quality program as a release holds it."""
    code = {f"steps/data_quality/{path.name}": path.read_bytes() for path in PROGRAM}
    path = tmp_path / "data_quality.pyz"
    path.write_bytes(pack_programs(code, "steps")["steps/data_quality.pyz"])
    return path


def test_program__started_as_packed__explains_itself(program):
    done = subprocess.run([sys.executable, program, "--help"], capture_output=True, check=False)
    assert (done.returncode, done.stderr, b"{baseline,check}" in done.stdout) == (0, b"", True)


def test_program__neither_packages_nor_wheels__ends_with_one_line(program, tmp_path):
    # -S: without the site-packages, as in an image that has no engine.
    done = subprocess.run(
        [sys.executable, "-S", program, "check"],
        capture_output=True,
        text=True,
        check=False,
        env={"STEP_WHEELS": str(tmp_path / "wheels")},
    )
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "ERROR data_quality: duckdb, datasketches cannot be imported: the image has none, and "
        f"there are no wheels for Python {version} in {tmp_path / 'wheels'}. Give the step wheels "
        "of its requirements.txt, or an image in which they are installed (see "
        "docs/how-to/watch-for-drift.md)\n"
    )


def test_find_engine__wheel_beside_the_code__is_installed_without_network(tmp_path, monkeypatch):
    folder = tmp_path / "wheels"
    folder.mkdir()
    wheel = folder / "tiny_engine-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny_engine.py", "ANSWER = 42\n")
        info = "tiny_engine-1.0.dist-info"
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-engine\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    monkeypatch.setenv("STEP_WHEELS", str(folder))
    monkeypatch.setattr(sys, "path", list(sys.path))
    requirements = folder / "requirements.txt"
    requirements.write_text(f"tiny-engine==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(BadInputError, match="pip cannot install the wheels"):
        find_engine(["tiny_engine"])
    requirements.write_text(f"tiny-engine==1.0 --hash=sha256:{digest}\n")
    find_engine(["tiny_engine"])
    assert sys.modules.pop("tiny_engine").ANSWER == 42


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
