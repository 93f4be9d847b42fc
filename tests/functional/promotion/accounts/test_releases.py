"""Published releases: publishing, gates that ask for them, and who is told what, over moto."""

import json
import os
import subprocess
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from promotion.aws.errors import RemoteDenied, RemoteError
from promotion.aws.session import Accounts
from promotion.build.archive import archive_bytes
from promotion.errors import ConfigError
from promotion.handlers.ledger import Origin, take_stated
from promotion.handlers.ledger_table import LedgerTable
from promotion.plan.stage import PlanRequest, prepare_plan
from promotion.provenance import attest
from promotion.releases.records import ReleaseRecords
from promotion.releases.withdraw import prepare_withdrawal, withdraw

DEV, PROD, REGISTRY = "333333333333", "444444444444", "222222222222"
ARTIFACTS, PROD_BUCKET = "acme-ml-model-artifacts", "acme-ml-prod-data"
BUILDER = "arn:aws:iam::111111111111:role/jenkins-build-role"
PERSON = "arn:aws:iam::111111111111:user/x"
FAILS = (
    '{"Version": "2020-12-01", "Steps": [{"Name": "Stop", "Type": "Fail", '
    '"Arguments": {"ErrorMessage": "x"}}]}'
)
SOURCE = {
    "pipelines/mammography/use_case.toml": 'name = "mammography"\ntitle = "M"\nowner = "us"\n'
    '[pipelines]\ntrain = "train.json"\n',
    "pipelines/mammography/train.json": FAILS,
    "requirements.lock": "boto3==1.0\n",
    ".gitignore": "build/\n",
}


def commit(root):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    for words in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-qm", "one")):
        subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True)


@pytest.fixture
def built(project):
    """Build a release of a commit; return what `promote build --json` says of it."""
    for name, text in SOURCE.items():
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    commit(project.root)
    return project.promote("build", "mammography", "--json").json["releases"][0]


def keys_of(aws):
    listed = aws.client("s3", REGISTRY).list_objects_v2(Bucket=ARTIFACTS).get("Contents", [])
    return [item["Key"] for item in listed]


def put(aws, key, body):
    aws.client("s3", REGISTRY).put_object(
        Bucket=ARTIFACTS, Key=key, Body=body, ChecksumAlgorithm="SHA256"
    )


def publish(aws, release, signer, builder_id=BUILDER, body=None):
    """Publish a release that was made up, as the build role would."""
    key = f"releases/{release.use_case}/{release.digest}"
    envelope = attest(release, materials={"x": "0" * 64}, builder_id=builder_id, signer=signer)
    put(aws, f"{key}.tar", archive_bytes(release) if body is None else body)
    put(aws, f"{key}.intoto.json", envelope)


def ran_in_dev(aws, release, pipeline, outcome="Succeeded"):
    aws.state(
        "dev",
        f"execution/{pipeline}/{outcome}",
        kind="execution",
        outcome=outcome,
        use_case="mammography",
        release_digest=release.digest,
        details={"pipeline": f"mammography-{pipeline}"},
    )


@pytest.fixture
def prod(aws, project):
    """Let prod ask for provenance and evidence, and return a release that is neither."""
    aws.prepare_workload(PROD, PROD_BUCKET)
    promotion = {
        "require_clean_commit": False, "require_provenance": True, "evidence_from": "dev",
    }  # fmt: skip
    project.edit_environment("prod", promotion=promotion)
    return project.release()


@pytest.fixture
def published(aws, project, prod):
    """Return the project and prod's release, which ran in dev; each test publishes it its way."""
    ran_in_dev(aws, prod, "train")
    return project, prod


def plan_prod(project, *words):
    return project.promote("plan", "prod", "--no-terraform", *words)


def gates_of(result):
    return {gate["gate"]: gate["outcome"] for gate in result.json["gates"]}


