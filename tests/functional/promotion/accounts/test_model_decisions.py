"""`promote models` show, compare, serving, approve, reject, retire and rollback, in moto."""

import hashlib
import json

import pytest

REGISTRY = "222222222222"
PERSON = "arn:aws:sts::123456789012:user/moto"
TRAINER = "arn:aws:iam::333333333333:user/scientist"
BUCKET = "acme-ml-model-artifacts"
DIGEST = "ab" * 32
ARCHIVE = b"model"
PIPELINE = "arn:aws:sagemaker:eu-west-1:333333333333:pipeline/t"
GROUP = f"arn:aws:sagemaker:eu-west-1:{REGISTRY}:model-package/mammography"


def interval(value):
    return {"value": value, "low": value - 0.02, "high": value + 0.02}


class Registry:
    """The registry account, with whole versions in it."""

    def __init__(self, aws):
        self.aws = aws
        self.client = aws.client("sagemaker", REGISTRY)
        self.client.create_model_package_group(ModelPackageGroupName="mammography")
        aws.prepare_store()
        self.put(f"releases/mammography/{DIGEST}.tar", b"release")

    def put(self, key, content):
        self.aws.client("s3", REGISTRY).put_object(Bucket=BUCKET, Key=key, Body=content)

    def delete(self, key):
        self.aws.client("s3", REGISTRY).delete_object(Bucket=BUCKET, Key=key)

    def register(self, number, *, auc=0.9, champion=None, difference=0.0, recorded=True, **facts):
        """Register a version with its files, and record its run unless told otherwise."""
        folder = f"dev/mammography/train/run-{number}"
        arn = f"{GROUP}/{number}"
        metrics = {"binary_classification_metrics": {"auc": interval(auc)}}
        compared = {
            "champion_model_package_arn": champion or "none",
            "champion": champion and {"auc": interval(auc - difference)},
            "candidate": {"auc": interval(auc)},
            "difference": champion and {"auc": interval(difference)},
            "rows": 200,
            "confidence": 0.95,
            "reason": "none" if champion else "NoApprovedModel",
        }
        self.put(f"{folder}/model.tar.gz", ARCHIVE)
        self.put(f"{folder}/evaluation.json", json.dumps(metrics).encode())
        self.put(f"{folder}/comparison.json", json.dumps(compared).encode())
        for name in ("statistics", "constraints"):
            self.put(f"{folder}/{name}.json", b"{}")
        made = self.client.create_model_package(
            ModelPackageGroupName="mammography",
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={
                "Containers": [
                    {"Image": "i", "ModelDataUrl": f"s3://{BUCKET}/{folder}/model.tar.gz"}
                ],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
            ModelMetrics={
                "ModelQuality": {"Statistics": source(f"{folder}/evaluation.json")},
                "ModelDataQuality": {
                    "Statistics": source(f"{folder}/statistics.json"),
                    "Constraints": source(f"{folder}/constraints.json"),
                },
            },
            CustomerMetadataProperties={
                "environment": "dev",
                "pipeline_execution_id": f"run-{number}",
                "release_digest": DIGEST,
                "git_commit": "c0ffee",
                "artifact_sha256": hashlib.sha256(ARCHIVE).hexdigest(),
                "comparison_uri": f"s3://{BUCKET}/{folder}/comparison.json",
                "dataset_sha256": "d" * 64,
                "dataset_rows": "800",
                **facts,
            },
        )["ModelPackageArn"]
        assert made == arn
        if recorded:
            self.record_run(number)
        return arn

    def record_run(self, number, actor=TRAINER, digest=DIGEST):
        self.aws.state(
            "dev",
            f"execution/run-{number}",
            # After the registration, which moto puts at the machine's time.
            recorded_at="2999-01-01T00:00:00.000000Z",
            kind="execution",
            actor=actor,
            use_case="mammography",
            model_package_arn=f"{GROUP}/{number}",
            release_digest=digest,
            outcome="Succeeded",
            dataset_versions=[{"uri": "s3://acme-ml-dev-data/x.csv", "version_id": "v7"}],
            details={"execution_arn": f"{PIPELINE}/execution/run-{number}"},
        )

    def set(self, number, status, description="said so", **more):
        self.client.update_model_package(
            ModelPackageArn=f"{GROUP}/{number}",
            ModelApprovalStatus=status,
            ApprovalDescription=description,
            **more,
        )

    def of(self, number):
        found = self.client.describe_model_package(ModelPackageName=f"{GROUP}/{number}")
        return found["ModelApprovalStatus"], found.get("ApprovalDescription")


def source(key):
    return {"ContentType": "application/json", "S3Uri": f"s3://{BUCKET}/{key}"}


@pytest.fixture
def registry(aws):
    return Registry(aws)


def outcomes(result):
    """Return the outcome of each check of `show --json`."""
    return {each["check"]: each["outcome"] for each in result.json["checks"]}


PASSED = dict.fromkeys(
    ["artifact", "baseline", "four-eyes", "metrics", "not-worse", "release"], "passed"
)


def test_models_show__whole_version__tells_all_and_writes_nothing(aws, registry, project):
    registry.register(1)
    registry.set(1, "Approved")
    registry.register(2, champion=f"{GROUP}/1", difference=0.01)
    aws.start_recording()
    result = project.promote("models", "show", "mammography", "2")
    assert (result.exit_code, aws.writes()) == (0, [])
    told = {line[:11].strip(): line[12:] for line in result.stdout.splitlines() if line[:1] != " "}
    assert told["version"] == "mammography 2, PendingManualApproval"
    assert told["in service"] == "version 1"
    assert told["trained by"] == TRAINER
    assert told["trained in"] == "dev 333333333333"
    assert (told["commit"], told["release"]) == ("c0ffee", DIGEST)
    assert told["dataset"] == f"800 rows, SHA-256 {'d' * 64}"
    assert told["digest"] == hashlib.sha256(ARCHIVE).hexdigest()
    assert "            s3://acme-ml-dev-data/x.csv version v7" in result.stdout.splitlines()
    assert "0.900 (0.880 to 0.920)" in result.stdout
    assert "+0.010 (-0.010 to +0.030)" in result.stdout
    assert result.stdout.splitlines()[-1] == "6 checks: 6 passed"


def test_models_show__json__has_the_checks_and_the_comparison(registry, project):
    registry.register(1)
    result = project.promote("models", "show", "mammography", "1", "--json")
    assert outcomes(result) == PASSED
    assert result.json["metrics"] == {"auc": interval(0.9)}
    assert result.json["comparison"]["reason"] == "NoApprovedModel"
    assert (result.json["in_service"], result.json["trained_by"]) == (None, TRAINER)


def test_models_show__open__writes_the_card_and_starts_a_browser(registry, project, monkeypatch):
    monkeypatch.setenv("BROWSER", "true")
    registry.register(1)
    registry.set(1, "Approved")
    registry.register(2, champion=f"{GROUP}/1", difference=0.01)
    result = project.promote("models", "show", "mammography", "2", "--open")
    path = project.root / "build" / "models" / "mammography-2.html"
    assert (result.exit_code, f"model card: {path}\n" in result.stderr) == (0, True)
    assert "<title>mammography version 2</title>" in path.read_text("utf-8")


def broken(registry, what):
    """Break one thing of version 2, which waits beside version 1 in service."""
    folder = "dev/mammography/train/run-2"
    if what == "artifact":
        registry.put(f"{folder}/model.tar.gz", b"another model")
    elif what == "baseline":
        registry.delete(f"{folder}/constraints.json")
    elif what == "metrics":
        metrics = {"binary_classification_metrics": {"auc": interval(0.84)}}
        registry.put(f"{folder}/evaluation.json", json.dumps(metrics).encode())
    elif what == "not-worse":
        registry.delete(f"{folder}/comparison.json")
    elif what == "release":
        registry.delete(f"releases/mammography/{DIGEST}.tar")


@pytest.mark.parametrize("what", ["artifact", "baseline", "metrics", "not-worse"])
def test_models_approve__one_thing_is_broken__that_check_refuses(aws, registry, project, what):
    registry.register(1)
    registry.set(1, "Approved")
    registry.register(2, champion=f"{GROUP}/1")
    broken(registry, what)
    aws.start_recording()
    words = ("models", "approve", "mammography", "2", "--reason", "fine")
    result = project.promote(*words)
    assert (result.exit_code, aws.writes()) == (4, [])
    assert "error: the approval of mammography version 2 is refused; nothing was changed\n" in (
        result.stderr
    )
    problems = [line for line in result.stderr.splitlines() if line.startswith("  - ")]
    assert [line[4:].partition(":")[0] for line in problems] == [what]
    assert registry.of(2) == ("PendingManualApproval", None)


def test_models_approve__overridden__is_recorded_with_the_reason(aws, registry, project):
    registry.register(1)
    broken_metrics = {"binary_classification_metrics": {"auc": interval(0.84)}}
    registry.put("dev/mammography/train/run-1/evaluation.json", json.dumps(broken_metrics).encode())
    aws.start_recording()
    result = project.promote(
        "models", "approve", "mammography", "1", "--reason", "fine",
        "--override", "metrics=a first  trial", "--override", "release=who knows",
    )  # fmt: skip
    [request] = aws.bodies("UpdateModelPackage")
    assert result.exit_code == 0
    assert request == {
        "ModelPackageArn": f"{GROUP}/1",
        "ModelApprovalStatus": "Approved",
        "ApprovalDescription": f"fine [{PERSON}]",
        "ModelLifeCycle": {
            "Stage": "Serving",
            "StageStatus": "Approved",
            "StageDescription": "overridden: metrics=a first trial",
        },
    }
    assert "warning: the override of release is not needed: it does not refuse\n" in result.stderr


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("luck=yes", "luck: there is no such check"),
        ("metrics", "metrics: the reason is missing"),
        ("metrics=a;b", "metrics: the reason has a semicolon, or characters that do not print"),
    ],
)
def test_models_approve__unusable_override__is_a_usage_error(aws, project, word, problem):
    aws.start_recording()
    words = ("models", "approve", "mammography", "1", "--reason", "x", "--override", word)
    result = project.promote(*words)
    assert (result.exit_code, aws.calls()) == (2, [])
    assert f"  - {problem}\n" in result.stderr


