"""The front door: every AWS request's caller and operation are known here, in one place.

A WSGI application. Identifies the principal by the access key, the service and operation by
botocore's descriptions, the account by the principal or the resource that is named; has the
call authorized; then lets one of our services answer, or moto.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from sandbox.model import Principal, ServiceError
from sandbox.services import answer as answers
from sandbox.services.answer import Answer
from sandbox.services.attempts import Attempts
from sandbox.services.call import Call, credential_scope, identify, read_body, service_of
from sandbox.services.ownership import owner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.authorization.authorizer import Authorizer
    from sandbox.authorization.identity import Identities
    from sandbox.model import Document
    from sandbox.services.call import Environ
    from sandbox.services.moto_server import MotoServer

    Handler = Callable[[Call], Document | Answer]

_LOG = logging.getLogger(__name__)
_FORBIDDEN = 403


class Gateway:
    """Routes AWS requests.

    Args:
        identities: Who has which key.
        authorizer: Decides every call.
        accounts: Ids of the emulated accounts.
        moto: Serves what no handler serves.
        handlers: Our operations by service and operation; the operation ``*`` takes all of a
            service.
        control: Serves paths below ``/_sandbox/``.
    """

    def __init__(
        self,
        *,
        identities: Identities,
        authorizer: Authorizer,
        accounts: frozenset[str],
        moto: MotoServer,
        handlers: Mapping[tuple[str, str], Handler],
        control: Callable[[Environ], Answer],
    ) -> None:
        self._identities = identities
        self._authorizer = authorizer
        self._accounts = accounts
        self._moto = moto
        self._handlers = handlers
        self._control = control
        self._attempts = Attempts()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
        """Serve one request (PEP 3333)."""
        # Only this module says whose account a call is for.
        environ.pop("HTTP_X_MOTO_ACCOUNT_ID", None)
        if environ.get("PATH_INFO", "").startswith("/_sandbox/"):
            return self._control(environ).send(start_response)
        return self._serve(environ).send(start_response)

    def _serve(self, environ: Environ) -> Answer:
        scope = credential_scope(environ)
        if scope is None:
            return _unsigned(environ)
        body = read_body(environ, service_of(environ, scope))
        principal = self._identities.resolve(scope.access_key_id)
        if principal is None:
            unknown = Principal("", "", scope.access_key_id)
            reason = self._identities.reason_unknown(scope.access_key_id)
            return _unknown_key(identify(environ, scope, unknown, body=body), reason)
        call = identify(environ, scope, principal, body=body)
        try:
            call.account_id = owner(call, self._accounts)
            self._authorizer.authorize(call)
            return self._attempts.answer(call, self._route)
        except ServiceError as failure:
            return answers.error(call, failure)
        except Exception as failure:  # our own faults, whatever they are; logged
            _LOG.exception("failed at %s %s", call.service, call.operation)
            message = (
                f"the sandbox failed at {call.service}:{call.operation}: "
                f"{type(failure).__name__}: {failure}; see the log that `sandbox status` names"
            )
            return answers.error(call, ServiceError("SandboxFailure", message))

    def _route(self, call: Call) -> Answer:
        handler = self._handlers.get((call.service, call.operation)) or self._handlers.get(
            (call.service, "*")
        )
        outcome = handler(call) if handler else self._moto.serve(call)
        return outcome if isinstance(outcome, Answer) else answers.result(call, outcome)


def _unsigned(environ: Environ) -> Answer:
    call = Call(environ, "s3", "", "", "rest-xml", Principal("", ""), "", None)
    return answers.error(
        call,
        ServiceError(
            "MissingAuthenticationToken",
            "the request is not signed: the sandbox serves signed AWS requests; "
            "`sandbox env PRINCIPAL` prints credentials",
            _FORBIDDEN,
        ),
    )


def _unknown_key(call: Call, reason: str) -> Answer:
    code = {"s3": "InvalidAccessKeyId", "sts": "InvalidClientTokenId"}.get(call.service)
    if code is None:
        code = "UnrecognizedClientException" if "json" in call.protocol else "InvalidClientTokenId"
    message = f"The security token included in the request is invalid: {reason}"
    return answers.error(call, ServiceError(code, message, _FORBIDDEN))
