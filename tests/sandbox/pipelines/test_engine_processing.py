"""Processing steps: real scripts in their own /opt/ml, inputs, outputs, failures."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

from promotion.build.programs import pack_programs

BOOTSTRAP = Path(__file__).parents[3] / "pipelines/mammography/steps/data_quality"


def test_processing__script_reads_input_and_writes_output__object_is_uploaded(engine, make):
    code = engine.script(
        "upper",
        "import sys, pathlib\n"
        "text = pathlib.Path('/opt/ml/processing/input/data/a/x.txt').read_text()\n"
        "out = pathlib.Path('/opt/ml/processing/output/result/sub/y.txt')\n"
        "out.parent.mkdir()\n"
        "out.write_text(text.upper() + sys.argv[1])\n",
    )
    engine.world.s3.put("s3://data/in/a/x.txt", "hello")
    step = make.processing(
        "Upper",
        code,
        {"data": "s3://data/in/"},
        {
            "result": {
                "Std:Join": {
                    "On": "/",
                    "Values": ["s3://data/out", {"Get": "Execution.PipelineExecutionId"}],
                }
            }
        },
        [{"Get": "Parameters.Suffix"}],
    )
    description, steps = engine.run(
        [step], [{"Name": "Suffix", "Type": "String", "DefaultValue": "!"}]
    )
    identifier = description["PipelineExecutionArn"].rpartition("/")[2]
    assert description["PipelineExecutionStatus"] == "Succeeded", steps
    assert engine.world.s3.get(f"s3://data/out/{identifier}/sub/y.txt") == b"HELLO!"
    arn = steps["Upper"]["Metadata"]["ProcessingJob"]["Arn"]
    assert arn.startswith(
        f"arn:aws:sagemaker:eu-west-1:333333333333:processing-job/pipelines-{identifier}-Upper-"
    )
    assert steps["Upper"]["AttemptCount"] == 1
    assert json.dumps(steps)


def test_processing__engine_is_not_in_the_image__is_installed_from_the_wheels_input(engine, make):
    """A job of the data-quality step's own bootstrap, as in an image that lacks its engine."""
    wheel = _wheel("tiny_engine", "ANSWER = 42\n")
    digest = hashlib.sha256(wheel).hexdigest()
    program = {
        f"steps/data_quality/{name}": (BOOTSTRAP / name).read_bytes()
        for name in ("__init__.py", "bootstrap.py", "errors.py")
    }
    program["steps/data_quality/__main__.py"] = (
        b"from pathlib import Path\n"
        b"from data_quality.bootstrap import find_engine\n"
        b"find_engine(['tiny_engine'])\n"
        b"import tiny_engine\n"
        b"place = Path('/opt/ml/processing/output/result/answer')\n"
        b"place.write_text(f'{tiny_engine.ANSWER} {tiny_engine.__file__}')\n"
    )
    packed = pack_programs(program, "steps")["steps/data_quality.pyz"]
    s3 = engine.world.s3
    s3.put("s3://data/code/data_quality.pyz", packed)
    s3.put("s3://data/set/tiny_engine-1.0-py3-none-any.whl", wheel)
    s3.put("s3://data/set/requirements.txt", f"tiny-engine==1.0 --hash=sha256:{digest}\n")
    step = make.processing(
        "Install",
        "s3://data/code/data_quality.pyz",
        {"wheels": "s3://data/set/"},
        {"result": "s3://data/out"},
    )
    description, steps = engine.run([step])
    assert description["PipelineExecutionStatus"] == "Succeeded", steps
    answer, _, place = s3.get("s3://data/out/answer").decode().partition(" ")
    assert (answer, "/site-packages-" in place) == ("42", True)


def _wheel(name: str, text: str) -> bytes:
    buffer, info = io.BytesIO(), f"{name}-1.0.dist-info"
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"{name}.py", text)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return buffer.getvalue()
