"""The model registry: groups, versions, approval, pages, other accounts, events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox

REGISTRY = "222222222222"
GROUP_ARN = f"arn:aws:sagemaker:eu-west-1:{REGISTRY}:model-package-group/mammography"
PACKAGE_ARN = f"arn:aws:sagemaker:eu-west-1:{REGISTRY}:model-package/mammography"
SPECIFICATION = {
    "Containers": [{"Image": "image:1", "ModelDataUrl": "s3://models/model.tar.gz"}],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}
METRICS = {
    "ModelQuality": {
        "Statistics": {"ContentType": "application/json", "S3Uri": "s3://models/evaluation.json"}
    }
}


@pytest.fixture
def registry(sandbox: Sandbox, share_group: Callable[..., None]) -> Any:
    client = sandbox.client("sagemaker", "registry-admin")
    client.create_model_package_group(
        ModelPackageGroupName="mammography",
        ModelPackageGroupDescription="masses",
        Tags=[{"Key": "team", "Value": "ml"}],
    )
    share_group("mammography", "CreateModelPackage", "DescribeModelPackage")
    return client


def register(client: Any, **changes: Any) -> str:
    given = {
        "ModelPackageGroupName": GROUP_ARN,
        "InferenceSpecification": SPECIFICATION,
        **changes,
    }
    return str(client.create_model_package(**given)["ModelPackageArn"])


def test_create_model_package__from_another_account__is_a_version_of_the_group(
    sandbox: Sandbox, registry: Any
) -> None:
    dev = sandbox.client("sagemaker", "dev-admin")
    metadata = {"git_commit": "abc", "auc": "0.9"}
    arn = register(
        dev,
        ModelApprovalStatus="PendingManualApproval",
        ModelPackageDescription="first",
        CustomerMetadataProperties=metadata,
        ModelMetrics=METRICS,
        DriftCheckBaselines={"ModelDataQuality": {"Statistics": {
            "ContentType": "application/json", "S3Uri": "s3://models/statistics.json"}}},
        MetadataProperties={"CommitId": "abc"},
        Domain="MACHINE_LEARNING",
        Task="CLASSIFICATION",
        SkipModelValidation="All",
    )  # fmt: skip
    assert arn == f"{PACKAGE_ARN}/1"
    for client in (dev, registry):
        described = client.describe_model_package(ModelPackageName=arn)
        created = described.pop("CreationTime")
        assert abs((created - sandbox.clock.now()).total_seconds()) < 30
        described.pop("ResponseMetadata")
        assert described == {
            "ModelPackageGroupName": "mammography",
            "ModelPackageVersion": 1,
            "ModelPackageArn": arn,
            "ModelPackageDescription": "first",
            "ModelApprovalStatus": "PendingManualApproval",
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "CertifyForMarketplace": False,
            "InferenceSpecification": SPECIFICATION,
            "CustomerMetadataProperties": metadata,
            "ModelMetrics": METRICS,
            "DriftCheckBaselines": {"ModelDataQuality": {"Statistics": {
                "ContentType": "application/json", "S3Uri": "s3://models/statistics.json"}}},
            "MetadataProperties": {"CommitId": "abc"},
            "Domain": "MACHINE_LEARNING",
            "Task": "CLASSIFICATION",
            "SkipModelValidation": "All",
            "CreatedBy": {"IamIdentity": {
                "Arn": "arn:aws:iam::333333333333:user/admin", "PrincipalId": "user/admin"}},
        }  # fmt: skip
    assert dev.list_model_packages()["ModelPackageSummaryList"] == []


def test_create_model_package__after_a_delete__numbers_are_not_used_again(registry: Any) -> None:
    register(registry)
    registry.delete_model_package(ModelPackageName=register(registry))
    assert register(registry) == f"{PACKAGE_ARN}/3"


def test_create_model_package__same_client_token__is_one_version(registry: Any) -> None:
    first = register(registry, ClientToken="a" * 36)
    assert register(registry, ClientToken="a" * 36) == first
    assert register(registry, ClientToken="b" * 36) == f"{PACKAGE_ARN}/2"


def test_create_model_package__no_status_given__is_pending(registry: Any) -> None:
    described = registry.describe_model_package(ModelPackageName=register(registry))
    assert described["ModelApprovalStatus"] == "PendingManualApproval"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"ModelPackageGroupName": "none"},
            f"ModelPackageGroup arn:aws:sagemaker:eu-west-1:{REGISTRY}:model-package-group/none "
            "does not exist.",
        ),
        ({"ModelPackageName": "x"}, "give either ModelPackageGroupName or ModelPackageName"),
        (
            {"ModelApprovalStatus": "Maybe"},
            "Maybe is not one of Approved, Rejected, PendingManualApproval",
        ),
    ],
)
def test_create_model_package__bad_request__is_refused_and_nothing_is_registered(
    registry: Any, changes: dict[str, str], message: str
) -> None:
    with pytest.raises(ClientError) as caught:
        register(registry, **changes)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert caught.value.response["Error"]["Message"] == message
    listed = registry.list_model_packages(ModelPackageGroupName="mammography")
    assert listed["ModelPackageSummaryList"] == []


def test_update_model_package__approve_from_another_account__is_kept(
    sandbox: Sandbox,
    registry: Any,
    may: Callable[..., dict[str, Any]],
    document: Callable[..., str],
) -> None:
    tooling = {"AWS": "arn:aws:iam::111111111111:root"}
    approve = may("sagemaker:UpdateModelPackage", f"{PACKAGE_ARN}/*", Principal=tooling)
    registry.put_model_package_group_policy(
        ModelPackageGroupName="mammography", ResourcePolicy=document(approve)
    )
    arn = register(registry, CustomerMetadataProperties={"auc": "0.9", "old": "x"})
    approver = sandbox.client("sagemaker", "tooling-admin")
    approver.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription="better than 0",
        CustomerMetadataProperties={"ticket": "7"},
        CustomerMetadataPropertiesToRemove=["old"],
        ModelLifeCycle={"Stage": "Production", "StageStatus": "Active"},
    )
    described = registry.describe_model_package(ModelPackageName=arn)
    assert described["ModelApprovalStatus"] == "Approved"
    assert described["ApprovalDescription"] == "better than 0"
    assert described["CustomerMetadataProperties"] == {"auc": "0.9", "ticket": "7"}
    assert described["ModelLifeCycle"] == {"Stage": "Production", "StageStatus": "Active"}
    by = described["LastModifiedBy"]["IamIdentity"]["Arn"]
    assert by == "arn:aws:iam::111111111111:user/admin"
    assert described["LastModifiedTime"] >= described["CreationTime"]


def test_update_model_package__no_such_version__is_refused(registry: Any) -> None:
    with pytest.raises(ClientError, match=rf"ModelPackage {PACKAGE_ARN}/9 does not exist\."):
        registry.update_model_package(
            ModelPackageArn=f"{PACKAGE_ARN}/9", ModelApprovalStatus="Approved"
        )


def test_list_model_packages__pages__are_filtered_after_they_are_cut(registry: Any) -> None:
    arns = [register(registry) for _ in range(5)]
    registry.update_model_package(ModelPackageArn=arns[0], ModelApprovalStatus="Approved")
    given = {
        "ModelPackageGroupName": GROUP_ARN,
        "ModelApprovalStatus": "Approved",
        "SortOrder": "Descending",
        "MaxResults": 2,
    }
    first = registry.list_model_packages(**given)
    assert first["ModelPackageSummaryList"] == []
    assert first["NextToken"]
    pages = registry.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=GROUP_ARN,
        ModelApprovalStatus="Approved",
        SortOrder="Descending",
        PaginationConfig={"PageSize": 2},
    )
    found = [one["ModelPackageArn"] for page in pages for one in page["ModelPackageSummaryList"]]
    assert found == [arns[0]]


def test_list_model_packages__order__is_by_creation(registry: Any) -> None:
    arns = [register(registry) for _ in range(12)]
    pages = registry.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName="mammography"
    )
    summaries = [one for page in pages for one in page["ModelPackageSummaryList"]]
    assert [one["ModelPackageArn"] for one in summaries] == arns
    assert summaries[0].keys() == {
        "ModelPackageGroupName", "ModelPackageVersion", "ModelPackageArn", "CreationTime",
        "ModelPackageStatus", "ModelApprovalStatus",
    }  # fmt: skip


@pytest.mark.parametrize(
    "given", [{"NextToken": "x"}, {"NextToken": "-1"}, {"ModelPackageGroupName": "none"}]
)
def test_list_model_packages__bad_request__is_refused(registry: Any, given: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        registry.list_model_packages(**given)


def test_batch_describe__some_missing__says_which(registry: Any) -> None:
    arn = register(registry)
    answer = registry.batch_describe_model_package(ModelPackageArnList=[arn, f"{PACKAGE_ARN}/9"])
    assert answer["ModelPackageSummaries"].keys() == {arn}
    assert answer["BatchDescribeModelPackageErrorMap"].keys() == {f"{PACKAGE_ARN}/9"}


def test_model_package__every_change__is_an_event_in_the_registry(
    sandbox: Sandbox, registry: Any, allow_events: Callable[..., str]
) -> None:
    sqs = sandbox.client("sqs", "registry-admin")
    url = sqs.create_queue(
        QueueName="changes", Attributes={"Policy": allow_events("sqs:SendMessage")}
    )["QueueUrl"]
    events = sandbox.client("events", "registry-admin")
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelPackageGroupName": ["mammography"], "ModelApprovalStatus": ["Approved"]},
    }
    events.put_rule(Name="approved", EventPattern=json.dumps(pattern))
    target = f"arn:aws:sqs:eu-west-1:{REGISTRY}:changes"
    events.put_targets(Rule="approved", Targets=[{"Id": "q", "Arn": target}])
    arn = register(sandbox.client("sagemaker", "dev-admin"))
    registry.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    sandbox.settle()
    (message,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    event = json.loads(message["Body"])
    assert (event["account"], event["resources"]) == (REGISTRY, [arn])
    assert event["detail"]["ModelPackageArn"] == arn
    assert event["detail"]["ModelPackageVersion"] == 1
    assert event["detail"]["CreationTime"].endswith("Z")


def test_group__whole_life__as_described(registry: Any) -> None:
    described = registry.describe_model_package_group(ModelPackageGroupName=GROUP_ARN)
    assert described["ModelPackageGroupName"] == "mammography"
    assert described["ModelPackageGroupArn"] == GROUP_ARN
    assert described["ModelPackageGroupDescription"] == "masses"
    assert described["ModelPackageGroupStatus"] == "Completed"
    assert registry.list_tags(ResourceArn=GROUP_ARN)["Tags"] == [{"Key": "team", "Value": "ml"}]
    registry.add_tags(ResourceArn=GROUP_ARN, Tags=[{"Key": "cost", "Value": "1"}])
    registry.delete_tags(ResourceArn=GROUP_ARN, TagKeys=["team"])
    assert registry.list_tags(ResourceArn=GROUP_ARN)["Tags"] == [{"Key": "cost", "Value": "1"}]
    listed = registry.list_model_package_groups()["ModelPackageGroupSummaryList"]
    assert [group["ModelPackageGroupName"] for group in listed] == ["mammography"]
    registry.delete_model_package_group(ModelPackageGroupName="mammography")
    with pytest.raises(ClientError, match=rf"ModelPackageGroup {GROUP_ARN} does not exist\."):
        registry.describe_model_package_group(ModelPackageGroupName="mammography")


def test_group__created_twice__is_refused(registry: Any) -> None:
    with pytest.raises(ClientError, match=f"Model Package Group already exists: {GROUP_ARN}"):
        registry.create_model_package_group(ModelPackageGroupName="mammography")


def test_group__with_versions__is_not_deleted(registry: Any) -> None:
    arn = register(registry)
    with pytest.raises(ClientError, match="ConflictException"):
        registry.delete_model_package_group(ModelPackageGroupName="mammography")
    registry.delete_model_package(ModelPackageName=arn)
    registry.delete_model_package_group(ModelPackageGroupName="mammography")


def test_group__same_name_in_two_accounts__are_two(sandbox: Sandbox, registry: Any) -> None:
    dev = sandbox.client("sagemaker", "dev-admin")
    arn = dev.create_model_package_group(ModelPackageGroupName="mammography")
    assert arn["ModelPackageGroupArn"].split(":")[4] == "333333333333"
    register(dev)
    own = dev.list_model_packages(ModelPackageGroupName="mammography")
    assert own["ModelPackageSummaryList"] == []


def test_group_policy__put_get_delete__as_written(registry: Any) -> None:
    statement = '{"Effect": "Allow",  "Principal": "*", "Action": "sagemaker:*", "Resource": "*"}'
    policy = f'{{"Version": "2012-10-17",  "Statement": [{statement}]}}'
    registry.put_model_package_group_policy(
        ModelPackageGroupName="mammography", ResourcePolicy=policy
    )
    got = registry.get_model_package_group_policy(ModelPackageGroupName=GROUP_ARN)
    assert got["ResourcePolicy"] == policy
    registry.delete_model_package_group_policy(ModelPackageGroupName="mammography")
    with pytest.raises(ClientError, match="Cannot find Model Package Group resource policy"):
        registry.get_model_package_group_policy(ModelPackageGroupName="mammography")


def test_group_policy__not_json__is_refused(registry: Any) -> None:
    with pytest.raises(ClientError, match="Syntax errors in policy: not JSON"):
        registry.put_model_package_group_policy(
            ModelPackageGroupName="mammography", ResourcePolicy="{"
        )


def test_unversioned_package__is_listed_by_type_and_not_twice(registry: Any) -> None:
    given = {"ModelPackageName": "alone", "InferenceSpecification": SPECIFICATION}
    arn = registry.create_model_package(**given)["ModelPackageArn"]
    assert arn == f"arn:aws:sagemaker:eu-west-1:{REGISTRY}:model-package/alone"
    assert registry.describe_model_package(ModelPackageName="alone")["ModelPackageArn"] == arn
    versioned = register(registry)

    def listed(**kind: str) -> list[str]:
        found = registry.list_model_packages(**kind)["ModelPackageSummaryList"]
        return [summary["ModelPackageArn"] for summary in found]

    assert listed() == [arn]
    assert listed(ModelPackageType="Versioned") == [versioned]
    assert listed(ModelPackageType="Both") == [arn, versioned]
    with pytest.raises(ClientError, match="Model Package already exists"):
        registry.create_model_package(**given)
