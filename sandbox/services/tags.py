"""Tags of SageMaker resources that the sandbox keeps itself.

Pure, in memory.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.model import Document


class Tags:
    """Tags by resource ARN."""

    def __init__(self) -> None:
        self._tags: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()

    def add(self, arn: str, tags: Iterable[Document]) -> list[Document]:
        """Add or overwrite tags; returns all tags of the resource."""
        with self._lock:
            known = self._tags.setdefault(arn, {})
            known.update({tag["Key"]: tag["Value"] for tag in tags})
            return _listed(known)

    def listed(self, arn: str) -> list[Document]:
        """Return a resource's tags as AWS lists them."""
        with self._lock:
            return _listed(self._tags.get(arn, {}))

    def by_key(self, arn: str) -> dict[str, str]:
        """Return a resource's tags by key."""
        with self._lock:
            return dict(self._tags.get(arn, {}))

    def remove(self, arn: str, keys: Iterable[str]) -> None:
        """Remove tags by key."""
        with self._lock:
            for key in keys:
                self._tags.get(arn, {}).pop(key, None)

    def forget(self, arn: str) -> None:
        """Remove all tags of a resource that is gone."""
        with self._lock:
            self._tags.pop(arn, None)


def _listed(tags: dict[str, str]) -> list[Document]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
