"""Only the release that the expected builder signed with the expected key is accepted."""

import base64
import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promotion.build.archive import archive_bytes
from promotion.errors import ProvenanceError
from promotion.provenance import Provenance, attest, verify
from promotion.provenance.envelope import seal

BUILDER = "arn:aws:iam::111111111111:role/jenkins-build-role"
INTRUDER = "arn:aws:iam::111111111111:role/somebody"


def refusal(envelope, archive, expected):
    with pytest.raises(ProvenanceError) as caught:
        verify(envelope, archive, expected)
    return caught.value


def payload_of(envelope):
    return base64.b64decode(json.loads(envelope)["payload"])


def edited(envelope, **values):
    """Return an envelope with other top-level fields, written as promote writes them."""
    document = {**json.loads(envelope), **values}
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def flipped(body, place, bit):
    place %= len(body)
    return body[:place] + bytes([body[place] ^ (1 << bit)]) + body[place + 1 :]


def signed(envelope, signer, change):
    """Return what the signer would sign if its statement were another one."""
    statement = json.loads(payload_of(envelope))
    change(statement)
    return seal(json.dumps(statement).encode(), signer)


def test_verify__published_release__returns_what_is_proved(envelope, archive, expected, release):
    assert verify(envelope, archive, expected) == Provenance(
        use_case="demo",
        release_digest=release.digest,
        archive_sha256=json.loads(payload_of(envelope))["subject"][0]["digest"]["sha256"],
        git_commit="c" * 40,
        builder_id=BUILDER,
        versions={"sagemaker-promotion": "0.1.0", "sagemaker": "3.27.0"},
        materials={"pipelines/demo/train.py": "1" * 64, "requirements.lock": "2" * 64},
    )


def test_verify__fields_of_a_later_slsa__are_ignored(envelope, archive, expected, signer):
    def add(statement):
        statement["predicate"]["runDetails"]["metadata"] = {"invocationId": "7"}

    assert verify(signed(envelope, signer, add), archive, expected).builder_id == BUILDER


def test_verify__no_envelope__is_unsigned(archive, expected, release):
    assert refusal(None, archive, expected).message == (
        f"release demo {release.digest[:12]} is unsigned: it has no provenance"
    )


def test_verify__no_signature__is_unsigned(envelope, archive, expected):
    assert refusal(edited(envelope, signatures=[]), archive, expected).message == (
        "the provenance is unsigned: its envelope holds no signature"
    )


def test_verify__another_key__is_named(archive, expected, release, other_signer):
    envelope = attest(release, materials={}, builder_id=BUILDER, signer=other_signer)
    keyid = json.loads(envelope)["signatures"][0]["keyid"]
    assert refusal(envelope, archive, expected).message.startswith(
        f"the provenance is signed by another key: {keyid[:12]}, not "
    )


def test_verify__another_key_under_the_right_name__is_altered(
    envelope, archive, expected, release, other_signer
):
    foreign = json.loads(attest(release, materials={}, builder_id=BUILDER, signer=other_signer))
    signature = {
        "keyid": json.loads(envelope)["signatures"][0]["keyid"],
        "sig": foreign["signatures"][0]["sig"],
    }
    assert refusal(edited(envelope, signatures=[signature]), archive, expected).message == (
        "the provenance was altered: its signature does not fit its statement"
    )


def test_verify__altered_statement__is_refused(envelope, archive, expected):
    payload = payload_of(envelope).replace(b'"gitCommit":"cc', b'"gitCommit":"dd')
    altered = edited(envelope, payload=base64.b64encode(payload).decode())
    assert altered != envelope
    assert refusal(altered, archive, expected).message == (
        "the provenance was altered: its signature does not fit its statement"
    )


def test_verify__altered_archive__is_refused(envelope, archive, expected, release):
    altered = archive.replace(b"x\n", b"z\n")
    assert refusal(envelope, altered, expected).message.startswith(
        f"the archive of release demo {release.digest[:12]} was altered: its SHA-256 is "
    )


def test_verify__provenance_of_another_release__is_a_wrong_subject(
    archive, expected, release, other_release, signer
):
    envelope = attest(other_release, materials={}, builder_id=BUILDER, signer=signer)
    for body in (archive, archive_bytes(other_release)):
        assert refusal(envelope, body, expected).message == (
            f"wrong subject: the provenance is about release demo {other_release.digest[:12]}, "
            f"not about release demo {release.digest[:12]}"
        )


