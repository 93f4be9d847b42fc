"""Events from account to account: decisions on model versions, and what must not get through."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox

REGISTRY, DEV, PROD = "222222222222", "333333333333", "444444444444"
EVENTS = {"Service": "events.amazonaws.com"}
BUS = f"arn:aws:events:eu-west-1:{PROD}:event-bus/default"
RULE = f"arn:aws:events:eu-west-1:{REGISTRY}:rule/approval"
FORWARD = f"arn:aws:iam::{REGISTRY}:role/forward"
PIPELINE = f"arn:aws:sagemaker:eu-west-1:{PROD}:pipeline/inference"
GROUP = f"arn:aws:sagemaker:eu-west-1:{REGISTRY}:model-package-group/mammography"
DETAIL_TYPE = "SageMaker Model Package State Change"
DRIFT = {
    "Source": "promotion.data-quality",
    "DetailType": "Data Drift Detected",
    "Detail": json.dumps({"use_case": "mammography"}),
    "EventBusName": BUS,
}
# As modules/approval-events and modules/pipeline-triggers write it.
FORWARDED_ONLY = {
    "StringEquals": {"events:eventBusInvocation": "true"},
    "ForAllValues:StringEquals": {
        "events:source": ["aws.sagemaker"],
        "events:detail-type": [DETAIL_TYPE],
    },
    "Null": {"events:source": "false", "events:detail-type": "false"},
}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def bus_policy() -> str:
    return document(
        {
            "Sid": "DecisionsFromRegistry",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{REGISTRY}:root"},
            "Action": "events:PutEvents",
            "Resource": BUS,
            "Condition": {"ArnEquals": {"aws:PrincipalArn": FORWARD}, **FORWARDED_ONLY},
        }
    )


def decision_pattern(*statuses: str, account: str = REGISTRY) -> str:
    detail = {
        "ModelPackageGroupName": ["mammography"],
        "ModelApprovalStatus": list(statuses),
        "UpdatedModelPackageFields": ["ModelApprovalStatus"],
    }
    source = {"source": ["aws.sagemaker"], "detail-type": [DETAIL_TYPE]}
    return json.dumps({**source, "account": [account], "detail": detail})


@dataclass
class Forwarding:
    """The registry account's rule and prod's, joined as Terraform joins them."""

    sandbox: Sandbox
    dead_letters: str
    received: str

    def version(self) -> str:
        """Register a version and return its ARN."""
        sagemaker = self.sandbox.client("sagemaker", "registry-admin")
        created = sagemaker.create_model_package(
            ModelPackageGroupName="mammography", ModelApprovalStatus="PendingManualApproval"
        )
        self.sandbox.settle()
        return str(created["ModelPackageArn"])

    def update(self, version: str, **changes: Any) -> None:
        sagemaker = self.sandbox.client("sagemaker", "registry-admin")
        sagemaker.update_model_package(ModelPackageArn=version, **changes)
        self.sandbox.settle()

    def messages(self, account: str) -> list[dict[str, Any]]:
        """Take the messages of an account's queue: prod's events, the registry's dead letters."""
        url = self.received if account == "prod" else self.dead_letters
        sqs = self.sandbox.client("sqs", f"{account}-admin")
        asked = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
        return list(sqs.receive_message(QueueUrl=url, **asked).get("Messages", []))

    def errors(self) -> list[str]:
        """Return the codes of what could not be delivered."""
        dead = self.messages("registry")
        return [message["MessageAttributes"]["ERROR_CODE"]["StringValue"] for message in dead]


