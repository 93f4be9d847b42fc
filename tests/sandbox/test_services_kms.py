"""KMS signs a digest as it is, and a message after hashing it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from promotion.aws.signing import KmsSigner
from promotion.provenance.envelope import seal, unseal

if TYPE_CHECKING:
    from sandbox.server import Sandbox

MESSAGE = b"a message"
DIGEST = hashlib.sha256(MESSAGE).digest()


@pytest.fixture
def kms(sandbox: Sandbox) -> Any:
    return sandbox.client("kms", "tooling-admin")


def new_key(kms: Any, spec: str = "ECC_NIST_P256") -> str:
    arn: str = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    return arn


@pytest.mark.parametrize(
    ("given", "kind"), [(DIGEST, "DIGEST"), (MESSAGE, "RAW")], ids=["digest", "raw"]
)
def test_sign__message_or_its_digest__fits_the_message(kms: Any, given: bytes, kind: str) -> None:
    arn = new_key(kms)
    signature = kms.sign(
        KeyId=arn, Message=given, MessageType=kind, SigningAlgorithm="ECDSA_SHA_256"
    )["Signature"]
    public = load_der_public_key(kms.get_public_key(KeyId=arn)["PublicKey"])
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(signature, MESSAGE, ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize(
    ("spec", "algorithm", "digest", "message"),
    [
        ("ECC_NIST_P256", "ECDSA_SHA_256", b"short", "Digest is invalid length for algorithm"),
        ("RSA_2048", "RSASSA_PSS_SHA_256", DIGEST, "the sandbox signs no digest with RSASSA"),
    ],
)
def test_sign__digest_that_cannot_be_signed__is_refused(
    kms: Any, spec: str, algorithm: str, digest: bytes, message: str
) -> None:
    arn = new_key(kms, spec)
    with pytest.raises(ClientError, match=message):
        kms.sign(KeyId=arn, Message=digest, MessageType="DIGEST", SigningAlgorithm=algorithm)


def test_sign__envelope_of_a_provenance__verifies(kms: Any) -> None:
    signer = KmsSigner(kms, "111111111111", new_key(kms))
    assert unseal(seal(b"{}", signer), signer.public_key()) == b"{}"
