"""Executions followed in memory."""

from datetime import UTC, datetime, timedelta

import pytest

from promotion.aws.executions import ExecutionState, StepState
from promotion.errors import ConfigError
from promotion.execution.follow import (
    ExecutionFailed,
    FollowInterrupted,
    check_succeeded,
    follow,
    where_to_look,
)
from promotion.execution.parameters import check_parameters, parse_assignments
from promotion.execution.render import changed_steps, render_step

ARN = "arn:aws:sagemaker:eu-west-1:333333333333:pipeline/p/execution/e"
START = datetime(2026, 1, 31, 6, 0, tzinfo=UTC)


class Script:
    """An execution that stands as told at each look."""

    def __init__(self, *statuses):
        self.statuses = list(statuses)
        self.looks = 0

    def describe(self, execution_arn):
        self.looks += 1
        return ExecutionState(execution_arn, self.statuses[min(self.looks, len(self.statuses)) - 1])

    def steps(self, execution_arn):
        return (StepState("Train", self.describe.__self__.statuses[self.looks - 1]),)


def test_follow__until_it_ends__pauses_longer_and_longer_up_to_a_limit():
    script, pauses, seen = Script(*["Executing"] * 20, "Succeeded"), [], []
    final = follow(script, ARN, observe=seen.append, sleep=pauses.append)
    assert final == ExecutionState(ARN, "Succeeded")
    assert (pauses[0], pauses[-1], pauses == sorted(pauses)) == (1.0, 15.0, True)
    # The last look is after the end, so no step's end is missed.
    assert (len(seen), seen[-1]) == (21, (StepState("Train", "Succeeded"),))


def test_follow__ctrl_c__leaves_it_running_and_says_how_to_follow():
    def interrupted(_):
        raise KeyboardInterrupt

    with pytest.raises(FollowInterrupted) as caught:
        follow(Script("Executing"), ARN, observe=lambda _: None, sleep=interrupted)
    assert caught.value.exit_code == 130
    assert caught.value.message == f"no longer following; the execution goes on: {ARN}"
    assert "promote status" in caught.value.hint


def test_check__succeeded__is_silent():
    check_succeeded(ExecutionState(ARN, "Succeeded"), ())


def test_check__failed__names_steps_reasons_and_logs():
    job = "arn:aws:sagemaker:eu-west-1:333333333333:processing-job/pipelines-e-check"
    steps = (
        StepState("Preprocess", "Succeeded"),
        StepState("CheckDrift", "Failed", "exit code 1", resource_arn=job),
        StepState("Stop", "Failed"),
    )
    with pytest.raises(ExecutionFailed) as caught:
        check_succeeded(ExecutionState(ARN, "Failed", "a step failed"), steps)
    assert caught.value.message == f"the execution ended as Failed: {ARN}"
    assert caught.value.problems == ("CheckDrift: exit code 1", "Stop: no reason given")
    assert caught.value.hint == (
        "log of CheckDrift: aws logs tail /aws/sagemaker/ProcessingJobs "
        "--log-stream-name-prefix pipelines-e-check"
    )


def test_check__failed_before_any_step__gives_the_executions_reason():
    with pytest.raises(ExecutionFailed) as caught:
        check_succeeded(ExecutionState(ARN, "Failed", "role cannot be assumed"), ())
    assert caught.value.problems == ("role cannot be assumed",)


@pytest.mark.parametrize(
    ("arn", "place"),
    [
        ("arn:aws:lambda:r:1:function:f", "aws logs tail /aws/lambda/f"),
        ("arn:aws:lambda:r:1:function:f:2", "aws logs tail /aws/lambda/f"),
        (
            "arn:aws:sagemaker:r:1:training-job/t",
            "aws logs tail /aws/sagemaker/TrainingJobs --log-stream-name-prefix t",
        ),
        ("arn:aws:sagemaker:r:1:model/m", ""),
        ("", ""),
    ],
)
def test_where_to_look__by_the_kind_of_resource(arn, place):
    found = where_to_look(StepState("S", "Failed", resource_arn=arn))
    assert found == (f"log of S: {place}" if place else "")


def test_render_step__running_and_ended__has_seconds():
    running = StepState("Train", "Executing", started_at=START)
    ended = StepState(
        "Check",
        "Succeeded",
        started_at=START,
        ended_at=START + timedelta(seconds=2),
        outcome="True",
    )
    assert render_step(running, START + timedelta(seconds=61.26)).text == "▸ Train Executing 61.3 s"
    assert render_step(running).text == "▸ Train Executing"
    assert render_step(ended).text == "✓ Check Succeeded → True 2.0 s"
    assert render_step(StepState("S", "Failed", "why")).text == "✗ S Failed: why"


def test_changed_steps__only_those_of_another_status():
    before = (StepState("A", "Executing"), StepState("B", "Succeeded"))
    after = (StepState("A", "Succeeded"), StepState("B", "Succeeded"), StepState("C", "Starting"))
    assert [step.name for step in changed_steps(before, after)] == ["A", "C"]


def test_parse_assignments__values_with_equals__are_kept_whole():
    assert parse_assignments(["A=b=c", "D="]) == {"A": "b=c", "D": ""}


def test_parse_assignments__everything_wrong__is_told_at_once():
    with pytest.raises(ConfigError) as caught:
        parse_assignments(["A", "=x", "B=1", "B=2"])
    assert caught.value.problems == (
        "'A' is not Name=Value",
        "'=x' is not Name=Value",
        "B is given twice",
    )


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        ("Integer", ["3", "-3"], ["3.0", "", "x", "--3", "٣"]),
        ("Float", ["3", "0.5", "1e-3"], ["", "x"]),
        ("Boolean", ["true", "False"], ["1", "yes", ""]),
        ("String", ["", "anything"], []),
    ],
)
def test_check_parameters__by_type(type_, good, bad):
    definition = {"Parameters": [{"Name": "P", "Type": type_, "DefaultValue": None}]}
    for value in good:
        check_parameters("p", definition, {"P": value})
    for value in bad:
        with pytest.raises(ConfigError) as caught:
            check_parameters("p", definition, {"P": value})
        assert caught.value.problems == (f"P: {value!r} is not of type {type_}",)


def test_check_parameters__not_among_the_allowed_values__is_refused():
    declared = {"Name": "P", "Type": "String", "DefaultValue": "a", "EnumValues": ["a", "b"]}
    check_parameters("p", {"Parameters": [declared]}, {"P": "b"})
    with pytest.raises(ConfigError) as caught:
        check_parameters("p", {"Parameters": [declared]}, {"P": "c"})
    assert caught.value.problems == ("P: 'c' is none of a, b",)


def test_check_parameters__pipeline_without_any__takes_none():
    with pytest.raises(ConfigError) as caught:
        check_parameters("p", {}, {"P": "c"})
    assert caught.value.hint == "it takes: none"
