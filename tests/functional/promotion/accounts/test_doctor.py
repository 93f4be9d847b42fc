"""`promote doctor` against accounts in moto: a healthy dev, and each way in which it can be broken.

moto asks no policy, so what is denied is told by tests with stubbed clients
(test_doctor_answers.py) and by the sandbox.
"""

import json
import os
import signal

import pytest

from promotion.aws.probes import ProbeObjects
from promotion.cli.doctor import terminable
from promotion.errors import RemoteError

REGION = "eu-west-1"
TOOLING, REGISTRY, DEV, PROD = "111111111111", "222222222222", "333333333333", "444444444444"
DATA, STATE, ARTIFACTS = "acme-ml-dev-data", "acme-ml-dev-tfstate", "acme-ml-model-artifacts"
TRAINER = "sagemaker-execution-role-mammography"
JENKINS = f"arn:aws:iam::{TOOLING}:role/jenkins-role"
PLAN = f"arn:aws:iam::{DEV}:role/jenkins-plan-role"
DEPLOY = f"arn:aws:iam::{DEV}:role/cross-account-jenkins-role"
TOPIC = f"arn:aws:sns:{REGION}:{DEV}:acme-ml-alerts"
NOTIFY = f"arn:aws:lambda:{REGION}:{DEV}:function:acme-ml-dev-notify"
TERRAFORM = "plan and apply the Terraform of the environment, which sets up "
# What moto does not do, or does otherwise than AWS: checked with stubbed clients.
NOT_IN_MOTO = {"group-policy", "quotas"}
ALL = [
    "account", "alert-delivery", "alerts", "artifact-access", "bucket", "clock-skew", "data-key",
    "group-policy", "promotion-lock", "quotas", "role-trust", "state-bucket",
]  # fmt: skip


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(principal, action, resource="*", **condition):
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement


def root(account_id):
    return {"AWS": f"arn:aws:iam::{account_id}:root"}


def trust(external_id="acme-ml-jenkins", principal=None, jenkins=JENKINS):
    condition = {"ArnEquals": {"aws:PrincipalArn": jenkins}} if jenkins else {}
    if external_id:
        condition["StringEquals"] = {"sts:ExternalId": external_id}
    entry = {"Effect": "Allow", "Principal": principal or root(TOOLING), "Action": "sts:AssumeRole"}
    return policy({**entry, "Condition": condition})


def key_policy(account_id, *others):
    return policy(allow(root(account_id), "kms:*"), *others)


def by_role(account_id):
    return {"aws:PrincipalArn": f"arn:aws:iam::{account_id}:role/{TRAINER}"}


def artifact_policy(accounts=(DEV, PROD), actions=("s3:GetObject", "s3:PutObject")):
    return policy(
        *(
            allow(root(account), list(actions), f"arn:aws:s3:::{ARTIFACTS}/*/mammography/*",
                  ArnEquals=by_role(account))
            for account in accounts
        )
    )  # fmt: skip


