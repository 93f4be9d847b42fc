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
                "stage": "",
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
                "stage": "",
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


def test_models_list__unknown_use_case__names_those_there_are(aws, registry, project):
    result = project.promote("models", "list", "lungs")
    assert result.exit_code == 2
    assert result.stderr == "error: the registry has no use case lungs\nnext: it has: mammography\n"