@pytest.mark.parametrize(
    ("actor", "recorded", "refusal"),
    [
        (PERSON, True, f"{PERSON} started the training and decides"),
        ("", True, "the ledger does not say who started the run that registered the version"),
        (TRAINER, False, "the ledger has no record of the run that registered the version"),
    ],
)
def test_models_approve__trainer_or_nobody_known__refuses(
    registry, project, actor, recorded, refusal
):
    registry.register(1, recorded=False)
    if recorded:
        registry.record_run(1, actor=actor)
    result = project.promote("models", "approve", "mammography", "1", "--reason", "fine")
    assert result.exit_code == 4
    assert f"  - four-eyes: {refusal}\n" in result.stderr


def test_models_approve__release_unknown_or_withdrawn__refuses(registry, project):
    registry.register(1, recorded=False)
    registry.record_run(1, digest="")
    broken(registry, "release")
    result = project.promote("models", "show", "mammography", "1", "--json")
    assert outcomes(result) == {**PASSED, "release": "refused"}
    registry.put(f"releases/mammography/{DIGEST}.tar", b"release")
    registry.aws.state(
        "dev", f"withdrawal/mammography/{DIGEST}", kind="withdrawal", release_digest=DIGEST,
        use_case="mammography", reason="leaks labels",
    )  # fmt: skip
    result = project.promote("models", "approve", "mammography", "1", "--reason", "fine")
    assert result.exit_code == 4
    assert f"  - release: release {DIGEST[:12]} was withdrawn: leaks labels [arn:" in result.stderr


