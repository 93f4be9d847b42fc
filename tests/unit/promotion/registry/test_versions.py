"""Model versions in memory, from an account that answers in pages."""

from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import Stubber

from promotion.aws.model_packages import ModelPackages
from promotion.registry.versions import in_service, model_version

GROUP = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/m"
CREATED = datetime(2026, 1, 31, tzinfo=UTC)


@pytest.fixture
def stub():
    client = boto3.client(
        "sagemaker", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


def summary(version, status):
    return {
        "ModelPackageArn": f"{GROUP}/{version}",
        "ModelPackageVersion": version,
        "ModelPackageStatus": "Completed",
        "ModelApprovalStatus": status,
        "CreationTime": CREATED,
    }


def described(version, status):
    return {
        **summary(version, status),
        "ModelPackageName": "m",
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
    }


def test_versions__empty_first_page__reads_on(stub):
    client, stubber = stub
    stubber.add_response(
        "list_model_packages", {"ModelPackageSummaryList": [], "NextToken": "next"}
    )
    stubber.add_response(
        "list_model_packages", {"ModelPackageSummaryList": [summary(1, "Approved")]}
    )
    stubber.add_response("describe_model_package", described(1, "Approved"))
    [found] = ModelPackages(client, "222222222222").versions("m")
    version = model_version(found)
    assert (version.version, version.status, version.auc, version.reason) == (
        1,
        "Approved",
        None,
        "",
    )
    assert in_service((version,)) == version


def test_in_service__none_approved__is_none():
    assert in_service(()) is None
