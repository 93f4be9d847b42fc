"""The deploy role writes policies of others: what it writes there must not give it what is denied.

Each attack first changes a policy, as the deploy role may, then uses what that policy now grants.
What was changed is put back. After them: the ways into the ledger, and what a decision changes.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.demo.story import USE_CASE

from .attack import denied, nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .attack import Attacker, Ground

# One process applies the Terraform of all of these tests once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("estate")]


def policy(**statement: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


@contextmanager
def put_back(restore: Callable[[], object]) -> Iterator[None]:
    try:
        yield
    finally:
        restore()


@contextmanager
def role_made(
    ground: Ground, attacker: Attacker, environment: str, rights: str
) -> Iterator[tuple[str, str]]:
    """Have the deploy role make a role under the boundary that trusts the deploy role."""
    name = ground.role(environment, "lambda", "-zz")
    deploy = attacker.by_purpose(environment, "deploy").client("iam")
    deploy_arn = ground.role_arn(environment, ground.role(environment, "deploy"))
    boundary = f"arn:aws:iam::{ground.account(environment)}:policy/"
    deploy.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=policy(Principal={"AWS": deploy_arn}, Action="sts:AssumeRole"),
        PermissionsBoundary=boundary + ground.name(environment, "boundary"),
    )
    try:
        deploy.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=rights)
        yield name, ground.role_arn(environment, name)
    finally:
        iam = ground.admin("iam", environment)
        for each in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=each)
        iam.delete_role(RoleName=name)


@pytest.mark.parametrize("environment", ["dev", "registry"])
def test_role_of_its_own_making__assumed_by_the_deploy_role__is_denied(
    ground: Ground, attacker: Attacker, environment: str
) -> None:
    rights = policy(Action="s3:GetObject", Resource="*")
    with role_made(ground, attacker, environment, rights) as (_, arn):
        caught = denied(
            attacker.by_purpose(environment, "deploy"),
            lambda client: client.assume_role(RoleArn=arn, RoleSessionName="attack"),
            service="sts", action="sts:AssumeRole", resource=arn, state=nothing,
        )  # fmt: skip
    assert "explicit deny in an identity-based policy" in str(caught)


def test_execution_role__made_to_trust_the_deploy_role__is_denied(
    ground: Ground, attacker: Attacker
) -> None:
    name = ground.role("dev", "execution", f"-{USE_CASE}")
    arn, actor = ground.role_arn("dev", name), attacker.by_purpose("dev", "deploy")
    iam = actor.client("iam")
    before = json.dumps(iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"])
    deploy_arn = ground.role_arn("dev", ground.role("dev", "deploy"))
    trust = policy(Principal={"AWS": deploy_arn}, Action="sts:AssumeRole")
    with put_back(lambda: iam.update_assume_role_policy(RoleName=name, PolicyDocument=before)):
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
        denied(
            actor,
            lambda client: client.assume_role(RoleArn=arn, RoleSessionName="attack"),
            service="sts", action="sts:AssumeRole", resource=arn, state=nothing,
        )  # fmt: skip


@pytest.mark.parametrize("operation", ["create", "delete", "update"])
def test_model_version__decided_through_the_groups_policy__is_denied(
    ground: Ground, attacker: Attacker, operation: str
) -> None:
    actor, admin = attacker.by_purpose("registry", "deploy"), ground.admin("sagemaker", "registry")
    group_arn = ground.arn("registry", "sagemaker", f"model-package-group/{ground.group}")
    deploy_arn = ground.role_arn("registry", ground.role("registry", "deploy"))
    before = admin.get_model_package_group_policy(ModelPackageGroupName=ground.group)
    packages = ground.arn("registry", "sagemaker", f"model-package/{ground.group}")
    action = f"sagemaker:{operation.title()}ModelPackage"
    granted = policy(
        Sid="Mine", Principal={"AWS": deploy_arn}, Action=action,
        Resource=[group_arn, f"{packages}/*"],
    )  # fmt: skip
    arn = ground.package_arn(1)
    requests: dict[str, Callable[[Any], object]] = {
        "create": lambda client: client.create_model_package(
            ModelPackageGroupName=ground.group, ModelApprovalStatus="Approved",
            InferenceSpecification={
                "Containers": [{"Image": "image", "ModelDataUrl": "s3://mine/model.tar.gz"}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        ),
        "delete": lambda client: client.delete_model_package(ModelPackageName=arn),
        "update": lambda client: client.update_model_package(
            ModelPackageArn=arn, ModelApprovalStatus="Rejected"
        ),
    }  # fmt: skip
    sagemaker = actor.client("sagemaker")

    def put(text: str) -> None:
        sagemaker.put_model_package_group_policy(
            ModelPackageGroupName=ground.group, ResourcePolicy=text
        )

    with put_back(lambda: put(before["ResourcePolicy"])):
        put(granted)
        denied(
            actor, requests[operation], service="sagemaker", action=action,
            resource=packages.rpartition(":")[0], state=ground.packages,
        )  # fmt: skip


RECORD = {"series": {"S": "entries"}, "place": {"S": "999999999999"}}
WRITES: dict[str, tuple[str, Callable[[Any, str], object]]] = {
    "put": ("dynamodb:PutItem", lambda client, table: client.put_item(
        TableName=table, Item=RECORD)),
    "batch": ("dynamodb:BatchWriteItem", lambda client, table: client.batch_write_item(
        RequestItems={table: [{"PutRequest": {"Item": RECORD}}]})),
    "transact": ("dynamodb:PutItem", lambda client, table: client.transact_write_items(
        TransactItems=[{"Put": {"TableName": table, "Item": RECORD}}])),
}  # fmt: skip


@contextmanager
def table_policy_replaced(
    ground: Ground, attacker: Attacker, principal_arn: str
) -> Iterator[tuple[str, str]]:
    """Have the deploy role let somebody write to the ledger's table."""
    table = ground.settings["registry"]["ledger"]["table"]
    arn = ground.arn("registry", "dynamodb", f"table/{table}")
    dynamodb = attacker.by_purpose("registry", "deploy").client("dynamodb")
    before = dynamodb.get_resource_policy(ResourceArn=arn)["Policy"]
    actions = ["dynamodb:BatchWriteItem", "dynamodb:PutItem"]
    granted = policy(Principal={"AWS": principal_arn}, Action=actions, Resource=arn)
    with put_back(lambda: dynamodb.put_resource_policy(ResourceArn=arn, Policy=before)):
        dynamodb.put_resource_policy(ResourceArn=arn, Policy=granted)
        yield table, arn