class LocalSigner:
    """A key of somebody else."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())

    def public_key(self):
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, digest):
        return self.key.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))


def test_publish__built_release__is_stored_and_signed_once(aws, project, signing, built):
    first = project.promote("publish", "--json")
    key = f"releases/mammography/{built['digest']}"
    assert (first.exit_code, keys_of(aws)) == (0, [f"{key}.intoto.json", f"{key}.tar"])
    assert first.json["releases"] == [
        {
            "use_case": "mammography",
            "digest": built["digest"],
            "git_commit": built["git_commit"],
            "uri": f"s3://{ARTIFACTS}/{key}.tar",
            "is_new": True,
        }
    ]
    aws.start_recording()
    second = project.promote("publish", "--release", built["digest"][:7])
    assert (second.exit_code, aws.writes()) == (0, [])
    assert "Sign" not in aws.calls()
    assert second.stdout == (
        f"mammography {built['digest'][:12]} is published already: s3://{ARTIFACTS}/{key}.tar\n"
    )


def test_publish__signed_envelope_is_missing__is_made_up_for(aws, project, signing, built):
    project.promote("publish")
    key = f"releases/mammography/{built['digest']}"
    aws.client("s3", REGISTRY).delete_object(Bucket=ARTIFACTS, Key=f"{key}.intoto.json")
    again = project.promote("publish")
    assert (again.exit_code, keys_of(aws)) == (0, [f"{key}.intoto.json", f"{key}.tar"])


def test_publish__another_archive_of_the_same_digest__is_refused(aws, project, signing, built):
    put(aws, f"releases/mammography/{built['digest']}.tar", b"other")
    aws.start_recording()
    result = project.promote("publish")
    assert (result.exit_code, aws.writes()) == (1, [])
    assert (
        f"error: another archive of release mammography {built['digest'][:12]} is published: the "
        "same content, built from another commit or with other versions\n"
    ) in result.stderr


def test_publish__changes_that_are_not_committed__is_refused_before_any_call(
    aws, project, signing, built
):
    (project.root / "pipelines/mammography/train.json").write_text(FAILS.replace('"x"', '"y"'))
    dirty = project.promote("build", "--json").json["releases"][0]
    aws.start_recording()
    result = project.promote("publish")
    assert (result.exit_code, aws.calls()) == (1, [])
    assert result.stderr == (
        "error: releases of changes that are not committed cannot be published\n"
        f"  - mammography {dirty['digest'][:12]}\n"
        "next: commit the changes, build again with promote build, and publish that\n"
    )


def test_publish__no_signing_key__says_so_and_stores_nothing(aws, project, built):
    aws.client("s3", REGISTRY).create_bucket(
        Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    result = project.promote("publish")
    assert (result.exit_code, keys_of(aws)) == (1, [])
    assert "kms.GetPublicKey in account 111111111111" in result.stderr


def test_publish__use_cases_and_releases__is_a_usage_error(aws, project, built):
    result = project.promote("publish", "mammography", "--release", built["digest"])
    assert result.exit_code == 2


def test_plan__published_release_that_ran_in_dev__passes_all_gates(aws, project, signing, prod):
    publish(aws, prod, signing)
    ran_in_dev(aws, prod, "train")
    result = plan_prod(project, "--json")
    assert (result.exit_code, set(gates_of(result).values())) == (3, {"passed"})
    told = {gate["gate"]: gate["message"] for gate in result.json["gates"]}
    assert told["provenance"] == f"{prod.digest[:12]} signed by jenkins-build-role"
    assert told["evidence"] == "mammography: train succeeded in dev"
    applied = project.promote("apply", str(project.root / "build/plans/prod.plan"), "--yes")
    assert (applied.exit_code, len(aws.pipelines(PROD))) == (0, 2)


def not_published(aws, release, signing):
    pass


def unsigned(aws, release, signing):
    put(aws, f"releases/mammography/{release.digest}.tar", archive_bytes(release))


def signed_by_another_key(aws, release, signing):
    publish(aws, release, LocalSigner())


def foreign_builder(aws, release, signing):
    publish(aws, release, signing, builder_id="arn:aws:iam::999999999999:role/jenkins-build-role")


def envelope_altered(aws, release, signing):
    publish(aws, release, signing)
    key = f"releases/mammography/{release.digest}.intoto.json"
    s3 = aws.client("s3", REGISTRY)
    document = json.loads(s3.get_object(Bucket=ARTIFACTS, Key=key)["Body"].read())
    document["payload"] = document["payload"][:-4] + "AAA="
    put(aws, key, json.dumps(document, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (not_published, "is unsigned: it has no provenance"),
        (unsigned, "is unsigned: it has no provenance"),
        (signed_by_another_key, "the provenance is signed by another key: "),
        (foreign_builder, "foreign builder: arn:aws:iam::999999999999:role/jenkins-build-role"),
        (envelope_altered, "the provenance was altered: its signature does not fit"),
    ],
)
def test_plan__release_that_is_not_proved__is_refused(aws, signing, published, stored, message):
    project, release = published
    stored(aws, release, signing)
    result = plan_prod(project)
    assert result.exit_code == 4
    (problem,) = [line for line in result.stderr.splitlines() if line.startswith("  - ")]
    assert problem.startswith("  - provenance: ")
    assert message in problem
    assert "promote publish" in result.stderr


def test_plan__local_archive_is_not_the_one_that_was_signed__is_refused(
    aws, project, signing, prod
):
    publish(aws, prod, signing)
    ran_in_dev(aws, prod, "train")
    other = project.release(commit="b" * 40)
    assert other.digest == prod.digest
    result = plan_prod(project)
    assert result.exit_code == 4
    assert (
        f"  - provenance: the archive of release mammography {prod.digest[:12]} was altered"
        in result.stderr
    )


class Unpermitted(Accounts):
    """Sessions that lack a permission, as before their accounts are bootstrapped again."""

    def __init__(self, service, operation):
        super().__init__()
        self.service, self.operation = service, operation

    def open(self, environment, *role_arns):
        session = super().open(environment, *role_arns)

        def refuse(**_):
            error = {"Error": {"Code": "AccessDenied", "Message": "no"}}
            raise ClientError(error, self.operation)

        event = f"before-call.{self.service}.{self.operation}"
        session._session.register(event, refuse)
        return session


@pytest.mark.parametrize(
    ("service", "operation", "environment"),
    [
        ("s3", "GetObject", "registry"),
        ("kms", "GetPublicKey", "tooling"),
        ("dynamodb", "Query", "registry"),
    ],
)
def test_plan__store_key_or_ledger_that_may_not_be_read__is_an_error_and_no_pass(
    signing, published, service, operation, environment
):
    project, _ = published
    request = PlanRequest(project.root, "prod", with_terraform=False)
    with pytest.raises(RemoteDenied) as caught:
        prepare_plan(
            request,
            accounts=Unpermitted(service, operation),
            make_terraform=lambda *_: None,
            say=lambda _: None,
        )
    assert caught.value.operation == f"{service}.{operation}"
    assert f"runs `promote bootstrap {environment}`" in caught.value.hint


def test_plan__approved_model_and_no_inference__demands_inference(aws, project, signing, prod):
    publish(aws, prod, signing)
    ran_in_dev(aws, prod, "train")
    ran_in_dev(aws, prod, "inference", "Failed")
    sagemaker = aws.client("sagemaker", REGISTRY)
    sagemaker.create_model_package_group(ModelPackageGroupName="mammography")
    sagemaker.create_model_package(
        ModelPackageGroupName="mammography",
        ModelPackageDescription="x",
        ModelApprovalStatus="Approved",
    )
    refused = plan_prod(project)
    assert refused.exit_code == 4
    assert (
        f"  - evidence: mammography: inference of release {prod.digest[:12]} has not succeeded in "
        "dev\n"
    ) in refused.stderr
    ran_in_dev(aws, prod, "inference")
    assert plan_prod(project).exit_code == 3


def test_apply__provenance_taken_away_since_the_plan__is_refused(aws, project, signing, prod):
    publish(aws, prod, signing)
    ran_in_dev(aws, prod, "train")
    assert plan_prod(project).exit_code == 3
    key = f"releases/mammography/{prod.digest}.intoto.json"
    aws.client("s3", REGISTRY).delete_object(Bucket=ARTIFACTS, Key=key)
    aws.start_recording()
    result = project.promote("apply", str(project.root / "build/plans/prod.plan"), "--yes")
    assert (result.exit_code, aws.writes()) == (4, [])
    assert f"  - provenance: release mammography {prod.digest[:12]} is unsigned" in result.stderr


def test_apply__provenance_overridden__goes_on_without_it(aws, project, signing, prod):
    ran_in_dev(aws, prod, "train")
    assert plan_prod(project, "--override", "provenance=hotfix").exit_code == 3
    result = project.promote("apply", str(project.root / "build/plans/prod.plan"), "--yes")
    assert (result.exit_code, len(aws.pipelines(PROD))) == (0, 2)


class Function:
    """The ledger's function, called in the process."""

    def __init__(self, aws):
        self.table = LedgerTable(
            aws.prepare_ledger(), "acme-ml-ledger", lambda: "2026-02-01T00:00:00.000000Z"
        )

    def state(self, record, token):
        event = {"token": token, "record": record.document()}
        take_stated(event, self.table, Origin("dev", DEV))


