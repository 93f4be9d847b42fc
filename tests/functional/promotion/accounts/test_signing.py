"""The release signing key: what is asked of KMS, and that what it signs verifies.

moto hashes a digest once more before it signs (its `kms` ignores `MessageType`), so KMS is stubbed
where a whole envelope is signed.
"""

import boto3
import pytest
from botocore.stub import Stubber
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from promotion.aws.errors import RemoteDenied, RemoteMissing
from promotion.aws.signing import KmsSigner
from promotion.errors import ProvenanceError
from promotion.provenance.envelope import seal, unseal

TOOLING = "111111111111"
KEY_ARN = f"arn:aws:kms:eu-west-1:{TOOLING}:alias/acme-ml-release-signing"


@pytest.fixture
def stubbed():
    client = boto3.client("kms", region_name="eu-west-1")
    with Stubber(client) as stubber:
        yield KmsSigner(client, TOOLING, KEY_ARN), stubber
        stubber.assert_no_pending_responses()


def expect_public_key(stubber, body):
    stubber.add_response(
        "get_public_key",
        {"PublicKey": body},
        {"KeyId": KEY_ARN},
    )


def test_signer__digest__is_signed_as_it_is_and_the_key_is_read_once(stubbed):
    signer, stubber = stubbed
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    hasher = hashes.Hash(hashes.SHA256())
    hasher.update(b"DSSEv1 28 application/vnd.in-toto+json 2 {}")
    digest = hasher.finalize()
    expect_public_key(stubber, public)
    stubber.add_response(
        "sign",
        {"Signature": private.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))},
        {
            "KeyId": KEY_ARN,
            "Message": digest,
            "MessageType": "DIGEST",
            "SigningAlgorithm": "ECDSA_SHA_256",
        },
    )
    assert unseal(seal(b"{}", signer), signer.public_key()) == b"{}"


def test_signer__caller_who_may_not_sign__is_told(stubbed):
    signer, stubber = stubbed
    stubber.add_client_error("sign", "AccessDeniedException", "no")
    with pytest.raises(RemoteDenied) as caught:
        signer.sign(b"d" * 32)
    assert (caught.value.operation, caught.value.resource) == ("kms.Sign", KEY_ARN)


def test_signer__alias_of_a_key_of_the_curve__gives_a_key_that_verifies(aws):
    client = aws.client("kms", TOOLING)
    key = client.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    client.create_alias(AliasName="alias/acme-ml-release-signing", TargetKeyId=key["KeyId"])
    signer = KmsSigner(client, TOOLING, "alias/acme-ml-release-signing")
    public = load_der_public_key(signer.public_key())
    assert isinstance(public, ec.EllipticCurvePublicKey)
    # Fails if it does not fit; moto has hashed the digest once more.
    public.verify(signer.sign(b"d" * 32), b"d" * 32, ec.ECDSA(hashes.SHA256()))


def test_signer__key_of_another_kind__is_refused_before_it_signs(aws):
    client = aws.client("kms", TOOLING)
    key = client.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    with pytest.raises(ProvenanceError, match="the signing key is of the scheme rsa"):
        seal(b"{}", KmsSigner(client, TOOLING, key["Arn"]))


def test_signer__no_such_key__is_missing(aws):
    signer = KmsSigner(aws.client("kms", TOOLING), TOOLING, "alias/nothing")
    with pytest.raises(RemoteMissing):
        signer.public_key()
