"""Entries: their text, digest and size; against digests reckoned by hand."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from promotion.ledger.chain import (
    GENESIS,
    MAXIMUM_BYTES,
    Entry,
    Receipt,
    RecordTooLarge,
    next_entry,
    receipt_of,
)
from promotion.ledger.moments import is_timestamp, timestamp
from promotion.ledger.record import DatasetVersion, Record, canonical

AT = "2026-01-02T06:00:00.000000Z"
LATER = "2026-01-02T06:00:01.000000Z"
FACTS = (
    '{"account_id":"333333333333","actor":"arn:aws:sts::333333333333:assumed-role/'
    'cross-account-jenkins-role/promote","at":"2026-01-02T06:00:00.000000Z",'
    '"dataset_versions":[],"details":{},"environment":"dev","git_commit":"","kind":"apply",'
    '"model_package_arn":"","outcome":"","reason":"große Änderung","release_digest":"",'
    '"use_case":""}'
)


def test_next_entry__first_and_second__are_these_bytes(record: Callable[..., Record]) -> None:
    first = next_entry(None, record(reason="große Änderung"), "a", LATER)
    body = (
        f'{{"previous":"{GENESIS}","record":{FACTS},"recorded_at":"{LATER}","sequence":1,'
        '"token":"a","version":1}'
    )
    assert first == Entry(1, hashlib.sha256(body.encode("utf-8")).hexdigest(), body)
    second = next_entry(first, record(), "b", LATER)
    assert (second.sequence, json.loads(second.body)["previous"]) == (2, first.digest)
    assert receipt_of(second, "b") == Receipt("b", 2, second.digest)


def test_next_entry__largest_record__fits_and_one_byte_more_is_refused(
    record: Callable[..., Record],
) -> None:
    size = len(next_entry(None, record(), "a", LATER).body)
    fits = record(reason="x" * (MAXIMUM_BYTES - size))
    assert len(next_entry(None, fits, "a", LATER).body) == MAXIMUM_BYTES
    with pytest.raises(RecordTooLarge) as caught:
        next_entry(None, record(reason=fits.reason + "x"), "a", LATER)
    assert str(caught.value) == (
        "the record has 131073 bytes, the ledger takes 131072: shorten its details, and keep what "
        "is long in S3"
    )


def test_document__datasets__are_objects(record: Callable[..., Record]) -> None:
    version = DatasetVersion("s3://data/x.csv", "v1", "e", "s", 3)
    assert record(dataset_versions=(version,)).document()["dataset_versions"] == [
        {"uri": "s3://data/x.csv", "version_id": "v1", "etag": "e", "sha256": "s", "size_bytes": 3}
    ]


def test_canonical__same_value__has_the_same_text() -> None:
    assert canonical({"b": [1, 0.1, True, None], "a": "ä\n"}) == (
        '{"a":"ä\\n","b":[1,0.1,true,null]}'
    )
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"x": float("nan")})


def test_timestamp__any_zone__is_utc_of_fixed_width() -> None:
    there = datetime(2026, 1, 2, 7, 0, tzinfo=timezone(timedelta(hours=1)))
    assert timestamp(there) == timestamp(datetime(2026, 1, 2, 6, 0, tzinfo=UTC)) == AT
    assert [is_timestamp(text) for text in (AT, AT[:-1], "2026-13-02T06:00:00.000000Z")] == [
        True,
        False,
        False,
    ]