def request_withdrawal(project, digest, reason="leaks the label"):
    return prepare_withdrawal(
        ReleaseRecords(project.root, Accounts()),
        "mammography",
        digest,
        reason,
        actor=lambda _: PERSON,
        now=lambda: datetime(2026, 1, 31, 6, tzinfo=UTC),
    )


def test_withdraw__published_release__is_refused_by_plan_and_apply_from_then_on(
    aws, project, signing, prod
):
    publish(aws, prod, signing)
    ran_in_dev(aws, prod, "train")
    assert plan_prod(project).exit_code == 3
    request = request_withdrawal(project, prod.digest[:7])
    assert (request.environment.environment, request.earlier) == ("dev", None)
    withdraw(request, Function(aws))
    plan_file = str(project.root / "build/plans/prod.plan")
    applied = project.promote("apply", plan_file, "--yes")
    told = f"mammography {prod.digest[:12]} was withdrawn by {PERSON}: leaks the label"
    assert (applied.exit_code, aws.pipelines(PROD)) == (4, {})
    assert f"  - release-withdrawn: {told}\n" in applied.stderr
    again = plan_prod(project)
    assert again.exit_code == 4
    assert "  - release-withdrawn: mammography: release " in again.stderr
    second = project.promote("withdraw", "mammography", prod.digest, "--reason", "again")
    assert (second.exit_code, second.stdout) == (
        0,
        f"mammography {prod.digest[:12]} was withdrawn at 2026-01-31T06:00:00.000000Z by {PERSON}: "
        "leaks the label\n",
    )


