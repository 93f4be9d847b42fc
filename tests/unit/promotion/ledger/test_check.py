"""What the ledger takes, and what it refuses with which words."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promotion.ledger.check import RecordRefused, check_token, fits, record_from
from promotion.ledger.record import DatasetVersion, Record

FULL: dict[str, Any] = {
    "kind": "execution",
    "at": "2026-01-02T06:00:00.000000Z",
    "actor": "arn:aws:sts::444444444444:assumed-role/eventbridge-sagemaker-role/events",
    "account_id": "444444444444",
    "environment": "prod",
    "use_case": "mammography",
    "release_digest": "ab" * 32,
    "git_commit": "c0ffee" * 6 + "c0ff",
    "model_package_arn": "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/1",
    "reason": "",
    "outcome": "Succeeded",
    "dataset_versions": [
        {"uri": "s3://d/x", "version_id": "v", "etag": "e", "sha256": "", "size_bytes": 9}
    ],
    "details": {"seconds": 7.5, "steps": [{"name": "Train"}]},
}


def test_record_from__full_document__is_the_record_and_back() -> None:
    record = record_from(FULL)
    assert record.dataset_versions == (DatasetVersion("s3://d/x", "v", "e", "", 9),)
    assert record.document() == FULL


def test_record_from__least_document__has_the_defaults(record: Callable[..., Record]) -> None:
    wanted = record(kind="unlock", actor="")
    names = ("kind", "at", "actor", "account_id", "environment")
    assert record_from({name: getattr(wanted, name) for name in names}) == wanted


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"kind": "gossip"}, "kind 'gossip' must be one of registration, approval, "),
        ({"kind": 7}, "kind 7 must be text"),
        ({"at": "yesterday"}, "at 'yesterday' must be a UTC time like 2026-01-02T06:00:00.000000Z"),
        ({"actor": "me"}, "actor 'me' must be the ARN of a principal, or empty"),
        ({"actor": "arn:aws:iam::1:user/a\n"}, "must be the ARN of a principal, or empty"),
        ({"account_id": "44444444444"}, "account_id '44444444444' must be 12 digits"),
        ({"environment": ""}, "environment '' must be the name of an environment"),
        ({"use_case": "Mammo graphy"}, "must be the name of a use case, or empty"),
        ({"release_digest": "AB" * 32}, "must be 64 hexadecimal digits, or empty"),
        ({"git_commit": "x" * 65}, "must be a commit, or empty"),
        ({"model_package_arn": "mammography/1"}, "must be the ARN of a model package, or empty"),
        ({"reason": None}, "reason None must be text"),
        ({"approved": True}, "unknown key 'approved'"),
        ({"details": [1]}, "details [1] must be an object"),
        ({"details": {1: 2}}, "details {1: 2} must be an object"),
        ({"details": {"x": float("inf")}}, "it is no JSON: "),
        ({"details": {"x": object}}, "it is no JSON: "),
        ({"details": {"x": "\ud800"}}, "it is no JSON: "),
        ({"reason": "\udfff"}, "it is no JSON: "),
        ({"dataset_versions": "s3://d/x"}, "dataset_versions 's3://d/x' must be a list"),
        ({"dataset_versions": ["s3://d/x"]}, "dataset_versions[0] 's3://d/x' must be an object"),
        ({"dataset_versions": [{}]}, "dataset_versions[0].uri is missing"),
        (
            {"dataset_versions": [{"uri": "s3://d/x", "size_bytes": True, "colour": "red"}]},
            "unknown key dataset_versions[0].'colour'; "
            "dataset_versions[0].size_bytes True must be a number",
        ),
    ],
)
def test_record_from__wrong_value__is_named(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(RecordRefused) as caught:
        record_from({**FULL, **change})
    assert str(caught.value).startswith("the record is refused: ")
    assert problem in str(caught.value)


def test_record_from__several_problems__are_all_named() -> None:
    with pytest.raises(RecordRefused) as caught:
        record_from({"kind": "apply", "account_id": "x" * 500, "colour": 1})
    assert str(caught.value) == (
        "the record is refused: unknown key 'colour'; at is missing; actor is missing; "
        f"environment is missing; account_id '{'x' * 79}… must be 12 digits"
    )


@pytest.mark.parametrize("document", [None, [], "apply", 1])
def test_record_from__no_object__is_refused(document: object) -> None:
    with pytest.raises(RecordRefused, match="must be a JSON object"):
        record_from(document)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(sorted(FULL)) | st.text(max_size=3), inner)
        ),
    )
)
def test_record_from__anything__is_a_record_or_refused(document: object) -> None:
    try:
        record = record_from(document)
    except RecordRefused:
        return
    assert isinstance(record, Record)


@pytest.mark.parametrize("token", ["", "a b", "x" * 401, None, "ä", 1])
def test_check_token__unusable__is_refused(token: object) -> None:
    with pytest.raises(RecordRefused, match="must have 1-400 printable ASCII characters"):
        check_token(token)


def test_check_token__usable__is_returned() -> None:
    assert check_token("apply/dev/" + "a" * 390) == "apply/dev/" + "a" * 390


def test_fits__value__has_the_form_of_its_key() -> None:
    assert fits("release_digest", "ab" * 32)
    assert not fits("release_digest", "../..")
    assert not fits("release_digest", None)