class Estate:
    """Dev and the registry as their Terraform makes them, as far as the doctor looks."""

    def __init__(self, aws):
        self.aws = aws
        self.data_key = self.key(DEV, "acme-ml-dev", key_policy(DEV))
        shared = allow(
            root(DEV), ["kms:Decrypt", "kms:GenerateDataKey"], "*",
            ArnEquals=by_role(DEV), StringEquals={"kms:ViaService": f"s3.{REGION}.amazonaws.com"},
        )  # fmt: skip
        self.registry_key = self.key(REGISTRY, "acme-ml-registry", key_policy(REGISTRY, shared))
        events = allow({"Service": "events.amazonaws.com"}, ["kms:Decrypt", "kms:GenerateDataKey"])
        self.topic_key = self.key(DEV, "acme-ml-dev-alerts", key_policy(DEV, events))
        self.bucket(DEV, DATA, self.data_key)
        self.bucket(DEV, STATE)
        self.bucket(REGISTRY, ARTIFACTS, self.registry_key)
        self.s3(DEV).put_object(Bucket=STATE, Key="accounts/dev/terraform.tfstate", Body=b"{}")
        self.s3(REGISTRY).put_bucket_policy(Bucket=ARTIFACTS, Policy=artifact_policy())
        for arn in (PLAN, DEPLOY):
            aws.client("iam", DEV).create_role(
                RoleName=arn.split("/")[1], AssumeRolePolicyDocument=trust()
            )
        self.alerts()

    def s3(self, account_id=DEV):
        return self.aws.client("s3", account_id)

    def key(self, account_id, alias, document):
        kms = self.aws.client("kms", account_id)
        arn = kms.create_key(Policy=document)["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=arn)
        kms.enable_key_rotation(KeyId=arn)
        return arn

    def bucket(self, account_id, name, key_arn=None):
        s3 = self.s3(account_id)
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        self.encrypt(account_id, name, key_arn)
        names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls",
                 "RestrictPublicBuckets")  # fmt: skip
        s3.put_public_access_block(
            Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(names, True)
        )

    def encrypt(self, account_id, name, key_arn):
        default = {"SSEAlgorithm": "AES256"}
        if key_arn:
            default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn}
        rules = [{"ApplyServerSideEncryptionByDefault": default}]
        self.s3(account_id).put_bucket_encryption(
            Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules}
        )

    def alerts(self):
        sns, events = self.aws.client("sns", DEV), self.aws.client("events", DEV)
        sns.create_topic(Name="acme-ml-alerts")
        self.topic(KmsMasterKeyId=self.topic_key)
        self.topic(Policy=policy(allow({"Service": "events.amazonaws.com"}, "sns:Publish", TOPIC)))
        sns.subscribe(TopicArn=TOPIC, Protocol="email", Endpoint="ml-platform@example.com")
        for name in ("pipeline-failure", "drift-alert", "approval-alert"):
            rule = f"acme-ml-dev-{name}"
            events.put_rule(Name=rule, EventPattern='{"source":["x"]}')
            events.put_targets(Rule=rule, Targets=[{"Id": "notify", "Arn": NOTIFY}])

    def topic(self, **attributes):
        for name, value in attributes.items():
            self.aws.client("sns", DEV).set_topic_attributes(
                TopicArn=TOPIC, AttributeName=name, AttributeValue=value
            )

    def trusts(self, arn, document):
        self.aws.client("iam", DEV).update_assume_role_policy(
            RoleName=arn.split("/")[1], PolicyDocument=document
        )

    def versions(self):
        """Return every version and marker of every object in the buckets."""
        found = []
        for account_id, bucket in ((DEV, DATA), (DEV, STATE), (REGISTRY, ARTIFACTS)):
            page = self.s3(account_id).list_object_versions(Bucket=bucket)
            for kind in ("Versions", "DeleteMarkers"):
                found += [(bucket, each["Key"], each["VersionId"]) for each in page.get(kind, [])]
        return found


@pytest.fixture
def estate(aws):
    return Estate(aws)


def examine(project, check, *words, environment="dev"):
    """Run one check and return its exit code, outcome, message and findings."""
    result = project.promote("doctor", environment, "--check", check, "--json", *words)
    [told] = result.json["checks"]
    findings = [(each["what"], each["where"], each["mend"]) for each in told["findings"]]
    return result.exit_code, told["outcome"], told["message"], findings


def test_doctor__healthy_account__is_well_and_left_as_it_was(estate, project):
    before = estate.versions()
    names = [word for name in ALL if name not in NOT_IN_MOTO for word in ("--check", name)]
    estate.aws.start_recording()
    result = project.promote("doctor", "dev", *names, "--json")
    skews = {f"{seconds} s off" for seconds in range(60)}
    told = {each["check"]: (each["outcome"], each["message"]) for each in result.json["checks"]}
    assert told.pop("clock-skew")[1] in skews
    assert told == {
        "account": ("ok", f"account {DEV}, as jenkins-plan-role and cross-account-jenkins-role"),
        "alert-delivery": (
            "skipped",
            "it sends a message to everybody who gets alerts: ask with --probe-alerts",
        ),
        "alerts": ("ok", f"{TOPIC}, to 1 subscriber"),
        "artifact-access": (
            "ok",
            f"s3://{ARTIFACTS}: as read, and a probe was written, read and removed",
        ),
        "bucket": ("ok", f"s3://{DATA}: a probe was written, read and removed"),
        "data-key": ("ok", f"{estate.data_key}: S3 encrypted and decrypted a probe with it"),
        "promotion-lock": ("ok", "both locks are free"),
        "role-trust": ("ok", "as read; not tried, because the caller is not Jenkins"),
        "state-bucket": ("ok", f"s3://{STATE}"),
    }
    assert (result.exit_code, result.json["failed"], result.stderr) == (
        0,
        0,
        f"dev: account {DEV}\n",
    )
    assert estate.aws.writes() == ["PutObject", "DeleteObject"] * 3
    assert estate.versions() == before


