"""Attacks on the model registry: who may approve, register and delete versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.demo.story import USE_CASE

from .attack import denied, works_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from .attack import Attacker, Ground

# One process applies the Terraform of all of these tests once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("estate")]

APPROVE = "sagemaker:UpdateModelPackage"
REGISTER = "sagemaker:CreateModelPackage"


def approve(ground: Ground, status: str = "Approved") -> Callable[[Any], object]:
    return lambda client: client.update_model_package(
        ModelPackageArn=ground.package_arn(1), ModelApprovalStatus=status
    )


def register(ground: Ground, **further: str) -> Callable[[Any], object]:
    version = ground.admin("sagemaker", "registry").describe_model_package(
        ModelPackageName=ground.package_arn(1)
    )
    return lambda client: client.create_model_package(
        ModelPackageGroupName=ground.arn(
            "registry", "sagemaker", f"model-package-group/{ground.group}"
        ),
        InferenceSpecification=version["InferenceSpecification"],
        **{"ModelApprovalStatus": "PendingManualApproval", **further},
    )


@pytest.mark.parametrize(
    ("environment", "key", "suffix"),
    [
        ("dev", "execution", f"-{USE_CASE}"),
        ("prod", "execution", f"-{USE_CASE}"),
        ("dev", "deploy", ""),
        ("prod", "deploy", ""),
        ("registry", "deploy", ""),
        ("registry", "plan", ""),
        ("registry", "auditor", ""),
        ("prod", "lambda", "-resolve-model"),
        ("prod", "lambda", "-start-retrain"),
        ("registry", "lambda", "-approval-review"),
    ],
)
def test_approval__by_anybody_but_the_approver__is_denied(
    ground: Ground, attacker: Attacker, environment: str, key: str, suffix: str
) -> None:
    """Dev, prod, the trainer, Jenkins and the auditor may not approve a model version."""
    denied(
        attacker.by_purpose(environment, key, suffix), approve(ground, "Rejected"),
        service="sagemaker", action=APPROVE, resource=ground.package_arn(1), state=ground.packages,
    )  # fmt: skip


def test_approval__by_devs_data_scientist__is_denied(ground: Ground, attacker: Attacker) -> None:
    """A data scientist with all of SageMaker in dev may not approve in the registry account."""
    denied(
        attacker.person("data-scientist"), approve(ground, "Rejected"),
        service="sagemaker", action=APPROVE, resource=ground.package_arn(1), state=ground.packages,
    )  # fmt: skip


def test_approval__by_devs_administrator__is_denied(ground: Ground, attacker: Attacker) -> None:
    """Not even dev's administrator may: the group's policy does not let his account approve."""
    denied(
        attacker.person("dev-admin"), approve(ground, "Rejected"),
        service="sagemaker", action=APPROVE, resource=ground.package_arn(1), state=ground.packages,
    )  # fmt: skip


def test_registration__as_approved__is_denied_to_the_trainer(
    ground: Ground, attacker: Attacker
) -> None:
    """A pipeline may not register a version that counts as approved from the start."""
    trainer = attacker.by_purpose("dev", "execution", f"-{USE_CASE}")
    denied(
        trainer, register(ground, ModelApprovalStatus="Approved"),
        service="sagemaker", action=REGISTER,
        resource=ground.arn("registry", "sagemaker", "model-package"), state=ground.packages,
    )  # fmt: skip


def test_registration__by_the_approver__is_denied(ground: Ground, attacker: Attacker) -> None:
    """Who approves does not register: nobody approves a model of his own."""
    denied(
        attacker.by_purpose("registry", "approver"), register(ground),
        service="sagemaker", action=REGISTER,
        resource=ground.arn("registry", "sagemaker", "model-package"), state=ground.packages,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "key", "suffix"),
    [("prod", "lambda", "-resolve-model"), ("dev", "deploy", ""), ("registry", "auditor", "")],
)
def test_registration__by_others_than_pipelines__is_denied(
    ground: Ground, attacker: Attacker, environment: str, key: str, suffix: str
) -> None:
    """Only a use case's pipelines register versions: no function, no Jenkins, no auditor."""
    denied(
        attacker.by_purpose(environment, key, suffix), register(ground),
        service="sagemaker", action=REGISTER,
        resource=ground.arn("registry", "sagemaker", "model-package"), state=ground.packages,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "key", "suffix"),
    [
        ("registry", "approver", ""),
        ("registry", "auditor", ""),
        ("registry", "deploy", ""),
        ("prod", "execution", f"-{USE_CASE}"),
    ],
)
def test_deletion_of_a_version__is_denied(
    ground: Ground, attacker: Attacker, environment: str, key: str, suffix: str
) -> None:
    """Nobody removes a version that was once registered: neither approver nor Jenkins."""
    denied(
        attacker.by_purpose(environment, key, suffix),
        lambda client: client.delete_model_package(ModelPackageName=ground.package_arn(1)),
        service="sagemaker", action="sagemaker:DeleteModelPackage",
        resource=ground.package_arn(1), state=ground.packages,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "key"), [("registry", "approver"), ("registry", "plan"), ("dev", "deploy")]
)
def test_group_policy__by_others_than_the_deployer_there__is_denied(
    ground: Ground, attacker: Attacker, environment: str, key: str
) -> None:
    """The approver cannot open the group to others, nor can another account's Jenkins."""
    group = ground.arn("registry", "sagemaker", f"model-package-group/{ground.group}")
    admin = ground.admin("sagemaker", "registry")
    denied(
        attacker.by_purpose(environment, key),
        lambda client: client.put_model_package_group_policy(
            ModelPackageGroupName=group, ResourcePolicy="{}"
        ),
        service="sagemaker", action="sagemaker:PutModelPackageGroupPolicy", resource=group,
        state=lambda: admin.get_model_package_group_policy(ModelPackageGroupName=ground.group)[
            "ResourcePolicy"
        ],
    )  # fmt: skip


def test_approval__by_the_approver__works(ground: Ground, attacker: Attacker) -> None:
    """The same request is well-formed: the approver's decision is written."""
    approver = attacker.by_purpose("registry", "approver")
    before = ground.packages()
    for status in ("Rejected", "Approved"):
        works_for(approver, approve(ground, status), service="sagemaker")
        assert dict(ground.packages()) == {**dict(before), 1: status}


def test_approval__by_registrys_administrator__is_denied(
    ground: Ground, attacker: Attacker
) -> None:
    """Not even who may do anything in the account decides on a version."""
    denied(
        attacker.person("registry-admin"), approve(ground, "Rejected"), service="sagemaker",
        action="sagemaker:UpdateModelPackage", resource=ground.package_arn(1),
        state=ground.packages,
    )  # fmt: skip


def test_registration__by_registrys_administrator__works(
    ground: Ground, attacker: Attacker
) -> None:
    """The same request is well-formed: a pending version is registered, and removed again."""
    admin, before = attacker.person("registry-admin"), ground.packages()
    pending = register(ground, ModelApprovalStatus="PendingManualApproval")
    works_for(admin, pending, service="sagemaker")
    added = ground.packages()[-1]
    assert added == (before[-1][0] + 1, "PendingManualApproval")
    admin.client("sagemaker").delete_model_package(ModelPackageName=ground.package_arn(added[0]))
    assert ground.packages() == before
