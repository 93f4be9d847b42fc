"""`promote models` against the registry account in moto."""

import pytest

REGISTRY = "222222222222"
PERSON = "arn:aws:sts::123456789012:user/moto"
FACTS = {
    "use_case": "mammography",
    "environment": "dev",
    "git_commit": "c0ffee" * 6 + "c0ff",
    "release_digest": "ab" * 32,
    "drifted_batch_uri": "none",
    "auc": "0.8712",
    "auc_low": "0.82",
    "auc_high": "0.9149",
}


@pytest.fixture
def registry(aws):
    """Return a client of the registry account, whose group has no version yet."""
    client = aws.client("sagemaker", REGISTRY)
    client.create_model_package_group(ModelPackageGroupName="mammography")
    return client


def register(client, **facts):
    return client.create_model_package(
        ModelPackageGroupName="mammography",
        ModelApprovalStatus="PendingManualApproval",
        CustomerMetadataProperties={**FACTS, **facts},
    )["ModelPackageArn"]


def test_models_list__versions__newest_first_with_metrics(aws, registry, project):
    first = register(registry)
    second = register(registry, environment="prod", drifted_batch_uri="s3://b/x.csv", auc="bad")
    registry.update_model_package(
        ModelPackageArn=first,
        ModelApprovalStatus="Approved",
        ApprovalDescription="fine",
        CustomerMetadataProperties=FACTS,
    )
    aws.start_recording()
    result = project.promote("models", "list", "mammography", "--json")
    created = [version.pop("created_at") for version in result.json["versions"]]
    document = {
        **result.json,
        "versions": [
            {key: value for key, value in version.items() if key != "created_at"}
            for version in result.json["versions"]
        ],
    }
    assert (result.exit_code, aws.writes()) == (0, [])
    assert all(moment.endswith("+00:00") for moment in created)
    assert document == {
        "schema_version": 1,
        "use_case": "mammography",
        "in_service": 1,
        "versions": [
            {
                "version": 2,
                "arn": second,
                "status": "PendingManualApproval",
                "reason": "",
                "environment": "prod",
                "auc": None,
                "auc_low": 0.82,
                "auc_high": 0.9149,
                "git_commit": FACTS["git_commit"],
                "release_digest": "ab" * 32,
                "drifted_batch_uri": "s3://b/x.csv",
            },
            {
                "version": 1,
                "arn": first,
                "status": "Approved",
                "reason": "fine",
                "environment": "dev",
                "auc": 0.8712,
                "auc_low": 0.82,
                "auc_high": 0.9149,
                "git_commit": FACTS["git_commit"],
                "release_digest": "ab" * 32,
                "drifted_batch_uri": "",
            },
        ],
    }


def test_models_list__table__shows_the_interval_and_the_one_in_service(aws, registry, project):
    arn = register(registry)
    registry.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription="fine",
        CustomerMetadataProperties=FACTS,
    )
    register(registry, drifted_batch_uri="s3://b/x.csv")
    result = project.promote("models", "list", "mammography")
    lines = [line.split("  ") for line in result.stdout.strip().splitlines()]
    first, second = ([cell.strip() for cell in line if cell.strip()] for line in lines[2:4])
    del first[4], second[4]
    assert first == ["2", "pending", "dev", "0.871 (0.820-0.915)", "c0ffeec", "abababababab"]
    assert second == ["1", "in service", "dev", "0.871 (0.820-0.915)", "c0ffeec", "abababababab"]
    assert [line.strip() for line in result.stdout.strip().splitlines()[4:] if line.strip()] == [
        "version 2 was trained after s3://b/x.csv",
        "version 1 approved: fine",
    ]


def test_models_list__no_version__says_so(aws, registry, project):
    result = project.promote("models", "list", "mammography")
    assert (result.exit_code, result.stdout) == (
        0,
        "use case mammography has no model version yet\n",
    )


def test_models_list__more_than_a_page__has_all(aws, registry, project):
    for _ in range(105):
        register(registry)
    result = project.promote("models", "list", "mammography", "--json")
    assert [version["version"] for version in result.json["versions"]] == list(range(105, 0, -1))


@pytest.mark.parametrize(("command", "status"), [("approve", "Approved"), ("reject", "Rejected")])
def test_models_decide__pending__writes_status_reason_and_person(
    aws, registry, project, command, status
):
    arn = register(registry)
    other = register(registry)
    aws.start_recording()
    result = project.promote("models", command, "mammography", "1", "--reason", " AUC is fine ")
    assert (result.exit_code, aws.writes()) == (0, ["UpdateModelPackage"])
    assert result.stdout == f"mammography version 1: PendingManualApproval → {status}\n"
    found = registry.describe_model_package(ModelPackageName=arn)
    assert (found["ModelApprovalStatus"], found["ApprovalDescription"]) == (
        status,
        f"AUC is fine [{PERSON}]",
    )
    left = registry.describe_model_package(ModelPackageName=other)
    assert left["ModelApprovalStatus"] == "PendingManualApproval"
    assert (
        f"registry: account {REGISTRY} as "
        f"arn:aws:sts::{REGISTRY}:assumed-role/model-approver-role/promote\n"
    ) == result.stderr


def test_models_approve__twice__writes_once(aws, registry, project):
    register(registry)
    words = ("models", "approve", "mammography", "1", "--reason", "fine")
    project.promote(*words)
    aws.start_recording()
    result = project.promote(*words)
    assert (result.exit_code, aws.writes()) == (0, [])
    assert result.stdout == "mammography version 1 is already Approved: nothing to do\n"


def test_models_approve__dry_run__writes_nothing(aws, registry, project):
    register(registry)
    aws.start_recording()
    result = project.promote("models", "approve", "mammography", "1", "--reason", "x", "--dry-run")
    assert (result.exit_code, aws.writes()) == (0, [])
    assert result.stdout == (
        "would change mammography version 1: PendingManualApproval → Approved\n"
    )


def test_models_approve__missing_version__names_those_there_are(aws, registry, project):
    register(registry)
    aws.start_recording()
    result = project.promote("models", "approve", "mammography", "7", "--reason", "x")
    assert (result.exit_code, aws.writes()) == (1, [])
    assert "error: use case mammography has no model version 7\n" in result.stderr
    assert "next: it has: 1; promote models list mammography shows them\n" in result.stderr


@pytest.mark.parametrize("reason", ["", "   ", "x" * 1000])
def test_models_approve__unusable_reason__writes_nothing(aws, registry, project, reason):
    register(registry)
    aws.start_recording()
    result = project.promote("models", "approve", "mammography", "1", "--reason", reason)
    assert (result.exit_code, aws.writes()) == (2, [])
    assert "error: the reason has " in result.stderr


def test_models_approve__no_reason__is_a_usage_error(aws, registry, project):
    aws.start_recording()
    assert project.promote("models", "approve", "mammography", "1").exit_code == 2
    assert aws.calls() == []


def test_models_list__unknown_use_case__names_those_there_are(aws, registry, project):
    result = project.promote("models", "list", "lungs")
    assert result.exit_code == 2
    assert result.stderr == "error: the registry has no use case lungs\nnext: it has: mammography\n"
