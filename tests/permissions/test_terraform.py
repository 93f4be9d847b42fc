"""The four roots, applied by Jenkins: what they hold, empty second plans, locks, and their end.

Runs last in the package: the last test takes the estate down.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.demo.story import ESTATE
from sandbox.proof.acts.by_hand import empty

from .inventory import expected, found
from .root import NO_LOCK, Root, in_parallel

if TYPE_CHECKING:
    from sandbox.proof.estate import Estate

    from .inventory import Inventory

# One process applies the Terraform of the whole package once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("estate")]
LOCKED = "Error acquiring the state lock"


@pytest.fixture(scope="module")
def roots(estate: Estate, terraform_class: Any) -> list[Root]:
    """The four roots."""
    return [Root(estate, name, terraform_class) for name in ESTATE]


@pytest.fixture(scope="module")
def tooling(roots: list[Root]) -> Root:
    """The smallest of the roots."""
    return roots[ESTATE.index("tooling")]


def test_apply__of_all_roots__makes_what_the_files_ask_for_and_no_more(
    roots: list[Root], held: dict[str, Inventory]
) -> None:
    assert held == {root.name: expected(root.settings) for root in roots}


def test_apply__roles_of_the_files__are_all_made(
    roots: list[Root], held: dict[str, Inventory]
) -> None:
    """By its name, or as the stem of others."""
    names = {name for inventory in held.values() for name in inventory["roles"]}
    for wanted in {name for root in roots for name in root.settings["roles"].values()}:
        assert any(role == wanted or role.startswith(f"{wanted}-") for role in names), wanted


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_data_bucket__encrypts__with_the_key_that_its_alias_names(
    roots: list[Root], environment: str
) -> None:
    root = roots[ESTATE.index(environment)]
    settings = root.settings
    encryption = root.client("s3").get_bucket_encryption(Bucket=settings["buckets"]["data"])
    rule = encryption["ServerSideEncryptionConfiguration"]["Rules"][0]
    alias = f"alias/{settings['project']}-{settings['environment']}"
    key = root.client("kms").describe_key(KeyId=alias)["KeyMetadata"]["Arn"]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key


def test_plan__second_of_every_root__is_empty(roots: list[Root]) -> None:
    again = in_parallel(Root.plan, roots)
    assert {name: code for name, (code, _) in again.items()} == dict.fromkeys(ESTATE, 0), again


def test_lock__held_by_somebody__keeps_jenkins_out(tooling: Root) -> None:
    lock = f"accounts/{tooling.name}/terraform.tfstate.tflock"
    s3 = tooling.client("s3")
    assert "Contents" not in s3.list_objects_v2(Bucket=tooling.state_bucket, Prefix=lock)
    holder = {"ID": "somebody-else", "Operation": "OperationTypeApply", "Who": "a@b"}
    s3.put_object(Bucket=tooling.state_bucket, Key=lock, Body=json.dumps(holder))
    refused = tooling.jenkins("deploy").run("plan", *tooling.variables)
    assert (refused.returncode, LOCKED in refused.stderr) == (1, True)
    s3.delete_object(Bucket=tooling.state_bucket, Key=lock)


def test_lock__of_the_plan_role__is_denied(tooling: Root) -> None:
    """It writes nothing."""
    refused = tooling.jenkins("plan").run("plan", *tooling.variables)
    assert (refused.returncode, LOCKED in refused.stderr) == (1, True)
    assert "AccessDenied" in refused.stderr


def test_state__administrator_of_another_account__reads_none(tooling: Root) -> None:
    other = tooling.estate.sandbox.environment("dev-admin")
    environment = {**tooling.admin.environment, **other}
    intruder = dataclasses.replace(tooling.admin, environment=environment)
    refused = intruder.run("plan", NO_LOCK, *tooling.variables)
    assert refused.returncode == 1
    assert "error loading state" in refused.stderr
    assert "StatusCode: 403" in refused.stderr


def test_destroy__plain__is_refused_for_the_state_bucket(tooling: Root) -> None:
    refused = tooling.admin.run("plan", "-destroy", *tooling.variables)
    assert refused.returncode == 1
    assert "Instance cannot be destroyed" in refused.stderr


def test_destroy__as_documented__leaves_nothing_but_the_state_buckets(
    estate: Estate, roots: list[Root]
) -> None:
    """See docs/how-to/take-down-an-account.md."""
    for name in ESTATE:
        empty(estate, name)
    roots[ESTATE.index("registry")].destroy_ledger()
    in_parallel(Root.destroy_as_jenkins, roots)
    assert in_parallel(Root.destroy, roots) == {name: [] for name in ESTATE}
    for root in roots:
        left = {kind: names for kind, names in found(root.client).items() if names}
        assert left == {"buckets": [root.state_bucket]}, root.name
