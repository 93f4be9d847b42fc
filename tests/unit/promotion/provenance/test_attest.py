"""What is signed about a release, and what cannot be."""

import base64
import hashlib
import json

import pytest

from promotion.errors import ProvenanceError
from promotion.provenance import attest

BUILDER = "arn:aws:iam::111111111111:role/jenkins-build-role"


def test_attest__release__states_subject_builder_commit_materials_and_versions(
    envelope, release, archive
):
    document = json.loads(envelope)
    assert document.keys() == {"payload", "payloadType", "signatures"}
    assert document["payloadType"] == "application/vnd.in-toto+json"
    assert json.loads(base64.b64decode(document["payload"])) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {
                "name": f"demo-{release.digest[:12]}.tar",
                "digest": {"sha256": hashlib.sha256(archive).hexdigest()},
            },
            {"name": "demo", "digest": {"sha256": release.digest}},
        ],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "urn:sagemaker-promotion:release:v1",
                "externalParameters": {"use_case": "demo"},
                "internalParameters": {
                    "versions": {"sagemaker-promotion": "0.1.0", "sagemaker": "3.27.0"}
                },
                "resolvedDependencies": [
                    {"name": "git", "digest": {"gitCommit": "c" * 40}},
                    {"name": "pipelines/demo/train.py", "digest": {"sha256": "1" * 64}},
                    {"name": "requirements.lock", "digest": {"sha256": "2" * 64}},
                ],
            },
            "runDetails": {"builder": {"id": BUILDER}},
        },
    }


def test_attest__twice__states_the_same(envelope, release, signer):
    # ECDSA signatures differ each time; what they sign does not.
    materials = {"requirements.lock": "2" * 64, "pipelines/demo/train.py": "1" * 64}
    again = attest(release, materials=materials, builder_id=BUILDER, signer=signer)
    assert json.loads(again)["payload"] == json.loads(envelope)["payload"]


def test_attest__release_of_uncommitted_changes__is_refused(dirty_release, signer):
    with pytest.raises(ProvenanceError) as caught:
        attest(dirty_release, materials={}, builder_id=BUILDER, signer=signer)
    assert caught.value.message == (
        f"release demo {dirty_release.digest[:12]} was built from changes that are not committed: "
        "there is no commit to state"
    )


def test_attest__key_on_another_curve__is_refused(release, p384_signer):
    with pytest.raises(ProvenanceError) as caught:
        attest(release, materials={}, builder_id=BUILDER, signer=p384_signer)
    assert caught.value.message == (
        "the signing key is of the scheme ecdsa-sha2-nistp384, not ecdsa-sha2-nistp256"
    )