def test_withdraw__release_that_is_not_published__needs_all_digits(aws, project, signing):
    with pytest.raises(ConfigError, match="no published releases of mammography have a digest"):
        request_withdrawal(project, "deadbeef")
    assert request_withdrawal(project, "d" * 64).record.release_digest == "d" * 64


@pytest.mark.parametrize(
    ("digest", "reason"), [("nothex", "x"), ("abc", "x"), ("d" * 64, " "), ("d" * 64, "x" * 1001)]
)
def test_withdraw__digest_or_reason_that_is_none__is_a_usage_error(aws, project, digest, reason):
    with pytest.raises(ConfigError):
        request_withdrawal(project, digest, reason)


def test_withdraw__dry_run__states_nothing(aws, project, signing):
    aws.start_recording()
    words = ("withdraw", "mammography", "d" * 64, "--reason", "x", "--dry-run")
    result = project.promote(*words)
    assert (result.exit_code, aws.writes()) == (0, [])
    assert result.stdout == f"would withdraw mammography {'d' * 12}, stated by dev\n"


def test_plan__digest_of_a_published_release__is_downloaded_and_older_than_what_was_built(
    aws, project, signing, prod
):
    publish(aws, prod, signing)
    ran_in_dev(aws, prod, "train")
    archive = project.root / "build" / "releases" / prod.file_name
    archive.unlink()
    result = plan_prod(project, "--release", prod.digest[:7], "--json")
    assert (result.exit_code, archive.read_bytes()) == (3, archive_bytes(prod))
    published = aws.client("s3", REGISTRY).head_object(
        Bucket=ARTIFACTS, Key=f"releases/mammography/{prod.digest}.tar"
    )
    assert os.stat(archive).st_mtime == published["LastModified"].timestamp()


