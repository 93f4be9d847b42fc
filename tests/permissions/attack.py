"""Means of an attack, and what is expected of it: denied as AWS denies, and nothing has changed."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.demo.story import USE_CASE

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.proof.estate import Estate

DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "403"}
STATUS = {400, 403}


class Ground:
    """Names and ARNs of the estate, and its state as administrators see it."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.settings = {name: found.settings for name, found in estate.story.accounts.items()}
        self.group = self.settings["registry"]["use_cases"][USE_CASE]["model_package_group"]

    def admin(self, service: str, environment: str) -> Any:
        """Return a client of an account's administrator."""
        return self.estate.client(service, environment)

    def account(self, environment: str) -> str:
        return str(self.settings[environment]["account_id"])

    def bucket(self, environment: str, key: str = "data") -> str:
        return str(self.settings[environment]["buckets"][key])

    def name(self, environment: str, name: str) -> str:
        """Return the name of one of Terraform's resources."""
        return f"{self.settings[environment]['project']}-{environment}-{name}"

    def role(self, environment: str, key: str, suffix: str = "") -> str:
        """Return a role's name by its purpose."""
        return str(self.settings[environment]["roles"][key]) + suffix

    def role_arn(self, environment: str, role: str) -> str:
        return f"arn:aws:iam::{self.account(environment)}:role/{role}"

    def arn(self, environment: str, service: str, rest: str) -> str:
        region = self.settings[environment]["region"]
        return f"arn:aws:{service}:{region}:{self.account(environment)}:{rest}"

    def pipeline_arn(self, environment: str, key: str) -> str:
        name = self.settings[environment]["use_cases"][USE_CASE]["pipelines"][key]
        return self.arn(environment, "sagemaker", f"pipeline/{name}")

    def key_arn(self, environment: str) -> str:
        """Return the ARN of an environment's data key."""
        alias = f"alias/{self.settings[environment]['project']}-{environment}"
        found = self.admin("kms", environment).describe_key(KeyId=alias)
        return str(found["KeyMetadata"]["Arn"])

    def package_arn(self, version: int) -> str:
        return self.arn("registry", "sagemaker", f"model-package/{self.group}/{version}")

    def packages(self) -> Any:
        """Return every version with its approval."""
        found = self.admin("sagemaker", "registry").list_model_packages(
            ModelPackageGroupName=self.group, SortBy="CreationTime", SortOrder="Ascending"
        )
        return [
            (each["ModelPackageVersion"], each["ModelApprovalStatus"])
            for each in found["ModelPackageSummaryList"]
        ]

    def objects(self, environment: str, key: str = "data", prefix: str = "") -> Any:
        """Return every object below a prefix with its digest."""
        pages = self.admin("s3", environment).get_paginator("list_object_versions")
        return [
            (each["Key"], each["VersionId"], each.get("ETag"))
            for page in pages.paginate(Bucket=self.bucket(environment, key), Prefix=prefix)
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        ]

    def role_policies(self, environment: str, role: str) -> Any:
        """Return a role with all that decides what it may do."""
        iam = self.admin("iam", environment)
        found = iam.get_role(RoleName=role)["Role"]
        attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        inline = {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
                  for name in names}  # fmt: skip
        versions = [iam.get_policy(PolicyArn=each["PolicyArn"])["Policy"]["DefaultVersionId"]
                    for each in attached]  # fmt: skip
        return [found["AssumeRolePolicyDocument"], found.get("PermissionsBoundary"),
                attached, versions, inline]  # fmt: skip

    def roles(self, environment: str) -> Any:
        return sorted(
            role["RoleName"] for role in self.admin("iam", environment).list_roles()["Roles"]
        )

    def executions(self, environment: str) -> Any:
        """Return every execution of every pipeline of an account."""
        account = self.estate.story.accounts[environment]
        return [
            arn
            for key in ("train", "inference")
            for arn in account.executions(account.pipeline_name(USE_CASE, key))
        ]

    def deliveries(self) -> int:
        """Return how many events were delivered to targets, after all have been."""
        self.estate.sandbox.settle()
        return len(self.estate.sandbox.deliveries.listing())

    def ledger(self) -> Any:
        """Return every item of the ledger."""
        table = self.settings["registry"]["ledger"]["table"]
        pages = self.admin("dynamodb", "registry").get_paginator("scan").paginate(TableName=table)
        items = [item for page in pages for item in page["Items"]]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True, default=str))


@dataclass(frozen=True)
class Actor:
    """Whoever makes the requests.

    Attributes:
        arn: What a denial calls him.
        session: boto3 session with his credentials.
        endpoint_url: The sandbox.
    """

    arn: str
    session: boto3.Session
    endpoint_url: str

    def client(self, service: str) -> Any:
        factory: Any = self.session.client
        return factory(service, endpoint_url=self.endpoint_url)


class Attacker:
    """Hands out actors."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._ground = Ground(estate)

    def person(self, name: str) -> Actor:
        """Return one of the sandbox's people, or an administrator, or Jenkins' own session."""
        arguments = self._estate.sandbox.client_arguments(name)
        session = boto3.Session(
            arguments["aws_access_key_id"],
            arguments["aws_secret_access_key"],
            arguments.get("aws_session_token"),
            region_name=arguments["region_name"],
        )
        return self._known(session)

    def role(self, environment: str, role: str) -> Actor:
        """Return a session of a role whose credentials leaked: no trust policy is asked."""
        from moto.sts.models import sts_backends

        account = self._ground.account(environment)
        region = self._ground.settings[environment]["region"]
        minted = sts_backends[account]["aws"].assume_role(
            region_name=region,
            role_session_name="attack",
            role_arn=self._ground.role_arn(environment, role),
            policy="",
            duration=3600,
            external_id="",
        )
        session = boto3.Session(
            minted.access_key_id, minted.secret_access_key, minted.session_token,
            region_name=region,
        )  # fmt: skip
        return self._known(session)

    def by_purpose(self, environment: str, key: str, suffix: str = "") -> Actor:
        """Return a session of a role by its purpose in the environment file."""
        return self.role(environment, self._ground.role(environment, key, suffix))

    def _known(self, session: boto3.Session) -> Actor:
        actor = Actor("", session, self._estate.sandbox.endpoint_url)
        arn = actor.client("sts").get_caller_identity()["Arn"]
        return Actor(arn, session, actor.endpoint_url)


def denied(
    actor: Actor,
    request: Callable[[Any], object],
    *,
    service: str,
    action: str,
    resource: str,
    state: Callable[[], Any],
) -> ClientError:
    """Make a request and check that it is denied as AWS denies, and that nothing has changed.

    Args:
        actor: Who makes it.
        request: Makes it with the actor's client.
        service: boto3's name of the service.
        action: The IAM action that the denial has to name.
        resource: Start of the ARN that the denial has to name.
        state: Reads what the request would change, or give away; empty for reads.
    """
    before = state()
    with pytest.raises(ClientError) as caught:
        request(actor.client(service))
    error, status = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
    assert error["Code"] in DENIED, caught.value
    assert status["HTTPStatusCode"] in STATUS
    message = error["Message"]
    assert actor.arn in message
    told = re.search(r'is not authorized to perform: (\S+) on resource: "?([^\s"]+)', message)
    assert told is not None, message
    assert (told[1], told[2].startswith(resource)) == (action, True), message
    assert state() == before
    return caught.value


def works_for(actor: Actor, request: Callable[[Any], object], *, service: str) -> None:
    """Make the same request as somebody who may: what was denied was no malformed request."""
    request(actor.client(service))


def nothing() -> None:
    """Read no state: the attack only reads."""


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
