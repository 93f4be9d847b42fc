"""Checks of `promote doctor` against answers that moto does not give: botocore's stubs of AWS."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from promotion.aws.errors import RemoteDenied
from promotion.aws.session import Caller
from promotion.config import load_environments
from promotion.doctor.checks import examine
from promotion.doctor.examination import Examination, Probes

ROOT = Path(__file__).resolve().parents[4] / "tests"
REGION = "eu-west-1"
TOOLING, REGISTRY, DEV, PROD = "111111111111", "222222222222", "333333333333", "444444444444"
JENKINS = f"arn:aws:iam::{TOOLING}:role/jenkins-role"
PLAN = f"arn:aws:iam::{DEV}:role/jenkins-plan-role"
DEPLOY = f"arn:aws:iam::{DEV}:role/cross-account-jenkins-role"
GROUP = f"arn:aws:sagemaker:{REGION}:{REGISTRY}:model-package-group/mammography"
PACKAGE = f"arn:aws:sagemaker:{REGION}:{REGISTRY}:model-package/mammography"
NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@dataclass
class Session:
    """A session whose clients answer what the test lays down, in that order."""

    account_id: str
    caller_arn: str
    stubs: dict[str, Stubber] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return self.stub(name).client

    def stub(self, name: str) -> Stubber:
        if name not in self.stubs:
            keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
            client = boto3.client(name.replace("_", "-"), region_name=REGION, **keys)
            self.stubs[name] = Stubber(client)
            self.stubs[name].activate()
        return self.stubs[name]


@dataclass
class FakeAccounts:
    """Accounts that let in whom the test says.

    Attributes:
        shut: roles that let nobody in.
        admitted: (role, external id) that let Jenkins in.
        jenkins: whether the caller is Jenkins.
        time: what AWS says what time it is.
    """

    shut: set[str] = field(default_factory=set)
    admitted: set[tuple[str, str | None]] = field(default_factory=set)
    jenkins: bool = False
    time: datetime | None = NOW
    sessions: dict[str, Session] = field(default_factory=dict)

    def caller(self, region: str) -> Caller:
        return Caller(TOOLING, f"arn:aws:sts::{TOOLING}:assumed-role/jenkins-role/ci")

    def is_jenkins(self, environment: Any) -> bool:
        return self.jenkins

    def admits(self, environment: Any, role_arn: str, external_id: str | None) -> bool:
        return (role_arn, external_id) in self.admitted

    def server_time(self, region: str) -> datetime | None:
        return self.time

    def open(self, environment: Any, role_arn: str) -> Session:
        if role_arn in self.shut:
            raise RemoteDenied(
                f"cannot act in account {environment.account_id}",
                problems=[f"{role_arn} was denied"],
                hint="be somebody else",
            )
        return self.session(role_arn)

    def session(self, role_arn: str) -> Session:
        account_id = role_arn.split(":")[4]
        return self.sessions.setdefault(role_arn, Session(account_id, role_arn))


@pytest.fixture
def accounts() -> FakeAccounts:
    return FakeAccounts()


@pytest.fixture
def environments():
    return load_environments(ROOT)


@pytest.fixture
def say(accounts, environments):
    """Return what runs one check: outcome, message, and what, where, mend of the findings."""

    def run(check, environment="dev", probes=Probes(), now=NOW):
        examination = Examination(
            environments[environment], environments, accounts, probes=probes, now=lambda: now
        )
        [told] = examine(examination, [check])
        findings = [(each.what, each.where, told.mend_of(each)) for each in told.result.findings]
        return str(told.result.outcome), told.result.message, findings

    return run


def registry_plan(accounts) -> Session:
    return accounts.session(f"arn:aws:iam::{REGISTRY}:role/jenkins-plan-role")


# account


def test_account__roles_let_nobody_in__fails_for_each(say, accounts):
    accounts.shut = {PLAN, DEPLOY}
    assert say("account") == (
        "failed",
        "2 findings",
        [
            (f"cannot act in account {DEV}; {role} was denied", role, "be somebody else")
            for role in (PLAN, DEPLOY)
        ],
    )


# clock-skew


@pytest.mark.parametrize(
    ("skew", "told"),
    [
        (timedelta(seconds=300), "300 s off"),
        (timedelta(seconds=-300), "300 s off"),
        (timedelta(), "0 s off"),
    ],
)
def test_clock_skew__within_the_limit__is_well(say, skew, told):
    assert say("clock-skew", now=NOW + skew) == ("ok", told, [])


@pytest.mark.parametrize(("seconds", "way"), [(301, "301 s ahead of"), (-301, "301 s behind")])
def test_clock_skew__beyond_the_limit__fails(say, seconds, way):
    finding = (
        f"the clock is {way} AWS's: AWS refuses requests that are signed more than 300 s off",
        "this machine",
        "let the machine keep its time by NTP (chronyd, systemd-timesyncd), then run it again",
    )
    outcome = say("clock-skew", now=NOW + timedelta(seconds=seconds))
    assert outcome == ("failed", "1 finding", [finding])


def test_clock_skew__answer_without_a_date__is_skipped(say, accounts):
    accounts.time = None
    told = "the answer of STS does not say what time it is (header Date)"
    assert say("clock-skew") == ("skipped", told, [])


# role-trust


def trust_answers(accounts):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{TOOLING}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnEquals": {"aws:PrincipalArn": JENKINS},
            "StringEquals": {"sts:ExternalId": "acme-ml-jenkins"},
        },
    }
    for arn in (PLAN, DEPLOY):
        name = arn.split("/")[1]
        role = {
            "Path": "/", "RoleName": name, "RoleId": "AROAEXAMPLEEXAMPLE", "Arn": arn,
            "CreateDate": NOW,
            "AssumeRolePolicyDocument": json.dumps({"Statement": [statement]}),
        }  # fmt: skip
        accounts.session(PLAN).stub("iam").add_response("get_role", {"Role": role})


def test_role_trust__jenkins_with_the_external_id_only__is_well(say, accounts):
    trust_answers(accounts)
    accounts.jenkins = True
    accounts.admitted = {(PLAN, "acme-ml-jenkins"), (DEPLOY, "acme-ml-jenkins")}
    told = "as read, and as tried with and without the external id"
    assert say("role-trust") == ("ok", told, [])


def test_role_trust__refuses_jenkins_or_lets_him_in_without_the_external_id__fails(say, accounts):
    trust_answers(accounts)
    accounts.jenkins = True
    accounts.admitted = {(DEPLOY, "acme-ml-jenkins"), (DEPLOY, None)}
    assert say("role-trust") == (
        "failed",
        "2 findings",
        [
            (
                f"{JENKINS} cannot become it: its trust policy or Jenkins' own policy does not "
                "allow it",
                PLAN,
                "administrators run `promote bootstrap tooling` and `promote bootstrap dev`",
            ),
            (
                "Jenkins became it without an external id",
                DEPLOY,
                "an administrator of the account runs `promote bootstrap dev`, which writes the "
                "trust anew",
            ),
        ],
    )


# group-policy


def group_policy(*, roots=(DEV, PROD), approver="model-approver-role", actions=None, pending=True):
    """Return the policy that the registry's Terraform writes, or one that is wrong."""
    both = {"AWS": [f"arn:aws:iam::{account}:root" for account in roots]}
    everybody = {"AWS": [f"arn:aws:iam::{account}:root" for account in (REGISTRY, *roots)]}
    trainers = [f"arn:aws:iam::{a}:role/sagemaker-execution-role-mammography" for a in roots]
    resolvers = [f"arn:aws:iam::{a}:role/lambda-sagemaker-role-resolve-model" for a in roots]
    trained = {"ArnEquals": {"aws:PrincipalArn": trainers}}
    wanted = {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}}
    other = {"StringNotEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}}
    arns = [GROUP, f"{PACKAGE}/*"]
    statements = [
        {"Effect": "Allow", "Principal": both, "Resource": arns,
         "Action": ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"],
         "Condition": {"ArnEquals": {"aws:PrincipalArn": resolvers}}},
        {"Effect": "Allow", "Principal": both, "Resource": f"{PACKAGE}/*",
         "Action": "sagemaker:CreateModel", "Condition": trained},
        {"Effect": "Allow", "Principal": both, "Resource": arns,
         "Action": actions or "sagemaker:CreateModelPackage", "Condition": {**trained, **wanted}},
        {"Effect": "Deny", "Principal": everybody, "Resource": f"{PACKAGE}/*",
         "Action": "sagemaker:UpdateModelPackage",
         "Condition": {"ArnNotEquals": {
             "aws:PrincipalArn": f"arn:aws:iam::{REGISTRY}:role/{approver}"}}},
    ]  # fmt: skip
    if pending:
        statements.append(
            {"Effect": "Deny", "Principal": everybody, "Resource": arns,
             "Action": "sagemaker:CreateModelPackage", "Condition": other}
        )  # fmt: skip
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def answer_group_policy(accounts, policy):
    registry_plan(accounts).stub("sagemaker").add_response(
        "get_model_package_group_policy",
        {"ResourcePolicy": policy},
        {"ModelPackageGroupName": "mammography"},
    )


GROUP_MEND = "plan and apply the Terraform of the registry, which writes the groups' policies"


@pytest.mark.parametrize("environment", ["dev", "prod", "registry"])
def test_group_policy__as_terraform_writes_it__is_well(say, accounts, environment):
    answer_group_policy(accounts, group_policy())
    assert say("group-policy", environment) == ("ok", "1 group", [])


def test_group_policy__account_is_not_let_in__fails(say, accounts):
    answer_group_policy(accounts, group_policy(roots=(PROD,)))
    trainer = f"arn:aws:iam::{DEV}:role/sagemaker-execution-role-mammography"
    resolver = f"arn:aws:iam::{DEV}:role/lambda-sagemaker-role-resolve-model"
    not_do = "not do sagemaker:"
    assert say("group-policy") == (
        "failed",
        "7 findings",
        [
            (f"the policy lets {trainer} {not_do}CreateModelPackage", GROUP, GROUP_MEND),
            (f"the policy lets {trainer} {not_do}CreateModelPackage", f"{PACKAGE}/1", GROUP_MEND),
            (f"the policy lets {trainer} {not_do}CreateModel", f"{PACKAGE}/1", GROUP_MEND),
            (f"the policy lets {resolver} {not_do}ListModelPackages", GROUP, GROUP_MEND),
            (
                f"the policy lets {resolver} {not_do}DescribeModelPackage",
                f"{PACKAGE}/1",
                GROUP_MEND,
            ),
            (f"{trainer} may register versions that are approved already", GROUP, GROUP_MEND),
            (
                f"other principals of account {DEV} than the approver role may decide",
                GROUP,
                GROUP_MEND,
            ),
        ],
    )


def test_group_policy__decided_versions_may_be_registered__fails(say, accounts):
    answer_group_policy(accounts, group_policy(pending=False))
    trainer = f"arn:aws:iam::{DEV}:role/sagemaker-execution-role-mammography"
    finding = (f"{trainer} may register versions that are approved already", GROUP, GROUP_MEND)
    assert say("group-policy") == ("failed", "1 finding", [finding])


def test_group_policy__somebody_else_decides__fails(say, accounts):
    answer_group_policy(accounts, group_policy(approver="somebody"))
    approver = f"arn:aws:iam::{REGISTRY}:role/model-approver-role"
    finding = (f"the policy denies {approver} to decide", GROUP, GROUP_MEND)
    assert say("group-policy") == ("failed", "1 finding", [finding])


def test_group_policy__none__fails(say, accounts):
    registry_plan(accounts).stub("sagemaker").add_client_error(
        "get_model_package_group_policy", "ValidationException", "Cannot find resource policy for x"
    )
    outcome, _, [(what, where, mend)] = say("group-policy")
    assert (outcome, where, mend) == ("failed", GROUP, GROUP_MEND)
    assert what == (
        f"sagemaker.GetModelPackageGroupPolicy in account {REGISTRY} for mammography: not found: "
        "Cannot find resource policy for x"
    )


def test_group_policy__registry_lets_the_caller_not_in__is_skipped(say, accounts):
    role = f"arn:aws:iam::{REGISTRY}:role/jenkins-plan-role"
    accounts.shut = {role}
    told = f"no session as {role}: see the check account of registry"
    assert say("group-policy") == ("skipped", told, [])


# quotas


def quota(name, value, code="L-611FA074"):
    return {"QuotaName": name, "Value": value, "QuotaCode": code, "ServiceCode": "sagemaker"}


def answer_quotas(accounts, defaults, applied):
    stub = accounts.session(PLAN).stub("service_quotas")
    asked = {"ServiceCode": "sagemaker"}
    stub.add_response(
        "list_aws_default_service_quotas", {"Quotas": defaults[:1], "NextToken": "x"}, asked
    )
    stub.add_response(
        "list_aws_default_service_quotas", {"Quotas": defaults[1:]}, {**asked, "NextToken": "x"}
    )
    stub.add_response("list_service_quotas", {"Quotas": applied}, asked)


TRAINING, TRANSFORM = "ml.m5.large for training job usage", "ml.m5.large for transform job usage"


def test_quotas__applied_goes_before_default__is_well(say, accounts):
    answer_quotas(accounts, [quota(TRAINING, 0), quota(TRANSFORM, 2)], [quota(TRAINING, 15)])
    assert say("quotas") == ("ok", f"15 {TRAINING}, 2 {TRANSFORM}", [])


def test_quotas__none_allowed__fails_with_the_command_that_asks_for_more(say, accounts):
    answer_quotas(accounts, [quota(TRAINING, 4), quota(TRANSFORM, 0, "L-236AE59F")], [])
    finding = (
        f"the account may run 0 {TRANSFORM}, and 1 is needed",
        f"arn:aws:servicequotas:{REGION}:{DEV}:sagemaker/L-236AE59F",
        "ask for more: `aws service-quotas request-service-quota-increase --service-code sagemaker "
        "--quota-code L-236AE59F --desired-value 1`",
    )
    assert say("quotas") == ("failed", "1 finding", [finding])


def test_quotas__unknown_type__is_a_warning_with_the_reason(say, accounts):
    answer_quotas(accounts, [quota(TRAINING, 4), quota("other", 0)], [])
    what = f"whether it may run {TRANSFORM} is unknown: Service Quotas has no such quota"
    finding = (
        what,
        "environments/dev.tfvars.json",
        "check the spelling of the type, and that SageMaker has it in this region",
    )
    assert say("quotas") == ("warning", what, [finding])


def test_quotas__denied__fails_with_what_aws_says(say, accounts):
    stub = accounts.session(PLAN).stub("service_quotas")
    stub.add_client_error("list_aws_default_service_quotas", "AccessDeniedException", "no")
    assert say("quotas") == (
        "failed",
        "1 finding",
        [
            (
                f"servicequotas.ListAWSDefaultServiceQuotas in account {DEV} for sagemaker was "
                "denied: no",
                "sagemaker",
                "check the caller's policies and the resource's own policy (bucket, key, group, "
                "role)",
            )
        ],
    )


# alerts


def test_alerts__unconfirmed_subscriber__fails(say, accounts):
    plan = accounts.session(PLAN)
    topic = f"arn:aws:sns:{REGION}:{DEV}:acme-ml-alerts"
    key = f"arn:aws:kms:{REGION}:{DEV}:key/k"
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "*"}
    policy = json.dumps({"Statement": [{**allow, "Resource": "*"}]})
    plan.stub("sns").add_response(
        "get_topic_attributes", {"Attributes": {"Policy": policy, "KmsMasterKeyId": key}}
    )
    mail = {"Protocol": "email", "Owner": DEV, "TopicArn": topic}
    plan.stub("sns").add_response(
        "list_subscriptions_by_topic",
        {
            "Subscriptions": [
                {**mail, "Endpoint": "a@x", "SubscriptionArn": f"{topic}:1"},
                {**mail, "Endpoint": "b@x", "SubscriptionArn": "PendingConfirmation"},
                {**mail, "Endpoint": "c@x", "SubscriptionArn": "Deleted"},
            ]
        },
    )
    metadata = {"KeyId": "k", "Arn": key, "KeyState": "Enabled", "KeyManager": "CUSTOMER"}
    plan.stub("kms").add_response("describe_key", {"KeyMetadata": metadata})
    plan.stub("kms").add_response("get_key_policy", {"Policy": policy})
    for _ in range(3):
        plan.stub("events").add_response("describe_rule", {"State": "ENABLED"})
        notify = f"arn:aws:lambda:{REGION}:{DEV}:function:acme-ml-dev-notify"
        targets = {"Targets": [{"Id": "1", "Arn": notify}]}
        plan.stub("events").add_response("list_targets_by_rule", targets)
    finding = (
        "b@x gets no alerts: it is not confirmed",
        topic,
        "follow the link of the confirmation mail; after three days subscribe it anew",
    )
    assert say("alerts") == ("failed", "1 finding", [finding])


