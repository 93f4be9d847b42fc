"""The review of an approval after the fact, on versions and files in memory."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from promotion.aws.errors import RemoteMissing
from promotion.aws.model_packages import LifeCycle, ModelPackage, PackageFiles
from promotion.aws.releases import StoredRelease
from promotion.errors import RemoteError
from promotion.handlers.alert_texts import Alert
from promotion.handlers.review_approval import (
    NotRecorded,
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
EVENT = {
    "detail-type": "SageMaker Model Package State Change",
    "account": "222222222222",
    "region": "eu-west-1",
    "time": "2026-02-01T06:00:00Z",
    "detail": {
        "ModelPackageArn": f"{ARN}/2",
        "ModelPackageGroupName": "mammography",
        "ModelPackageVersion": 2,
        "ModelApprovalStatus": "Approved",
        "ApprovalDescription": "looks good",
    },
}
APPROVED = "[acme-ml-registry] mammography: version 2 was approved."


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


class Unreachable:
    """Versions that cannot be read."""

    def describe(self, arn):
        raise RemoteError(f"no network on the way to {arn}")


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
    """The ledger with the run that registered version 2, and a later inference run of it.

    It has the approval of version 2 from the second time on that it is read after the checks.
    """

    def __init__(self, decided="approval"):
        self.decided = decided
        self.read = 0

    def entries(self, *, newest_first):
        assert newest_first
        self.read += 1
        if self.read > 2 and self.decided:
            record = Record(
                at="2026-02-01T06:00:00.000000Z", kind=self.decided, environment="registry",
                account_id="222222222222", model_package_arn=f"{ARN}/2", actor=STUDIO,
            )  # fmt: skip
            body = {"recorded_at": "2026-02-01T06:00:01.000000Z", "record": record.document()}
            yield Entry(2, "d", json.dumps(body))
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


class People:
    """Who is told; and the versions that the review has seen."""

    def __init__(self):
        self.told = []
        self.waited = []
        self.gateway = Packages()

    def say(self, alert):
        self.told.append(alert)
        return {"message_id": "m", "told_in": "k"}

    @property
    def subjects(self):
        return [alert.subject for alert in self.told]


@pytest.fixture
def people():
    return People()


def review(people, *packages, evaluation=AUC, reopen=False, event=EVENT, decided="approval"):
    approval = {"minimum": {"auc": 0.85}, "maximum": {}, "margin": 0.05, "reopen": reopen}
    gateway = Packages(*packages)
    people.gateway = gateway
    return Review(
        groups=groups_from(
            {"mammography": {"model_package_group": "mammography", "approval": approval}}
        ),
        packages=gateway,
        sources=Sources(Objects(evaluation), Ledger(decided), Store(), ("dev",)),
        name="acme-ml-registry",
        say=people.say,
        sleep=people.waited.append,
    ).of(event)


SERVING = replace(PACKAGE, arn=f"{ARN}/1", version=1)


def test_review__whole_version__tells_of_the_approval_only(people):
    assert review(people, PACKAGE, SERVING) == {
        "passed": ["artifact", "baseline", "four-eyes", "metrics", "not-worse", "release"],
        "overridden": [],
        "refused": [],
    }
    assert people.subjects == [APPROVED]


def test_review__check_refuses__people_are_told_what_and_what_to_do(people):
    found = review(people, PACKAGE, SERVING, evaluation={**AUC, "value": 0.8})
    assert found["refused"] == ["metrics"]
    assert people.gateway.written == []
    what = "mammography: version 2 was approved against the checks."
    assert people.subjects == [APPROVED, f"[acme-ml-registry] {what}"]
    assert people.told[1] == Alert(
        f"[acme-ml-registry] {what}",
        f"""{what}

Where: acme-ml-registry, account 222222222222, eu-west-1
Since: 2026-02-01 06:00:00 UTC
Approved by: {STUDIO}
Reason: looks good
Refused by metrics: auc 0.800 (0.880 to 0.920), demanded at least 0.85
Model: {ARN}/2

