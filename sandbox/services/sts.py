"""STS: assuming roles as their trust policies say, and telling callers who they are.

Reads the emulator's IAM store; moto creates the sessions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.authorization.statements import role_arn_of
from sandbox.authorization.trust import find_role, require_trust
from sandbox.model import Document, ServiceError

if TYPE_CHECKING:
    from sandbox.services.answer import Answer
    from sandbox.services.call import Call
    from sandbox.services.moto_server import MotoServer

_DEFAULT_SECONDS = 3600
_CHAINED_SECONDS = 3600


class StsApi:
    """Serves STS operations.

    Args:
        moto: Creates sessions.
    """

    def __init__(self, moto: MotoServer) -> None:
        self._moto = moto

    def assume_role(self, call: Call) -> Answer:
        """Serve AssumeRole: the role exists, trusts the caller and allows the duration.

        https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
        """
        parameters = call.parameters
        role = require_trust(
            parameters["RoleArn"],
            call.principal,
            external_id=parameters.get("ExternalId"),
            session_name=parameters["RoleSessionName"],
        )
        seconds = int(parameters.get("DurationSeconds") or _DEFAULT_SECONDS)
        longest = int(role.max_session_duration or _DEFAULT_SECONDS)
        if role_arn_of(call.principal.arn) and seconds > _CHAINED_SECONDS:
            raise ServiceError(
                "ValidationError",
                "The requested DurationSeconds exceeds the 1 hour session limit for roles "
                "assumed by role chaining",
            )
        if seconds > longest:
            raise ServiceError(
                "ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            )
        return self._moto.serve(call)

    def get_caller_identity(self, call: Call) -> Document:
        """Serve GetCallerIdentity."""
        principal = call.principal
        return {
            "UserId": _user_id(principal.arn, principal.account_id),
            "Account": principal.account_id,
            "Arn": principal.arn,
        }


def _user_id(arn: str, account_id: str) -> str:
    from moto.iam.models import iam_backends

    role_arn = role_arn_of(arn)
    if role_arn:
        role = find_role(role_arn)
        return f"{role.id if role else 'AROAUNKNOWN'}:{arn.rsplit('/', 1)[-1]}"
    if ":user/" in arn:
        return str(iam_backends[account_id]["aws"].get_user(arn.rsplit("/", 1)[-1]).id)
    return account_id
