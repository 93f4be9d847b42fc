"""A key that signs in the process, a release, its archive and its provenance."""

from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from promotion.build.archive import archive_bytes, new_release
from promotion.build.release import Release
from promotion.provenance import Expected, attest

BUILDER = "arn:aws:iam::111111111111:role/jenkins-build-role"
MATERIALS = {"pipelines/demo/train.py": "1" * 64, "requirements.lock": "2" * 64}


@dataclass(frozen=True)
class LocalSigner:
    """The signer's protocol with a key in memory."""

    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def public_key(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, digest: bytes) -> bytes:
        return self.key.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))


def make_release(script: bytes = b"x\n", *, dirty: bool = False) -> Release:
    definitions, code, declaration = {"train": {}}, {"steps/x.py": script}, b'name = "demo"\n'
    return new_release(
        use_case="demo",
        git_commit="uncommitted" if dirty else "c" * 40,
        dirty=dirty,
        built_with={"sagemaker-promotion": "0.1.0", "sagemaker": "3.27.0"},
        definitions=definitions,
        code=code,
        declaration=declaration,
        functions=b"zip",
    )


@pytest.fixture(scope="session")
def signer() -> LocalSigner:
    return LocalSigner()


@pytest.fixture(scope="session")
def other_signer() -> LocalSigner:
    return LocalSigner()


@pytest.fixture(scope="session")
def p384_signer() -> LocalSigner:
    return LocalSigner(ec.generate_private_key(ec.SECP384R1()))


@pytest.fixture(scope="session")
def release() -> Release:
    return make_release()


@pytest.fixture(scope="session")
def dirty_release() -> Release:
    return make_release(dirty=True)


@pytest.fixture(scope="session")
def other_release() -> Release:
    return make_release(b"y\n")


@pytest.fixture(scope="session")
def archive(release: Release) -> bytes:
    return archive_bytes(release)


@pytest.fixture(scope="session")
def envelope(release: Release, signer: LocalSigner) -> bytes:
    return attest(release, materials=MATERIALS, builder_id=BUILDER, signer=signer)


@pytest.fixture(scope="session")
def expected(release: Release, signer: LocalSigner) -> Expected:
    return Expected("demo", release.digest, BUILDER, signer.public_key())
