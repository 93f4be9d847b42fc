"""IAM: AWS's own managed policies appear in an account when they are first asked for.

Writes moto's IAM store. Loading the 1,400 policies takes 0.3 s an account, which would
double the sandbox's start.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from moto.core.config import default_user_config
from moto.iam.models import iam_backends

if TYPE_CHECKING:
    from sandbox.services.answer import Answer
    from sandbox.services.call import Call
    from sandbox.services.moto_server import MotoServer

_AWS_POLICY = b"arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy"
_LISTING = {"ListPolicies", "GetAccountAuthorizationDetails"}


class IamApi:
    """Serves IAM operations.

    Args:
        moto: Serves all of them.
    """

    def __init__(self, moto: MotoServer) -> None:
        self._moto = moto
        self._lock = threading.Lock()

    def handle(self, call: Call) -> Answer:
        """Serve one operation."""
        if _AWS_POLICY in (call.body or b"") or call.operation in _LISTING:
            with self._lock:
                _load_managed_policies(call.account_id)
        return self._moto.serve(call)


def _load_managed_policies(account_id: str) -> None:
    backend = iam_backends[account_id]["aws"]
    if backend.aws_managed_policies:
        return
    before = default_user_config.get("iam")
    default_user_config["iam"] = {"load_aws_managed_policies": True}
    try:
        backend.aws_managed_policies = backend._init_aws_policies()
    finally:
        default_user_config["iam"] = before or {}
    backend.managed_policies.update({p.arn: p for p in backend.aws_managed_policies})