def test_doctor__no_probe__writes_nothing_and_says_so(estate, project):
    words = [word for name in ("bucket", "data-key", "artifact-access") for word in
             ("--check", name)]  # fmt: skip
    estate.aws.start_recording()
    result = project.promote("doctor", "dev", *words, "--no-probe", "--json")
    assert (result.exit_code, estate.aws.writes()) == (0, [])
    assert [each["message"] for each in result.json["checks"]] == [
        f"s3://{ARTIFACTS}, as read; not probed, because of --no-probe",
        f"s3://{DATA}, read; not probed, because of --no-probe",
        f"{estate.data_key}, read; not probed, because of --no-probe",
    ]


def versionless(estate):
    settings = {"Status": "Suspended"}
    estate.s3().put_bucket_versioning(Bucket=DATA, VersioningConfiguration=settings)


def public(estate):
    estate.s3().delete_public_access_block(Bucket=DATA)


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (versionless, "the bucket keeps no versions: what is overwritten is lost"),
        (public, "the bucket does not keep the public out"),
    ],
)
def test_bucket__broken__fails_and_leaves_no_probe(estate, project, broken, what):
    broken(estate)
    before = estate.versions()
    finding = (what, f"s3://{DATA}", f"{TERRAFORM}the bucket and the roles")
    assert examine(project, "bucket") == (1, "failed", "1 finding", [finding])
    assert estate.versions() == before


def test_bucket__missing__fails(aws, project):
    exit_code, outcome, _, [(what, where, mend)] = examine(project, "bucket")
    assert (exit_code, outcome, where) == (1, "failed", f"s3://{DATA}")
    assert what == (
        f"s3.GetBucketVersioning in account {DEV} for s3://{DATA}: not found: The specified bucket "
        "does not exist"
    )
    assert mend == f"{TERRAFORM}the bucket and the roles"


def other_key(estate):
    estate.encrypt(DEV, DATA, estate.topic_key)


def test_data_key__bucket_uses_another_key__fails_as_read_and_as_probed(estate, project):
    other_key(estate)
    mend = f"{TERRAFORM}key, bucket and roles"
    own, other = estate.data_key, estate.topic_key
    assert examine(project, "data-key") == (
        1,
        "failed",
        "2 findings",
        [
            (f"the bucket encrypts with {other}, not with {own}", f"s3://{DATA}", mend),
            (
                f"a new object was encrypted with {other}, not with {own}",
                f"s3://{DATA}/code/.doctor/",
                mend,
            ),
        ],
    )


@pytest.mark.parametrize(
    ("operation", "what", "mend"),
    [
        (
            "disable_key",
            "the key is Disabled: what it encrypted cannot be read",
            "an administrator of the account cancels its deletion and enables it, in KMS",
        ),
        (
            "schedule_key_deletion",
            "the key is PendingDeletion: what it encrypted cannot be read",
            "an administrator of the account cancels its deletion and enables it, in KMS",
        ),
        (
            "disable_key_rotation",
            "AWS does not renew the key's material",
            f"{TERRAFORM}key, bucket and roles",
        ),
    ],
)
def test_data_key__key_out_of_order__fails(estate, project, operation, what, mend):
    getattr(estate.aws.client("kms", DEV), operation)(KeyId=estate.data_key.rpartition("/")[2])
    finding = (what, estate.data_key, mend)
    result = examine(project, "data-key", "--no-probe")
    assert result == (1, "failed", "1 finding", [finding])


