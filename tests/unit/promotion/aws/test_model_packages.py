"""The versions of a group, page by page."""

import json
from datetime import UTC, datetime

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from promotion.aws.model_packages import ModelPackages

ARN = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography"


class Registry:
    """Answers of SageMaker, in pages of version numbers."""

    def __init__(self, pages):
        self.pages = pages
        self.client = boto3.client(
            "sagemaker", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        self.client.meta.events.register("before-call.sagemaker", self.answer)

    def answer(self, model, params, **_):
        asked = json.loads(params["body"])
        found = getattr(self, model.name)(asked)
        return AWSResponse("", 200, {}, None), found

    def ListModelPackages(self, asked):
        number = int(asked.get("NextToken", "0"))
        listed = [{"ModelPackageArn": f"{ARN}/{each}"} for each in self.pages[number]]
        more = {"NextToken": str(number + 1)} if number + 1 < len(self.pages) else {}
        return {"ModelPackageSummaryList": listed, **more}

    def DescribeModelPackage(self, asked):
        arn = asked["ModelPackageName"]
        version = int(arn.rpartition("/")[2])
        return {
            "ModelPackageArn": arn,
            "ModelPackageVersion": version,
            "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
        }


@pytest.mark.parametrize(
    "pages",
    [[[]], [[], [1]], [[], [2], [], [1]], [[], range(500, 300, -1), [], range(300, 0, -1)]],
    ids=["none", "one", "two", "500"],
)
def test_versions__pages_empty_or_full__are_all_read_the_newest_first(pages):
    found = ModelPackages(Registry(pages).client, "222222222222").versions("mammography")
    count = sum(map(len, pages))
    assert [package.version for package in found] == list(range(count, 0, -1))
