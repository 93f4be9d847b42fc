"""Sets of wheels among a release's code. Pure."""

import hashlib
from collections.abc import Mapping

WHEELS_FOLDER = "wheels"


def set_digests(code: Mapping[str, str]) -> dict[str, str]:
    """Return the digest of each set of wheels among a release's code, by the set's name.

    It is the SHA-256 over the digest and name of each file of the set, sorted by name.

    Args:
        code: SHA-256 (64 hex digits) of each file, by its path in the release's code.
    """
    lines: dict[str, list[str]] = {}
    for path, digest in sorted(code.items()):
        if found := set_of(path):
            name, file = found
            lines.setdefault(name, []).append(f"{digest} {file}\n")
    return {
        name: hashlib.sha256("".join(each).encode()).hexdigest() for name, each in lines.items()
    }


def set_of(path: str) -> tuple[str, str] | None:
    """Return set and file name of a path in a release's code; None for step code."""
    top, _, rest = path.partition("/")
    name, _, file = rest.partition("/")
    return (name, file) if top == WHEELS_FOLDER else None
