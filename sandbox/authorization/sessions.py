"""What sessions of roles were made with: session policies, tags and the source identity.

In memory, beside moto's sessions, which keep less.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from moto.iam.models import iam_backends

from sandbox.authorization import names
from sandbox.authorization.requirement import tags_in
from sandbox.clock import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.authorization.requirement import Values
    from sandbox.model import Clock, Document, Principal


@dataclass(frozen=True)
class Session:
    """One session.

    Attributes:
        policy: Session policy as text; empty when the session has all that its role has.
        keys: Condition keys that every request of the session carries.
    """

    policy: str = ""
    keys: Mapping[str, Values] = field(default_factory=dict)


_PLAIN = Session()


class Sessions:
    """Sessions by access key.

    Args:
        clock: Virtual time at which sessions are made.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sessions: dict[str, Session] = {}

    def of(self, principal: Principal) -> Session:
        """Return the session behind a principal's key."""
        return self._sessions.get(principal.access_key_id, _PLAIN)

    def keep(self, access_key_id: str, request: Document) -> None:
        """Remember what AssumeRole was asked for.

        Args:
            access_key_id: Of the new session.
            request: The operation's input.
        """
        keys: dict[str, Values] = {
            f"aws:principaltag/{name.lower()}": (value,) for name, value in tags_in(request).items()
        }
        keys["aws:tokenissuetime"] = (iso(self._clock.now()),)
        if request.get("SourceIdentity"):
            keys["aws:sourceidentity"] = (str(request["SourceIdentity"]),)
        self._sessions[access_key_id] = Session(session_policy(request), keys)


def session_policy(request: Document) -> str:
    """Return the policy of a session as one text: inline and managed policies together."""
    texts = [str(request["Policy"])] if request.get("Policy") else []
    account = str(request["RoleArn"]).split(":")[4]
    managed = iam_backends[account]["aws"].managed_policies
    for given in request.get("PolicyArns") or []:
        stored = managed.get(given.get("arn"))
        # A managed policy that does not exist allows nothing.
        texts += [names.managed_document(stored)] if stored else ['{"Statement": []}']
    if len(texts) < 2:  # noqa: PLR2004 - nothing to put together
        return "".join(texts)
    statements = []
    for text in texts:
        found = json.loads(text)["Statement"]
        statements += found if isinstance(found, list) else [found]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
