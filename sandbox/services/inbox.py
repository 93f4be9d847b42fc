"""The inbox: e-mails that SNS would have sent.

Pure, in memory.
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sandbox.clock import iso

if TYPE_CHECKING:
    from sandbox.model import Clock, Document


@dataclass(frozen=True)
class Mail:
    """One e-mail.

    Attributes:
        at: Virtual time, ISO 8601.
        account: Account of the topic.
        topic: ARN of the topic.
        to: Address that is subscribed.
        subject: SNS's default when the publisher gave none.
        body: The message.
    """

    at: str
    account: str
    topic: str
    to: str
    subject: str
    body: str


class Inbox:
    """Collects e-mails.

    Args:
        clock: Virtual time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._mails: list[Mail] = []
        self._lock = threading.Lock()

    def deliver(self, *, topic: str, to: str, subject: str | None, body: str) -> None:
        """Add an e-mail."""
        mail = Mail(
            at=iso(self._clock.now()),
            account=topic.split(":")[4],
            topic=topic,
            to=to,
            subject=subject or "AWS Notification Message",
            body=body,
        )
        with self._lock:
            self._mails.append(mail)

    @property
    def mails(self) -> tuple[Mail, ...]:
        """All e-mails, oldest first."""
        with self._lock:
            return tuple(self._mails)

    def listing(self) -> list[Document]:
        """Return all e-mails, oldest first, ready for JSON."""
        return [asdict(mail) for mail in self.mails]