What to do: It serves from the next inference run on. To take it out of service: promote models \
retire mammography 2 --reason "...". To look at it: promote models show mammography 2

https://eu-west-1.console.aws.amazon.com/sagemaker/home?region=eu-west-1#/studio-landing
""",
        f"against the checks|{ARN}/2|2026-02-01T06:00:00Z",
    )


def test_review__file_asks_for_it__goes_back_to_pending_and_people_are_told(people):
    found = review(people, PACKAGE, SERVING, evaluation={**AUC, "value": 0.8}, reopen=True)
    assert found["refused"] == ["metrics"]
    assert people.gateway.written == [
        (
            f"{ARN}/2",
            "PendingManualApproval",
            f"put back to pending: approved by {STUDIO} against the checks metrics",
            LifeCycle("Reopened", "Reopened"),
        )
    ]
    assert people.subjects[1] == (
        "[acme-ml-registry] mammography: version 2 was approved against the checks: "
        "back to pending."
    )
    assert "What to do: To approve it all the same: promote models approve" in people.told[1].body
    assert review(people, PACKAGE, SERVING, reopen=True)["refused"] == []
    assert people.gateway.written == []


def test_review__refused__is_put_back_only_once_the_ledger_has_the_approval(people):
    broken = {**AUC, "value": 0.8}
    review(people, PACKAGE, SERVING, evaluation=broken, reopen=True)
    assert (people.waited, len(people.gateway.written)) == ([2.0], 1)
    for decided in ("", "reopening"):  # an earlier approval of it was put back
        with pytest.raises(NotRecorded, match="does not have the approval of"):
            review(people, PACKAGE, SERVING, evaluation=broken, reopen=True, decided=decided)
        assert people.gateway.written == []


def test_review__overridden_by_promote__is_no_alert(people):
    answered = replace(
        PACKAGE, life_cycle=LifeCycle("Serving", "Approved", "overridden: metrics=x")
    )
    found = review(people, answered, SERVING, evaluation={**AUC, "value": 0.8})
    assert (found["overridden"], found["refused"]) == (["metrics"], [])
    assert people.subjects == [APPROVED]


def test_review__approved_by_the_trainer_in_studio__alerts(people):
    found = review(people, replace(PACKAGE, changed_by=TRAINER), SERVING)
    assert found["refused"] == ["four-eyes"]
    assert (
        f"Refused by four-eyes: {TRAINER} started the training and decides" in people.told[1].body
    )


@pytest.mark.parametrize(
    ("packages", "skipped"),
    [
        ((), f"{ARN}/2 does not exist any more"),
        ((replace(PACKAGE, approval_status="Rejected"),), f"{ARN}/2 is Rejected by now"),
    ],
)
def test_review__overruled_meanwhile__is_skipped(people, packages, skipped):
    assert review(people, *packages) == {"skipped": skipped}
    assert people.subjects == [APPROVED]


def test_review__rejection__is_told_and_not_reviewed(people):
    rejected = {**EVENT, "detail": {**EVENT["detail"], "ModelApprovalStatus": "Rejected"}}
    assert review(people, event=rejected) == {"skipped": f"{ARN}/2 was not approved"}
    assert people.subjects == ["[acme-ml-registry] mammography: version 2 was rejected."]


def test_review__facts_cannot_be_read__approval_is_told_all_the_same(people):
    with pytest.raises(RemoteError, match="no network"):
        Review(
            groups_from({"mammography": {"model_package_group": "mammography", "approval": {
                "minimum": {}, "maximum": {}, "margin": 0.05, "reopen": False,
            }}}),
            Unreachable(), Sources(None, None, None, ()), "acme-ml-registry", people.say, print,
        ).of(EVENT)  # fmt: skip
    assert people.subjects == [APPROVED]


def test_review__event_of_another_group__is_an_error(people):
    event = {"detail": {"ModelPackageArn": ARN, "ModelPackageGroupName": "lungs"}}
    with pytest.raises(KeyError, match="lungs"):
        Review({}, Packages(), Sources(None, None, None, ()), "acme", people.say, print).of(event)
    assert people.told == []


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