def create_queue(sandbox: Sandbox, account: str, name: str, policy: str) -> tuple[str, str]:
    sqs = sandbox.client("sqs", f"{account}-admin")
    url = str(sqs.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"])
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    return url, str(attributes["QueueArn"])


def create_role(sandbox: Sandbox, arn: str, trust: dict[str, Any], allow: dict[str, Any]) -> None:
    """Create the role of an ARN with one trust statement and one permission."""
    account = {REGISTRY: "registry", PROD: "prod"}[arn.split(":")[4]]
    name = arn.rsplit("/", 1)[-1]
    iam = sandbox.client("iam", f"{account}-admin")
    trusted = document({"Effect": "Allow", "Action": "sts:AssumeRole", **trust})
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted)
    policy = document({"Effect": "Allow", **allow})
    iam.put_role_policy(RoleName=name, PolicyName="only", PolicyDocument=policy)


def put_rule(sandbox: Sandbox, account: str, name: str, pattern: str, *targets: Any) -> None:
    events = sandbox.client("events", f"{account}-admin")
    events.put_rule(Name=name, EventPattern=pattern)
    listed = [{"Id": f"t{number}", **target} for number, target in enumerate(targets)]
    assert events.put_targets(Rule=name, Targets=listed)["FailedEntryCount"] == 0


@pytest.fixture
def forwarding(sandbox: Sandbox, allow_events: Callable[..., str]) -> Forwarding:
    sandbox.client("sagemaker", "registry-admin").create_model_package_group(
        ModelPackageGroupName="mammography"
    )
    create_role(
        sandbox,
        FORWARD,
        {"Principal": EVENTS, "Condition": {"ArnEquals": {"aws:SourceArn": RULE}}},
        {"Action": "events:PutEvents", "Resource": BUS, "Condition": FORWARDED_ONLY},
    )
    dead, dead_arn = create_queue(sandbox, "registry", "dead", allow_events("sqs:SendMessage"))
    put_rule(
        sandbox,
        "registry",
        "approval",
        decision_pattern("Approved", "Rejected"),
        {"Arn": BUS, "RoleArn": FORWARD, "DeadLetterConfig": {"Arn": dead_arn}},
    )
    sandbox.client("events", "prod-admin").put_permission(Policy=bus_policy())
    received, arn = create_queue(sandbox, "prod", "told", allow_events("sqs:SendMessage"))
    put_rule(sandbox, "prod", "told", decision_pattern("Approved", "Rejected"), {"Arn": arn})
    return Forwarding(sandbox, dead, received)


def start_on_approval(sandbox: Sandbox) -> None:
    """Have prod start its pipeline when the registry account approves a version."""
    role = f"arn:aws:iam::{PROD}:role/approved"
    rule = f"arn:aws:events:eu-west-1:{PROD}:rule/approved"
    trust = {"Principal": EVENTS, "Condition": {"ArnEquals": {"aws:SourceArn": rule}}}
    allow = {"Action": "sagemaker:StartPipelineExecution", "Resource": PIPELINE}
    create_role(sandbox, role, trust, allow)
    target = {"Arn": PIPELINE, "RoleArn": role}
    put_rule(sandbox, "prod", "approved", decision_pattern("Approved"), target)


@pytest.mark.parametrize("status", ["Approved", "Rejected"])
def test_decision__in_the_registry__reaches_the_workload_as_it_was(
    forwarding: Forwarding, status: str
) -> None:
    version = forwarding.version()
    assert forwarding.messages("prod") == []
    forwarding.update(version, ModelApprovalStatus=status, ApprovalDescription="seen")
    (message,) = forwarding.messages("prod")
    event = json.loads(message["Body"])
    assert (event["account"], event["source"], event["resources"]) == (
        REGISTRY, "aws.sagemaker", [version]
    )  # fmt: skip
    assert event["detail"]["ModelApprovalStatus"] == status
    assert event["detail"]["UpdatedModelPackageFields"] == [
        "ApprovalDescription",
        "ModelApprovalStatus",
    ]
    assert forwarding.errors() == []


