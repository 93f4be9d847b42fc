"""Attacks on buckets and keys: data, artifacts, state, locks, transport and decryption."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.demo.story import USE_CASE

from .attack import Actor, denied, nothing, works_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from .attack import Attacker, Ground

# One process applies the Terraform of all of these tests once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("estate")]

TRAINING = f"{USE_CASE}/training/part-1.csv"


def put(bucket: str, key: str) -> Callable[[Any], object]:
    return lambda client: client.put_object(Bucket=bucket, Key=key, Body=b"forged")


def read(bucket: str, key: str) -> Callable[[Any], object]:
    return lambda client: client.get_object(Bucket=bucket, Key=key)


@pytest.mark.parametrize("role", ["deploy", "plan"])
def test_training_data__read_by_jenkins__is_denied(
    ground: Ground, attacker: Attacker, role: str
) -> None:
    """Jenkins deploys pipelines and never sees the data that they train on."""
    bucket = ground.bucket("dev")
    denied(
        attacker.by_purpose("dev", role), read(bucket, TRAINING), service="s3",
        action="s3:GetObject", resource=f"arn:aws:s3:::{bucket}/{TRAINING}", state=nothing,
    )  # fmt: skip


@pytest.mark.parametrize(
    "key",
    [
        "prod/another-use-case/train/model/model.tar.gz",
        f"dev/{USE_CASE}/train/model/model.tar.gz",
        f"registry/{USE_CASE}/model.tar.gz",
    ],
)
def test_artifacts__of_others__are_not_overwritten_by_prods_pipeline(
    ground: Ground, attacker: Attacker, key: str
) -> None:
    """Prod's pipeline writes below its own prefix: not another use case's, not dev's."""
    bucket = ground.bucket("registry", "artifacts")
    denied(
        attacker.by_purpose("prod", "execution", f"-{USE_CASE}"), put(bucket, key), service="s3",
        action="s3:PutObject", resource=f"arn:aws:s3:::{bucket}/{key}",
        state=lambda: ground.objects("registry", "artifacts"),
    )  # fmt: skip


def test_artifacts__deleted_by_the_trainer__is_denied(ground: Ground, attacker: Attacker) -> None:
    """A pipeline may add to its artifacts, never remove what a registered version needs."""
    bucket, prefix = ground.bucket("registry", "artifacts"), f"dev/{USE_CASE}/"
    key = ground.objects("registry", "artifacts", prefix)[0][0]
    denied(
        attacker.by_purpose("dev", "execution", f"-{USE_CASE}"),
        lambda client: client.delete_object(Bucket=bucket, Key=key), service="s3",
        action="s3:DeleteObject", resource=f"arn:aws:s3:::{bucket}/{key}",
        state=lambda: ground.objects("registry", "artifacts", prefix),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("person", "key", "suffix"),
    [
        ("", "execution", f"-{USE_CASE}"),
        ("", "deploy", ""),
        ("data-scientist", "", ""),
        ("dev-admin", "", ""),
    ],
)
def test_prods_bucket__written_from_dev__is_denied(
    ground: Ground, attacker: Attacker, person: str, key: str, suffix: str
) -> None:
    """Nobody of dev, its administrator included, writes into prod's data."""
    bucket, target = ground.bucket("prod"), f"{USE_CASE}/training/forged.csv"
    actor = attacker.person(person) if person else attacker.by_purpose("dev", key, suffix)
    denied(
        actor, put(bucket, target), service="s3", action="s3:PutObject",
        resource=f"arn:aws:s3:::{bucket}/{target}", state=lambda: ground.objects("prod"),
    )  # fmt: skip


@pytest.mark.parametrize("person", ["data-scientist", "dev-admin", "registry-admin"])
def test_prods_bucket__listed_from_other_accounts__is_denied(
    ground: Ground, attacker: Attacker, person: str
) -> None:
    """Nobody of another account even sees what prod's bucket holds."""
    bucket = ground.bucket("prod")
    denied(
        attacker.person(person), lambda client: client.list_objects_v2(Bucket=bucket),
        service="s3", action="s3:ListBucket", resource=f"arn:aws:s3:::{bucket}", state=nothing,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "key", "suffix", "victim"),
    [
        ("dev", "deploy", "", "prod"),
        ("prod", "plan", "", "registry"),
        ("dev", "execution", f"-{USE_CASE}", "dev"),
        ("registry", "approver", "", "registry"),
        ("tooling", "jenkins", "", "tooling"),
    ],
)
def test_state__read_by_another_account_or_role__is_denied(
    ground: Ground, attacker: Attacker, *, environment: str, key: str, suffix: str, victim: str
) -> None:
    """Terraform's state is for the account's own plan and deploy roles."""
    bucket, target = ground.bucket(victim, "state"), f"accounts/{victim}/terraform.tfstate"
    denied(
        attacker.by_purpose(environment, key, suffix), read(bucket, target), service="s3",
        action="s3:GetObject", resource=f"arn:aws:s3:::{bucket}/{target}", state=nothing,
    )  # fmt: skip