def test_plan__digest_of_no_release__says_where_it_was_looked_for(aws, project, signing, prod):
    result = plan_prod(project, "--release", "deadbeef")
    assert result.exit_code == 2
    assert (
        f"error: no release with digest 'deadbeef' in {project.root / 'build' / 'releases'} and "
        "among the published releases of mammography\n"
    ) in result.stderr


def test_plan__published_archive_is_of_another_release__is_refused_and_removed(
    aws, project, signing, prod
):
    publish(aws, prod, signing)
    other = project.release(code={"steps/preprocess.py": b"pass\n"})
    put(aws, f"releases/mammography/{prod.digest}.tar", archive_bytes(other))
    result = plan_prod(project, "--release", prod.digest)
    assert result.exit_code == 1
    assert f"holds another release: mammography {other.digest[:12]}" in result.stderr
    assert not (project.root / "build" / "releases" / prod.file_name).exists()


def test_releases__several__tell_signature_place_evidence_and_withdrawal(
    aws, project, signing, prod
):
    publish(aws, prod, signing)
    ran_in_dev(aws, prod, "train")
    plan_prod(project)
    project.promote("apply", str(project.root / "build/plans/prod.plan"), "--yes")
    other = project.release(code={"steps/preprocess.py": b"pass\n"})
    publish(aws, other, LocalSigner())
    withdraw(request_withdrawal(project, other.digest), Function(aws))
    told = project.promote("releases", "mammography", "--json")
    found = {line["digest"]: line for line in told.json["releases"]}
    assert told.exit_code == 0
    first, second = found[prod.digest], found[other.digest]
    assert {key: first[key] for key in first if key != "published_at"} == {
        "use_case": "mammography",
        "digest": prod.digest,
        "git_commit": prod.git_commit,
        "signed_by": BUILDER,
        "problem": "",
        "live": {"prod": ["inference", "train"]},
        "succeeded": {"dev": ["train"]},
        "withdrawal": None,
    }
    assert (second["signed_by"], second["live"], second["succeeded"]) == ("", {}, {})
    assert second["problem"].startswith("the provenance is signed by another key: ")
    assert second["withdrawal"]["reason"] == "leaks the label"
    text = project.promote("releases").stdout
    assert "jenkins-build-role" in text
    assert f"mammography {other.digest[:12]}: the provenance is signed by another key" in text


def test_releases__none_published__says_so(aws, project, signing):
    result = project.promote("releases")
    assert (result.exit_code, result.stdout) == (0, "no release is published yet\n")


def test_releases__unknown_use_case__is_a_usage_error(aws, project, signing):
    assert project.promote("releases", "nothing").exit_code == 2


def test_fetch__digits_of_no_or_two_releases__is_an_error(aws, project, signing):
    for digest in ("aaaaaaa1" + "0" * 56, "aaaaaaa2" + "0" * 56):
        put(aws, f"releases/mammography/{digest}.tar", b"x")
    store = ReleaseRecords(project.root, Accounts()).store
    for digits, what in (("bbbbbbb", "no published releases"), ("aaaaaaa", "2 published releases")):
        with pytest.raises(RemoteError, match=what):
            store.fetch("mammography", digits)
    assert store.fetch("mammography", "aaaaaaa1") == (b"x", None)