@pytest.mark.parametrize(("difference", "exit_code"), [(-0.02, 0), (-0.031, 4)])
def test_models_approve__worse_than_the_one_in_service__margin_decides(
    registry, project, difference, exit_code
):
    registry.register(1)
    registry.set(1, "Approved")
    registry.register(2, champion=f"{GROUP}/1", difference=difference)
    result = project.promote("models", "approve", "mammography", "2", "--reason", "fine")
    assert result.exit_code == exit_code


def test_models_approve__compared_with_another_than_serves__refuses(registry, project):
    registry.register(1)
    registry.set(1, "Approved")
    registry.register(2)
    result = project.promote("models", "approve", "mammography", "2", "--reason", "fine")
    assert result.exit_code == 4
    assert (
        "  - not-worse: version 1 is in service, but the candidate was compared with none\n"
        in result.stderr
    )


def test_models_approve__whole_version__serves(aws, registry, project):
    registry.register(1)
    aws.start_recording()
    result = project.promote("models", "approve", "mammography", "1", "--reason", " AUC is fine ")
    assert (result.exit_code, aws.writes()) == (0, ["UpdateModelPackage"])
    assert result.stdout.splitlines()[-2:] == [
        "mammography version 1: PendingManualApproval → Approved",
        "version 1 serves from the next inference run on",
    ]
    assert registry.of(1) == ("Approved", f"AUC is fine [{PERSON}]")
    assert result.stderr == (
        f"registry: account {REGISTRY} as "
        f"arn:aws:sts::{REGISTRY}:assumed-role/model-approver-role/promote\n"
    )
    aws.start_recording()
    again = project.promote("models", "approve", "mammography", "1", "--reason", "again")
    assert (again.exit_code, aws.writes()) == (0, [])
    assert again.stdout == (
        f"mammography version 1 is already Approved (AUC is fine [{PERSON}]): nothing to do\n"
    )


