"""IAM roles of one account. Calls IAM GetRole."""

from collections.abc import Mapping
from typing import Any

from promotion.aws.errors import Call, RemoteMissing, remote_call
from promotion.aws.session import AccountSession


def role_exists(session: AccountSession, role_name: str) -> bool:
    """Return whether the account has the role."""
    try:
        with remote_call(Call(session.account_id, "iam.GetRole", role_name)):
            session.iam.get_role(RoleName=role_name)
    except RemoteMissing:
        return False
    return True


def trust_policy(session: AccountSession, role_name: str) -> Mapping[str, Any]:
    """Return who may assume a role.

    Raises:
        RemoteMissing: there is no such role.
    """
    with remote_call(Call(session.account_id, "iam.GetRole", role_name)):
        role = session.iam.get_role(RoleName=role_name)["Role"]
    # boto3 decodes the document; its stubs say str.
    document: Any = role["AssumeRolePolicyDocument"]
    return dict(document)
