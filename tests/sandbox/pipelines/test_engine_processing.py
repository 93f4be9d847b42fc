"""Processing steps: real scripts in their own /opt/ml, inputs, outputs, failures."""

from __future__ import annotations

import json


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
