"""What pydantic found wrong in a file, in words. Reads, writes and calls nothing."""

import difflib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

KINDS = ("tooling", "registry", "workload")


def describe(found: "ErrorDetails", known: Mapping[str, Iterable[str]]) -> str:
    """Return one line for one of pydantic's errors: key path, and what is wrong.

    Args:
        found: the error.
        known: key names by the tag that pydantic puts first into the path of a union, to suggest
            a name for an unknown key of the top level.
    """
    location = [str(part) for part in found["loc"]]
    tag = location.pop(0) if location and location[0] in known else ""
    path = ".".join(part for part in location if part != "[key]") or "(the whole file)"
    match found["type"]:
        case "missing":
            return f"{path}: is missing"
        case "extra_forbidden":
            return f"{path}: unknown key{_suggestion(location, known.get(tag, ()))}"
        case "union_tag_not_found":
            return f"kind: is missing (one of {', '.join(KINDS)})"
        case "union_tag_invalid":
            return f"kind: is not one of {', '.join(KINDS)}"
        case _:
            return f"{path}: {found['msg']}"


def _suggestion(location: list[str], known: Iterable[str]) -> str:
    close = difflib.get_close_matches(location[-1], known, n=1) if len(location) == 1 else []
    return f" (did you mean {close[0]!r}?)" if close else ""