def test_artifact_access__registry_lets_the_account_not_in__fails(estate, project):
    estate.s3(REGISTRY).put_bucket_policy(Bucket=ARTIFACTS, Policy=artifact_policy((PROD,)))
    estate.aws.client("kms", REGISTRY).put_key_policy(
        KeyId=estate.registry_key, PolicyName="default", Policy=key_policy(REGISTRY)
    )
    role = f"arn:aws:iam::{DEV}:role/{TRAINER}"
    mend = "plan and apply the Terraform of the registry: its bucket and key let this account in"
    bucket = f"the bucket's policy lets {role} not do "
    key = f"the key's policy lets {role} not do "
    assert examine(project, "artifact-access") == (
        1,
        "failed",
        "5 findings",
        [
            (f"{bucket}s3:PutObject", f"s3://{ARTIFACTS}/dev/mammography/", mend),
            (f"{bucket}s3:GetObject", f"s3://{ARTIFACTS}/dev/mammography/", mend),
            (f"{bucket}s3:GetObject", f"s3://{ARTIFACTS}/prod/mammography/", mend),
            (f"{key}kms:Decrypt through S3", estate.registry_key, mend),
            (f"{key}kms:GenerateDataKey through S3", estate.registry_key, mend),
        ],
    )


def test_artifact_access__bucket_uses_another_key__fails(estate, project):
    estate.encrypt(REGISTRY, ARTIFACTS, None)
    assert examine(project, "artifact-access")[3] == [
        (
            f"a new object was encrypted with AES256, not with {estate.registry_key}",
            f"s3://{ARTIFACTS}/dev/.doctor/",
            "plan and apply the Terraform of the registry: its bucket and key let this account in",
        )
    ]


BOOTSTRAP = (
    "an administrator of the account runs `promote bootstrap dev`, which writes the trust anew"
)


@pytest.mark.parametrize(
    ("document", "whats"),
    [
        (trust(jenkins=f"{JENKINS}-old"), [f"its trust policy lets {JENKINS} not in"]),
        (trust(external_id="other"), [f"its trust policy lets {JENKINS} not in"]),
        (trust(external_id=None), ["its trust policy lets Jenkins in without an external id"]),
        (trust(external_id="*"), [f"its trust policy lets {JENKINS} not in"]),
        (
            trust(jenkins=None),
            ["its trust policy lets other roles of the tooling account in"],
        ),
        (
            trust(principal={"AWS": [f"arn:aws:iam::{TOOLING}:root", f"arn:aws:iam::{PROD}:root"]}),
            [f"its trust policy names arn:aws:iam::{PROD}:root"],
        ),
        (trust(principal="*"), ["its trust policy names *"]),
    ],
)
def test_role_trust__altered_by_hand__fails(estate, project, document, whats):
    estate.trusts(DEPLOY, document)
    findings = [(what, DEPLOY, BOOTSTRAP) for what in whats]
    assert examine(project, "role-trust") == (1, "failed", "1 finding", findings)


def test_role_trust__any_external_id__fails(estate, project):
    document = trust().replace('"StringEquals"', '"StringLike"').replace("acme-ml-jenkins", "*")
    estate.trusts(PLAN, document)
    what = "its trust policy lets Jenkins in with any external id"
    assert examine(project, "role-trust")[3] == [(what, PLAN, BOOTSTRAP)]


def test_role_trust__no_roles__fails(aws, project):
    exit_code, outcome, message, findings = examine(project, "role-trust")
    assert (exit_code, outcome, message) == (1, "failed", "2 findings")
    assert findings[0] == (
        f"iam.GetRole in account {DEV} for jenkins-plan-role: not found: Role jenkins-plan-role "
        "not found",
        PLAN,
        BOOTSTRAP,
    )


