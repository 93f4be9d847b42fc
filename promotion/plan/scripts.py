"""Which code objects two definitions use, and how their text differs by line. Pure."""

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from promotion.build.programs import source_text
from promotion.changes import Kind
from promotion.plan.model import ScriptDiff

_CODE_URI = re.compile(
    r"s3://(?P<bucket>[^/]+)/(?P<key>code/(?P<sha256>[0-9a-f]{64})/(?P<name>.+))"
)
_LINE_LIMIT = 2000


@dataclass(frozen=True)
class CodeUri:
    """The S3 URI of a code object: `s3://BUCKET/code/SHA256/NAME`."""

    bucket: str
    key: str
    sha256: str
    name: str


ReadCode = Callable[[CodeUri], bytes | None]


def diff_scripts(
    before: object, after: object, *, read_before: ReadCode, read_after: ReadCode
) -> tuple[ScriptDiff, ...]:
    """Return how the code of two definitions differs, by file name.

    Args:
        before: the definition in the account, parsed.
        after: the definition of the release, parsed.
        read_before: returns a former object's content, or None when it cannot be read.
        read_after: returns a new object's content.
    """
    old, new = set(_uris(before)), set(_uris(after))
    gone = sorted(old - new, key=lambda uri: (uri.name, uri.sha256))
    come = sorted(new - old, key=lambda uri: (uri.name, uri.sha256))
    return tuple(
        _diff(name, gone, come, read_before, read_after)
        for name in sorted({uri.name for uri in (*gone, *come)})
    )


def _diff(
    name: str,
    gone: list[CodeUri],
    come: list[CodeUri],
    read_before: ReadCode,
    read_after: ReadCode,
) -> ScriptDiff:
    olds = [uri for uri in gone if uri.name == name]
    news = [uri for uri in come if uri.name == name]
    if not olds:
        return ScriptDiff(name, Kind.ADDED)
    if not news:
        return ScriptDiff(name, Kind.REMOVED)
    if len(olds) > 1 or len(news) > 1:
        return ScriptDiff(name, Kind.CHANGED, note="several files of this name differ")
    if olds[0].sha256 == news[0].sha256:
        return ScriptDiff(name, Kind.CHANGED, note=f"same content, now in {news[0].bucket}")
    former, content = read_before(olds[0]), read_after(news[0])
    if former is None or content is None:
        return ScriptDiff(name, Kind.CHANGED, note="the former content cannot be read any more")
    return _text_diff(name, former, content)


def _text_diff(name: str, before: bytes, after: bytes) -> ScriptDiff:
    try:
        old, new = source_text(name, before).splitlines(), source_text(name, after).splitlines()
    except ValueError:  # UnicodeDecodeError is one
        sizes = f"{len(before)} bytes before, {len(after)} after"
        return ScriptDiff(name, Kind.CHANGED, note=f"not text: {sizes}")
    lines = list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]
    if len(lines) > _LINE_LIMIT:
        note = f"{len(lines)} lines of diff; the first {_LINE_LIMIT} are kept"
        return ScriptDiff(name, Kind.CHANGED, tuple(lines[:_LINE_LIMIT]), note)
    note = "" if lines else "only line endings differ"
    return ScriptDiff(name, Kind.CHANGED, tuple(lines), note)


def _uris(value: Any) -> Iterator[CodeUri]:
    if isinstance(value, str):
        if found := _CODE_URI.fullmatch(value):
            yield CodeUri(**found.groupdict())
    elif isinstance(value, dict):
        for child in value.values():
            yield from _uris(child)
    elif isinstance(value, list):
        for child in value:
            yield from _uris(child)