def test_approval__use_case_that_starts_on_it__starts_the_pipeline_once(
    forwarding: Forwarding, sandbox: Sandbox, engine: Any
) -> None:
    start_on_approval(sandbox)
    version = forwarding.version()
    forwarding.update(version, ModelApprovalStatus="Rejected")
    assert engine.calls == []
    forwarding.update(version, ModelApprovalStatus="Approved")
    ((operation, request, principal),) = engine.calls
    assert (operation, request["PipelineName"], request["PipelineParameters"]) == (
        "StartPipelineExecution", PIPELINE, []
    )  # fmt: skip
    assert principal.arn == f"arn:aws:sts::{PROD}:assumed-role/approved/events"
    forwarding.update(version, ApprovalDescription="a better reason")
    forwarding.update(version, ModelApprovalStatus="Approved")
    assert len(engine.calls) == 1


def test_decision__workload_without_bus_policy__is_kept_as_dead_letter(
    forwarding: Forwarding, sandbox: Sandbox
) -> None:
    sandbox.client("events", "prod-admin").remove_permission(RemoveAllPermissions=True)
    forwarding.update(forwarding.version(), ModelApprovalStatus="Approved")
    assert forwarding.messages("prod") == []
    assert forwarding.errors() == ["AccessDeniedException"]


def test_decision__forwarded_by_another_rule__role_is_refused(
    forwarding: Forwarding, sandbox: Sandbox
) -> None:
    target = {"Arn": BUS, "RoleArn": FORWARD}
    put_rule(sandbox, "registry", "copy", decision_pattern("Approved"), target)
    forwarding.update(forwarding.version(), ModelApprovalStatus="Approved")
    statuses = {
        record["source"]: (record["status"], record["error"].split(":")[0])
        for record in sandbox.deliveries.listing()
        if record["target"] == BUS
    }
    copy = f"arn:aws:events:eu-west-1:{REGISTRY}:rule/copy"
    assert statuses == {RULE: ("delivered", ""), copy: ("failed", "AccessDenied")}
    assert len(forwarding.messages("prod")) == 1


def test_other_event__forwarded_by_the_role__does_not_get_through(
    forwarding: Forwarding, sandbox: Sandbox
) -> None:
    events = sandbox.client("events", "registry-admin")
    events.put_rule(
        Name="approval", EventPattern=json.dumps({"source": ["promotion.data-quality"]})
    )
    drift = {key: value for key, value in DRIFT.items() if key != "EventBusName"}
    assert events.put_events(Entries=[drift])["FailedEntryCount"] == 0
    sandbox.settle()
    assert forwarding.errors() == ["AccessDeniedException"]


@pytest.mark.parametrize("account", ["dev", "registry", "tooling"])
def test_drift_event__made_up_by_another_account__is_refused_and_starts_nothing(
    forwarding: Forwarding, sandbox: Sandbox, engine: Any, account: str
) -> None:
    put_rule(
        sandbox, "prod", "drift", json.dumps({"source": ["promotion.data-quality"]}),
        {"Arn": PIPELINE, "RoleArn": f"arn:aws:iam::{PROD}:role/none"},
    )  # fmt: skip
    answer = sandbox.client("events", f"{account}-admin").put_events(Entries=[DRIFT])
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == "AccessDeniedException"
    sandbox.settle()
    assert (sandbox.deliveries.listing(), engine.calls) == ([], [])