def test_models_approve__dry_run__writes_nothing(aws, registry, project):
    registry.register(1)
    aws.start_recording()
    result = project.promote("models", "approve", "mammography", "1", "--reason", "x", "--dry-run")
    assert (result.exit_code, aws.writes()) == (0, [])
    assert "would change mammography version 1: PendingManualApproval → Approved\n" in result.stdout


def test_models_approve__missing_version__names_those_there_are(aws, registry, project):
    registry.register(1)
    aws.start_recording()
    result = project.promote("models", "approve", "mammography", "7", "--reason", "x")
    assert (result.exit_code, aws.writes()) == (1, [])
    assert "error: use case mammography has no model version 7\n" in result.stderr
    assert "next: it has: 1; promote models list mammography shows them\n" in result.stderr


@pytest.mark.parametrize("reason", ["", "   ", "x" * 1000])
@pytest.mark.parametrize("command", ["approve", "reject"])
def test_models_decide__unusable_reason__writes_nothing(aws, registry, project, command, reason):
    registry.register(1)
    aws.start_recording()
    result = project.promote("models", command, "mammography", "1", "--reason", reason)
    assert (result.exit_code, aws.writes()) == (2, [])
    assert "error: the reason has " in result.stderr


def test_models_approve__no_reason__is_a_usage_error(aws, project):
    aws.start_recording()
    assert project.promote("models", "approve", "mammography", "1").exit_code == 2
    assert aws.calls() == []


def test_models_reject__pending__needs_no_check(aws, registry, project):
    registry.register(1, recorded=False)
    aws.start_recording()
    result = project.promote("models", "reject", "mammography", "1", "--reason", "bad batch")
    [request] = aws.bodies("UpdateModelPackage")
    assert result.exit_code == 0
    assert request["ModelLifeCycle"] == {
        "Stage": "Rejected", "StageStatus": "Rejected", "StageDescription": "",
    }  # fmt: skip
    assert registry.of(1) == ("Rejected", f"bad batch [{PERSON}]")
    assert result.stdout == (
        "mammography version 1: PendingManualApproval → Rejected\n"
        "no version of mammography serves: inference fails until one is approved\n"
    )


