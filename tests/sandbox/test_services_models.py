"""SageMaker models, above all those made from a model package of another account; tags of
what the pipeline engine keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox

PROD = "444444444444"


@pytest.fixture
def package(sandbox: Sandbox, share_group: Callable[..., None]) -> str:
    client = sandbox.client("sagemaker", "registry-admin")
    client.create_model_package_group(ModelPackageGroupName="mammography")
    share_group("mammography", "CreateModel")
    created = client.create_model_package(ModelPackageGroupName="mammography")
    return str(created["ModelPackageArn"])


def create(sandbox: Sandbox, role: str, package: str) -> Any:
    return sandbox.client("sagemaker", "prod-admin").create_model(
        ModelName="serving",
        ExecutionRoleArn=role,
        PrimaryContainer={"ModelPackageName": package},
        Tags=[{"Key": "a", "Value": "b"}],
    )


def test_create_model__approved_package_of_another_account__is_described(
    sandbox: Sandbox, create_role: Callable[..., str], package: str
) -> None:
    role = create_role("prod-admin", "execution", {"Service": "sagemaker.amazonaws.com"})
    sandbox.client("sagemaker", "registry-admin").update_model_package(
        ModelPackageArn=package, ModelApprovalStatus="Approved"
    )
    arn = create(sandbox, role, package)["ModelArn"]
    assert arn == f"arn:aws:sagemaker:eu-west-1:{PROD}:model/serving"
    client = sandbox.client("sagemaker", "prod-admin")
    described = client.describe_model(ModelName="serving")
    assert described["PrimaryContainer"] == {"ModelPackageName": package}
    assert described["ExecutionRoleArn"] == role
    assert client.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    assert [m["ModelName"] for m in client.list_models()["Models"]] == ["serving"]
    with pytest.raises(ClientError, match="Cannot create already existing model"):
        create(sandbox, role, package)
    client.delete_model(ModelName="serving")
    with pytest.raises(ClientError, match=f'Could not find model "{arn}"'):
        client.describe_model(ModelName="serving")


@pytest.mark.parametrize("status", ["PendingManualApproval", "Rejected"])
def test_create_model__package_not_approved__is_refused(
    sandbox: Sandbox, create_role: Callable[..., str], package: str, status: str
) -> None:
    role = create_role("prod-admin", "execution", {"Service": "sagemaker.amazonaws.com"})
    sandbox.client("sagemaker", "registry-admin").update_model_package(
        ModelPackageArn=package, ModelApprovalStatus=status
    )
    with pytest.raises(ClientError) as caught:
        create(sandbox, role, package)
    assert caught.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": f"Model package {package} is {status}: a model can be created from an "
        "Approved model package only.",
    }
    assert sandbox.client("sagemaker", "prod-admin").list_models()["Models"] == []


def test_create_model__no_such_package__is_refused(
    sandbox: Sandbox, create_role: Callable[..., str], package: str
) -> None:
    role = create_role("prod-admin", "execution", {"Service": "sagemaker.amazonaws.com"})
    with pytest.raises(ClientError, match=r"/9 does not exist\."):
        create(sandbox, role, package.removesuffix("1") + "9")


@pytest.mark.parametrize("trusted", [None, {"Service": "lambda.amazonaws.com"}])
def test_create_model__role_that_sagemaker_may_not_take__is_refused(
    sandbox: Sandbox, create_role: Callable[..., str], trusted: dict[str, str] | None
) -> None:
    role = f"arn:aws:iam::{PROD}:role/execution"
    if trusted:
        create_role("prod-admin", "execution", trusted)
    with pytest.raises(ClientError, match=f"Could not assume role {role}"):
        sandbox.client("sagemaker", "prod-admin").create_model(
            ModelName="serving", ExecutionRoleArn=role, PrimaryContainer={"Image": "image:1"}
        )


@pytest.mark.parametrize(
    ("container", "message"),
    [
        ({}, "give PrimaryContainer or Containers"),
        (
            {"PrimaryContainer": {"ModelDataUrl": "s3://b/m.tar.gz"}},
            "a container needs an Image or a ModelPackageName",
        ),
    ],
)
def test_create_model__no_image__is_refused(
    sandbox: Sandbox, container: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        sandbox.client("sagemaker", "prod-admin").create_model(ModelName="serving", **container)


def test_pipeline_tags__created_listed_deleted__with_the_pipeline(sandbox: Sandbox) -> None:
    client = sandbox.client("sagemaker", "prod-admin")
    arn = client.create_pipeline(
        PipelineName="train",
        ClientRequestToken="t" * 32,
        RoleArn=f"arn:aws:iam::{PROD}:role/execution",
        PipelineDefinition="{}",
        Tags=[{"Key": "release", "Value": "abc"}],
    )["PipelineArn"]
    assert client.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "release", "Value": "abc"}]
    client.delete_pipeline(PipelineName="train", ClientRequestToken="t" * 32)
    assert client.list_tags(ResourceArn=arn)["Tags"] == []


def test_list_tags__not_an_arn__is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ClientError, match="ResourceArn 'x' is not an ARN"):
        sandbox.client("sagemaker", "prod-admin").list_tags(ResourceArn="x")
