"""STS: assuming roles as their trust policies say, and telling callers who they are.

Reads the emulator's IAM store; moto creates the sessions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.authorization.callers import role_arn_of
from sandbox.authorization.trust import find_role
from sandbox.model import Document, ServiceError
from sandbox.services.moto_server import not_emulated

if TYPE_CHECKING:
    from sandbox.authorization.sessions import Sessions
    from sandbox.services.answer import Answer
    from sandbox.services.call import Call
    from sandbox.services.moto_server import MotoServer

_DEFAULT_SECONDS = 3600
_CHAINED_SECONDS = 3600
_ACCESS_KEY = re.compile(rb"<AccessKeyId>(\w+)</AccessKeyId>")


class StsApi:
    """Serves STS operations.

    Args:
        moto: Creates sessions.
        sessions: Remembers their policies and tags.

    Attributes:
        REFUSED: Operations whose credentials the sandbox would not know.
    """

    REFUSED = (
        "AssumeRoleWithSAML",
        "AssumeRoleWithWebIdentity",
        "GetFederationToken",
        "GetSessionToken",
    )

    def __init__(self, moto: MotoServer, sessions: Sessions) -> None:
        self._moto = moto
        self._sessions = sessions

    def assume_role(self, call: Call) -> Answer:
        """Serve AssumeRole: the role, which trusts the caller already, allows the duration.

        https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html

        Raises:
            ServiceError: ``AccessDenied`` when there is no such role, for the sandbox's own
                callers, whom nobody authorizes; ``ValidationError`` for the duration.
        """
        parameters = call.parameters
        role = find_role(parameters["RoleArn"])
        if role is None:
            raise ServiceError("AccessDenied", f"no role {parameters['RoleArn']}", 403)
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
        answer = self._moto.serve(call)
        key = _ACCESS_KEY.search(answer.body)
        if key is not None:
            self._sessions.keep(key[1].decode(), parameters)
        return answer

    def refuse(self, call: Call) -> Answer:
        """Answer that nobody here serves the operation.

        Raises:
            ServiceError: Always.
        """
        raise not_emulated(call, "only roles are assumed")

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