# what a role may not do


def test_data_key__denied_to_decrypt__fails_and_the_probe_is_removed(say, accounts):
    plan, deploy = accounts.session(PLAN), accounts.session(DEPLOY)
    key = f"arn:aws:kms:{REGION}:{DEV}:key/k"
    metadata = {"KeyId": "k", "Arn": key, "KeyState": "Enabled", "KeyManager": "CUSTOMER"}
    plan.stub("kms").add_response("describe_key", {"KeyMetadata": metadata})
    plan.stub("kms").add_response("get_key_rotation_status", {"KeyRotationEnabled": True})
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    plan.stub("s3").add_response(
        "get_bucket_encryption", {"ServerSideEncryptionConfiguration": rules}
    )
    s3 = deploy.stub("s3")
    s3.add_response("put_object", {"VersionId": "v1"})
    s3.add_client_error("get_object", "AccessDenied", "not authorized to perform: kms:Decrypt")
    s3.add_response("delete_object", {})
    outcome, _, [(what, where, mend)] = say("data-key")
    assert outcome == "failed"
    assert what == (
        f"s3.GetObject in account {DEV} for {where} was denied: not authorized to perform: "
        "kms:Decrypt"
    )
    assert where.startswith("s3://acme-ml-dev-data/code/.doctor/")
    assert mend == (
        "check the caller's policies and the resource's own policy (bucket, key, group, role)"
    )
    s3.assert_no_pending_responses()


def test_bucket__other_content_comes_back__fails(say, accounts):
    plan, deploy = accounts.session(PLAN), accounts.session(DEPLOY)
    plan.stub("s3").add_response("get_bucket_versioning", {"Status": "Enabled"})
    names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    blocks = {"PublicAccessBlockConfiguration": dict.fromkeys(names, True)}
    plan.stub("s3").add_response("get_public_access_block", blocks)
    s3 = deploy.stub("s3")
    s3.add_response("put_object", {"VersionId": "v1"})
    s3.add_response("get_object", {"Body": Body()})
    s3.add_response("delete_object", {})
    finding = (
        "the object that was read is not the one that was written",
        "s3://acme-ml-dev-data/code/.doctor/",
        "plan and apply the Terraform of the environment, which sets up the bucket and the roles",
    )
    assert say("bucket") == ("failed", "1 finding", [finding])
    s3.assert_no_pending_responses()


class Body:
    def read(self):
        return b"something else"
