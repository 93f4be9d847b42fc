"""Order, parallelism, branches, failure and stop."""

from __future__ import annotations

import threading
import time

import pytest

from sandbox.model import SandboxError, ServiceError


class Recorder:
    """Functions that note when they run."""

    def __init__(self, engine, make, *names):
        self.engine = engine
        self.calls = []
        self.gates = {name: threading.Event() for name in names}
        self.started = {name: threading.Event() for name in names}
        for name in names:
            engine.world.functions[make.function_arn(name)] = self._function(name)

    def _function(self, name):
        def run(payload):
            self.started[name].set()
            start = time.monotonic()
            assert self.gates[name].wait(20)
            self.calls.append((name, start, time.monotonic()))
            return {"name": name}

        return run

    def open(self, *names):
        for name in names or self.gates:
            self.gates[name].set()

    @property
    def order(self):
        return [name for name, _, _ in self.calls]


def test_order__depends_on_and_references__respected(engine, make):
    recorder = Recorder(engine, make, "a", "b", "c")
    recorder.open()
    steps = [
        make.lambda_step("C", "c", {"x": {"Get": "Steps.B.OutputParameters['name']"}}),
        make.lambda_step("B", "b", outputs={"name": "String"}, DependsOn=["A"]),
        make.lambda_step("A", "a"),
    ]
    description, steps = engine.run(steps)
    assert description["PipelineExecutionStatus"] == "Succeeded"
    assert recorder.order == ["a", "b", "c"]
    assert list(steps) == ["A", "B", "C"]


def test_parallel__independent_steps__overlap(engine, make):
    recorder = Recorder(engine, make, "a", "b")
    arn = engine.start(engine.create([make.lambda_step("A", "a"), make.lambda_step("B", "b")]))
    assert recorder.started["a"].wait(20)
    assert recorder.started["b"].wait(20)  # b runs although a has not ended
    recorder.open()
    assert engine.wait(arn)["PipelineExecutionStatus"] == "Succeeded"
    starts, ends = zip(*[(start, end) for _, start, end in recorder.calls], strict=True)
    assert max(starts) < min(ends)


def test_parallel__processing_jobs__really_overlap_each_in_its_own_folder(engine, make):
    code = engine.script(
        "meet",
        "import os, pathlib, sys, time\n"
        "mine, other = sys.argv[1:]\n"
        "meeting = pathlib.Path(os.environ['MEETING'])\n"
        "here = pathlib.Path('/opt/ml/processing/output/who/name')\n"
        "assert not here.exists()\n"
        "here.write_text(mine)\n"
        "start = time.time()\n"
        "(meeting / mine).touch()\n"
        "while not (meeting / other).exists():\n"
        "    assert time.time() < start + 20\n"
        "    time.sleep(0.005)\n"
        "assert here.read_text() == mine\n"
        "here.write_text(f'{mine} {start} {time.time()}')\n",
    )
    meeting = engine.workspace / "meeting"
    meeting.mkdir()
    steps = []
    for mine, other in (("one", "two"), ("two", "one")):
        step = make.processing(
            mine, code, outputs={"who": f"s3://data/{mine}"}, arguments=[mine, other]
        )
        step["Arguments"]["Environment"] = {"MEETING": str(meeting)}
        steps.append(step)
    description, listed = engine.run(steps)
    assert description["PipelineExecutionStatus"] == "Succeeded", listed
    one, two = (engine.world.s3.get(f"s3://data/{name}/name").split() for name in ("one", "two"))
    assert (one[0], two[0]) == (b"one", b"two")
    assert max(float(one[1]), float(two[1])) < min(float(one[2]), float(two[2]))


def test_parallel__limit_of_one__runs_one_at_a_time(engine, make):
    recorder = Recorder(engine, make, "a", "b")
    recorder.open()
    name = engine.create([make.lambda_step("A", "a"), make.lambda_step("B", "b")])
    arn = engine.start(name, ParallelismConfiguration={"MaxParallelExecutionSteps": 1})
    engine.wait(arn)
    (_, _, first_end), (_, second_start, _) = recorder.calls
    assert first_end <= second_start