@pytest.mark.parametrize(("source", "code"), [
    ("aws.sagemaker", "NotAuthorizedForSourceException"),
    ("promotion.data-quality", "AccessDeniedException"),
])  # fmt: skip
def test_put_events__as_the_forwarding_role__is_refused(
    forwarding: Forwarding, sandbox: Sandbox, source: str, code: str
) -> None:
    """Whoever could assume the role could still make nothing up: it forwards by a rule only."""
    people = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": REGISTRY}}
    sandbox.client("iam", "registry-admin").update_assume_role_policy(
        RoleName="forward", PolicyDocument=document(people)
    )
    keys = sandbox.client("sts", "registry-admin").assume_role(
        RoleArn=FORWARD, RoleSessionName="me"
    )["Credentials"]
    import boto3

    client = boto3.client(
        "events",
        endpoint_url=sandbox.endpoint_url,
        region_name="eu-west-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    entry: Any = {**DRIFT, "Source": source, "DetailType": DETAIL_TYPE}
    assert client.put_events(Entries=[entry])["Entries"][0]["ErrorCode"] == code
    assert forwarding.messages("prod") == []


def test_decision__made_up_in_the_workload_itself__is_refused(
    forwarding: Forwarding, sandbox: Sandbox, engine: Any
) -> None:
    start_on_approval(sandbox)
    entry = {
        "Source": "aws.sagemaker",
        "DetailType": DETAIL_TYPE,
        "Detail": json.dumps({"ModelApprovalStatus": "Approved"}),
    }
    answer = sandbox.client("events", "prod-admin").put_events(Entries=[entry])
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
    assert engine.calls == []


def test_decision__on_a_group_of_the_workloads_own__starts_nothing(
    forwarding: Forwarding, sandbox: Sandbox, engine: Any
) -> None:
    """A group of the same name in prod: the event's account is prod, which no rule matches."""
    start_on_approval(sandbox)
    sagemaker = sandbox.client("sagemaker", "prod-admin")
    sagemaker.create_model_package_group(ModelPackageGroupName="mammography")
    created = sagemaker.create_model_package(ModelPackageGroupName="mammography")
    sagemaker.update_model_package(
        ModelPackageArn=created["ModelPackageArn"], ModelApprovalStatus="Approved"
    )
    sandbox.settle()
    assert (engine.calls, forwarding.messages("prod")) == ([], [])


def test_forwarded_event__to_a_third_account__ends_here(
    forwarding: Forwarding, sandbox: Sandbox
) -> None:
    role = f"arn:aws:iam::{PROD}:role/onward"
    dev_bus = BUS.replace(PROD, DEV)
    create_role(
        sandbox, role, {"Principal": EVENTS}, {"Action": "events:PutEvents", "Resource": dev_bus}
    )
    sandbox.client("events", "dev-admin").put_permission(
        StatementId="prod", Action="events:PutEvents", Principal=PROD
    )
    onward = {"Arn": dev_bus, "RoleArn": role}
    put_rule(sandbox, "prod", "onward", decision_pattern("Approved"), onward)
    forwarding.update(forwarding.version(), ModelApprovalStatus="Approved")
    (record,) = [one for one in sandbox.deliveries.listing() if one["target"] == dev_bus]
    assert record["error"] == (
        f"THIRD_ACCOUNT_HOP_DETECTED: the event of account {REGISTRY} was forwarded to {PROD} "
        f"and cannot be forwarded again, to {DEV}"
    )


def test_put_targets__bus_of_another_account_without_role__is_refused(sandbox: Sandbox) -> None:
    events = sandbox.client("events", "registry-admin")
    events.put_rule(Name="approval", EventPattern=decision_pattern("Approved"))
    with pytest.raises(ClientError) as refused:
        events.put_targets(Rule="approval", Targets=[{"Id": "prod", "Arn": BUS}])
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert refused.value.response["Error"]["Message"] == f"RoleArn is required for target {BUS}."
    assert events.list_targets_by_rule(Rule="approval")["Targets"] == []


def test_put_permission__policy__replaces_the_one_before(sandbox: Sandbox) -> None:
    events = sandbox.client("events", "prod-admin")
    events.put_permission(StatementId="dev", Action="events:PutEvents", Principal=DEV)
    events.put_permission(Policy=bus_policy())
    assert json.loads(events.describe_event_bus()["Policy"]) == json.loads(bus_policy())
    with pytest.raises(ClientError):
        events.put_permission(Policy="{")
    assert json.loads(events.describe_event_bus()["Policy"]) == json.loads(bus_policy())
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        events.put_permission(EventBusName="none", Policy=bus_policy())
