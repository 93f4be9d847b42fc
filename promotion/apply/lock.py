"""The lock of an environment: who changes its account now, and since when.

An object in the account's state bucket, written with `If-None-Match: *`, so that S3 itself lets one
of several writers through, and removed with `If-Match`, so that nobody removes another's. Calls S3
GetObject; mutates with PutObject and DeleteObject.

A lock that its holder left behind (killed, or cut off) is taken over by nobody, not even by the
same caller with the same plan: its ARN and its plan are no proof that the process is dead. A build
that Jenkins has lost sight of may still be writing on another agent, and two applies of one plan
that interleave would each restore, after a failure, what the other has just written. Only a person
can know; he says so, with a reason, by `promote unlock`, and the ledger keeps both.
"""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from promotion.aws.control_objects import ControlObjects
from promotion.aws.errors import RemoteMissing
from promotion.aws.session import AccountSession
from promotion.config import Environment
from promotion.errors import RemoteError
from promotion.ledger.moments import timestamp

# Between losing against a lock and looking at it, its holder may release it.
_ATTEMPTS = 5
_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Lock:
    """What a lock says.

    Attributes:
        id: made for this lock; no two have the same.
        who: ARN of the holder.
        since: when it was taken, as the ledger writes times.
        plan_digest: digest of the plan file that is applied.
        purpose: what the plan is for: apply, rollback or destroy.
    """

    id: str
    who: str
    since: str
    plan_digest: str
    purpose: str

    def __str__(self) -> str:
        """Return the holder in words."""
        return f"{self.who} since {self.since}: {self.purpose} of plan {self.plan_digest[:12]}"


@dataclass(frozen=True)
class HeldLock:
    """A lock as the bucket has it.

    Attributes:
        lock: what it says; what cannot be read of it is "unknown".
        etag: entity tag of the object.
    """

    lock: Lock
    etag: str


class LockHeld(RemoteError):
    """Somebody else holds the lock; nothing was done."""


class LockLost(RemoteError):
    """The lock was not ours any more when it was to be released."""


def new_lock(who: str, plan_digest: str, purpose: str) -> Lock:
    """Return a lock that says who takes it now and what for."""
    return Lock(
        id=secrets.token_hex(16),
        who=who,
        since=timestamp(datetime.now(UTC)),
        plan_digest=plan_digest,
        purpose=purpose,
    )


class EnvironmentLock:
    """The lock of one environment.

    Args:
        session: session in its account.
        environment: whose lock.
        objects: gateway to the state bucket; None makes one.
    """

    def __init__(
        self,
        session: AccountSession,
        environment: Environment,
        objects: ControlObjects | None = None,
    ) -> None:
        """Keep the place of the lock; nothing is called yet."""
        self._objects = objects or ControlObjects(
            session.s3, session.account_id, environment.buckets.state
        )
        self._environment = environment.environment
        self._account_id = session.account_id
        self._key = environment.lock_key

    @property
    def uri(self) -> str:
        """S3 URI of the lock."""
        return self._objects.uri(self._key)

    def held(self) -> HeldLock | None:
        """Return the lock, or None when nobody holds it."""
        stored = self._objects.read(self._key)
        return HeldLock(_lock_of(stored.body), stored.etag) if stored else None

    def remove(self, held: HeldLock) -> bool:
        """Remove a lock unless it is another one by now, and return whether it was removed."""
        return self._objects.remove(self._key, held.etag)

    @contextmanager
    def hold(self, lock: Lock) -> Iterator[None]:
        """Hold the lock for as long as the block runs; it is released however the block ends.

        Raises:
            LockHeld: somebody else holds it; the block was not entered.
            LockLost: the block ended well, but somebody else has the lock by now.
            RemoteError: S3 fails; where the release failed, the block ended well.
        """
        try:
            self._take(lock)
            yield
        except LockHeld:
            raise
        except BaseException as error:
            self._release_after(error, lock)
            raise
        self._release(lock)

    def _take(self, lock: Lock) -> None:
        body = json.dumps(asdict(lock), indent=1, sort_keys=True).encode()
        for _ in range(_ATTEMPTS):
            try:
                if self._objects.create(self._key, body):
                    return
            except RemoteMissing as error:
                error.hint = f"create it: promote bootstrap {self._environment}"
                raise
            found = self.held()
            if found and found.lock.id == lock.id:
                return  # written by an attempt whose answer was lost
            if found:
                raise self._refusal(found.lock)
        raise RemoteError(
            f"the lock {self.uri} cannot be taken: others take and release it all the time",
            account_id=self._account_id,
            operation="s3.PutObject",
            resource=self.uri,
            hint="nothing was applied; run the command again",
        )

    def _release(self, lock: Lock) -> None:
        found = self.held()
        # Gone is released: by an attempt whose answer was lost, or by `promote unlock`.
        if found is None or (found.lock.id == lock.id and self.remove(found)):
            return
        raise LockLost(
            f"{self._environment} was unlocked while its lock was held, and is locked by "
            f"{found.lock}",
            account_id=self._account_id,
            operation="s3.DeleteObject",
            resource=self.uri,
            hint="everything was carried out, but perhaps not alone: when the other is done, plan "
            f"again: promote plan {self._environment}",
        )

    def _release_after(self, error: BaseException, lock: Lock) -> None:
        """Release the lock after a failure, which remains what is reported."""
        try:
            self._release(lock)
        except RemoteError as second:
            told = f"the lock {self.uri} was not released: {second.message}"
            if isinstance(error, RemoteError):
                error.problems = (*error.problems, told)
            error.add_note(told)

    def _refusal(self, found: Lock) -> LockHeld:
        return LockHeld(
            f"{self._environment} is locked by {found}",
            account_id=self._account_id,
            operation="s3.PutObject",
            resource=self.uri,
            hint="nothing was applied; wait until that run has ended, or, when it is dead: "
            f"promote unlock {self._environment} --reason TEXT",
        )


def _lock_of(body: bytes) -> Lock:
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    values = document if isinstance(document, dict) else {}
    return Lock(
        **{
            name: " ".join(str(values.get(name) or _UNKNOWN).split())[:200]
            for name in ("id", "who", "since", "plan_digest", "purpose")
        }
    )