def test_models_retire__in_service__the_one_before_serves(aws, registry, project):
    for number in (1, 2):
        registry.register(number)
        registry.set(number, "Approved")
    aws.start_recording()
    result = project.promote("models", "retire", "mammography", "2", "--reason", "old features")
    [request] = aws.bodies("UpdateModelPackage")
    assert (result.exit_code, request["ModelApprovalStatus"]) == (0, "Rejected")
    assert request["ModelLifeCycle"] == {
        "Stage": "Retired", "StageStatus": "Retired",
        "StageDescription": "version 1 serves instead",
    }  # fmt: skip
    assert result.stdout == (
        "mammography version 2: Approved → Rejected, retired\n"
        "version 1 serves from the next inference run on\n"
    )


def test_models_retire__never_approved__says_what_to_do(aws, registry, project):
    registry.register(1)
    aws.start_recording()
    result = project.promote("models", "retire", "mammography", "1", "--reason", "x")
    assert (result.exit_code, aws.writes()) == (1, [])
    assert "next: reject it instead: promote models reject mammography 1" in result.stderr


def test_models_rollback__twice__stops_where_nothing_is_left(aws, registry, project):
    for number in (1, 2):
        registry.register(number)
        registry.set(number, "Approved")
    aws.start_recording()
    result = project.promote("models", "rollback", "mammography", "--reason", "misses cases")
    [request] = aws.bodies("UpdateModelPackage")
    assert (result.exit_code, request["ModelPackageArn"]) == (0, f"{GROUP}/2")
    assert request["ModelLifeCycle"]["StageStatus"] == "RolledBack"
    assert request["ApprovalDescription"] == f"misses cases [{PERSON}]"
    assert registry.of(1) == ("Approved", "said so")
    aws.start_recording()
    again = project.promote("models", "rollback", "mammography", "--reason", "and this")
    assert (again.exit_code, aws.writes()) == (1, [])
    assert (
        "error: mammography cannot be rolled back: version 1 is the only one that can serve\n"
        in again.stderr
    )


def test_models_rollback__nothing_in_service__says_so(registry, project):
    registry.register(1)
    result = project.promote("models", "rollback", "mammography", "--reason", "x")
    assert result.exit_code == 1
    assert "cannot be rolled back: no version is in service\n" in result.stderr


def test_models_serving__approved__every_environment_and_the_rule(registry, project):
    registry.register(1)
    registry.set(1, "Approved")
    result = project.promote("models", "serving", "mammography", "--json")
    told = {"version": 1, "arn": f"{GROUP}/1", "failure": "", "reason": ""}
    assert result.json["environments"] == {"dev": told, "prod": told}
    shown = project.promote("models", "serving", "mammography").stdout
    assert shown.count("the newest approved version that is not retired serves") == 2


def test_models_serving__baseline_missing__names_the_failure(registry, project):
    registry.register(1)
    registry.set(1, "Approved")
    registry.delete("dev/mammography/train/run-1/statistics.json")
    result = project.promote("models", "serving", "mammography", "--json")
    assert result.json["environments"]["prod"]["failure"] == "BaselineMissing"
    assert result.json["environments"]["prod"]["version"] is None


def test_models_compare__champion_and_candidate__tells_the_paired_difference(registry, project):
    registry.register(1)
    registry.register(2, champion=f"{GROUP}/1", difference=0.01)
    result = project.promote("models", "compare", "mammography", "1", "2")
    assert result.stdout.splitlines()[-1] == (
        "version 2 minus version 1 on the same 200 rows: auc +0.010 (-0.010 to +0.030)"
    )
    unpaired = project.promote("models", "compare", "mammography", "1", "1")
    assert unpaired.stdout.splitlines()[-1].startswith("the two were not scored on the same rows")
