"""`promote plan` where a gate refuses, or where what it is given is wrong."""

import botocore
import pytest

DEV = "333333333333"
BUCKET = "acme-ml-dev-data"
ROLE = "sagemaker-execution-role-mammography"


def test_plan__no_role_and_no_group__refuses_with_both_and_writes_no_plan(aws, project):
    aws.client("s3", DEV).create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    project.release()
    result = project.promote("plan", "dev", "--no-terraform")
    assert result.exit_code == 4
    assert not (project.root / "build" / "plans").exists()
    assert "Refused by 2 of 15 gates." in result.stdout
    assert (
        "error: the promotion to dev is refused; no plan file was written\n"
        f"  - execution-role: account {DEV} has no role {ROLE}\n"
        "  - model-package-group: mammography: arn:aws:sagemaker:eu-west-1:222222222222:"
        "model-package-group/mammography does not exist\n"
        "next: apply the Terraform of dev with the pipelines or before; apply the Terraform of "
        "the registry account first: it makes the group and lets this account see it\n"
    ) in result.stderr


def test_plan__refused__leaves_no_earlier_plan_file(aws, project):
    aws.client("s3", DEV).create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    project.release()
    earlier = project.root / "build" / "plans" / "dev.plan"
    earlier.parent.mkdir(parents=True)
    earlier.write_bytes(b"a plan of yesterday")
    assert project.promote("plan", "dev", "--no-terraform").exit_code == 4
    assert not earlier.exists()


def test_plan__environment_files_disagree__refuses(aws, project):
    aws.prepare_workload()
    project.release()
    project.edit_environment("prod", project="other")
    result = project.promote("plan", "dev", "--no-terraform")
    assert result.exit_code == 4
    assert (
        "error: the promotion to dev is refused; no plan file was written\n"
        "  - environment-consistency: environments/prod.tfvars.json: project: is 'other' but "
        "'acme-ml' in environments/dev.tfvars.json\n"
    ) in result.stderr
    assert not (project.root / "build" / "plans").exists()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("{", "", "line 2 column 12: not JSON: "),
        ('"event_bus"', '"event_buss": "x", "event_bus"', "event_buss: unknown key (did you mean"),
        ('"event_bus"', '"event_bus": "x", "event_bus"', "event_bus: the key stands twice"),
    ],
    ids=["malformed", "unknown key", "duplicate key"],
)
def test_plan__bad_environment_file__exits_2_and_calls_nothing(aws, project, old, new, problem):
    project.release()
    path = project.root / "environments/dev.tfvars.json"
    path.write_text(path.read_text().replace(old, new, 1))
    aws.start_recording()
    result = project.promote("plan", "dev", "--no-terraform")
    assert (result.exit_code, result.stdout, aws.calls()) == (2, "", [])
    assert problem in result.stderr
    assert "environments/dev.tfvars.json" in result.stderr
    assert not (project.root / "build" / "plans").exists()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda body: b"", "is no release archive: "),
        (lambda body: body[:3000], "is altered"),
        (lambda body: body.replace(b"print(1)", b"print(2)"), "is altered"),
    ],
    ids=["empty", "truncated", "altered"],
)
def test_plan__damaged_release__exits_1_and_calls_nothing(aws, project, damage, message):
    project.release()
    (path,) = (project.root / "build/releases").iterdir()
    body = damage(path.read_bytes())
    assert body != path.read_bytes()
    path.write_bytes(body)
    aws.start_recording()
    result = project.promote("plan", "dev", "--no-terraform", "--release", str(path))
    assert (result.exit_code, result.stdout, aws.calls()) == (1, "", [])
    assert f"error: release {path}: {message}" in result.stderr
    assert "next: build it again with: promote build --no-cache\n" in result.stderr
    assert not (project.root / "build" / "plans").exists()


@pytest.mark.parametrize("words", [("plan", "dev", "--no-pipelines"), ("bootstrap", "dev")])
def test_command__region_that_aws_does_not_have__is_refused_before_any_call(
    aws, project, terraform, words
):
    project.edit_environment("dev", region="eu-west-9")
    aws.start_recording()
    result = project.promote(*words)
    assert (result.exit_code, aws.calls(), terraform.runs()) == (2, [], [])
    assert (
        f"environments/dev.tfvars.json: region: botocore {botocore.__version__} knows no region "
        "'eu-west-9'\n"
    ) in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "there is no environment 'nowhere'"),
        (["dev", "--use-case", "x"], "environment dev has no use case x"),
        (["dev"], "there is no release of use case mammography in"),
        (["dev", "--release", "latest"], "no release in"),
        (["dev", "--release", "gone.tar"], "gone.tar"),
        (["registry", "--release", "x.tar"], "environment registry runs no pipelines"),
    ],
)
def test_plan__wrong_words__name_what_is_wrong(aws, project, words, message):
    aws.start_recording()
    result = project.promote("plan", *words, "--no-terraform")
    assert result.exit_code in (1, 2)
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert aws.calls() == []
