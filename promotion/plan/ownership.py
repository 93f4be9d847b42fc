"""The tags by which a pipeline tells which release it is of. Reads and calls nothing."""

import hashlib
import json
from collections.abc import Mapping

RELEASE = "promotion:release"
USE_CASE = "promotion:use_case"
GIT_COMMIT = "promotion:git_commit"
DEFINITION = "promotion:definition"

_HEX = frozenset("0123456789abcdef")

KEYS = (RELEASE, USE_CASE, GIT_COMMIT, DEFINITION)


def tags_for(use_case: str, digest: str, git_commit: str, definition_json: str) -> dict[str, str]:
    """Return the tags of a pipeline of a release."""
    return {
        RELEASE: digest,
        USE_CASE: use_case,
        GIT_COMMIT: git_commit,
        DEFINITION: definition_digest(definition_json),
    }


def our_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return those of a pipeline's tags that promotion writes."""
    return {key: tags[key] for key in KEYS if key in tags}


def is_ours(tags: Mapping[str, str]) -> bool:
    """Return whether promotion wrote a pipeline that has these tags."""
    return RELEASE in tags


def short_commit(git_commit: str) -> str:
    """Return a commit as people write it; a word such as "uncommitted" stays whole."""
    return git_commit[:7] if set(git_commit) <= _HEX else git_commit


def definition_digest(definition_json: str) -> str:
    """Return the digest of a definition, the same however its JSON is spaced and ordered."""
    try:
        text = json.dumps(json.loads(definition_json), sort_keys=True, separators=(",", ":"))
    except ValueError:
        text = definition_json
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def edited_by_hand(definition_json: str, tags: Mapping[str, str]) -> bool:
    """Return whether a pipeline of ours has another definition than the one that was applied."""
    applied = tags.get(DEFINITION)
    return applied is not None and applied != definition_digest(definition_json)
