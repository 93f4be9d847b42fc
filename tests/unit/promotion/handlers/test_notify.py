"""What people are told of events, and that they are told once."""

import hashlib
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from promotion.handlers.alert_advice import advice
from promotion.handlers.alert_texts import Alert, Habits, UnknownEvent, alert_of
from promotion.handlers.telling import Memory, tell, unwrapped

MakeStub = Callable[[str], tuple[Any, Stubber]]
PROD = "444444444444"
HABITS = Habits(
    "acme-ml-prod",
    {"mammography-inference": "mammography"},
    frozenset({"mammography"}),
    {"mammography": "inference"},
)
PIPELINE = f"arn:aws:sagemaker:eu-west-1:{PROD}:pipeline/mammography-inference"
PACKAGE = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/2"
BATCH = "s3://data/mammography/batches/2026-01-02/batch.csv"
QUALITY = {
    "use_case": "mammography",
    "model_package_arn": PACKAGE,
    "model_version": "2",
    "batch_uri": BATCH,
    "batch_version": "v1",
    "violations_uri": "s3://data/mammography/inference/abc/data-quality/constraint_violations.json",
    "worst_features": "age (distance 0.45 over 0.05)",
    "summary": "age: baseline_drift_check",
    "pipeline_execution_id": "abc",
}
FAILURE = {
    "stepName": "ResolveBatch",
    "stepType": "Lambda",
    "currentStepStatus": "Failed",
    "failureReason": "ClientError: The Lambda function acme-ml-prod-resolve-batch returned an "
    f"error: BatchMissing: there is no batch at {BATCH}",
    "pipelineArn": PIPELINE,
    "pipelineExecutionArn": f"{PIPELINE}/execution/abc",
}
DECISION = {
    "ModelPackageGroupName": "mammography",
    "ModelPackageVersion": 2,
    "ModelPackageArn": PACKAGE,
    "ModelApprovalStatus": "Approved",
    "ApprovalDescription": "better on every metric",
}
STEP_CHANGE = "SageMaker Model Building Pipeline Execution Step Status Change"
STATE_CHANGE = "SageMaker Model Package State Change"


def event(kind: str, detail: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "detail-type": kind,
        "account": PROD,
        "region": "eu-west-1",
        "time": "2026-01-02T06:00:00Z",
        "detail": {**detail, **changed},
    }


def test_alert_of__drift__says_what_where_since_when_and_what_to_do() -> None:
    alert = alert_of(event("Data Drift Detected", QUALITY), HABITS)
    what = "Data drift in mammography: batch 2026-01-02/batch.csv was not scored."
    assert alert == Alert(
        f"[acme-ml-prod] {what}",
        f"""{what}

Where: acme-ml-prod, account 444444444444, eu-west-1
Since: 2026-01-02 06:00:00 UTC
Found: age: baseline_drift_check
Worst: age (distance 0.45 over 0.05)
Batch: {BATCH}
Model: version 2
Run: abc

What to do: Look at the violations. Training starts by itself unless the policy or a running one \
forbids it (promote history says); a new version serves once it is approved.

https://eu-west-1.console.aws.amazon.com/s3/object/data?region=eu-west-1&prefix=mammography%2F\
inference%2Fabc%2Fdata-quality%2Fconstraint_violations.json
""",
        f"Data Drift Detected|{PACKAGE}|{BATCH}|v1",
    )


def test_alert_of__drift_that_trains_nothing__asks_a_person() -> None:
    nobody = Habits("acme-ml-dev", {}, frozenset(), {})
    body = alert_of(event("Data Drift Detected", QUALITY), nobody).body
    assert "Nothing trains by itself here: start the train pipeline if the drift is real." in body


def test_alert_of__warning__says_that_the_batch_was_scored() -> None:
    alert = alert_of(event("Data Quality Warning", QUALITY), HABITS)
    start = (
        "[acme-ml-prod] Data quality warning in mammography: batch 2026-01-02/batch.csv was scor"
    )
    assert (alert.subject[: len(start)], len(alert.subject)) == (start, 99)
    assert "Nothing else has to be done." in alert.body


def test_alert_of__failed_step__says_why_and_that_nothing_trains() -> None:
    alert = alert_of(event(STEP_CHANGE, FAILURE), HABITS)
    assert (
        alert.body
        == f"""mammography: step ResolveBatch of mammography-inference failed. No \
training was started by this.

Where: acme-ml-prod, account 444444444444, eu-west-1
Since: 2026-01-02 06:00:00 UTC
Reason: {FAILURE["failureReason"]}
Run: abc

What to do: The batch is not there. Have it delivered, then start the pipeline again.

https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups
"""
    )
    assert len(alert.subject) == 99
    assert '"' not in alert.body


def test_alert_of__failed_job__links_to_its_log() -> None:
    failed = event(STEP_CHANGE, FAILURE, stepType="Processing", failureReason="")
    body = alert_of(failed, HABITS).body
    assert "Reason: SageMaker gives no reason" in body
    assert body.endswith("#logsV2:log-groups/log-group/$252Faws$252Fsagemaker$252FProcessingJobs\n")


