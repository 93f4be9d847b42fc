"""Lambda, Callback, Model and RegisterModel steps; retries and caching of steps."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox.model import ServiceError
from sandbox.pipelines.execution.cache import duration
from sandbox.pipelines.execution.retry import Retries


def test_lambda__outputs__in_metadata_as_text(engine, make):
    engine.world.functions[make.function_arn("f")] = lambda payload: {"n": 2, "b": True, "x": 0}
    step = make.lambda_step("L", "f", {"a": 1}, {"n": "Integer", "b": "Boolean"})
    _, steps = engine.run([step])
    assert steps["L"]["Metadata"] == {
        "Lambda": {
            "Arn": make.function_arn("f"),
            "OutputParameters": [{"Name": "n", "Value": "2"}, {"Name": "b", "Value": "true"}],
        }
    }
    assert engine.world.sessions == [("lambda", make.ROLE)]


@pytest.mark.parametrize(
    ("result", "kind", "reason"),
    [
        ({}, "String", "ClientError: Output parameter 'x' is missing from the response"),
        (None, "String", "ClientError: Output parameter 'x' is missing from the response"),
        ({"x": "a"}, "Integer", "ClientError: Output parameter 'x' is not of type Integer: a"),
        ({"x": 1.5}, "Integer", "ClientError: Output parameter 'x' is not of type Integer: 1.5"),
        ({"x": "a"}, "Float", "ClientError: Output parameter 'x' is not of type Float: a"),
        ({"x": "yes"}, "Boolean", "ClientError: Output parameter 'x' is not of type Boolean: yes"),
        ({"x": [1]}, "String", "ClientError: Output parameter 'x' is not of type String: [1]"),
        ({"x": "a" * 1025}, "String", "ClientError: Output parameter 'x' is over 1024 characters"),
    ],
)
def test_lambda__output_of_other_type__step_fails(engine, make, result, kind, reason):
    engine.world.functions[make.function_arn("f")] = lambda payload: result
    description, steps = engine.run([make.lambda_step("L", "f", outputs={"x": kind})])
    assert description["PipelineExecutionStatus"] == "Failed"
    assert steps["L"]["FailureReason"] == reason


def test_lambda__missing_function__aws_wording(engine, make):
    description, steps = engine.run([make.lambda_step("L", "gone")])
    arn = description["PipelineExecutionArn"]
    assert steps["L"]["FailureReason"] == (
        "ClientError: Failed to invoke lambda:Invoke. Error Details: Function not found: "
        f"{make.function_arn('gone')}\n"
        f"Retry not appropriate on execution of step with PipelineExecutionArn {arn} and StepId L."
    )


def test_role__not_assumable__step_fails_and_names_it(engine, make):
    engine.world.untrusting.add(make.ROLE)
    description, steps = engine.run([make.lambda_step("L", "f")])
    assert description["PipelineExecutionStatus"] == "Failed"
    assert make.ROLE in steps["L"]["FailureReason"]


def _callback(**more):
    return {
        "Name": "C",
        "Type": "Callback",
        "SqsQueueUrl": "https://sqs/q",
        "Arguments": {"n": {"Get": "Execution.PipelineName"}},
        "OutputParameters": [{"OutputName": "ok", "OutputType": "Boolean"}],
        **more,
    }


def _waiting(engine):
    name = engine.create([_callback()])
    arn = engine.start(name)
    engine.until(lambda: engine.world.messages)
    return name, arn, engine.world.messages[-1][1]["token"]


def test_callback__success__outputs_taken(engine):
    name, arn, token = _waiting(engine)
    assert engine.world.messages == [
        (
            "https://sqs/q",
            {
                "token": token,
                "pipelineExecutionArn": arn,
                "stepName": "C",
                "status": "Executing",
                "arguments": {"n": name},
            },
        )
    ]
    answer = engine.call(
        "SendPipelineExecutionStepSuccess",
        CallbackToken=token,
        OutputParameters=[{"Name": "ok", "Value": "true"}],
    )
    assert answer == {"PipelineExecutionArn": arn}
    assert engine.wait(arn)["PipelineExecutionStatus"] == "Succeeded"
    assert engine.steps(arn)["C"]["Metadata"] == {
        "Callback": {
            "CallbackToken": token,
            "SqsQueueUrl": "https://sqs/q",
            "OutputParameters": [{"Name": "ok", "Value": "true"}],
        }
    }


def test_callback__failure__reason_taken(engine):
    _, arn, token = _waiting(engine)
    engine.call("SendPipelineExecutionStepFailure", CallbackToken=token, FailureReason="no")
    assert engine.wait(arn)["PipelineExecutionStatus"] == "Failed"
    assert engine.steps(arn)["C"]["FailureReason"] == "no"


def test_callback__second_answer__refused(engine):
    _, arn, token = _waiting(engine)
    engine.call("SendPipelineExecutionStepFailure", CallbackToken=token)
    with pytest.raises(ServiceError) as caught:
        engine.call("SendPipelineExecutionStepSuccess", CallbackToken=token)
    assert caught.value.message == f"No callback step waits for the token '{token}'"
    engine.wait(arn)


def test_callback__stop__ends_the_wait(engine):
    _, arn, _ = _waiting(engine)
    engine.call(
        "StopPipelineExecution", PipelineExecutionArn=arn, ClientRequestToken=engine.token()
    )
    assert engine.wait(arn)["PipelineExecutionStatus"] == "Stopped"
    assert engine.steps(arn)["C"]["StepStatus"] == "Stopped"


GROUP = "arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/g"


def test_register_model__group_of_another_account__through_the_role(engine, make):
    engine.world.functions[make.function_arn("f")] = lambda payload: payload
    register = {
        "Name": "Register",
        "Type": "RegisterModel",
        "Arguments": {
            "ModelPackageGroupName": GROUP,
            "ModelApprovalStatus": "PendingManualApproval",
            "CustomerMetadataProperties": {"execution": {"Get": "Execution.PipelineExecutionId"}},
            "ModelPackageDescription": None,
        },
    }
    properties = ("ModelPackageArn", "ModelPackageVersion", "ModelApprovalStatus")
    see = make.lambda_step(
        "See",
        "f",
        {name: {"Get": f"Steps.Register.{name}"} for name in properties},
        dict.fromkeys(properties, "String"),
    )
    description, steps = engine.run([register, see])
    execution = description["PipelineExecutionArn"]
    arn = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/g/1"
    assert engine.world.packages == {
        arn: {
            "ModelPackageGroupName": GROUP,
            "ModelApprovalStatus": "PendingManualApproval",
            "CustomerMetadataProperties": {"execution": execution.rpartition("/")[2]},
            "MetadataProperties": {"GeneratedBy": execution},
        }
    }
    assert steps["Register"]["Metadata"] == {"RegisterModel": {"Arn": arn}}
    outputs = steps["See"]["Metadata"]["Lambda"]["OutputParameters"]
    assert [row["Value"] for row in outputs] == [arn, "1", "PendingManualApproval"]


def test_model__created_under_the_steps_name(engine, make):
    model = {
        "Name": "Create_It",
        "Type": "Model",
        "Arguments": {
            "ExecutionRoleArn": make.MODEL_ROLE,
            "PrimaryContainer": {
                "ModelPackageName": "arn:aws:sagemaker:eu-west-1:222222222222:model-package/g/1"
            },
        },
    }
    description, steps = engine.run([model])
    identifier = description["PipelineExecutionArn"].rpartition("/")[2]
    (name,) = engine.world.models
    assert name.startswith(f"pipelines-{identifier}-Create-It-")
    assert steps["Create_It"]["Metadata"]["Model"]["Arn"].endswith(f":model/{name}")
    created = engine.world.models[name]
    assert created["ExecutionRoleArn"] == make.MODEL_ROLE
    assert created["Tags"] == [
        {
            "Key": "sagemaker:pipeline-execution-arn",
            "Value": description["PipelineExecutionArn"],
        },
        {"Key": "sagemaker:pipeline-step-name", "Value": "Create_It"},
    ]


def _policy(kind, attempts, interval=0.01):
    return {
        "ExceptionType": [kind],
        "BackoffRate": 2.0,
        "IntervalSeconds": interval,
        "MaxAttempts": attempts,
    }


def test_retry__throttled_creation__tried_again_as_declared(engine, make):
    throttled = make.client_error("CreateProcessingJob", "ThrottlingException", "slow down")
    engine.world.failures["CreateProcessingJob"] = [throttled, throttled]
    step = make.processing(
        "P", engine.script("nothing", ""), RetryPolicies=[_policy("Step.THROTTLING", 2)]
    )
    description, steps = engine.run([step])
    assert description["PipelineExecutionStatus"] == "Succeeded"
    assert steps["P"]["AttemptCount"] == 3


def test_retry__policy_used_up__step_fails(engine, make):
    full = make.client_error("CreateProcessingJob", "ResourceLimitExceeded", "limit is 0")
    engine.world.failures["CreateProcessingJob"] = [full, full]
    step = make.processing(
        "P", engine.script("nothing", ""), RetryPolicies=[_policy("SageMaker.RESOURCE_LIMIT", 1)]
    )
    description, steps = engine.run([step])
    assert description["PipelineExecutionStatus"] == "Failed"
    assert steps["P"]["AttemptCount"] == 2
    assert steps["P"]["FailureReason"].startswith(
        "ClientError: Failed to invoke sagemaker:CreateProcessingJob. Error Details: limit is 0"
    )


def test_retry__failing_script__is_not_retried(engine, make):
    policy = _policy("SageMaker.JOB_INTERNAL_ERROR", 3)
    step = make.processing("P", engine.script("bad", "raise SystemExit(3)"), RetryPolicies=[policy])
    _, steps = engine.run([step])
    assert steps["P"]["AttemptCount"] == 1
    assert steps["P"]["FailureReason"] == "ClientError: AlgorithmError: , exit code: 3"


def test_retries__delays__grow_by_the_rate_until_used_up():
    retries = Retries.of([_policy("SageMaker.CAPACITY_ERROR", 3, interval=5)])
    delays = [retries.next_delay_seconds("SageMaker.CAPACITY_ERROR") for _ in range(4)]
    assert delays == [5.0, 10.0, 20.0, None]
    assert retries.next_delay_seconds("SageMaker.RESOURCE_LIMIT") is None
    assert retries.next_delay_seconds("") is None


def test_retries__expire_after__counts_minutes_waited():
    policy = {"ExceptionType": ["Step.THROTTLING"], "IntervalSeconds": 30, "ExpireAfterMin": 2}
    retries = Retries.of([policy])
    delays = [retries.next_delay_seconds("Step.THROTTLING") for _ in range(3)]
    assert delays == [30.0, 60.0, None]


def _cached(engine, make, **config):
    calls = []
    engine.world.functions[make.function_arn("f")] = lambda p: calls.append(p) or {"n": len(calls)}
    step = make.lambda_step(
        "L",
        "f",
        {"v": {"Get": "Parameters.V"}},
        {"n": "Integer"},
        CacheConfig={"Enabled": True, **config},
    )
    name = engine.create([step], [{"Name": "V", "Type": "String", "DefaultValue": "a"}])
    return name, calls


def _run(engine, name, values=None):
    arn = engine.start(name, values)
    engine.wait(arn)
    return arn, engine.steps(arn)["L"]


def test_cache__same_arguments__result_taken_over(engine, make):
    name, calls = _cached(engine, make, ExpireAfter="P1D")
    first, step = _run(engine, name)
    assert "CacheHitResult" not in step
    _, again = _run(engine, name)
    assert again["CacheHitResult"] == {"SourcePipelineExecutionArn": first}
    assert again["Metadata"] == step["Metadata"]
    assert calls == [{"v": "a"}]
    hits = [
        e["detail"]["cacheHitResult"]
        for _, e in engine.world.events
        if "cacheHitResult" in e["detail"]
    ]
    assert hits == [{"sourcePipelineExecutionArn": first}]


def test_cache__other_arguments_or_expired__runs_again(engine, make):
    name, calls = _cached(engine, make, ExpireAfter="P1D")
    _run(engine, name)
    _run(engine, name, {"V": "b"})
    engine.world.skew = timedelta(days=1, seconds=1)
    _run(engine, name)
    assert calls == [{"v": "a"}, {"v": "b"}, {"v": "a"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p30d", timedelta(days=30)),
        ("P4DT12H", timedelta(days=4, hours=12)),
        ("T12H", timedelta(hours=12)),
        ("P1Y2M1W", timedelta(days=365 + 60 + 7)),
        ("PT5M30S", timedelta(minutes=5, seconds=30)),
    ],
)
def test_duration__iso_8601__read(text, expected):
    assert duration(text) == expected


@pytest.mark.parametrize("text", ["", "P", "1 day", "PT"])
def test_duration__other__refused(text):
    with pytest.raises(ValueError, match="ISO 8601"):
        duration(text)
