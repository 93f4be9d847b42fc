"""Checks a document that somebody wants recorded, and makes a record of it.

Reads, writes and calls nothing. Standard library only.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from typing import Any

from promotion.ledger.moments import is_timestamp
from promotion.ledger.record import KINDS, DatasetVersion, Record, canonical

_NAME = r"[a-z][a-z0-9-]{0,30}"
_ARN = r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:\d{0,12}:[\x21-\x7e]+"
_FORMS = {
    "actor": (rf"({_ARN})?", "the ARN of a principal, or empty"),
    "account_id": (r"\d{12}", "12 digits"),
    "environment": (_NAME, "the name of an environment"),
    "use_case": (rf"({_NAME})?", "the name of a use case, or empty"),
    "release_digest": (r"([0-9a-f]{64})?", "64 hexadecimal digits, or empty"),
    "git_commit": (r"[0-9A-Za-z_.-]{0,64}", "a commit, or empty"),
    "model_package_arn": (rf"({_ARN})?", "the ARN of a model package, or empty"),
}
_TOKEN = re.compile(r"[\x21-\x7e]{1,400}")
_SHOWN = 80


class RecordRefused(ValueError):
    """The document is no record that the ledger takes."""


def check_token(token: object) -> str:
    """Return the token.

    Raises:
        RecordRefused: it is no text of 1 to 400 printable ASCII characters without blanks.
    """
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise RecordRefused(
            f"token {_shown(token)} must have 1-400 printable ASCII characters and no blanks"
        )
    return token


def fits(name: str, value: object) -> bool:
    """Return whether a value has the form that a key of the record must have."""
    return isinstance(value, str) and re.fullmatch(_FORMS[name][0], value) is not None


def record_from(document: object) -> Record:
    """Return the record that a document describes.

    Args:
        document: what `Record.document` returns; keys with a default may be missing.

    Raises:
        RecordRefused: keys are unknown or missing, or values have the wrong form; names them all.
    """
    if not isinstance(document, Mapping):
        raise RecordRefused(f"the record {_shown(document)} must be a JSON object")
    problems = [*_keys(document, fields(Record), ""), *_values(document), *_json(document)]
    if problems:
        raise RecordRefused("the record is refused: " + "; ".join(problems))
    given = dict(document)
    versions = tuple(DatasetVersion(**each) for each in given.pop("dataset_versions", ()))
    return Record(**given, dataset_versions=versions)


def _keys(given: Mapping[Any, Any], known: tuple[Field[Any], ...], where: str) -> Iterator[str]:
    names = {each.name for each in known}
    for name in given:
        if name not in names:
            yield f"unknown key {where}{_shown(name)}"
    for each in known:
        required = each.default is MISSING and each.default_factory is MISSING
        if required and each.name not in given:
            yield f"{where}{each.name} is missing"


def _values(given: Mapping[Any, Any]) -> Iterator[str]:
    for name in ("kind", "at", *_FORMS, "reason", "outcome"):
        if name in given and not isinstance(given[name], str):
            yield f"{name} {_shown(given[name])} must be text"
        elif name in _FORMS and name in given and not fits(name, given[name]):
            yield f"{name} {_shown(given[name])} must be {_FORMS[name][1]}"
    if isinstance(given.get("kind"), str) and given["kind"] not in KINDS:
        yield f"kind {_shown(given['kind'])} must be one of {', '.join(KINDS)}"
    if isinstance(given.get("at"), str) and not is_timestamp(given["at"]):
        yield f"at {_shown(given['at'])} must be a UTC time like 2026-01-02T06:00:00.000000Z"
    yield from _datasets(given.get("dataset_versions", []))
    yield from _details(given.get("details", {}))


def _datasets(given: object) -> Iterator[str]:
    if not isinstance(given, list):
        yield f"dataset_versions {_shown(given)} must be a list"
        return
    for index, each in enumerate(given):
        where = f"dataset_versions[{index}]"
        if not isinstance(each, Mapping):
            yield f"{where} {_shown(each)} must be an object"
            continue
        yield from _keys(each, fields(DatasetVersion), f"{where}.")
        for name, value in each.items():
            kind, wanted = (int, "a number") if name == "size_bytes" else (str, "text")
            if not isinstance(value, kind) or isinstance(value, bool):
                yield f"{where}.{name} {_shown(value)} must be {wanted}"


def _details(given: object) -> Iterator[str]:
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        yield f"details {_shown(given)} must be an object"


def _json(given: object) -> Iterator[str]:
    try:
        # Half of a surrogate pair, which JSON can write, has no bytes.
        canonical(given).encode()
    except (TypeError, ValueError) as error:
        yield f"it is no JSON: {error}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
