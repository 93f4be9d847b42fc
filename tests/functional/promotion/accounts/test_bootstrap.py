"""`promote bootstrap` against accounts in moto, with a Terraform that does as it is told."""

import pytest

DEV, PROD, REGISTRY, TOOLING = "333333333333", "444444444444", "222222222222", "111111111111"
BUCKET = "acme-ml-dev-tfstate"
WHERE = f"dev (account {DEV})"
ACCESS = "module.access"


def buckets(aws, account_id):
    return [found["Name"] for found in aws.client("s3", account_id).list_buckets()["Buckets"]]


@pytest.fixture
def administrator(aws, project, terraform, act_in, resource_change):
    """Dev's administrator, and a Terraform that has a role to make."""
    act_in(DEV)
    role = "module.access.module.jenkins_access.aws_iam_role.deploy"
    terraform.changes(resource_change(role, ["create"], {"name": "cross-account-jenkins-role"}))


def targets(terraform):
    (plan,) = (run["arguments"] for run in terraform.runs() if run["arguments"][1] == "plan")
    return [word.removeprefix("-target=") for word in plan if word.startswith("-target=")]


def test_bootstrap__new_account__makes_bucket_and_access_in_that_account_only(
    aws, project, terraform, administrator
):
    result = project.promote("bootstrap", "dev", "--yes")
    assert (result.exit_code, result.stdout) == (
        0,
        f"created s3://{BUCKET}\napplied 1 to add to {WHERE}\n",
    )
    assert (buckets(aws, DEV), buckets(aws, PROD)) == ([BUCKET], [])
    assert terraform.commands() == ["init", "plan", "show", "apply"]
    assert targets(terraform) == [ACCESS]
    assert "  create module.access.module.jenkins_access.aws_iam_role.deploy\n" in result.stderr


def test_bootstrap__plan__takes_no_lock_and_apply_takes_the_saved_plan(
    aws, project, terraform, administrator
):
    project.promote("bootstrap", "dev", "--yes")
    found = {run["arguments"][1]: run["arguments"] for run in terraform.runs()}
    saved = str(project.root / "build/terraform/dev/terraform.tfplan")
    assert "-lock=false" in found["plan"]
    assert f"-out={saved}" in found["plan"]
    assert found["apply"][2:] == ["-json", "-input=false", saved]


@pytest.mark.parametrize("name", ["registry", "tooling"])
def test_bootstrap__each_kind__applies_its_access_module(project, terraform, act_in, name):
    act_in({"registry": REGISTRY, "tooling": TOOLING}[name])
    assert project.promote("bootstrap", name, "--yes").exit_code == 0
    assert targets(terraform) == [ACCESS]
    plan = next(run["arguments"] for run in terraform.runs() if run["arguments"][1] == "plan")
    # Functions run in every account but tooling; their variable has no default.
    with_package = any(word.startswith("lambda_package=") for word in plan)
    assert with_package == (name != "tooling")


def test_bootstrap__twice__writes_nothing_the_second_time(aws, project, terraform, administrator):
    project.promote("bootstrap", "dev", "--yes")
    terraform.changes()
    before = len(terraform.commands())
    aws.start_recording()
    result = project.promote("bootstrap", "dev")
    assert (result.exit_code, result.stdout) == (0, f"nothing to do in {WHERE}\n")
    assert aws.writes() == []
    assert terraform.commands()[before:] == ["init", "plan", "show"]


def test_bootstrap__no__shows_the_whole_plan_and_applies_nothing(
    aws, project, terraform, administrator
):
    aws.client("s3", DEV).create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    result = project.promote("bootstrap", "dev", answer="n\n")
    assert (result.exit_code, result.stdout) == (1, "not applied\n")
    assert "the plan in words\n" in result.stderr
    assert f"apply 1 to add to {WHERE}? [y/N] " in result.stderr
    assert "apply" not in terraform.commands()


def test_bootstrap__no_to_the_bucket__creates_nothing(aws, project, terraform, administrator):
    result = project.promote("bootstrap", "dev", answer="\n")
    assert (result.exit_code, result.stdout, buckets(aws, DEV)) == (1, "not applied\n", [])
    assert terraform.commands() == []


def test_bootstrap__nobody_to_ask__writes_nothing(aws, project, terraform, administrator):
    result = project.promote("bootstrap", "dev")
    assert (result.exit_code, buckets(aws, DEV), terraform.commands()) == (2, [], [])
    assert "next: pass --yes to go ahead without being asked\n" in result.stderr


def test_bootstrap__dry_run_without_a_bucket__tells_all_of_it(
    aws, project, terraform, administrator
):
    result = project.promote("bootstrap", "dev", "--dry-run")
    assert (result.exit_code, result.stdout) == (
        0,
        f"would create s3://{BUCKET}\nwould apply {ACCESS}\n",
    )
    assert (buckets(aws, DEV), terraform.commands()) == ([], [])


def test_bootstrap__dry_run_with_a_bucket__plans_and_applies_nothing(
    aws, project, terraform, administrator
):
    aws.client("s3", DEV).create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    aws.start_recording()
    result = project.promote("bootstrap", "dev", "--dry-run")
    assert (result.exit_code, result.stdout) == (0, f"would apply 1 to add to {WHERE}\n")
    assert aws.writes() == []
    assert terraform.commands() == ["init", "plan", "show", "show"]


def test_bootstrap__caller_of_another_account__is_told_who_has_to(aws, project, terraform, act_in):
    act_in(TOOLING)
    aws.start_recording()
    result = project.promote("bootstrap", "dev", "--yes")
    assert (result.exit_code, result.stdout, terraform.commands()) == (1, "", [])
    assert aws.calls() == ["GetCallerIdentity"]
    assert (
        f"is in account {TOOLING}: dev is prepared by an administrator of its own account {DEV}\n"
        f"next: use credentials of an administrator of account {DEV}\n"
    ) in result.stderr


def test_bootstrap__name_taken_by_another_account__says_so(aws, project, terraform, administrator):
    aws.client("s3", PROD).create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    result = project.promote("bootstrap", "dev", "--yes")
    assert (result.exit_code, terraform.commands()) == (1, [])
    assert (
        f"error: the bucket name {BUCKET} is taken by another account than {DEV}\n" in result.stderr
    )
    assert "choose another buckets.state" in result.stderr


def test_bootstrap__no_terraform__creates_no_bucket(aws, project, act_in, monkeypatch, tmp_path):
    act_in(DEV)
    monkeypatch.setenv("PATH", str(tmp_path))
    result = project.promote("bootstrap", "dev", "--yes")
    assert (result.exit_code, buckets(aws, DEV)) == (1, [])
    assert "error: terraform is not on PATH\n" in result.stderr


def test_bootstrap__terraform_fails__says_where_and_is_tried_again(
    aws, project, terraform, administrator
):
    terraform.fails("apply", "╷\n│ Error: creating IAM Role: AccessDenied\n╵\n")
    failed = project.promote("bootstrap", "dev", "--yes")
    assert (failed.exit_code, failed.stdout) == (1, f"created s3://{BUCKET}\n")
    assert f"error: terraform apply of dev (account {DEV}): failed" in failed.stderr
    terraform.recovers("apply")
    again = project.promote("bootstrap", "dev", "--yes")
    assert (again.exit_code, again.stdout) == (0, f"applied 1 to add to {WHERE}\n")
