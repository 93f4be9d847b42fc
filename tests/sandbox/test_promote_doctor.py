"""`promote doctor` where IAM is enforced: an alert that arrives or not, and roles that may not."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from promotion.aws.delivery import DeliveryProbe, Route
from promotion.aws.session import Accounts
from promotion.cli.main import main
from promotion.cli.ui import Ui
from promotion.config import load_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox

ROOT = Path(__file__).resolve().parents[1]
PROD = "444444444444"
TOPIC = f"arn:aws:sns:eu-west-1:{PROD}:acme-ml-alerts"
DATA = "acme-ml-prod-data"
PLAN, DEPLOY = "jenkins-plan-role", "cross-account-jenkins-role"
EVENTS = {"Service": "events.amazonaws.com"}


def left(sandbox: Sandbox) -> tuple[Any, ...]:
    """Return the queues, rules and subscriptions of prod."""
    return (
        sandbox.client("sqs", "prod-admin").list_queues().get("QueueUrls", []),
        sandbox.client("events", "prod-admin").list_rules()["Rules"],
        [
            each["Protocol"]
            for each in sandbox.client("sns", "prod-admin").list_subscriptions()["Subscriptions"]
        ],
    )


@pytest.fixture
def act(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what gives the process the credentials of a principal."""

    def become(principal: str) -> None:
        for name, value in sandbox.environment(principal).items():
            monkeypatch.setenv(name, value)

    return become


@pytest.fixture
def topic(sandbox: Sandbox, document: Callable[..., str], may: Callable[..., Any]) -> str:
    """The topic of alerts, whose key and policy let EventBridge in, with one subscriber."""
    account = {"AWS": f"arn:aws:iam::{PROD}:root"}
    key = sandbox.client("kms", "prod-admin").create_key(
        Policy=document(
            may("kms:*", Principal=account),
            may(["kms:Decrypt", "kms:GenerateDataKey"], Principal=EVENTS),
        )
    )["KeyMetadata"]["Arn"]
    sns = sandbox.client("sns", "prod-admin")
    sns.create_topic(Name="acme-ml-alerts", Attributes={"KmsMasterKeyId": key})
    sns.subscribe(TopicArn=TOPIC, Protocol="email", Endpoint="a@example.com")
    sns.set_topic_attributes(
        TopicArn=TOPIC,
        AttributeName="Policy",
        AttributeValue=document(may("sns:Publish", TOPIC, Principal=EVENTS)),
    )
    return TOPIC


def arrives(name: str, timeout_seconds: float) -> bool:
    session = Accounts().open(load_environment(ROOT, "prod"))
    route = Route(name, TOPIC, "only a test")
    return DeliveryProbe(session).arrives(route, timeout_seconds)


def test_delivery__topic_in_order__arrives_and_leaves_nothing(
    sandbox: Sandbox, act: Callable[[str], None], topic: str
) -> None:
    act("prod-admin")
    before = left(sandbox)
    assert arrives("acme-ml-prod-doctor-1", 30) is True
    assert left(sandbox) == before == ([], [], ["email"])
    assert {(mail.to, mail.body) for mail in sandbox.inbox.mails} == {
        ("a@example.com", '"only a test"')
    }


def test_delivery__topic_does_not_let_events_publish__does_not_arrive_and_leaves_nothing(
    sandbox: Sandbox,
    act: Callable[[str], None],
    topic: str,
    document: Callable[..., str],
    may: Callable[..., Any],
) -> None:
    account = {"AWS": f"arn:aws:iam::{PROD}:root"}
    sandbox.client("sns", "prod-admin").set_topic_attributes(
        TopicArn=TOPIC,
        AttributeName="Policy",
        AttributeValue=document(may("sns:Publish", TOPIC, Principal=account)),
    )
    act("prod-admin")
    before = left(sandbox)
    assert arrives("acme-ml-prod-doctor-2", 1) is False
    assert (left(sandbox), sandbox.inbox.mails) == (before, ())


class Stopped(DeliveryProbe):
    """A probe that is interrupted once everything is made."""

    def _send(self, route: Route) -> None:
        raise KeyboardInterrupt


def test_delivery__interrupted__leaves_nothing(
    sandbox: Sandbox, act: Callable[[str], None], topic: str
) -> None:
    act("prod-admin")
    before = left(sandbox)
    session = Accounts().open(load_environment(ROOT, "prod"))
    with pytest.raises(KeyboardInterrupt):
        Stopped(session).arrives(Route("acme-ml-prod-doctor-3", TOPIC, "x"), 30)
    assert left(sandbox) == before


@pytest.fixture
def doctor(tmp_path: Path, act: Callable[[str], None]) -> Callable[..., Any]:
    """Return what runs one check in prod as Jenkins: exit code, and what the check says."""
    shutil.copytree(ROOT / "environments", tmp_path / "project" / "environments")

    def run(check: str, *words: str) -> Any:
        act("jenkins")
        out = io.StringIO()
        root = str(tmp_path / "project")
        code = main(
            ["--root", root, "doctor", "prod", "--check", check, "--json", *words],
            ui=Ui(stdout=out, stderr=io.StringIO()),
        )
        [told] = json.loads(out.getvalue())["checks"]
        return code, told["outcome"], told["message"], told["findings"]

    return run


