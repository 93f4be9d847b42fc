"""The condition keys of a request.

Reads the caller's facts and tags of resources in the emulator's stores.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.authorization import names
from sandbox.authorization.callers import facts
from sandbox.authorization.resource_tags import tags_of
from sandbox.clock import iso

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sandbox.authorization.request import Caller
    from sandbox.authorization.requirement import Requirement, Values
    from sandbox.services.call import Call

# Their endpoint is one for all regions.
_GLOBAL = {"iam", "cloudfront", "organizations", "route53"}
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-calledvia
_CALLED_VIA = {"dynamodb"}
_TAGGED = ("iam",)


@dataclass(frozen=True)
class Surroundings:
    """What a request has around it.

    Attributes:
        region: Region that it was sent to.
        service: botocore's name of the service that it was sent to.
        secure: Whether it came over TLS.
        source_ip: Where it came from; empty for calls of AWS services.
        user_agent: Of the client; empty for calls of AWS services.
        source_arn: Resource on whose behalf a service calls; empty when it says none.
    """

    region: str
    service: str
    secure: bool = True
    source_ip: str = ""
    user_agent: str = ""
    source_arn: str = ""


def surroundings(call: Call) -> Surroundings:
    """Return what surrounds a call.

    The server speaks plain HTTP where AWS speaks TLS: a request counts as TLS unless its
    ``X-Forwarded-Proto`` says ``http``.
    """
    environ = call.environ
    by_service = bool(call.principal.service)
    return Surroundings(
        region="us-east-1" if call.service in _GLOBAL else call.region,
        service=call.service,
        secure=str(environ.get("HTTP_X_FORWARDED_PROTO", "https")).lower() != "http",
        source_ip="" if by_service else str(environ.get("REMOTE_ADDR", "127.0.0.1")),
        user_agent="" if by_service else str(environ.get("HTTP_USER_AGENT", "")),
        source_arn=call.principal.source_arn,
    )


def context_of(
    requirement: Requirement,
    caller: Caller,
    around: Surroundings,
    now: datetime,
    sagemaker_tags: Callable[[str], Mapping[str, str]],
) -> dict[str, Values]:
    """Return every condition key that a request carries, in lower case."""
    service = requirement.action.split(":", 1)[0]
    tags = {
        f"{family}:resourcetag/{key.lower()}": (value,)
        for key, value in tags_of(requirement.resource_arn, sagemaker_tags).items()
        for family in (("aws", service) if service in _TAGGED else ("aws",))
    }
    return {
        **facts(caller),
        **_of_request(around, now),
        "aws:resourceaccount": (requirement.resource_account,),
        **tags,
        **_on_behalf(requirement, around),
        **(_of_kms(requirement.resource_arn, caller) if service == "kms" else {}),
        **requirement.context,
    }


def _of_request(around: Surroundings, now: datetime) -> dict[str, Values]:
    keys: dict[str, Values] = {
        "aws:currenttime": (iso(now),),
        "aws:epochtime": (str(int(now.timestamp())),),
        "aws:securetransport": (str(around.secure).lower(),),
        "aws:requestedregion": (around.region,),
    }
    optional = {"aws:sourceip": around.source_ip, "aws:useragent": around.user_agent}
    if around.source_arn:
        account = around.source_arn.split(":")[4]
        optional |= {"aws:sourcearn": around.source_arn, "aws:sourceaccount": account}
    return keys | {name: (value,) for name, value in optional.items() if value}


def _on_behalf(requirement: Requirement, around: Surroundings) -> dict[str, Values]:
    keys: dict[str, Values] = {"aws:viaawsservice": (str(bool(requirement.via)).lower(),)}
    if requirement.via:
        name = f"{requirement.via}.{around.region}.amazonaws.com"
        keys["kms:viaservice"] = (name,)
    if requirement.via in _CALLED_VIA:
        principal = (f"{requirement.via}.amazonaws.com",)
        keys |= dict.fromkeys(
            ("aws:calledvia", "aws:calledviafirst", "aws:calledvialast"), principal
        )
    return keys


def _of_kms(arn: str, caller: Caller) -> dict[str, Values]:
    """Return what KMS adds.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    """
    stored = names.kms_key(arn)
    aliases = tuple(sorted(stored.aliases)) if stored is not None else ()
    keys: dict[str, Values] = {"kms:resourcealiases": aliases} if aliases else {}
    # A service that acts by itself calls from no account of a customer.
    return keys if caller.kind == "service" else {**keys, "kms:calleraccount": (caller.account_id,)}