def test_failure__running_branch_finishes_and_no_new_step_starts(engine, make):
    recorder = Recorder(engine, make, "slow", "after")
    engine.world.functions[make.function_arn("bad")] = _raise
    steps = [
        make.lambda_step("Slow", "slow"),
        make.lambda_step("AfterSlow", "after", DependsOn=["Slow"]),
        make.lambda_step("Bad", "bad"),
        make.lambda_step("AfterBad", "after", DependsOn=["Bad"]),
    ]
    arn = engine.start(engine.create(steps))
    engine.until(lambda: engine.steps(arn).get("Bad", {}).get("StepStatus") == "Failed")
    recorder.open()
    description = engine.wait(arn)
    listed = engine.steps(arn)
    assert description["PipelineExecutionStatus"] == "Failed"
    assert description["FailureReason"] == "Step failure: One or multiple steps failed."
    assert {name: row["StepStatus"] for name, row in listed.items()} == {
        "Slow": "Succeeded",
        "Bad": "Failed",
    }
    assert listed["Bad"]["FailureReason"] == (
        "ClientError: The Lambda function bad returned an error: ValueError: no luck"
    )
    assert recorder.order == ["slow"]


def _raise(_payload):
    raise ValueError("no luck")


def test_fail_step__joined_message__is_reason_and_metadata(engine, make):
    message = {"Std:Join": {"On": " ", "Values": ["AUC below", {"Get": "Parameters.Minimum"}]}}
    description, steps = engine.run(
        [make.fail("TooLow", message)],
        [{"Name": "Minimum", "Type": "Float", "DefaultValue": 0.85}],
    )
    assert description["PipelineExecutionStatus"] == "Failed"
    assert description["FailureReason"] == "Step failure: One or multiple steps failed."
    assert steps["TooLow"]["StepStatus"] == "Failed"
    assert steps["TooLow"]["FailureReason"] == "AUC below 0.85"
    assert steps["TooLow"]["Metadata"] == {"Fail": {"ErrorMessage": "AUC below 0.85"}}


def test_branches__nested__only_the_taken_ones_are_listed(engine, make):
    recorder = Recorder(engine, make, "x")
    recorder.open()
    yes, no = _equals(1, 1), _equals(1, 2)
    inner = make.condition(
        "Inner", [no], [make.fail("Never", "x")], [make.lambda_step("Deep", "x")]
    )
    outer = make.condition("Outer", [yes], [inner], [make.fail("NeverEither", "x")])
    after = [
        make.lambda_step("AfterDeep", "x", DependsOn=["Deep"]),
        make.lambda_step("AfterNever", "x", DependsOn=["Never"]),
    ]
    description, steps = engine.run([outer, *after])
    assert description["PipelineExecutionStatus"] == "Succeeded"
    assert list(steps) == ["Outer", "Inner", "Deep", "AfterDeep"]


def _equals(left, right):
    return {"Type": "Equals", "LeftValue": left, "RightValue": right}


def test_trigger__failed__handler_runs_and_execution_completes_with_failures(engine, make):
    recorder = Recorder(engine, make, "x")
    recorder.open()
    engine.world.functions[make.function_arn("bad")] = _raise
    steps = [
        make.lambda_step("Bad", "bad"),
        make.lambda_step("Notify", "x", DependsOn=[{"Step": "Bad", "Trigger": "Failed"}]),
        make.lambda_step("AfterNotify", "x", DependsOn=["Notify"]),
        make.lambda_step("AfterBad", "x", DependsOn=["Bad"]),
    ]
    description, listed = engine.run(steps)
    assert description["PipelineExecutionStatus"] == "CompletedWithFailures"
    assert list(listed) == ["Bad", "Notify", "AfterNotify"]


