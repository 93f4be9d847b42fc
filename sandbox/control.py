"""The sandbox's own HTTP interface below ``/_sandbox/``: health, clock, inbox, deliveries.

JSON in and out, no credentials. ``GET health|principals|clock|inbox|deliveries``;
``POST clock`` with ``{"advance": "1d"}`` or ``{"until": "2026-11-22T06:00:00Z"}`` or
``{"until": "next"}`` and optionally ``"wait_seconds"`` (``null``: do not wait for what
fires); ``POST wait`` with ``{"timeout_seconds": 60}`` answers once nothing runs.

Of the authorization: ``PUT label`` with ``{"label": "train"}`` names what is going on in the
journal from now on; ``GET journal`` lists every distinct decision. Nothing here changes what is
allowed: jobs know the address.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from moto.core.request import Request

from sandbox.clock import VirtualClock, iso, parse_duration, parse_moment
from sandbox.model import Document, SandboxError
from sandbox.services.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.authorization.authorizer import Authorizer
    from sandbox.events.deliveries import Deliveries
    from sandbox.events.schedule import Scheduler
    from sandbox.services.call import Environ
    from sandbox.services.inbox import Inbox

_OK, _BAD_REQUEST, _NOT_FOUND = 200, 400, 404
_SETTLE_SECONDS = 900.0


class Running(Protocol):
    """What the interface shows and moves."""

    @property
    def clock(self) -> VirtualClock:
        """The virtual clock."""
        ...

    @property
    def scheduler(self) -> Scheduler:
        """Fires schedules."""
        ...

    @property
    def inbox(self) -> Inbox:
        """E-mails."""
        ...

    @property
    def deliveries(self) -> Deliveries:
        """Background work."""
        ...

    @property
    def authorizer(self) -> Authorizer:
        """Decides every call."""
        ...

    def description(self) -> Document:
        """Return accounts and principals."""
        ...

    def settle(self, timeout_seconds: float) -> None:
        """Return once nothing runs."""
        ...


class Control:
    """Serves the interface.

    Args:
        sandbox: The running sandbox.
    """

    def __init__(self, sandbox: Running) -> None:
        self._sandbox = sandbox
        self._routes: dict[tuple[str, str], Callable[[Document], Document]] = {
            ("GET", "health"): lambda _: {"status": "ok", **sandbox.description()},
            ("GET", "inbox"): lambda _: {"mails": sandbox.inbox.listing()},
            ("GET", "deliveries"): lambda _: {"deliveries": sandbox.deliveries.listing()},
            ("GET", "clock"): lambda _: self._time(),
            ("POST", "clock"): self._move,
            ("POST", "wait"): self._wait,
            ("GET", "journal"): lambda _: self._journal(),
            ("PUT", "label"): self._label,
        }

    def __call__(self, environ: Environ) -> Answer:
        """Serve one request."""
        name = environ["PATH_INFO"].removeprefix("/_sandbox/").strip("/")
        route = self._routes.get((environ["REQUEST_METHOD"], name))
        if route is None:
            known = ", ".join(sorted(f"{method} {path}" for method, path in self._routes))
            return _answer(_NOT_FOUND, {"error": f"no /_sandbox/{name}: there are {known}"})
        try:
            return _answer(_OK, route(_document(environ)))
        except SandboxError as error:
            return _answer(_BAD_REQUEST, {"error": str(error)})

    def _time(self) -> Document:
        clock = self._sandbox.clock
        upcoming = self._sandbox.scheduler.upcoming()
        return {
            "now": iso(clock.now()),
            "offset_seconds": clock.offset_seconds,
            "upcoming": [{"rule": due.rule.arn, "at": iso(due.at)} for due in upcoming],
        }

    def _move(self, given: Document) -> Document:
        wait = given.get("wait_seconds", _SETTLE_SECONDS)
        moment = self._moment(given)
        fired = self._sandbox.scheduler.advance_to(moment, settle_seconds=wait)
        return {**self._time(), "fired": fired}

    def _moment(self, given: Document) -> datetime:
        if ("advance" in given) == ("until" in given):
            raise SandboxError('give either {"advance": "1d"} or {"until": TIME or "next"}')
        if "advance" in given:
            return self._sandbox.clock.now() + parse_duration(str(given["advance"]))
        if str(given["until"]).lower() != "next":
            return parse_moment(str(given["until"]))
        upcoming = self._sandbox.scheduler.upcoming()
        if not upcoming:
            raise SandboxError("no schedule is enabled: nothing comes next")
        return upcoming[0].at

    def _journal(self) -> Document:
        return {"decisions": [entry.listed() for entry in self._sandbox.authorizer.journal]}

    def _label(self, given: Document) -> Document:
        label = given.get("label")
        if not isinstance(label, str):
            raise SandboxError('give {"label": TEXT}')
        self._sandbox.authorizer.label = label
        return {"label": label}

    def _wait(self, given: Document) -> Document:
        self._sandbox.settle(float(given.get("timeout_seconds", _SETTLE_SECONDS)))
        return {"idle": True}


def _document(environ: Environ) -> Document:
    body = Request(environ).get_data(cache=False)
    try:
        document = json.loads(body or b"{}")
    except json.JSONDecodeError as error:
        raise SandboxError(f"the request's body is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise SandboxError("the request's body is not a JSON object")
    return document


def _answer(status: int, document: dict[str, Any]) -> Answer:
    body = json.dumps(document, sort_keys=True).encode()
    return Answer(status, [("Content-Type", "application/json")], body)
