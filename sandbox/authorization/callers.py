"""Who asks: a principal of a request as the evaluation sees it, and what is known of it.

Reads moto's IAM and STS stores.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from moto.iam.models import iam_backends

from sandbox.authorization import names
from sandbox.authorization.request import Caller
from sandbox.authorization.requirement import tag_pairs

if TYPE_CHECKING:
    from sandbox.authorization.requirement import Values
    from sandbox.model import Principal

_SESSION = re.compile(r"arn:aws:sts::(\d{12}):assumed-role/([^/]+)/(.+)")


def role_arn_of(session_arn: str) -> str | None:
    """Return the role's ARN of an assumed-role session, ``None`` for any other caller."""
    match = _SESSION.fullmatch(session_arn)
    if match is None:
        return None
    stored = names.role(match[1], match[2])
    return str(stored.arn) if stored else f"arn:aws:iam::{match[1]}:role/{match[2]}"


def caller_of(principal: Principal) -> Caller:
    """Return the caller that a principal is."""
    account, arn = principal.account_id, principal.arn
    if principal.service:
        return Caller(account, arn, "service", service=principal.service)
    role = role_arn_of(arn)
    if role:
        return Caller(account, arn, "session", role_arn=role)
    return Caller(account, arn, "root" if arn.endswith(":root") else "user")


def service_caller(account_id: str, service: str) -> Caller:
    """Return an AWS service that acts by itself."""
    return Caller(account_id, service, "service", service=service)


def account_caller(account_id: str) -> Caller:
    """Return an account as a whole, as its services act in it without a role."""
    return Caller(account_id, f"arn:aws:iam::{account_id}:root", "root")


def role_caller(role_arn: str, session_name: str) -> Caller:
    """Return a session of a role."""
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    session = f"arn:aws:sts::{account}:assumed-role/{name}/{session_name}"
    return Caller(account, session, "session", role_arn=role_arn)


def facts(caller: Caller) -> dict[str, Values]:
    """Return the condition keys about the caller itself.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
    """
    if caller.kind == "service":
        return {
            "aws:principalisawsservice": ("true",),
            "aws:principalservicename": (caller.service,),
            "aws:principalservicenameslist": (caller.service,),
        }
    own = {
        "aws:principalaccount": (caller.account_id,),
        "aws:principalarn": (caller.role_arn or caller.arn,),
        "aws:principalisawsservice": ("false",),
    }
    return {**own, **_by_kind(caller)}


def _by_kind(caller: Caller) -> dict[str, Values]:
    if caller.kind == "root":
        return {"aws:principaltype": ("Account",), "aws:userid": (caller.account_id,)}
    if caller.kind == "user":
        return _user(caller)
    stored = names.role(caller.account_id, str(caller.role_arn).rsplit("/", 1)[-1])
    session = caller.arn.rsplit("/", 1)[-1]
    return {
        "aws:principaltype": ("AssumedRole",),
        "aws:multifactorauthpresent": ("false",),
        **({"aws:userid": (f"{stored.id}:{session}",)} if stored else {}),
        **_tags(stored.tags if stored else []),
    }


def _user(caller: Caller) -> dict[str, Values]:
    name = caller.arn.rsplit("/", 1)[-1]
    stored = names.user(caller.account_id, name)
    if stored is None:
        return {"aws:principaltype": ("User",), "aws:username": (name,)}
    listed = iam_backends[caller.account_id]["aws"].tagger.list_tags_for_resource(stored.arn)
    return {
        "aws:principaltype": ("User",),
        "aws:username": (name,),
        "aws:userid": (str(stored.id),),
        **_tags(listed.get("Tags", [])),
    }


def _tags(tags: list[dict[str, str]]) -> dict[str, Values]:
    return {f"aws:principaltag/{k.lower()}": (v,) for k, v in tag_pairs(tags).items()}
