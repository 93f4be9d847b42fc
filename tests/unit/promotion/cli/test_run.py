"""How `promote run` shows an execution, on a terminal and in a log."""

import io
from pathlib import Path

import pytest

from promotion.aws.executions import ExecutionState, StepState
from promotion.cli.main import State
from promotion.cli.run import _follow
from promotion.cli.ui import Ui
from promotion.execution.follow import ExecutionFailed

ARN = "arn:aws:sagemaker:eu-west-1:333333333333:pipeline/p/execution/e"


class Ended:
    """An execution that has ended."""

    def __init__(self, status):
        self.status = status

    def describe(self, execution_arn):
        return ExecutionState(execution_arn, self.status)

    def steps(self, execution_arn):
        return (StepState("Train", "Succeeded"), StepState("Check", self.status, "low"))


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self):
        return True


def test_run__in_a_log__writes_a_line_for_each_change():
    err = io.StringIO()
    _follow(State(Path(), Ui(stdout=io.StringIO(), stderr=err)), Ended("Succeeded"), ARN)
    assert err.getvalue().splitlines() == [
        "✓ Train Succeeded",
        "✓ Check Succeeded: low",
        f"Succeeded: {ARN}",
    ]


def test_run__on_a_terminal__draws_all_steps():
    err = Screen()
    _follow(State(Path(), Ui(stdout=io.StringIO(), stderr=err)), Ended("Succeeded"), ARN)
    assert "✓ Train Succeeded" in err.getvalue()


def test_run__failed__raises_with_the_step():
    with pytest.raises(ExecutionFailed) as caught:
        _follow(State(Path(), Ui(stderr=io.StringIO())), Ended("Failed"), ARN)
    assert caught.value.problems == ("Check: low",)
