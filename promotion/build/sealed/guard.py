"""Refuses what a build must not do: network, processes, and AWS calls without a local answer.

Reads and writes nothing. `Guard.install` changes this interpreter for good: an audit hook cannot
be removed, and botocore's API calls no longer leave the process.
"""

import datetime
import importlib.util
import sys
from typing import Any

from promotion.build.sealed.places import Places, passes_through

# No region of AWS: what depends on the region cannot be mistaken for an intended value.
NEUTRAL_REGION = "eu-neutral-1"
NEUTRAL_ACCOUNT_ID = "000000000000"

# https://docs.python.org/3/library/audit_events.html
_NETWORK_EVENTS = {
    "socket.connect",
    "socket.getaddrinfo",
    "socket.gethostbyaddr",
    "socket.gethostbyname",
    "socket.getnameinfo",
    "socket.sendmsg",
    "socket.sendto",
}
_PROCESS_EVENTS = {"os.exec", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen"}

# SDK v2 and v3 report their use with an HTTP request that no environment variable turns off, and
# go on quietly when it fails: refused like the rest, but no fault of the use case.
_TELEMETRY = "/telemetry/telemetry_logging.py"


class RefusedCallError(Exception):
    """A call that a build may not make."""


class Guard:
    """Refuses calls and remembers them, so that one that is swallowed is reported all the same.

    Args:
        places: finds the line of the use case that made a call.
    """

    def __init__(self, places: Places) -> None:
        """Start with nothing refused."""
        self.refused: list[str] = []
        self._places = places

    def install(self) -> None:
        """Guard this interpreter, until it ends."""
        if importlib.util.find_spec("botocore"):  # not where no SDK is needed
            self._answer_calls()
        sys.addaudithook(self._audit)

    def _answer_calls(self) -> None:
        import botocore.client

        def answer_locally(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
            return self._answer(client.meta.service_model.service_name, operation)

        botocore.client.BaseClient._make_api_call = answer_locally  # type: ignore[attr-defined]

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _NETWORK_EVENTS:
            target = arguments[0] if event == "socket.getaddrinfo" else arguments[-1]
            self._refuse(f"network access ({event}, {target!r})")
        elif event in _PROCESS_EVENTS:
            self._refuse(f"another process ({event}, {arguments[0]!r})")

    def _answer(self, service: str, operation: str) -> dict[str, Any]:
        match f"{service}.{operation}":
            case "sts.GetCallerIdentity":
                return {
                    "Account": NEUTRAL_ACCOUNT_ID,
                    "UserId": "AROABUILD:build",
                    "Arn": f"arn:aws:sts::{NEUTRAL_ACCOUNT_ID}:assumed-role/build/build",
                }
            case "s3.ListBuckets":
                # The SDK's default bucket "exists", else it would be created.
                name = f"sagemaker-{NEUTRAL_REGION}-{NEUTRAL_ACCOUNT_ID}"
                created = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
                return {"Buckets": [{"Name": name, "CreationDate": created}]}
            case "s3.HeadBucket":
                return {"BucketRegion": NEUTRAL_REGION}
            case call:
                return self._refuse(f"AWS call {call}")

    def _refuse(self, what: str) -> dict[str, Any]:
        message = f"{self._places.current()}: {what} is refused during a build"
        if not passes_through(_TELEMETRY) and message not in self.refused:
            self.refused.append(message)
        raise RefusedCallError(message)
