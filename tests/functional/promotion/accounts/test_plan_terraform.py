"""`promote plan` with Terraform: what it runs, defers to it, and refuses of it."""

import tarfile

import pytest

from promotion.plan.archive import read_plan

DEV = "333333333333"
BUCKET = "acme-ml-dev-data"
ROLE = "sagemaker-execution-role-mammography"


def test_plan__terraform_makes_role_and_bucket__defers_and_uploads_after_it(
    aws, project, terraform, resource_change
):
    # moto takes a foreign group's ARN for a name in the caller's own account.
    aws.client("sagemaker", DEV).create_model_package_group(
        ModelPackageGroupName="arn:aws:sagemaker:eu-west-1:222222222222:"
        "model-package-group/mammography"
    )
    project.release()
    terraform.changes(
        resource_change("module.x.aws_iam_role.this", ["create"], {"name": ROLE}),
        resource_change("module.x.aws_s3_bucket.this", ["create"], {"bucket": BUCKET}),
    )
    result = project.promote("plan", "dev")
    told = project.promote("apply", str(project.root / "build/plans/dev.plan"), "--dry-run")
    assert result.exit_code == 3
    assert f"  deferred execution-role: Terraform creates {ROLE}" in result.stdout
    assert [line.split("/code/")[0] for line in told.stdout.splitlines()] == [
        "would terraform apply dev: 2 to add",
        f"would upload s3://{BUCKET}",
        "would create pipeline mammography-inference",
        "would create pipeline mammography-train",
        "4 actions left for dev (account 333333333333)",
    ]
    assert aws.pipelines() == {}


@pytest.mark.parametrize("actions", [["delete"], ["delete", "create"], ["create", "delete"]])
def test_plan__terraform_would_destroy_a_bucket__refuses(
    aws, project, terraform, resource_change, actions
):
    terraform.changes(resource_change("module.data.aws_s3_bucket.this", actions))
    result = project.promote("plan", "dev", "--no-pipelines")
    word = "delete" if actions == ["delete"] else "replace"
    assert result.exit_code == 4
    assert (
        f"  - terraform-destroys: Terraform would destroy module.data.aws_s3_bucket.this ({word})\n"
        in result.stderr
    )


def test_plan__with_terraform__runs_init_plan_show_with_the_contracts_arguments(
    aws, project, terraform, resource_change
):
    terraform.changes(resource_change("aws_sns_topic.this", ["create"], {"name": "t"}))
    result = project.promote("plan", "dev", "--no-pipelines", "--out", str(project.root / "x.plan"))
    root = project.root
    package = next((root / "build/handlers").glob("*.zip"))
    runs = terraform.runs()
    chdir = f"-chdir={root}/mlops-infra/accounts/dev"
    data = root / "build/terraform/dev"
    assert result.exit_code == 3
    # The two forms of the plan are read side by side.
    arguments = [run["arguments"] for run in runs]
    assert [*arguments[:3], *sorted(arguments[3:])] == [
        ["version", "-json"],
        [
            chdir,
            "init",
            "-no-color",
            "-input=false",
            "-reconfigure",
            "-backend-config=bucket=acme-ml-dev-tfstate",
            "-backend-config=key=accounts/dev/terraform.tfstate",
            "-backend-config=region=eu-west-1",
            "-backend-config=use_lockfile=true",
            "-backend-config=encrypt=true",
        ],
        [
            chdir,
            "plan",
            "-json",
            "-input=false",
            "-lock=false",
            "-detailed-exitcode",
            f"-out={data}/terraform.tfplan",
            f"-var-file={root}/environments/dev.tfvars.json",
            "-var",
            f"lambda_package=../../../build/handlers/{package.name}",
        ],
        [chdir, "show", "-json", f"{data}/terraform.tfplan"],
        [chdir, "show", "-no-color", f"{data}/terraform.tfplan"],
    ]
    assert {run["TF_DATA_DIR"] for run in runs[1:]} == {str(data)}
    assert {run["AWS_REGION"] for run in runs[1:]} == {"eu-west-1"}
    assert all(run["lent"]["AccessKeyId"].startswith("ASIA") for run in runs[1:])
    assert {run["AWS_ACCESS_KEY_ID"] for run in runs[1:]} == {None}
    with tarfile.open(root / "x.plan") as archive:
        assert archive.getnames() == [
            "manifest.json",
            f"handlers/{package.name}",
            "plan.json",
            "terraform/plan.json",
            "terraform/plan.txt",
            "terraform/terraform.tfplan",
        ]


def test_plan__release_with_the_functions_of_this_source__plans_them(aws, project, terraform):
    aws.prepare_workload()
    release = project.release()
    terraform.changes()
    assert project.promote("plan", "dev").exit_code == 3
    members = read_plan(project.root / "build/plans/dev.plan").members
    package = f"handlers/{release.digests['functions.zip'][:12]}.zip"
    assert members[package] == release.functions


def test_plan__release_with_other_functions__is_refused_with_terraform_alone(
    aws, project, terraform
):
    aws.prepare_workload()
    project.release(functions=b"of another commit")
    result = project.promote("plan", "dev")
    assert (result.exit_code, terraform.runs()) == (2, [])
    assert result.stderr.splitlines()[-2] == (
        "error: the releases carry other Lambda functions than promotion/handlers here, so that "
        "they cannot be planned together with this Terraform"
    )
    assert not (project.root / "build/plans/dev.plan").exists()
    assert project.promote("plan", "dev", "--no-terraform").exit_code == 3


@pytest.mark.parametrize(("name", "with_package"), [("registry", True), ("tooling", False)])
def test_plan__account_without_pipelines__needs_no_release(
    aws, project, terraform, name, with_package
):
    result = project.promote("plan", name)
    arguments = terraform.runs()[2]["arguments"]
    assert result.exit_code == 0
    assert any("lambda_package" in word for word in arguments) == with_package
    assert "  no changes" in result.stdout.splitlines()


def test_plan__terraform_would_change_who_may_enter__is_refused(
    aws, project, terraform, resource_change
):
    terraform.changes(
        resource_change("module.access.module.jenkins_access.aws_iam_role.deploy", ["update"]),
        resource_change("module.access.module.people_access[0].aws_iam_role.approver", ["create"]),
        resource_change("module.registry.aws_sns_topic.this", ["create"]),
    )
    result = project.promote("plan", "registry")
    assert result.exit_code == 4
    assert not (project.root / "build/plans/registry.plan").exists()
    assert result.stderr.endswith(
        "  - terraform-access: Terraform would change who may enter the account: "
        "module.access.module.jenkins_access.aws_iam_role.deploy (update), "
        "module.access.module.people_access[0].aws_iam_role.approver (create)\n"
        "next: an administrator of account 222222222222 runs `promote bootstrap registry`\n"
    )


def test_plan__environment_without_terraform_root__says_so(aws, project):
    (project.root / "mlops-infra" / "accounts" / "tooling").rmdir()
    result = project.promote("plan", "tooling")
    assert result.exit_code == 2
    assert "environment tooling has no Terraform root" in result.stderr
    assert "--no-terraform" in result.stderr
