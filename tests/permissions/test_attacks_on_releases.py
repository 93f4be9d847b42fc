"""Attacks on what says which release is whose: the signing key and the published releases."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.demo.story import USE_CASE

from .attack import Actor, denied, nothing, works_for

if TYPE_CHECKING:
    from .attack import Attacker, Ground

# One process applies the Terraform of all of these tests once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("estate")]

KEY = f"releases/{USE_CASE}/{'0' * 64}.intoto.json"


def signing_key(ground: Ground) -> str:
    """Return the ARN of the release signing key."""
    alias = f"alias/{ground.settings['tooling']['project']}-release-signing"
    found = ground.admin("kms", "tooling").describe_key(KeyId=alias)
    return str(found["KeyMetadata"]["Arn"])


def sign(client: Any, key: str) -> object:
    return client.sign(
        KeyId=key, Message=hashlib.sha256(b"forged").digest(), MessageType="DIGEST",
        SigningAlgorithm="ECDSA_SHA_256",
    )  # fmt: skip


def insiders(attacker: Attacker) -> dict[str, Actor]:
    """Return whoever has most rights in tooling beside the build role."""
    return {
        "administrator": attacker.person("tooling-admin"),
        "Jenkins": attacker.person("jenkins"),
        "deploy role": attacker.by_purpose("tooling", "deploy"),
        "plan role": attacker.by_purpose("tooling", "plan"),
    }


@pytest.mark.parametrize("who", ["administrator", "Jenkins", "deploy role", "plan role"])
def test_signing_key__used_by_another_than_the_build_role__is_denied(
    ground: Ground, attacker: Attacker, who: str
) -> None:
    """A signature says that the build role made a release: no administrator can forge one."""
    key = signing_key(ground)
    denied(
        insiders(attacker)[who], lambda client: sign(client, key), service="kms",
        action="kms:Sign", resource=key, state=nothing,
    )  # fmt: skip
    works_for(
        attacker.by_purpose("tooling", "build"), lambda client: sign(client, key), service="kms"
    )


@pytest.mark.parametrize("environment", ["dev", "prod", "registry"])
def test_signing_key__used_by_a_deploy_role_of_another_account__is_denied(
    ground: Ground, attacker: Attacker, environment: str
) -> None:
    """Whoever takes over a deploy role cannot sign what he would like to deploy."""
    key = signing_key(ground)
    denied(
        attacker.by_purpose(environment, "deploy"), lambda client: sign(client, key),
        service="kms", action="kms:Sign", resource=key, state=nothing,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "role"),
    [("dev", "deploy"), ("prod", "deploy"), ("registry", "deploy"), ("tooling", "deploy"),
     ("prod", "plan")],
)  # fmt: skip
def test_release__published_by_another_than_the_build_role__is_denied(
    ground: Ground, attacker: Attacker, environment: str, role: str
) -> None:
    """Deploy roles take releases; none may put one into the store."""
    bucket = ground.bucket("registry", "artifacts")
    denied(
        attacker.by_purpose(environment, role),
        lambda client: client.put_object(Bucket=bucket, Key=KEY, Body=b"{}", IfNoneMatch="*"),
        service="s3", action="s3:PutObject", resource=f"arn:aws:s3:::{bucket}/{KEY}",
        state=lambda: ground.objects("registry", "artifacts", "releases/"),
    )  # fmt: skip


def test_release__overwritten_by_the_build_role__is_denied(
    ground: Ground, attacker: Attacker
) -> None:
    """Releases are written once: without the condition that the key is new, nobody writes one."""
    bucket = ground.bucket("registry", "artifacts")
    for actor in (attacker.by_purpose("tooling", "build"), attacker.person("registry-admin")):
        denied(
            actor,
            lambda client: client.put_object(Bucket=bucket, Key=KEY, Body=b"{}"),
            service="s3", action="s3:PutObject", resource=f"arn:aws:s3:::{bucket}/{KEY}",
            state=lambda: ground.objects("registry", "artifacts", "releases/"),
        )  # fmt: skip


def test_release__removed_by_the_build_role__is_denied(ground: Ground, attacker: Attacker) -> None:
    """What was published stays: the role that publishes cannot take it back."""
    bucket = ground.bucket("registry", "artifacts")
    denied(
        attacker.by_purpose("tooling", "build"),
        lambda client: client.delete_object(Bucket=bucket, Key=KEY), service="s3",
        action="s3:DeleteObject", resource=f"arn:aws:s3:::{bucket}/{KEY}",
        state=lambda: ground.objects("registry", "artifacts", "releases/"),
    )  # fmt: skip