@pytest.mark.parametrize(("environment", "key"), [("dev", "plan"), ("prod", "deploy")])
def test_state_lock__removed_by_the_plan_role_or_another_account__is_denied(
    ground: Ground, attacker: Attacker, environment: str, key: str
) -> None:
    """Only who applies here gives the lock back."""
    bucket, lock = ground.bucket("dev", "state"), "accounts/dev/terraform.tfstate.tflock"
    admin = ground.admin("s3", "dev")
    admin.put_object(Bucket=bucket, Key=lock, Body=b"{}")
    try:
        denied(
            attacker.by_purpose(environment, key),
            lambda client: client.delete_object(Bucket=bucket, Key=lock), service="s3",
            action="s3:DeleteObject", resource=f"arn:aws:s3:::{bucket}/{lock}",
            state=lambda: ground.objects("dev", "state"),
        )  # fmt: skip
    finally:
        works_for(
            attacker.by_purpose("dev", "deploy"),
            lambda client: client.delete_object(Bucket=bucket, Key=lock), service="s3",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "key"),
    [
        ("dev", "data"),
        ("prod", "data"),
        ("registry", "artifacts"),
        ("dev", "state"),
        ("tooling", "state"),
    ],
)
def test_bucket__over_plain_http__is_denied(
    ground: Ground, attacker: Attacker, environment: str, key: str
) -> None:
    """Nobody reaches a bucket without TLS, the account's administrator included."""
    bucket = ground.bucket(environment, key)
    admin = attacker.person(f"{environment}-admin")
    works_for(admin, lambda client: client.list_objects_v2(Bucket=bucket), service="s3")
    caught = denied(
        over_plain_http(admin), lambda client: client.list_objects_v2(Bucket=bucket), service="s3",
        action="s3:ListBucket", resource=f"arn:aws:s3:::{bucket}", state=nothing,
    )  # fmt: skip
    assert "explicit deny in a resource-based policy" in str(caught)


def over_plain_http(actor: Actor) -> Actor:
    """Return the actor with clients that the sandbox takes to speak plain HTTP."""
    import boto3

    credentials: Any = actor.session.get_credentials()
    session = boto3.Session(
        credentials.access_key, credentials.secret_key, credentials.token,
        region_name=actor.session.region_name,
    )  # fmt: skip
    session.events.register(
        "before-send.*",
        lambda request, **_: request.headers.update({"X-Forwarded-Proto": "http"}),
    )
    return Actor(actor.arn, session, actor.endpoint_url)


@pytest.fixture(scope="module")
def ciphertext(ground: Ground) -> bytes:
    """Return data encrypted with prod's key."""
    answer = ground.admin("kms", "prod").encrypt(KeyId=ground.key_arn("prod"), Plaintext=b"secret")
    return bytes(answer["CiphertextBlob"])


@pytest.mark.parametrize(
    ("environment", "key", "suffix"),
    [
        ("dev", "execution", f"-{USE_CASE}"),
        ("registry", "approver", ""),
        ("prod", "deploy", ""),
        ("prod", "lambda", "-emit-drift"),
    ],
)
def test_decryption__without_grant_or_past_s3__is_denied(
    ground: Ground,
    attacker: Attacker,
    *,
    ciphertext: bytes,
    environment: str,
    key: str,
    suffix: str,
) -> None:
    """Prod's key decrypts for those it names, through S3; no one decrypts by hand."""
    arn = ground.key_arn("prod")
    denied(
        attacker.by_purpose(environment, key, suffix),
        lambda client: client.decrypt(CiphertextBlob=ciphertext, KeyId=arn), service="kms",
        action="kms:Decrypt", resource=arn, state=nothing,
    )  # fmt: skip


def test_decryption__by_prods_administrator__works(
    ground: Ground, attacker: Attacker, ciphertext: bytes
) -> None:
    """The same request is well-formed."""
    works_for(
        attacker.person("prod-admin"),
        lambda client: client.decrypt(CiphertextBlob=ciphertext, KeyId=ground.key_arn("prod")),
        service="kms",
    )


@pytest.mark.parametrize(
    ("environment", "key", "suffix"),
    [("prod", "plan", ""), ("prod", "execution", f"-{USE_CASE}"), ("dev", "deploy", "")],
)
def test_deletion_of_a_key__scheduled__is_denied(
    ground: Ground, attacker: Attacker, environment: str, key: str, suffix: str
) -> None:
    """A deleted key is lost data: no plan, no pipeline and no other account schedules that."""
    arn = ground.key_arn("prod")
    admin = ground.admin("kms", "prod")
    denied(
        attacker.by_purpose(environment, key, suffix),
        lambda client: client.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7),
        service="kms", action="kms:ScheduleKeyDeletion", resource=arn,
        state=lambda: admin.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"],
    )  # fmt: skip
