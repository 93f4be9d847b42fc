"""The review of an approval after the fact, on versions and files in memory."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from promotion.aws.errors import RemoteMissing
from promotion.aws.model_packages import LifeCycle, ModelPackage, PackageFiles
from promotion.aws.releases import StoredRelease
from promotion.handlers.review_approval import (
    Review,
    deciders_of,
    groups_from,
    serving_beside,
)
from promotion.ledger.chain import Entry
from promotion.ledger.record import Record
from promotion.registry.checks import CheckResult
from promotion.registry.collect import Sources
from promotion.registry.wording import overrides_in, overrides_worded

ARN = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography"
STUDIO = "arn:aws:sagemaker:eu-west-1:222222222222:user-profile/d/ada"
TRAINER = "arn:aws:iam::333333333333:user/scientist"
RUN = "arn:aws:sagemaker:eu-west-1:333333333333:pipeline/train/execution/run-2"
CREATED = datetime(2026, 1, 31, tzinfo=UTC)
DIGEST, SHA256 = "ab" * 32, "cd" * 32
AUC = {"value": 0.9, "low": 0.88, "high": 0.92}
PACKAGE = ModelPackage(
    arn=f"{ARN}/2",
    version=2,
    approval_status="Approved",
    created_at=CREATED,
    approval_description="looks good",
    metadata={
        "environment": "dev",
        "release_digest": DIGEST,
        "pipeline_execution_id": "run-2",
        "artifact_sha256": SHA256,
        "comparison_uri": "s3://b/comparison.json",
    },
    files=PackageFiles("s3://b/m", "", "s3://b/s", "s3://b/c", "s3://b/evaluation.json"),
    changed_by=STUDIO,
)
EVENT = {"detail": {"ModelPackageArn": f"{ARN}/2", "ModelPackageGroupName": "mammography"}}


class Packages:
    """Versions of the group."""

    def __init__(self, *packages):
        self.packages = packages
        self.written = []

    def describe(self, arn):
        for package in self.packages:
            if package.arn == arn:
                return package
        raise RemoteMissing("gone")

    def set_approval(self, *words):
        self.written.append(words)

    def versions(self, group):
        assert group == "mammography"
        return self.packages


class Objects:
    """Files in the bucket."""

    def __init__(self, evaluation):
        self.files = {
            "evaluation.json": {"binary_classification_metrics": {"auc": evaluation}},
            "comparison.json": {
                "champion_model_package_arn": f"{ARN}/1", "champion": {"auc": AUC},
                "candidate": {"auc": AUC}, "rows": 9, "confidence": 0.95,
                "difference": {"auc": {"value": 0, "low": -0.01, "high": 0.01}},
            },
        }  # fmt: skip

    def read(self, bucket, key):
        return json.dumps(self.files[key]).encode()

    def etag(self, bucket, key):
        return "e"

    def sha256(self, bucket, key):
        return SHA256


class Ledger:
    """The ledger with the run that registered version 2, and a later inference run of it."""

    def entries(self, *, newest_first):
        assert newest_first
        facts = {"at": "2026-01-31T01:00:00.000000Z", "kind": "execution", "environment": "dev"}
        about = {"account_id": "333333333333", "model_package_arn": f"{ARN}/2"}
        for run, actor in (
            (RUN.replace("run-2", "run-9"), "arn:aws:iam::1:user/x"),
            (RUN, TRAINER),
        ):
            record = Record(
                **facts, **about, actor=actor, release_digest=DIGEST, details={"execution_arn": run}
            )
            body = {"recorded_at": "2026-02-01T00:00:00.000000Z", "record": record.document()}
            yield Entry(1, "d", json.dumps(body))

    def entry_of(self, token):
        assert token == f"stated/dev/withdrawal/mammography/{DIGEST}"


class Store:
    """The release store with the release that trained."""

    def digests(self, use_case, digest):
        return (StoredRelease(use_case, DIGEST, CREATED, signed=True),)


class Topic:
    """The alerts topic."""

    def __init__(self):
        self.told = []

    def publish(self, **words):
        self.told.append(words)


@pytest.fixture
def topic():
    return Topic()


def review(topic, *packages, evaluation=AUC, reopen=False):
    approval = {"minimum": {"auc": 0.85}, "maximum": {}, "margin": 0.05, "reopen": reopen}
    gateway = Packages(*packages)
    topic.gateway = gateway
    return Review(
        groups=groups_from(
            {"mammography": {"model_package_group": "mammography", "approval": approval}}
        ),
        packages=gateway,
        sources=Sources(Objects(evaluation), Ledger(), Store(), ("dev",)),
        topic_arn="topic",
        sns=topic,
    ).of(EVENT)


SERVING = replace(PACKAGE, arn=f"{ARN}/1", version=1)


def test_review__whole_version__passes_in_silence(topic):
    assert review(topic, PACKAGE, SERVING) == {
        "passed": ["artifact", "baseline", "four-eyes", "metrics", "not-worse", "release"],
        "overridden": [],
        "refused": [],
    }
    assert topic.told == []


def test_review__check_refuses__people_are_told_what_and_what_to_do(topic):
    found = review(topic, PACKAGE, SERVING, evaluation={**AUC, "value": 0.8})
    assert found["refused"] == ["metrics"]
    assert topic.gateway.written == []
    assert topic.told == [
        {
            "TopicArn": "topic",
            "Subject": "mammography version 2: approved against the checks",
            "Message": "Version 2 of mammography was approved, but the checks refuse it.\n"
            "\n"
            f"Approved by: {STUDIO}\n"
            "Reason:      looks good\n"
            "Refused by:\n"
            "  metrics: auc 0.800 (0.880 to 0.920), demanded at least 0.85\n"
            "\n"
            "It serves from the next inference run on. To take it out of service:\n"
            '  promote models retire mammography 2 --reason "..."\n'
            "To look at it:\n"
            "  promote models show mammography 2\n"
            "\n"
            f"{ARN}/2",
        }
    ]


def test_review__file_asks_for_it__goes_back_to_pending_and_people_are_told(topic):
    found = review(topic, PACKAGE, SERVING, evaluation={**AUC, "value": 0.8}, reopen=True)
    assert found["refused"] == ["metrics"]
    assert topic.gateway.written == [
        (
            f"{ARN}/2",
            "PendingManualApproval",
            f"put back to pending: approved by {STUDIO} against the checks metrics",
            LifeCycle("Reopened", "Reopened"),
        )
    ]
    assert "It was put back to pending. To approve it all the same:" in topic.told[0]["Message"]
    assert review(topic, PACKAGE, SERVING, reopen=True)["refused"] == []
    assert topic.gateway.written == []


def test_review__overridden_by_promote__is_no_alert(topic):
    answered = replace(
        PACKAGE, life_cycle=LifeCycle("Serving", "Approved", "overridden: metrics=x")
    )
    found = review(topic, answered, SERVING, evaluation={**AUC, "value": 0.8})
    assert (found["overridden"], found["refused"], topic.told) == (["metrics"], [], [])


def test_review__approved_by_the_trainer_in_studio__alerts(topic):
    found = review(topic, replace(PACKAGE, changed_by=TRAINER), SERVING)
    assert found["refused"] == ["four-eyes"]
    assert f"  four-eyes: {TRAINER} started the training and decides" in topic.told[0]["Message"]


@pytest.mark.parametrize(
    ("packages", "skipped"),
    [
        ((), f"{ARN}/2 does not exist any more"),
        ((replace(PACKAGE, approval_status="Rejected"),), f"{ARN}/2 is Rejected by now"),
    ],
)
def test_review__overruled_meanwhile__is_skipped(topic, packages, skipped):
    assert review(topic, *packages) == {"skipped": skipped}
    assert topic.told == []


def test_review__event_of_another_group__is_an_error(topic):
    event = {"detail": {"ModelPackageArn": ARN, "ModelPackageGroupName": "lungs"}}
    with pytest.raises(KeyError, match="lungs"):
        Review({}, Packages(), Sources(None, None, None, ()), "topic", topic).of(event)


def test_serving_beside__retired_and_pending__do_not_count():
    retired = replace(
        PACKAGE, arn=f"{ARN}/3", version=3, life_cycle=LifeCycle("Retired", "Retired")
    )
    pending = replace(PACKAGE, arn=f"{ARN}/4", version=4, approval_status="PendingManualApproval")
    assert serving_beside((pending, retired, PACKAGE, SERVING), PACKAGE.arn) == SERVING
    assert serving_beside((pending, retired, PACKAGE), PACKAGE.arn) is None


def test_deciders_of__approval_by_promote__names_role_and_person():
    package = replace(PACKAGE, approval_description=f"fine [{TRAINER}]", changed_by="")
    assert deciders_of(package) == ("nobody whom AWS names", TRAINER)


@pytest.mark.parametrize("reasons", [{}, {"metrics": "a=b, c"}, {"metrics": "x", "release": "y"}])
def test_overrides__worded_and_read__are_the_same(reasons):
    results = [CheckResult(each, False, "", overridden=why) for each, why in reasons.items()]
    assert overrides_in(overrides_worded(results)) == reasons


@pytest.mark.parametrize("text", ["", "all checks passed", "metrics=x", "overridden: metrics"])
def test_overrides_in__no_override__is_empty(text):
    assert overrides_in(text) == {}