@pytest.mark.parametrize(
    ("status", "todo"),
    [
        ("Approved", "Nothing. The inference pipeline is started by itself."),
        ("Rejected", "Nothing. The next inference run takes the newest approved version."),
    ],
)
def test_alert_of__decision__says_what_follows(status: str, todo: str) -> None:
    alert = alert_of(event(STATE_CHANGE, DECISION, ModelApprovalStatus=status), HABITS)
    assert alert.subject == f"[acme-ml-prod] mammography: version 2 was {status.lower()}."
    assert f"Reason: better on every metric\nModel: {PACKAGE}\n\nWhat to do: {todo}" in alert.body


def test_alert_of__two_failed_steps_of_a_run__are_one_fact() -> None:
    other = event(STEP_CHANGE, FAILURE, stepName="Transform")
    assert alert_of(other, HABITS).fact == alert_of(event(STEP_CHANGE, FAILURE), HABITS).fact


def test_alert_of__another_event__is_an_error() -> None:
    with pytest.raises(UnknownEvent, match="no alert is written for 'Other' events"):
        alert_of(event("Other", {}), HABITS)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("ClientError: ... NoApprovedModel: no version is approved", "No model version"),
        ("ClientError: ... BatchMissing: there is no batch", "The batch is not there"),
        ("ClientError: ... BaselineMissing: gone", "The approved version is not what"),
        ("AccessDenied: User x is not authorized to perform: kms:Decrypt", "A key refuses"),
        ("AccessDenied: User x is not authorized to perform: s3:GetObject", "A permission"),
        ("ResourceLimitExceeded: The account-level service limit", "A quota of the account"),
        ("ThrottlingException: Rate exceeded", "AWS failed for a moment"),
        ("AlgorithmError: See job logs, exit code: 1", "The step's script ended"),
        ("anything else", "Read the step's log"),
    ],
)
def test_advice__reason__says_what_to_do(reason: str, said: str) -> None:
    assert advice(reason).startswith(said)


ALERT = Alert("subject", "body", "fact")
TOPIC = f"arn:aws:sns:eu-west-1:{PROD}:alerts"
TAKEN = {"service_error_code": "PreconditionFailed", "http_status_code": 412}


def key_of(calls: Stubber, fails: bool = False) -> str:
    """Expect that the fact is taken, and return its key."""

    key = f"alerts/{hashlib.sha256(b'fact').hexdigest()}.json"
    wanted = {
        "Bucket": "data",
        "Key": key,
        "Body": json.dumps({"fact": "fact", "request_id": "r1"}).encode(),
        "IfNoneMatch": "*",
    }
    if fails:
        calls.add_client_error("put_object", expected_params=wanted, **TAKEN)
    else:
        calls.add_response("put_object", {}, wanted)
    return key


def kept(calls: Stubber, key: str, request_id: str) -> None:
    body = json.dumps({"fact": "fact", "request_id": request_id}).encode()
    answer = {"Body": StreamingBody(io.BytesIO(body), len(body))}
    calls.add_response("get_object", answer, {"Bucket": "data", "Key": key})


def test_tell__new_fact__is_published(stub: MakeStub) -> None:
    (s3, notes), (sns, calls) = stub("s3"), stub("sns")
    key = key_of(notes)
    message = {"TopicArn": TOPIC, "Subject": "subject", "Message": "body"}
    calls.add_response("publish", {"MessageId": "m1"}, message)
    told = tell(ALERT, Memory(s3, "data", "r1"), sns, TOPIC)
    assert told == {"message_id": "m1", "told_in": key}


def test_tell__fact_that_was_told__publishes_nothing(stub: MakeStub) -> None:
    (s3, notes), (sns, _) = stub("s3"), stub("sns")
    key = key_of(notes, fails=True)
    kept(notes, key, "another invocation")
    told = tell(ALERT, Memory(s3, "data", "r1"), sns, TOPIC)
    assert told == {"message_id": None, "told_in": key}


def test_tell__lambdas_own_retry__is_published(stub: MakeStub) -> None:
    (s3, notes), (sns, calls) = stub("s3"), stub("sns")
    kept(notes, key_of(notes, fails=True), "r1")
    calls.add_response("publish", {"MessageId": "m1"})
    assert tell(ALERT, Memory(s3, "data", "r1"), sns, TOPIC)["message_id"] == "m1"


def test_tell__store_that_fails__is_an_error_and_publishes_nothing(stub: MakeStub) -> None:
    (s3, notes), (sns, _) = stub("s3"), stub("sns")
    notes.add_client_error("put_object", "AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        tell(ALERT, Memory(s3, "data", "r1"), sns, TOPIC)


def test_unwrapped__event_of_a_rule__is_as_it_is() -> None:
    found = event(STEP_CHANGE, FAILURE)
    assert unwrapped(found, "r1") == (found, "r1")


def test_tell__handed_back_from_the_queue_of_failures__is_published(stub: MakeStub) -> None:
    """The note stands there, written by the invocation that then failed to publish."""
    record = {
        "requestContext": {"requestId": "r1", "condition": "RetriesExhausted"},
        "requestPayload": event(STEP_CHANGE, FAILURE),
    }
    first, request_id = unwrapped(record, "r2")
    assert first == event(STEP_CHANGE, FAILURE)
    (s3, notes), (sns, calls) = stub("s3"), stub("sns")
    kept(notes, key_of(notes, fails=True), "r1")
    calls.add_response("publish", {"MessageId": "m1"})
    assert tell(ALERT, Memory(s3, "data", request_id), sns, TOPIC)["message_id"] == "m1"
