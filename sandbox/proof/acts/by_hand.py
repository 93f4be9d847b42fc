"""What administrators do by hand: change resources behind Terraform's back, and empty an account.

Calls the account's services as its administrator.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.proof.estate import Estate

_OTHER = "changed by hand"
# Jenkins' plans may not change them: a gate refuses.
_OF_ADMINISTRATORS = {"state", "logs"}
_OTHER_POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Sid": "Other", "Effect": "Deny", "Action": "*", "Resource": "*"},
]})  # fmt: skip


def change_by_hand(estate: Estate, environment: str) -> None:
    """Change each kind of resource so that Terraform wants it back as it was."""
    settings = estate.story.accounts[environment].settings
    prefix = f"{settings['project']}-{environment}"
    for change in _CHANGES:
        change(lambda service: estate.client(service, environment), prefix, settings)


Client = "Callable[[str], Any]"


def _buckets(client: Callable[[str], Any], prefix: str, settings: Any) -> None:
    s3 = client("s3")
    for key, bucket in settings["buckets"].items():
        if key in _OF_ADMINISTRATORS or not _owned(s3, bucket):
            continue
        s3.delete_bucket_lifecycle(Bucket=bucket)
        s3.delete_bucket_policy(Bucket=bucket)
        s3.delete_public_access_block(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
        s3.delete_bucket_encryption(Bucket=bucket)


def _owned(s3: Any, bucket: str) -> bool:
    return bucket in {found["Name"] for found in s3.list_buckets()["Buckets"]}


def _roles(client: Callable[[str], Any], prefix: str, settings: Any) -> None:
    iam = client("iam")
    stems = tuple(settings["roles"][key] + "-" for key in ("execution", "lambda", "events"))
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        if not name.startswith(stems):
            continue
        iam.update_role(RoleName=name, Description=_OTHER, MaxSessionDuration=7200)
        iam.update_assume_role_policy(
            RoleName=name,
            PolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": [{
                    "Effect": "Allow", "Action": "sts:AssumeRole",
                    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                }]}
            ),
        )  # fmt: skip
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=_OTHER_POLICY)


def _functions(client: Callable[[str], Any], prefix: str, settings: Any) -> None:
    functions = client("lambda")
    for function in functions.list_functions()["Functions"]:
        functions.update_function_configuration(
            FunctionName=function["FunctionName"], Description=_OTHER, Timeout=7
        )


def _rules(client: Callable[[str], Any], prefix: str, settings: Any) -> None:
    events = client("events")
    for rule in events.list_rules()["Rules"]:
        name = rule["Name"]
        if name.startswith(prefix):
            events.disable_rule(Name=name)
            targets = events.list_targets_by_rule(Rule=name)["Targets"]
            if targets:
                events.remove_targets(Rule=name, Ids=[targets[0]["Id"]])


def _queues(client: Callable[[str], Any], prefix: str, settings: Any) -> None:
    sqs = client("sqs")
    for url in sqs.list_queues(QueueNamePrefix=prefix).get("QueueUrls", []):
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": "60"})


def _alarms(client: Callable[[str], Any], prefix: str, settings: Any) -> None:
    cloudwatch = client("cloudwatch")
    for alarm in cloudwatch.describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"]:
        kept = ("AlarmName", "Namespace", "MetricName", "Dimensions", "Statistic", "Period",
                "EvaluationPeriods", "ComparisonOperator", "Threshold")  # fmt: skip
        given = {name: alarm[name] for name in kept if alarm.get(name) is not None}
        cloudwatch.put_metric_alarm(**given, AlarmDescription=_OTHER)


def _logs(client: Callable[[str], Any], prefix: str, settings: Any) -> None:
    logs = client("logs")
    for group in logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{prefix}")["logGroups"]:
        logs.put_retention_policy(logGroupName=group["logGroupName"], retentionInDays=1)


def _keys(client: Callable[[str], Any], prefix: str, settings: Any) -> None:
    """Change the keys, and have their aliases point at another one.

    The release signing key, which has another name, is the administrators' alone.
    """
    kms = client("kms")
    tags = [{"TagKey": "Project", "TagValue": settings["project"]}]
    for alias in kms.list_aliases()["Aliases"]:
        if alias["AliasName"].startswith(f"alias/{prefix}"):
            key_id = alias["TargetKeyId"]
            kms.disable_key_rotation(KeyId=key_id)
            kms.update_key_description(KeyId=key_id, Description=_OTHER)
            policy = json.loads(kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"])
            policy["Statement"] = policy["Statement"][:1]
            policy["Statement"][0]["Sid"] = "Other"
            kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=json.dumps(policy))
            other = kms.create_key(Tags=tags, Description=_OTHER)["KeyMetadata"]["KeyId"]
            kms.update_alias(AliasName=alias["AliasName"], TargetKeyId=other)


def _tables(client: Callable[[str], Any], prefix: str, settings: Any) -> None:
    dynamodb = client("dynamodb")
    for name in dynamodb.list_tables()["TableNames"]:
        dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)


_CHANGES = (
    _buckets, _roles, _functions, _rules, _queues, _alarms, _logs, _keys, _tables,
)  # fmt: skip


def empty(estate: Estate, environment: str) -> None:
    """Remove what Terraform does not own and would not delete: objects, versions, pipelines."""
    settings = estate.story.accounts[environment].settings
    s3 = estate.client("s3", environment)
    for key, bucket in settings["buckets"].items():
        if key not in _OF_ADMINISTRATORS and _owned(s3, bucket):
            _empty_bucket(s3, bucket)
    if settings["kind"] == "registry":
        _empty_groups(estate.client("sagemaker", environment))


def _empty_bucket(s3: Any, bucket: str) -> None:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for found in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            s3.delete_object(Bucket=bucket, Key=found["Key"], VersionId=found["VersionId"])


def _empty_groups(sagemaker: Any) -> None:
    for group in sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]:
        pages = sagemaker.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=group["ModelPackageGroupName"]
        )
        packages = [package for page in pages for package in page["ModelPackageSummaryList"]]
        for package in packages:
            try:
                sagemaker.delete_model_package(ModelPackageName=package["ModelPackageArn"])
            except ClientError as error:
                if "does not exist" not in str(error):
                    raise
