"""IAM roles of one account. Calls IAM GetRole."""

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
