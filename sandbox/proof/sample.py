"""A random sample that is the same for everybody who draws it with the same seed. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.proof.policies import Permission


def sample(permissions: Iterable[Permission], size: int, seed: str = "") -> list[Permission]:
    """Return ``size`` permissions, or all when there are fewer, in their order.

    A permission's place is the digest of its name: others that come and go do not change which of
    the rest are drawn.
    """

    def place(permission: Permission) -> str:
        return hashlib.sha256(f"{seed} {permission.name}".encode()).hexdigest()

    return sorted(sorted(permissions, key=place)[:size])
