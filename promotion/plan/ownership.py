"""The mark by which a pipeline tells which release it is of. Reads and calls nothing.

The mark stands in the pipeline's description, which DescribePipeline and ListPipelines both return,
so that telling our pipelines costs no call of its own. The tags say the same to people, to cost
reports and to IAM's conditions; nothing is decided by them where there is a mark.
"""

import hashlib
import json
import re
from collections.abc import Mapping

RELEASE = "promotion:release"
USE_CASE = "promotion:use_case"
GIT_COMMIT = "promotion:git_commit"
DEFINITION = "promotion:definition"

_HEX = frozenset("0123456789abcdef")

KEYS = (RELEASE, USE_CASE, GIT_COMMIT, DEFINITION)

# "Written by promote: use_case=m release=… git_commit=… definition=…". A description takes 3072
# characters: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdatePipeline.html
_PREFIX = "Written by promote:"
_MARK = re.compile(
    rf"{_PREFIX} use_case=(?P<use_case>\S+) release=(?P<release>[0-9a-f]{{64}}) "
    r"git_commit=(?P<git_commit>\S+) definition=(?P<definition>[0-9a-f]{64})"
)
_WORDS = {"use_case": USE_CASE, "release": RELEASE, "git_commit": GIT_COMMIT,
          "definition": DEFINITION}  # fmt: skip


def tags_for(use_case: str, digest: str, git_commit: str, definition_json: str) -> dict[str, str]:
    """Return the tags of a pipeline of a release."""
    return {
        RELEASE: digest,
        USE_CASE: use_case,
        GIT_COMMIT: git_commit,
        DEFINITION: definition_digest(definition_json),
    }


def mark_of(tags: Mapping[str, str]) -> str:
    """Return the mark that says what a pipeline's tags say (see `tags_for`)."""
    return " ".join([_PREFIX, *(f"{word}={tags[key]}" for word, key in _WORDS.items())])


def marked(description: str) -> dict[str, str]:
    """Return what a description's mark says, as tags; empty where there is no mark."""
    found = _MARK.fullmatch(description)
    return {key: found[word] for word, key in _WORDS.items()} if found else {}


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