def test_verify__same_digest_of_another_use_case__is_a_wrong_subject(envelope, archive, expected):
    assert refusal(envelope, archive, replace(expected, use_case="lungs")).message.startswith(
        "wrong subject: the provenance is about release demo "
    )


def test_verify__foreign_builder__is_refused(archive, expected, release, signer):
    envelope = attest(release, materials={}, builder_id=INTRUDER, signer=signer)
    assert refusal(envelope, archive, expected).message == (
        f"foreign builder: {INTRUDER} built the release, not {BUILDER}"
    )


def set_type(statement):
    statement["_type"] = "https://in-toto.io/Statement/v0.1"


def set_predicate(statement):
    statement["predicateType"] = "https://spdx.dev/Document"


def set_build_type(statement):
    statement["predicate"]["buildDefinition"]["buildType"] = "urn:other"


def drop_commit(statement):
    del statement["predicate"]["buildDefinition"]["resolvedDependencies"][0]


def drop_builder(statement):
    del statement["predicate"]["runDetails"]["builder"]


def add_subject(statement):
    statement["subject"].append(statement["subject"][0])


@pytest.mark.parametrize(
    "case",
    [
        (
            set_type,
            (
                "unknown statement 'https://in-toto.io/Statement/v0.1', not "
                "'https://in-toto.io/Statement/v1'",
                0,
            ),
        ),
        (
            set_predicate,
            (
                "unknown predicate 'https://spdx.dev/Document', not 'https://slsa.dev/provenance/v1'",
                0,
            ),
        ),
        (
            set_build_type,
            (
                "unknown build type 'urn:other', not 'urn:sagemaker-promotion:release:v1'",
                0,
            ),
        ),
        (drop_commit, ("the provenance names 0 git commits, not one", 0)),
        (drop_builder, ("the provenance is malformed", 1)),
        (add_subject, ("the provenance is malformed", 1)),
    ],
)
def test_verify__signed_statement_of_another_kind__is_refused(
    envelope, archive, expected, signer, case
):
    change, told = case
    error = refusal(signed(envelope, signer, change), archive, expected)
    assert (error.message, len(error.problems)) == told


def test_verify__signed_payload_of_another_type__is_refused(envelope, archive, expected, signer):
    class Retyped:
        """Signs the same payload under another type."""

        def public_key(self):
            return signer.public_key()

        def sign(self, digest):
            payload, kind = payload_of(envelope), b"text/plain"
            pae = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
            return signer.sign(hashlib.sha256(pae).digest())

    retyped = edited(seal(payload_of(envelope), Retyped()), payloadType="text/plain")
    assert refusal(retyped, archive, expected).message == (
        "the provenance holds 'text/plain', not 'application/vnd.in-toto+json'"
    )


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b"{}", b'{"payload":1,"payloadType":"x","signatures":[]}']
)
def test_verify__no_envelope_at_all__is_refused(archive, expected, body):
    assert refusal(body, archive, expected).message.startswith(
        "the provenance is no DSSE envelope: "
    )


def test_verify__same_envelope_written_otherwise__is_refused(envelope, archive, expected):
    other = json.dumps(json.loads(envelope), indent=1).encode()
    assert refusal(other, archive, expected).message == (
        "the provenance is no DSSE envelope: its text is not as promote writes it"
    )


def test_verify__unreadable_public_key__is_refused(envelope, archive, expected):
    assert refusal(envelope, archive, replace(expected, public_key=b"x")).message.startswith(
        "the signing key cannot be read: "
    )


@settings(deadline=None, max_examples=150)
@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_verify__any_bit_of_the_envelope_flipped__is_refused(
    envelope, archive, expected, place, bit
):
    refusal(flipped(envelope, place, bit), archive, expected)


@settings(deadline=None, max_examples=100)
@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_verify__any_bit_of_the_payload_flipped__is_refused(
    envelope, archive, expected, place, bit
):
    payload = flipped(payload_of(envelope), place, bit)
    altered = edited(envelope, payload=base64.b64encode(payload).decode())
    assert refusal(altered, archive, expected).message == (
        "the provenance was altered: its signature does not fit its statement"
    )


@settings(deadline=None, max_examples=100)
@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_verify__any_bit_of_the_archive_flipped__is_refused(
    envelope, archive, expected, place, bit
):
    assert "was altered" in refusal(envelope, flipped(archive, place, bit), expected).message
