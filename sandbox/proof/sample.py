"""A random order that is the same for everybody who draws with the same seed. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.proof.policies import Permission


def shuffled(permissions: Iterable[Permission], seed: str) -> list[Permission]:
    """Return permissions in random order.

    A permission's place is the digest of its name: others that come and go do not change the order
    of the rest.
    """

    def place(permission: Permission) -> str:
        return hashlib.sha256(f"{seed} {permission.name}".encode()).hexdigest()

    return sorted(permissions, key=place)
