"""Service Quotas of SageMaker, which the sandbox serves itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from sandbox.server import Sandbox


@pytest.mark.parametrize("operation", ["list_service_quotas", "list_aws_default_service_quotas"])
def test_quotas__of_sagemaker__have_codes_and_names_of_aws(
    sandbox: Sandbox, operation: str
) -> None:
    client = sandbox.client("service-quotas", "prod-admin")
    pages = client.get_paginator(operation).paginate(ServiceCode="sagemaker")
    found = [quota for page in pages for quota in page["Quotas"]]
    assert {quota["QuotaName"]: quota["QuotaCode"] for quota in found} == {
        "ml.m5.large for processing job usage": "L-8541302D",
        "ml.m5.large for training job usage": "L-611FA074",
        "ml.m5.large for transform job usage": "L-236AE59F",
        "ml.m5.xlarge for processing job usage": "L-0307F515",
        "ml.m5.xlarge for training job usage": "L-CCE2AFA6",
        "ml.m5.xlarge for transform job usage": "L-7939E4EC",
    }
    assert {quota["Value"] for quota in found} == {4.0}
    assert found[0]["QuotaArn"] == (
        "arn:aws:servicequotas:eu-west-1:444444444444:sagemaker/L-8541302D"
    )


def test_quotas__of_another_service__are_motos(sandbox: Sandbox) -> None:
    client = sandbox.client("service-quotas", "prod-admin")
    found = client.list_aws_default_service_quotas(ServiceCode="vpc")["Quotas"]
    assert {quota["ServiceCode"] for quota in found} == {"vpc"}


def test_quotas__of_no_service__are_refused_as_aws_does(sandbox: Sandbox) -> None:
    client = sandbox.client("service-quotas", "prod-admin")
    with pytest.raises(ClientError) as raised:
        client.list_aws_default_service_quotas(ServiceCode="nothing")
    assert raised.value.response["Error"]["Code"] == "NoSuchResourceException"


def test_quotas__without_the_permission__are_denied(sandbox: Sandbox) -> None:
    client = sandbox.client("service-quotas", "data-scientist")
    with pytest.raises(ClientError) as raised:
        client.list_service_quotas(ServiceCode="sagemaker")
    assert raised.value.response["Error"]["Code"] == "AccessDeniedException"
    assert "servicequotas:ListServiceQuotas on resource: *" in str(raised.value)