def test_state_bucket__bare_and_empty__fails(estate, project):
    s3 = estate.s3()
    suspended = {"Status": "Suspended"}
    s3.put_bucket_versioning(Bucket=STATE, VersioningConfiguration=suspended)
    s3.delete_public_access_block(Bucket=STATE)
    s3.delete_bucket_encryption(Bucket=STATE)
    s3.delete_object(Bucket=STATE, Key="accounts/dev/terraform.tfstate")
    mend = "an administrator of the account runs `promote bootstrap dev`"
    assert examine(project, "state-bucket") == (
        1,
        "failed",
        "4 findings",
        [
            (
                "the bucket keeps no versions: a state that is overwritten wrongly is lost",
                f"s3://{STATE}",
                mend,
            ),
            ("the bucket encrypts nothing by default", f"s3://{STATE}", mend),
            ("the bucket does not keep the public out", f"s3://{STATE}", mend),
            (
                "there is no Terraform state: the account was never bootstrapped, or lost it",
                f"s3://{STATE}/accounts/dev/terraform.tfstate",
                f"{mend}; had it a state before, restore the object's last version first",
            ),
        ],
    )


def test_promotion_lock__both_held__warns_and_exits_0(estate, project):
    promotion = {
        "who": f"arn:aws:sts::{DEV}:assumed-role/cross-account-jenkins-role/promote",
        "since": "2026-11-21T10:00:00+00:00",
        "plan_digest": "0123456789abcdef",
        "purpose": "rollback",
    }
    terraform = {"ID": "a-b", "Who": "jenkins@ci", "Created": "2026-11-21T10:01:00Z",
                 "Operation": "OperationTypeApply"}  # fmt: skip
    for name, body in (("promote.lock", promotion), ("terraform.tfstate.tflock", terraform)):
        estate.s3().put_object(Bucket=STATE, Key=f"accounts/dev/{name}", Body=json.dumps(body))
    wait = "wait until the apply that holds it has ended; if it has died: "
    assert examine(project, "promotion-lock") == (
        0,
        "warning",
        f"{promotion['who']} holds the lock since {promotion['since']}, to rollback plan "
        "0123456789ab",
        [
            (
                f"{promotion['who']} holds the lock since {promotion['since']}, to rollback plan "
                "0123456789ab",
                f"s3://{STATE}/accounts/dev/promote.lock",
                f"{wait}`promote unlock dev --reason TEXT`",
            ),
            (
                "jenkins@ci holds the lock of the Terraform state since 2026-11-21T10:01:00Z "
                "(OperationTypeApply)",
                f"s3://{STATE}/accounts/dev/terraform.tfstate.tflock",
                f"{wait}`terraform -chdir=mlops-infra/accounts/dev force-unlock a-b` under the "
                "deploy role",
            ),
        ],
    )


@pytest.mark.parametrize("body", [b"not JSON", b"[]"])
def test_promotion_lock__unreadable__is_held_by_somebody(estate, project, body):
    estate.s3().put_object(Bucket=STATE, Key="accounts/dev/promote.lock", Body=body)
    exit_code, outcome, message, _ = examine(project, "promotion-lock")
    assert (exit_code, outcome) == (0, "warning")
    assert message == "somebody holds the lock since ?, to apply plan ?"


def keyless(estate):
    estate.topic(KmsMasterKeyId="")


def key_of_aws(estate):
    estate.topic(KmsMasterKeyId="alias/aws/sns")


def key_disabled(estate):
    estate.aws.client("kms", DEV).disable_key(KeyId=estate.topic_key.rpartition("/")[2])


def policy_of_key(estate):
    estate.aws.client("kms", DEV).put_key_policy(
        KeyId=estate.topic_key, PolicyName="default", Policy=key_policy(DEV)
    )


def policy_of_topic(estate):
    estate.topic(Policy=policy(allow(root(DEV), "sns:Publish", TOPIC)))


def unsubscribed(estate):
    sns = estate.aws.client("sns", DEV)
    for each in sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])