@pytest.fixture
def jenkins(sandbox: Sandbox, create_role: Callable[..., str], may: Callable[..., Any]) -> None:
    """Jenkins' own role, and the roles of prod that trust it, with what the doctor needs."""
    target = [f"arn:aws:iam::{PROD}:role/{name}" for name in (PLAN, DEPLOY)]
    create_role(
        "tooling-admin", "jenkins-role", {"Service": "ec2.amazonaws.com"},
        may("sts:AssumeRole", target),
    )  # fmt: skip
    bucket = f"arn:aws:s3:::{DATA}"
    allowed = {
        PLAN: [
            may("iam:GetRole", target),
            may(["s3:GetBucketVersioning", "s3:GetBucketPublicAccessBlock"], bucket),
        ],
        DEPLOY: [
            may(["s3:GetObject", "s3:PutObject"], f"{bucket}/code/*"),
            may(["s3:DeleteObject", "s3:DeleteObjectVersion"], f"{bucket}/code/.doctor/*"),
        ],
    }
    for name, statements in allowed.items():
        create_role(
            "prod-admin", name, {"AWS": "arn:aws:iam::111111111111:root"}, *statements,
            ArnEquals={"aws:PrincipalArn": "arn:aws:iam::111111111111:role/jenkins-role"},
            StringEquals={"sts:ExternalId": "acme-ml-jenkins"},
        )  # fmt: skip
    s3 = sandbox.client("s3", "prod-admin")
    s3.create_bucket(Bucket=DATA, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket=DATA, VersioningConfiguration={"Status": "Enabled"})
    names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    s3.put_public_access_block(
        Bucket=DATA, PublicAccessBlockConfiguration=dict.fromkeys(names, True)
    )


def test_role_trust__as_jenkins__is_tried_with_and_without_the_external_id(
    jenkins: None, doctor: Callable[..., Any]
) -> None:
    told = "as read, and as tried with and without the external id"
    assert doctor("role-trust") == (0, "ok", told, [])


def test_role_trust__external_id_not_asked_for__fails_as_read_and_as_tried(
    sandbox: Sandbox,
    jenkins: None,
    doctor: Callable[..., Any],
    document: Callable[..., str],
) -> None:
    sandbox.client("iam", "prod-admin").update_assume_role_policy(
        RoleName=DEPLOY,
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": "arn:aws:iam::111111111111:role/jenkins-role"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        ),
    )
    code, outcome, _, findings = doctor("role-trust")
    assert (code, outcome) == (1, "failed")
    assert [each["what"] for each in findings] == [
        "its trust policy lets Jenkins in without an external id",
        "Jenkins became it without an external id",
    ]
    assert {each["where"] for each in findings} == {f"arn:aws:iam::{PROD}:role/{DEPLOY}"}


def test_bucket__as_jenkins__is_probed_and_nothing_stays(
    sandbox: Sandbox, jenkins: None, doctor: Callable[..., Any]
) -> None:
    told = f"s3://{DATA}: a probe was written, read and removed"
    assert doctor("bucket") == (0, "ok", told, [])
    found = sandbox.client("s3", "prod-admin").list_object_versions(Bucket=DATA)
    assert (found.get("Versions", []), found.get("DeleteMarkers", [])) == ([], [])


def test_bucket__deploy_role_may_not_write__fails_with_what_aws_says(
    sandbox: Sandbox, jenkins: None, doctor: Callable[..., Any]
) -> None:
    sandbox.client("iam", "prod-admin").delete_role_policy(RoleName=DEPLOY, PolicyName="work")
    code, outcome, _, [finding] = doctor("bucket")
    arn = finding["where"].replace("s3://", "arn:aws:s3:::")
    assert (code, outcome) == (1, "failed")
    assert finding["what"] == (
        f"s3.PutObject in account {PROD} for {finding['where']} was denied: User: "
        f"arn:aws:sts::{PROD}:assumed-role/{DEPLOY}/promote is not authorized to perform: "
        f's3:PutObject on resource: "{arn}" because no identity-based policy allows the '
        "s3:PutObject action"
    )
    assert finding["mend"] == (
        "check the caller's policies and the resource's own policy (bucket, key, group, role)"
    )


def test_quotas__of_the_sandbox__are_enough(sandbox: Sandbox, doctor: Callable[..., Any],
                                            jenkins: None, may: Callable[..., Any],
                                            document: Callable[..., str]) -> None:  # fmt: skip
    actions = ["servicequotas:ListAWSDefaultServiceQuotas", "servicequotas:ListServiceQuotas"]
    assert doctor("quotas")[1] == "failed"
    sandbox.client("iam", "prod-admin").put_role_policy(
        RoleName=PLAN, PolicyName="quotas", PolicyDocument=document(may(actions))
    )
    told = "4 ml.m5.large for training job usage, 4 ml.m5.large for transform job usage"
    assert doctor("quotas") == (0, "ok", told, [])