@pytest.mark.parametrize("operation", WRITES)
def test_ledger__written_through_the_tables_policy__is_denied(
    ground: Ground, attacker: Attacker, operation: str
) -> None:
    deploy_arn = ground.role_arn("registry", ground.role("registry", "deploy"))
    action, write = WRITES[operation]
    with table_policy_replaced(ground, attacker, deploy_arn) as (table, arn):
        denied(
            attacker.by_purpose("registry", "deploy"), lambda client: write(client, table),
            service="dynamodb", action=action, resource=arn, state=ground.ledger,
        )  # fmt: skip


@pytest.mark.parametrize("operation", WRITES)
def test_ledger__written_by_a_role_of_the_deploy_roles_making__is_denied(
    ground: Ground, attacker: Attacker, operation: str
) -> None:
    """The boundary of every such role lets the ledger's functions alone write."""
    action, write = WRITES[operation]
    rights = policy(Action=["dynamodb:BatchWriteItem", "dynamodb:PutItem"], Resource="*")
    with (
        role_made(ground, attacker, "registry", rights) as (name, role_arn),
        table_policy_replaced(ground, attacker, role_arn) as (table, arn),
    ):
        denied(
            attacker.role("registry", name), lambda client: write(client, table),
            service="dynamodb", action=action, resource=arn, state=ground.ledger,
        )  # fmt: skip


@pytest.mark.parametrize("environment", ["registry", "dev"])
@pytest.mark.parametrize("operation", ["disable_key", "schedule_key_deletion"])
def test_key__deleted_through_its_own_policy__is_denied(
    ground: Ground, attacker: Attacker, environment: str, operation: str
) -> None:
    arn, actor = ground.key_arn(environment), attacker.by_purpose(environment, "deploy")
    kms, admin = actor.client("kms"), ground.admin("kms", environment)
    before = kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]
    deploy_arn = ground.role_arn(environment, ground.role(environment, "deploy"))
    document = json.loads(before)
    document["Statement"] += json.loads(
        policy(Principal={"AWS": deploy_arn}, Action="kms:*", Resource="*")
    )["Statement"]
    action = {"disable_key": "kms:DisableKey", "schedule_key_deletion": "kms:ScheduleKeyDeletion"}

    def put(text: str) -> None:
        kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=text)

    with put_back(lambda: put(before)):
        put(json.dumps(document))
        denied(
            actor, lambda client: getattr(client, operation)(KeyId=arn),
            service="kms", action=action[operation], resource=arn,
            state=lambda: admin.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"],
        )  # fmt: skip


def test_key_of_another_project__tagged_as_ours__is_denied(
    ground: Ground, attacker: Attacker
) -> None:
    admin, project = ground.admin("kms", "dev"), ground.settings["dev"]["project"]
    tags = [{"TagKey": "Project", "TagValue": "another"}]
    arn = admin.create_key(Tags=tags)["KeyMetadata"]["Arn"]
    with put_back(
        lambda: admin.schedule_key_deletion(KeyId=arn.rsplit("/", 1)[-1], PendingWindowInDays=7)
    ):
        denied(
            attacker.by_purpose("dev", "deploy"),
            lambda client: client.tag_resource(
                KeyId=arn, Tags=[{"TagKey": "Project", "TagValue": project}]
            ),
            service="kms", action="kms:TagResource", resource=arn,
            state=lambda: admin.list_resource_tags(KeyId=arn)["Tags"],
        )  # fmt: skip


