"""Every policy that is in the accounts, read through the AWS API as their administrators.

Calls IAM, S3, KMS, SNS, SQS, Lambda, EventBridge, SageMaker and DynamoDB; changes nothing. The
sandbox's own people, who are users and not Terraform's, are left out.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sandbox.proof.policies import HeldPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sandbox.demo.accounts import Account
    from sandbox.proof.policies import Kind

_NO_POLICY = {"NoSuchBucketPolicy", "ResourceNotFoundException", "PolicyNotFoundException"}
_KEY_ID = re.compile(r"(?<=:key/)[0-9a-f]{8}-[0-9a-f-]{27}")


def inventory(accounts: Iterable[Account]) -> list[HeldPolicy]:
    """Return every policy of the accounts, in order.

    Ids of keys, which are other ones after each apply, are replaced by the keys' aliases.
    """
    several = list(accounts)
    aliases = {key: alias for account in several for key, alias in _aliases(account)}
    roles = {role["Arn"]: role for account in several for role in _roles(account)}
    found = [
        _policy(account, *each, aliases, roles)
        for account in several
        for reader in (_role_policies, _boundaries, *_RESOURCES)
        for each in reader(account)
    ]
    return sorted(found, key=lambda policy: policy.key)


Found = tuple["Kind", str, str, str, "str | dict[str, Any]"]
"""Kind, holder, name, the authorizer's name and the policy itself."""


def _policy(  # noqa: PLR0917 - the parts of ``Found``
    account: Account, kind: Kind, holder: str, name: str, reference: str,
    document: str | dict[str, Any], aliases: dict[str, str], roles: dict[str, dict[str, Any]],
) -> HeldPolicy:  # fmt: skip
    text = document if isinstance(document, str) else json.dumps(document)
    named = _KEY_ID.sub(lambda found: aliases.get(found[0], found[0]), text)
    role = roles.get(reference, {})
    return HeldPolicy(
        account.environment, kind, holder, name, reference, json.loads(named),
        purpose=role.get("Description", ""), boundary=_boundary_arn(role).rsplit("/", 1)[-1],
    )  # fmt: skip


def _roles(account: Account) -> Iterator[dict[str, Any]]:
    """Yield each role whole: ListRoles leaves the boundary out."""
    iam = account.client("iam")
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            yield iam.get_role(RoleName=role["RoleName"])["Role"]


def _boundary_arn(role: dict[str, Any]) -> str:
    return str(role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""))


def _aliases(account: Account) -> Iterator[tuple[str, str]]:
    """Yield id and alias of each key of the account's own; AWS's keys have policies of AWS's."""
    for page in account.client("kms").get_paginator("list_aliases").paginate():
        for alias in page["Aliases"]:
            if "TargetKeyId" in alias and not alias["AliasName"].startswith("alias/aws/"):
                yield alias["TargetKeyId"], alias["AliasName"]


def _role_policies(account: Account) -> Iterator[Found]:
    iam = account.client("iam")
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            name, arn = role["RoleName"], role["Arn"]
            yield "trust", name, "trust", arn, role["AssumeRolePolicyDocument"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
                inline = iam.get_role_policy(RoleName=name, PolicyName=policy)
                yield "identity", name, policy, f"{arn}#{policy}", inline["PolicyDocument"]
            for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
                managed = attached["PolicyArn"]
                document = _managed(iam, managed)
                yield "identity", name, attached["PolicyName"], managed, document


def _boundaries(account: Account) -> Iterator[Found]:
    for arn in sorted({_boundary_arn(role) for role in _roles(account)} - {""}):
        name = arn.rsplit("/", 1)[-1]
        yield "boundary", name, name, arn, _managed(account.client("iam"), arn)


def _managed(iam: Any, arn: str) -> dict[str, Any]:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document: dict[str, Any] = iam.get_policy_version(PolicyArn=arn, VersionId=version)[
        "PolicyVersion"
    ]["Document"]
    return document


def _if_any(read: Callable[..., Any], **request: str) -> Iterator[str]:
    """Yield a resource's policy, nothing when it has none."""
    try:
        found = read(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _NO_POLICY:
            raise
        return
    yield found["Policy"]


def _buckets(account: Account) -> Iterator[Found]:
    s3 = account.client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        for text in _if_any(s3.get_bucket_policy, Bucket=name):
            yield "resource", name, "bucket", f"arn:aws:s3:::{name}", text


def _keys(account: Account) -> Iterator[Found]:
    kms = account.client("kms")
    for key_id, alias in _aliases(account):
        key = kms.describe_key(KeyId=key_id)["KeyMetadata"]
        if key["KeyState"] == "Enabled":
            text = kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]
            yield "resource", alias.removeprefix("alias/"), "key", key["Arn"], text


def _topics(account: Account) -> Iterator[Found]:
    sns = account.client("sns")
    for page in sns.get_paginator("list_topics").paginate():
        for topic in page["Topics"]:
            arn = topic["TopicArn"]
            attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
            yield "resource", arn.rsplit(":", 1)[-1], "topic", arn, attributes["Policy"]


def _queues(account: Account) -> Iterator[Found]:
    sqs = account.client("sqs")
    for url in sqs.list_queues().get("QueueUrls", []):
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        if attributes.get("Policy"):
            arn = attributes["QueueArn"]
            yield "resource", arn.rsplit(":", 1)[-1], "queue", arn, attributes["Policy"]


def _functions(account: Account) -> Iterator[Found]:
    functions = account.client("lambda")
    for page in functions.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            name, arn = function["FunctionName"], function["FunctionArn"]
            for text in _if_any(functions.get_policy, FunctionName=name):
                yield "resource", name, "function", arn, text


def _buses(account: Account) -> Iterator[Found]:
    events = account.client("events")
    for bus in events.list_event_buses()["EventBuses"]:
        if bus.get("Policy"):
            yield "resource", bus["Name"], "event bus", bus["Arn"], bus["Policy"]


def _groups(account: Account) -> Iterator[Found]:
    sagemaker = account.client("sagemaker")
    for page in sagemaker.get_paginator("list_model_package_groups").paginate():
        for group in page["ModelPackageGroupSummaryList"]:
            name, arn = group["ModelPackageGroupName"], group["ModelPackageGroupArn"]
            try:
                text = sagemaker.get_model_package_group_policy(ModelPackageGroupName=name)
            except ClientError as error:
                # SageMaker answers ValidationException for a group without a policy.
                if error.response["Error"]["Code"] != "ValidationException":
                    raise
                continue
            yield "resource", name, "model package group", arn, text["ResourcePolicy"]


def _tables(account: Account) -> Iterator[Found]:
    dynamodb = account.client("dynamodb")
    for name in dynamodb.list_tables()["TableNames"]:
        arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
        for text in _if_any(dynamodb.get_resource_policy, ResourceArn=arn):
            yield "resource", name, "table", arn, text


_RESOURCES = (_buckets, _keys, _topics, _queues, _functions, _buses, _groups, _tables)