ALERTS = f"{TERRAFORM}topic, key and rules"


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (keyless, [("the topic's messages are not encrypted", TOPIC, ALERTS)]),
        (
            key_of_aws,
            [
                (
                    "the topic is encrypted with AWS's key, which EventBridge may not use",
                    TOPIC,
                    ALERTS,
                )
            ],
        ),
        (key_disabled, [("the topic's key is Disabled", "KEY", ALERTS)]),
        (
            policy_of_key,
            [
                (f"the policy of the topic's key lets EventBridge not do {action}", "KEY", ALERTS)
                for action in ("kms:Decrypt", "kms:GenerateDataKey")
            ],
        ),
        (
            policy_of_topic,
            [("the topic's policy lets EventBridge not publish", TOPIC, ALERTS)],
        ),
        (
            unsubscribed,
            [
                (
                    "nobody gets the alerts: the topic has no subscriber",
                    TOPIC,
                    "name somebody in alerts.emails of the environment's file, then plan and apply",
                )
            ],
        ),
    ],
)
def test_alerts__broken__fails(estate, project, broken, expected):
    broken(estate)
    findings = [
        (what, where.replace("KEY", estate.topic_key), mend) for what, where, mend in expected
    ]
    exit_code, outcome, _, found = examine(project, "alerts")
    assert (exit_code, outcome, found) == (1, "failed", findings)


def test_alerts__rules_missing_disabled_or_elsewhere__fails(estate, project):
    events = estate.aws.client("events", DEV)
    for name in ("approval-alert", "drift-alert"):
        events.remove_targets(Rule=f"acme-ml-dev-{name}", Ids=["notify"])
    events.delete_rule(Name="acme-ml-dev-approval-alert")
    events.disable_rule(Name="acme-ml-dev-pipeline-failure")
    rules = f"arn:aws:events:{REGION}:{DEV}:rule/acme-ml-dev"
    assert examine(project, "alerts")[3] == [
        (
            "the rule acme-ml-dev-pipeline-failure is disabled",
            f"{rules}-pipeline-failure",
            ALERTS,
        ),
        (
            f"the rule acme-ml-dev-drift-alert does not send to {NOTIFY}",
            f"{rules}-drift-alert",
            ALERTS,
        ),
        (
            "there is no rule acme-ml-dev-approval-alert on the bus default",
            f"{rules}-approval-alert",
            ALERTS,
        ),
    ]


def test_account__caller_of_the_account__is_a_warning(estate, project, act_in):
    act_in(DEV)
    exit_code, outcome, message, [(_, where, mend)] = examine(project, "account")
    assert (exit_code, outcome, where) == (0, "warning", DEV)
    assert message == (
        f"arn:aws:sts::{DEV}:assumed-role/test/test is of the account itself: every check has his "
        "rights, not those of the plan role and the deploy role"
    )
    assert mend == "to try the roles, run the command with Jenkins' credentials"


def test_doctor__tooling__tells_what_it_does_not_have(aws, project):
    words = [word for name in ("alerts", "alert-delivery", "artifact-access", "bucket", "data-key",
             "group-policy", "quotas") for word in ("--check", name)]  # fmt: skip
    aws.start_recording()
    result = project.promote("doctor", "tooling", "--json", *words)
    told = [(each["check"], each["outcome"], each["message"]) for each in result.json["checks"]]
    assert told == [
        ("alert-delivery", "skipped", "a tooling account sends no alerts"),
        ("alerts", "skipped", "a tooling account sends no alerts"),
        ("artifact-access", "skipped", "no pipelines run in this account"),
        ("bucket", "skipped", "a tooling account has no bucket but those of state and logs"),
        ("data-key", "skipped", "a tooling account has no data key"),
        ("group-policy", "skipped", "a tooling account uses no models"),
        ("quotas", "skipped", "no pipelines run in this account"),
    ]
    assert (result.exit_code, aws.calls()) == (0, [])


def test_doctor__registry__is_read_and_nothing_is_written(estate, project):
    words = ("--check", "bucket", "--check", "data-key", "--json")
    estate.aws.start_recording()
    result = project.promote("doctor", "registry", *words)
    told = "read; the check artifact-access of each workload account probes it"
    assert [each["message"] for each in result.json["checks"]] == [
        f"s3://{ARTIFACTS}, {told}",
        f"{estate.registry_key}, {told}",
    ]
    assert (result.exit_code, estate.aws.writes()) == (0, [])


