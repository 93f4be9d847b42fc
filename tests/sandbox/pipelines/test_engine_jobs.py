"""Processing and training jobs by their own API: layout, transfer, failures, limits."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sandbox.model import ServiceError
from sandbox.pipelines.jobs.isolation import UNSHARE, Isolation

RESOURCES = {
    "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
}


def _job(engine, make, script, name="job", **more):
    """Create a processing job that runs a script and wait for it."""
    code = engine.script(name, script)
    request = {**make.processing("x", code)["Arguments"], "ProcessingJobName": name, **more}
    engine.call("CreateProcessingJob", **request)
    engine.service.wait_idle(60)
    return engine.call("DescribeProcessingJob", ProcessingJobName=name)


def _log(engine, name="job"):
    return (engine.workspace / "333333333333" / name / "log").read_text()


def test_processing_job__completed__whole_description(engine, make):
    found = _job(engine, make, "print('hello from', __name__)")
    times = [found.pop(key) for key in ("CreationTime", "ProcessingStartTime", "ProcessingEndTime")]
    assert times == sorted(times)
    assert found.pop("LastModifiedTime") == times[-1]
    assert found == {
        **make.processing("x", "s3://data/code/job.py")["Arguments"],
        "ProcessingJobName": "job",
        "ProcessingJobArn": "arn:aws:sagemaker:eu-west-1:333333333333:processing-job/job",
        "ProcessingJobStatus": "Completed",
    }
    assert _log(engine) == "hello from __main__\n"
    assert engine.service.log_path(found["ProcessingJobArn"]).read_text() == _log(engine)


def test_processing_job__layout__as_sagemaker_lays_it_out(engine, make):
    script = (
        "import json, os, pathlib\n"
        "config = json.load(open('/opt/ml/config/processingjobconfig.json'))\n"
        "resources = json.load(open('/opt/ml/config/resourceconfig.json'))\n"
        "found = sorted(str(p) for p in pathlib.Path('/opt/ml').rglob('*'))\n"
        "print(json.dumps([config, resources, found]))\n"
    )
    _job(engine, make, script)
    config, resources, found = json.loads(_log(engine))
    assert config["ProcessingJobName"] == "job"
    assert config["ProcessingJobArn"].endswith("processing-job/job")
    assert config["ProcessingInputs"][0]["S3Input"]["LocalPath"] == "/opt/ml/processing/input/code"
    assert resources["current_host"] == "algo-1"
    assert resources["hosts"] == ["algo-1"]
    assert found == [
        "/opt/ml/config",
        "/opt/ml/config/processingjobconfig.json",
        "/opt/ml/config/resourceconfig.json",
        "/opt/ml/output",
        "/opt/ml/processing",
        "/opt/ml/processing/input",
        "/opt/ml/processing/input/code",
        "/opt/ml/processing/input/code/job.py",
        "/opt/ml/processing/output",
    ]


def test_processing_job__environment__nothing_of_the_sandbox(engine, make, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_SANDBOX", "x")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    _job(
        engine,
        make,
        "import json, os; print(json.dumps(dict(os.environ)))",
        Environment={"MINE": "1", "OMP_NUM_THREADS": "1"},
    )
    found = json.loads(_log(engine))
    assert set(found) - {"PWD", "SHLVL", "_", "OLDPWD", "LC_CTYPE"} == {
        "AWS_ACCESS_KEY_ID",
        "AWS_ENDPOINT_URL",
        "HOME",
        "LANG",
        "MINE",
        "OMP_NUM_THREADS",
        "PATH",
        "PROCESSING_JOB_ARN",
        "PROCESSING_JOB_NAME",
        "PYTHONUNBUFFERED",
    }
    assert found["MINE"] == found["OMP_NUM_THREADS"] == "1"


def test_processing_job__script_fails__aws_reason_and_log(engine, make):
    found = _job(engine, make, "raise RuntimeError('broken')")
    assert found["ProcessingJobStatus"] == "Failed"
    assert found["FailureReason"] == "AlgorithmError: , exit code: 1"
    assert _log(engine).endswith("RuntimeError: broken\n")


def test_processing_job__failure_and_message_files__read(engine, make):
    script = (
        "import pathlib, sys\n"
        "out = pathlib.Path('/opt/ml/output')\n"
        "(out / 'failure').write_text('no rows left')\n"
        "(out / 'message').write_text('see report')\n"
        "sys.exit(4)\n"
    )
    found = _job(engine, make, script)
    assert found["FailureReason"] == "AlgorithmError: no rows left, exit code: 4"
    assert found["ExitMessage"] == "see report"


def test_processing_job__killed_by_signal__exit_code_137(engine, make):
    found = _job(engine, make, "import os; os.kill(os.getpid(), 9)")
    assert found["FailureReason"] == "AlgorithmError: , exit code: 137"


def test_processing_job__failing__uploads_nothing(engine, make):
    script = "open('/opt/ml/processing/output/o/x', 'w').write('x'); raise SystemExit(1)"
    request = make.processing("x", "s3://data/code/job.py", outputs={"o": "s3://data/o"})
    config = request["Arguments"]["ProcessingOutputConfig"]
    _job(engine, make, script, ProcessingOutputConfig=config)
    assert engine.world.s3.keys() == ["code/job.py"]


def test_processing_job__too_long__stopped_at_the_limit(engine, make):
    found = _job(
        engine, make, "import time; time.sleep(60)", StoppingCondition={"MaxRuntimeInSeconds": 1}
    )
    assert found["FailureReason"] == (
        "MaxRuntimeExceeded: The job ran longer than MaxRuntimeInSeconds (1)"
    )


def test_processing_job__missing_input__aws_wording(engine, make):
    code = engine.script("job", "")
    step = make.processing("x", code, {"data": "s3://data/none/"})
    engine.call("CreateProcessingJob", **step["Arguments"], ProcessingJobName="job")
    engine.service.wait_idle(60)
    found = engine.call("DescribeProcessingJob", ProcessingJobName="job")
    assert found["ProcessingJobStatus"] == "Failed"
    assert found["FailureReason"] == (
        'ClientError: No S3 objects found under S3 URL "s3://data/none/" given in input data '
        "source. Please ensure that the bucket exists in the selected region (eu-west-1), that "
        f'objects exist under that S3 prefix, and that the role "{make.ROLE}" has "s3:ListBucket" '
        'permissions on bucket "data".'
    )


def test_processing_job__denied_bucket__failure_names_it(engine, make):
    engine.world.s3.denied.add("data")
    found = _job(engine, make, "")
    assert found["FailureReason"] == (
        "ClientError: Data download failed: AccessDenied (403): Access Denied (s3://data/code/job.py)"
    )


def test_processing_job__role_not_assumable__failure_names_it(engine, make):
    engine.world.untrusting.add(make.ROLE)
    found = _job(engine, make, "")
    assert found["FailureReason"].startswith(f"ClientError: Could not assume role {make.ROLE}. ")


def test_processing_job__unknown_image__says_where_to_add_one(engine, make):
    arguments = make.processing("x", "s3://data/code/job.py")["Arguments"]
    application = {**arguments["AppSpecification"], "ImageUri": "1.dkr.ecr.x.amazonaws.com/own:2"}
    found = _job(engine, make, "", AppSpecification=application)
    assert found["FailureReason"] == (
        "ClientError: The sandbox has no local runner for image 1.dkr.ecr.x.amazonaws.com/own:2 "
        "(repository 'own'; known: sagemaker-scikit-learn, sagemaker-xgboost, xgboost). Add a "
        "module with IMAGE to sandbox/images/"
    )


def test_processing_job__no_entrypoint__clear_failure(engine, make):
    found = _job(engine, make, "", AppSpecification={"ImageUri": make.IMAGE})
    assert found["FailureReason"].startswith("ClientError: The sandbox does not know the own entry")


def test_processing_job__missing_program__exit_code_127(engine, make):
    application = {"ImageUri": make.IMAGE, "ContainerEntrypoint": ["no-such-program"]}
    found = _job(engine, make, "", AppSpecification=application)
    assert found["FailureReason"] == "AlgorithmError: , exit code: 127"


def test_processing_job__manifest__relative_paths(engine, make):
    engine.world.s3.put("s3://other/top/a/1.txt", "one")
    engine.world.s3.put("s3://other/top/2.txt", "two")
    engine.world.s3.put("s3://other/top/3.txt", "three")
    manifest = [{"prefix": "s3://other/top/"}, "a/1.txt", "2.txt"]
    engine.world.s3.put("s3://data/m.json", json.dumps(manifest))
    script = (
        "import pathlib\n"
        "root = pathlib.Path('/opt/ml/processing/input/m')\n"
        "print(sorted((str(p.relative_to(root)), p.read_text())"
        " for p in root.rglob('*') if p.is_file()))\n"
    )
    arguments = make.processing("x", "s3://data/code/job.py", {"m": "s3://data/m.json"})[
        "Arguments"
    ]
    arguments["ProcessingInputs"][1]["S3Input"]["S3DataType"] = "ManifestFile"
    found = _job(engine, make, script, ProcessingInputs=arguments["ProcessingInputs"])
    assert found["ProcessingJobStatus"] == "Completed", found
    assert _log(engine) == "[('2.txt', 'two'), ('a/1.txt', 'one')]\n"


def test_processing_job__kms_key__passed_on_upload(engine, make):
    script = "open('/opt/ml/processing/output/o/x', 'w').write('x')"
    request = make.processing("x", "s3://data/code/job.py", outputs={"o": "s3://data/o"})
    config = {**request["Arguments"]["ProcessingOutputConfig"], "KmsKeyId": "alias/key"}
    _job(engine, make, script, ProcessingOutputConfig=config)
    assert engine.world.s3.encryption == {("data", "o/x"): "alias/key"}


def test_processing_job__machine__has_no_opt_ml_of_the_job(engine, make):
    import pathlib

    before = pathlib.Path("/opt/ml").exists()
    _job(engine, make, "import pathlib; assert pathlib.Path('/opt/ml/config').is_dir()")
    assert pathlib.Path("/opt/ml").exists() is before


def test_processing_job__completed__data_is_removed_and_log_stays(engine, make):
    _job(engine, make, "print(1)")
    folder = engine.workspace / "333333333333" / "job"
    assert [path.name for path in folder.iterdir()] == ["log"]


def test_create_job__name_taken__resource_in_use(engine, make):
    _job(engine, make, "")
    with pytest.raises(ServiceError) as caught:
        _job(engine, make, "")
    assert caught.value.code == "ResourceInUse"
    assert caught.value.message == (
        "Job name must be unique within an AWS account and region, and a job with this name "
        "already exists (arn:aws:sagemaker:eu-west-1:333333333333:processing-job/job)"
    )


@pytest.mark.parametrize(
    ("member", "value", "problem"),
    [
        (
            "LocalPath",
            "/srv/x",
            "Input 'code': LocalPath '/srv/x' must begin with /opt/ml/processing",
        ),
        (
            "LocalPath",
            "/opt/ml/processing-not",
            "Input 'code': LocalPath '/opt/ml/processing-not' must begin with /opt/ml/processing",
        ),
        (
            "S3InputMode",
            "Pipe",
            "Input 'code': the sandbox does not run S3InputMode Pipe; use File",
        ),
    ],
)
def test_create_processing_job__what_is_not_run__refused(engine, make, member, value, problem):
    arguments = make.processing("x", "s3://data/code/job.py")["Arguments"]
    arguments["ProcessingInputs"][0]["S3Input"][member] = value
    with pytest.raises(ServiceError) as caught:
        engine.call("CreateProcessingJob", **arguments, ProcessingJobName="job")
    assert (caught.value.code, caught.value.message) == ("ValidationException", problem)
    assert engine.call("ListProcessingJobs") == {"ProcessingJobSummaries": []}


def test_describe_job__missing__validation_exception(engine):
    for kind, message in (
        ("Processing", "Could not find requested job with name: no"),
        ("Transform", "Could not find requested job with name: no"),
        ("Training", "Requested resource not found."),
    ):
        with pytest.raises(ServiceError) as caught:
            engine.call(f"Describe{kind}Job", **{f"{kind}JobName": "no"})
        assert (caught.value.code, caught.value.message) == ("ValidationException", message)


def test_stop_job__ended__refused(engine, make):
    _job(engine, make, "")
    with pytest.raises(ServiceError, match="is in status Completed"):
        engine.call("StopProcessingJob", ProcessingJobName="job")


def test_list_jobs__filters_and_pages(engine, make):
    _job(engine, make, "", "good-1")
    _job(engine, make, "raise SystemExit(1)", "bad-1")
    _job(engine, make, "", "good-2")
    rows = engine.call("ListProcessingJobs", NameContains="good", MaxResults=1)
    assert [row["ProcessingJobName"] for row in rows["ProcessingJobSummaries"]] == ["good-2"]
    rows = engine.call(
        "ListProcessingJobs", NameContains="good", MaxResults=1, NextToken=rows["NextToken"]
    )
    assert [row["ProcessingJobName"] for row in rows["ProcessingJobSummaries"]] == ["good-1"]
    failed = engine.call("ListProcessingJobs", StatusEquals="Failed")["ProcessingJobSummaries"]
    assert [row["ProcessingJobName"] for row in failed] == ["bad-1"]


def test_events__processing_job__in_progress_then_completed(engine, make):
    _job(engine, make, "")
    events = [event for _, event in engine.world.events]
    assert [event["detail-type"] for event in events] == [
        "SageMaker Processing Job State Change"
    ] * 2
    assert [event["detail"]["ProcessingJobStatus"] for event in events] == [
        "InProgress",
        "Completed",
    ]
    assert isinstance(events[1]["detail"]["CreationTime"], int)


def test_rewritten_paths__fallback__entrypoint_and_configuration_work(make, tmp_path):
    engine = make.engine(tmp_path, "rewritten paths")
    assert engine.service.isolation.startswith("jobs share this machine's file system: neither ")
    script = (
        "import json, os, pathlib, sys\n"
        "pathlib.Path(sys.argv[1]).write_text(os.environ['WHERE'])\n"
        "print(pathlib.Path('/opt/ml/config').exists())\n"
    )
    step = make.processing(
        "P",
        engine.script("s", script),
        outputs={"o": "s3://data/o"},
        arguments=["/opt/ml/processing/output/o/x"],
    )
    step["Arguments"]["Environment"] = {"WHERE": "/opt/ml/config"}
    description, steps = engine.run([step])
    assert description["PipelineExecutionStatus"] == "Succeeded", steps
    written = engine.world.s3.get("s3://data/o/x").decode()
    assert re.fullmatch(r"/.*/333333333333/.*/ml/config", written)
    name = steps["P"]["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    lines = _log(engine, name).splitlines()
    assert lines[0].startswith("sandbox: jobs share this machine's file system")
    assert lines[1] == "False"


@pytest.mark.parametrize("method", list(UNSHARE))
def test_isolation__each_method_that_is_allowed__hides_the_other_job(make, tmp_path, method):
    engine = make.engine(tmp_path, method)
    if not engine.isolation.works(method):
        pytest.skip(f"{method} is not allowed on this machine")
    assert engine.service.isolation == f"each job has its own /opt/ml ({method})"
    script = "import pathlib; print(len(list(pathlib.Path('/opt/ml/processing/input').iterdir())))"
    for name in ("a", "b"):
        assert _job(engine, make, script, name)["ProcessingJobStatus"] == "Completed"
        assert _log(engine, name) == "1\n"


def test_isolation__nothing_allowed__paths_are_rewritten(tmp_path):
    class Strict(Isolation):
        def works(self, method):
            return False

    assert Strict(tmp_path).method == "rewritten paths"


def test_isolation__here__is_a_mount_namespace_or_says_why_not(engine):
    text = engine.service.isolation
    assert text.startswith(("each job has its own /opt/ml (", "jobs share this machine's"))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"ProcessingInputs": [{"InputName": "x", "DatasetDefinition": {}}]},
            "Input 'x': the sandbox reads inputs from S3 only, not DatasetDefinition",
        ),
        (
            {
                "ProcessingOutputConfig": {
                    "Outputs": [
                        {"OutputName": "x", "FeatureStoreOutput": {"FeatureGroupName": "g"}}
                    ]
                }
            },
            "Output 'x': the sandbox writes outputs to S3 only",
        ),
    ],
)
def test_create_processing_job__other_places_than_s3__refused(engine, make, change, problem):
    arguments = {**make.processing("x", "s3://data/code/job.py")["Arguments"], **change}
    with pytest.raises(ServiceError) as caught:
        engine.call("CreateProcessingJob", **arguments, ProcessingJobName="job")
    assert caught.value.message == problem


def test_processing_job__broken_manifest__clear_failure(engine, make):
    engine.world.s3.put("s3://data/m.json", '{"prefix": "s3://other/"}')
    arguments = make.processing("x", "s3://data/c", {"m": "s3://data/m.json"})["Arguments"]
    arguments["ProcessingInputs"][1]["S3Input"]["S3DataType"] = "ManifestFile"
    found = _job(engine, make, "", ProcessingInputs=arguments["ProcessingInputs"][1:])
    assert found["FailureReason"] == (
        "ClientError: Manifest s3://data/m.json is not a list of "
        '{"prefix": …} followed by relative paths'
    )


def test_processing_job__output_bucket_denied__failure_names_it(engine, make):
    script = "open('/opt/ml/processing/output/o/x', 'w').write('x')"
    request = make.processing("x", "s3://data/code/job.py", outputs={"o": "s3://locked/o"})
    engine.world.s3.denied.add("locked")
    config = request["Arguments"]["ProcessingOutputConfig"]
    found = _job(engine, make, script, ProcessingOutputConfig=config)
    assert found["FailureReason"] == (
        "ClientError: Artifact upload failed: AccessDenied (403): Access Denied (s3://locked/o/x)"
    )


def test_processing_job__input_that_is_no_uri__failure_names_it(engine, make):
    arguments = make.processing("x", "s3://data/c", {"m": "https://s3/x"})["Arguments"]
    found = _job(engine, make, "", ProcessingInputs=arguments["ProcessingInputs"][1:])
    assert found["FailureReason"] == (
        "ClientError: 'https://s3/x' is not an S3 URI: write s3://BUCKET/KEY"
    )


def test_stop_job__running__stopped_and_processes_it_left_are_gone(engine, make):
    marker = engine.workspace / "child"
    script = (
        "import subprocess, time, pathlib\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        f"pathlib.Path({str(marker)!r}).write_text(str(child.pid))\n"
        "time.sleep(60)\n"
    )
    code = engine.script("job", script)
    request = make.processing("x", code)["Arguments"]
    engine.call("CreateProcessingJob", **request, ProcessingJobName="job")
    engine.until(lambda: marker.exists() and marker.read_text())
    engine.call("StopProcessingJob", ProcessingJobName="job")
    assert engine.call("DescribeProcessingJob", ProcessingJobName="job")["ProcessingJobStatus"] in {
        "Stopping",
        "Stopped",
    }
    engine.service.wait_idle(20)
    found = engine.call("DescribeProcessingJob", ProcessingJobName="job")
    assert found["ProcessingJobStatus"] == "Stopped"
    assert "FailureReason" not in found
    engine.until(lambda: not _runs(int(marker.read_text())))


def _runs(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