@pytest.mark.parametrize(("environment", "bucket"), [("dev", "data"), ("registry", "artifacts")])
@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"])
def test_data__touched_through_the_buckets_policy__is_denied(
    ground: Ground, attacker: Attacker, environment: str, bucket: str, action: str
) -> None:
    name, actor = ground.bucket(environment, bucket), attacker.by_purpose(environment, "deploy")
    key = next(
        key for key, _, _ in ground.objects(environment, bucket) if not key.startswith("code/")
    )
    s3 = actor.client("s3")
    before = s3.get_bucket_policy(Bucket=name)["Policy"]
    deploy_arn = ground.role_arn(environment, ground.role(environment, "deploy"))
    arn = f"arn:aws:s3:::{name}/{key}"
    requests: dict[str, Callable[[Any], object]] = {
        "s3:GetObject": lambda client: client.get_object(Bucket=name, Key=key),
        "s3:PutObject": lambda client: client.put_object(Bucket=name, Key=key, Body=b"mine"),
        "s3:DeleteObject": lambda client: client.delete_object(Bucket=name, Key=key),
    }
    granted = policy(
        Principal={"AWS": deploy_arn}, Action=action, Resource=f"arn:aws:s3:::{name}/*"
    )
    with put_back(lambda: s3.put_bucket_policy(Bucket=name, Policy=before)):
        s3.put_bucket_policy(Bucket=name, Policy=granted)
        denied(
            actor, requests[action], service="s3", action=action, resource=arn,
            state=lambda: ground.objects(environment, bucket),
        )  # fmt: skip


def test_log_of_the_ledger__deleted_by_the_deploy_role__is_denied(
    ground: Ground, attacker: Attacker
) -> None:
    """The digests of all entries stand there, outside of the table."""
    group = f"/aws/lambda/{ground.name('registry', 'ledger')}"
    admin = ground.admin("logs", "registry")
    denied(
        attacker.by_purpose("registry", "deploy"),
        lambda client: client.delete_log_group(logGroupName=group),
        service="logs", action="logs:DeleteLogGroup",
        resource=ground.arn("registry", "logs", f"log-group:{group}"),
        state=lambda: len(admin.describe_log_streams(logGroupName=group)["logStreams"]),
    )  # fmt: skip


def ledger_function(ground: Ground, name: str) -> str:
    return ground.arn("registry", "lambda", f"function:{ground.name('registry', name)}")


@pytest.mark.parametrize("name", ["ledger", "ledger-prod", "ledger-registry"])
@pytest.mark.parametrize(("key", "suffix"), [("lambda", "-record-execution"), ("deploy", "")])
def test_ledger_function_of_others__called_from_dev__is_denied(
    ground: Ground, attacker: Attacker, key: str, suffix: str, name: str
) -> None:
    """Dev states what dev did: neither decisions nor the history of others."""
    arn = ledger_function(ground, name)
    denied(
        attacker.by_purpose("dev", key, suffix),
        lambda client: client.invoke(FunctionName=arn, Payload=b"{}"),
        service="lambda", action="lambda:InvokeFunction", resource=arn, state=ground.ledger,
    )  # fmt: skip


def test_ledger_function__told_a_decision_by_devs_recorder__writes_nothing(
    ground: Ground, attacker: Attacker
) -> None:
    forged = {
        "source": "aws.sagemaker",
        "detail-type": "SageMaker Model Package State Change",
        "detail": {
            "ModelPackageArn": ground.package_arn(2),
            "ModelPackageGroupName": ground.group,
            "ModelApprovalStatus": "Approved",
        },
    }
    before = ground.ledger()
    answer = attacker.by_purpose("dev", "lambda", "-record-execution").client("lambda").invoke(
        FunctionName=ledger_function(ground, "ledger-dev"), Payload=json.dumps(forged)
    )  # fmt: skip
    assert answer["FunctionError"]
    assert "RecordRefused" in answer["Payload"].read().decode()
    assert ground.ledger() == before


@pytest.mark.parametrize(
    "change",
    [
        {"CustomerMetadataProperties": {"auc": "0.99"}},
        {"CustomerMetadataPropertiesToRemove": ["auc"]},
    ],
)
def test_record_of_a_version__changed_along_with_a_decision__is_denied(
    ground: Ground, attacker: Attacker, change: dict[str, Any]
) -> None:
    arn = ground.package_arn(1)
    admin = ground.admin("sagemaker", "registry")
    denied(
        attacker.by_purpose("registry", "approver"),
        lambda client: client.update_model_package(
            ModelPackageArn=arn, ModelApprovalStatus="Approved", **change
        ),
        service="sagemaker", action="sagemaker:UpdateModelPackage", resource=arn,
        state=lambda: admin.describe_model_package(ModelPackageName=arn).get(
            "CustomerMetadataProperties"
        ),
    )  # fmt: skip
