"""DSSE envelopes: bytes with a type, and an ECDSA P-256 signature over both. Calls the signer only.

Format: https://github.com/secure-systems-lab/dsse/blob/master/envelope.md; securesystemslib writes,
reads and verifies it. Envelopes are kept as canonical JSON, so that any other byte is noticed.
"""

import hashlib
import json
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import ECDSA_SHA2_NISTP256, Signature, SSlibKey

from promotion.build.archive import canonical_json
from promotion.errors import ProvenanceError

PAYLOAD_TYPE = "application/vnd.in-toto+json"


class Signer(Protocol):
    """A key pair on the curve P-256 whose private half stays where it is."""

    def public_key(self) -> bytes:
        """Return the public key as DER SubjectPublicKeyInfo."""

    def sign(self, digest: bytes) -> bytes:
        """Return the ECDSA signature (DER) of a SHA-256 digest (32 bytes)."""


def seal(payload: bytes, signer: Signer) -> bytes:
    """Return an envelope with a payload, signed.

    Raises:
        ProvenanceError: the signer's key is not on the curve P-256.
    """
    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    key = _key(signer.public_key())
    signature = signer.sign(hashlib.sha256(envelope.pae()).digest())
    envelope.signatures[key.keyid] = Signature(key.keyid, signature.hex())
    return _bytes(envelope)


def unseal(body: bytes, public_key: bytes) -> bytes:
    """Return the payload of an envelope, whose signature is verified first.

    Args:
        body: the envelope.
        public_key: DER SubjectPublicKeyInfo of the only key that may have signed.

    Raises:
        ProvenanceError: it is no envelope, unsigned, signed by another key, or altered.
    """
    envelope = _envelope(body)
    key = _key(public_key)
    if not envelope.signatures:
        raise ProvenanceError("the provenance is unsigned: its envelope holds no signature")
    if envelope.signatures.keys() != {key.keyid}:
        found = ", ".join(str(name)[:12] for name in sorted(envelope.signatures))
        raise ProvenanceError(
            f"the provenance is signed by another key: {found}, not {key.keyid[:12]}",
            hint="only the release signing key of the tooling account counts; find out who "
            "signed, and publish the release again: promote publish",
        )
    try:
        envelope.verify([key], threshold=1)
    except VerificationError as error:
        raise ProvenanceError(
            "the provenance was altered: its signature does not fit its statement"
        ) from error
    if envelope.payload_type != PAYLOAD_TYPE:
        raise ProvenanceError(
            f"the provenance holds {envelope.payload_type!r}, not {PAYLOAD_TYPE!r}"
        )
    return envelope.payload


def _bytes(envelope: Envelope) -> bytes:
    return canonical_json(envelope.to_dict()).encode()


def _envelope(body: bytes) -> Envelope:
    try:
        envelope = Envelope.from_dict(json.loads(body))
        if _bytes(envelope) != body:
            raise ValueError("its text is not as promote writes it")
    # The library checks no types: any of these comes of JSON of another form.
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProvenanceError(f"the provenance is no DSSE envelope: {error}") from error
    return envelope


def _key(public_key: bytes) -> SSlibKey:
    try:
        key = SSlibKey.from_crypto(load_der_public_key(public_key))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ProvenanceError(f"the signing key cannot be read: {error}") from error
    if key.scheme != ECDSA_SHA2_NISTP256:
        raise ProvenanceError(
            f"the signing key is of the scheme {key.scheme}, not {ECDSA_SHA2_NISTP256}",
            hint="the key has to be of the spec ECC_NIST_P256",
        )
    return key