def test_trigger__failed_but_upstream_succeeds__handler_is_not_run(engine, make):
    recorder = Recorder(engine, make, "x")
    recorder.open()
    steps = [
        make.lambda_step("Good", "x"),
        make.lambda_step("Notify", "x", DependsOn=[{"Step": "Good", "Trigger": "Failed"}]),
    ]
    description, listed = engine.run(steps)
    assert description["PipelineExecutionStatus"] == "Succeeded"
    assert list(listed) == ["Good"]


def test_stop__running_job__process_is_killed_and_nothing_follows(engine, make):
    marker = engine.workspace / "started"
    code = engine.script(
        "sleep", f"import time, pathlib\npathlib.Path({str(marker)!r}).touch()\ntime.sleep(60)\n"
    )
    step = make.processing("Sleep", code, outputs={"out": "s3://data/out"})
    after = make.fail("After", "x", DependsOn=["Sleep"])
    arn = engine.start(engine.create([step, after]))
    engine.until(marker.exists)
    before = time.monotonic()
    engine.call(
        "StopPipelineExecution", PipelineExecutionArn=arn, ClientRequestToken=engine.token()
    )
    description = engine.wait(arn)
    assert time.monotonic() - before < 10  # far below the script's 60 s
    assert description["PipelineExecutionStatus"] == "Stopped"
    steps = engine.steps(arn)
    assert list(steps) == ["Sleep"]
    assert steps["Sleep"]["StepStatus"] == "Stopped"
    job = engine.call(
        "DescribeProcessingJob",
        ProcessingJobName=steps["Sleep"]["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2],
    )
    assert job["ProcessingJobStatus"] == "Stopped"
    assert engine.world.s3.keys("out") == []


def test_stop__ended_execution__conflict(engine, make):
    description, _ = engine.run([make.fail("F", "x")])
    arn = description["PipelineExecutionArn"]
    with pytest.raises(ServiceError) as caught:
        engine.call(
            "StopPipelineExecution", PipelineExecutionArn=arn, ClientRequestToken=engine.token()
        )
    assert caught.value.code == "ConflictException"
    assert caught.value.message == f"Pipeline execution {arn} cannot be stopped: it is Failed"


def test_retry__failed_execution__only_what_did_not_succeed_runs_again(engine, make):
    recorder = Recorder(engine, make, "good", "last")
    recorder.open()
    luck = []

    def flaky(_payload):
        luck.append(1)
        if len(luck) == 1:
            raise ValueError("first time")
        return {}

    engine.world.functions[make.function_arn("flaky")] = flaky
    steps = [
        make.lambda_step("Good", "good"),
        make.condition(
            "C", [_equals(1, 1)], [make.lambda_step("Flaky", "flaky")], DependsOn=["Good"]
        ),
        make.lambda_step("Last", "last", DependsOn=["Flaky"]),
    ]
    description, _ = engine.run(steps)
    arn = description["PipelineExecutionArn"]
    assert description["PipelineExecutionStatus"] == "Failed"
    engine.call(
        "RetryPipelineExecution", PipelineExecutionArn=arn, ClientRequestToken=engine.token()
    )
    description = engine.wait(arn)
    assert description["PipelineExecutionStatus"] == "Succeeded"
    assert "FailureReason" not in description
    assert recorder.order == ["good", "last"]
    assert len(luck) == 2
    with pytest.raises(ServiceError, match="cannot be retried: it is Succeeded"):
        engine.call(
            "RetryPipelineExecution", PipelineExecutionArn=arn, ClientRequestToken=engine.token()
        )


def test_wait_idle__still_running__says_what(engine, make):
    recorder = Recorder(engine, make, "a")
    arn = engine.start(engine.create([make.lambda_step("A", "a")]))
    with pytest.raises(SandboxError) as caught:
        engine.service.wait_idle(0.05)
    assert str(caught.value) == (f"Still running after 0.05 s: {arn}. Wait longer or stop it")
    recorder.open()
    engine.wait(arn)