def test_doctor__no_credentials__tells_it_once_and_skips_what_needs_a_session(
    aws, project, monkeypatch
):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    aws.start_recording()
    result = project.promote("doctor", "dev", "--check", "account", "--check", "bucket", "--json")
    account, bucket = result.json["checks"]
    assert (result.exit_code, aws.calls()) == (1, [])
    assert account["findings"] == [
        {
            "what": "sts.GetCallerIdentity: there are no AWS credentials",
            "where": "sts.GetCallerIdentity",
            "mend": "export AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in",
        }
    ]
    assert (bucket["outcome"], bucket["message"]) == (
        "skipped",
        f"no session as {PLAN}: see the check account of dev",
    )


def test_doctor__table__has_what_where_and_mend(estate, project):
    public(estate)
    result = project.promote("doctor", "dev", "--check", "bucket", "--list")
    assert result.exit_code == 0
    result = project.promote("doctor", "dev", "--check", "bucket", "--check", "alert-delivery")
    lines = [line.strip() for line in result.stdout.splitlines() if line.strip()]
    assert lines[0] == "dev"
    assert [lines[1].split(), *lines[3:]] == [
        ["check", "result", "told"],
        "alert-delivery  skipped  it sends a message to everybody who gets alerts: ask with "
        "--probe-alerts",
        "bucket          FAILED   the bucket does not keep the public out",
        f"where: s3://{DATA}",
        f"mend:  {TERRAFORM}the bucket and the roles",
    ]
    assert result.stderr == (
        f"dev: account {DEV}\n"
        "error: 1 of 2 checks failed\n  - dev: bucket\n"
        "next: mend what they found and run the command again\n"
    )
    assert result.exit_code == 1


def test_doctor__list__tells_each_check_and_calls_nothing(aws, project):
    aws.start_recording()
    told = project.promote("doctor", "--list", "--json")
    table = project.promote("doctor", "--list")
    assert [each["check"] for each in told.json["checks"]] == ALL
    assert all(set(each) == {"check", "summary", "mend"} for each in told.json["checks"])
    assert all(each["summary"] in table.stdout for each in told.json["checks"])
    assert (told.exit_code, table.exit_code, aws.calls()) == (0, 0, [])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("dev", "--check", "nonsense"), "there is no check nonsense (there are account, "),
        (("nowhere",), "there is no environment 'nowhere'"),
        (("dev", "--nonsense"), ""),
    ],
)
def test_doctor__wrong_words__exit_2_and_call_nothing(aws, project, words, message):
    aws.start_recording()
    result = project.promote("doctor", *words)
    assert (result.exit_code, result.stdout, aws.calls()) == (2, "", [])
    assert message in result.stderr


class Interrupted:
    """An S3 client that is interrupted while it reads."""

    def __init__(self, client, interrupt):
        self.client = client
        self.interrupt = interrupt

    def __getattr__(self, name):
        return getattr(self.client, name)

    def get_object(self, **request):
        self.interrupt()
        return self.client.get_object(**request)


def by_ctrl_c():
    raise KeyboardInterrupt


def by_refusal():
    raise RemoteError("refused")


@pytest.mark.parametrize(
    ("interrupt", "error"), [(by_ctrl_c, KeyboardInterrupt), (by_refusal, RemoteError)]
)
def test_echo__ended_between_write_and_read__leaves_nothing(estate, interrupt, error):
    probes = ProbeObjects(Interrupted(estate.s3(), interrupt), DEV)
    before = estate.versions()
    with pytest.raises(error):
        probes.echo(DATA, "code/.doctor/x", b"x")
    assert estate.versions() == before


class Denied(Interrupted):
    """An S3 client that may not read, nor delete."""

    def delete_object(self, **request):
        raise RemoteError("s3.DeleteObject was denied")


def test_echo__neither_read_nor_removed__tells_both(estate):
    probes = ProbeObjects(Denied(estate.s3(), by_refusal), DEV)
    with pytest.raises(RemoteError) as raised:
        probes.echo(DATA, "code/.doctor/x", b"x")
    assert raised.value.message == (
        "refused; and the probe could not be removed: s3.DeleteObject was denied"
    )


def test_terminable__sigterm__is_an_interruption_and_the_handler_comes_back():
    handler = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), terminable():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == handler
