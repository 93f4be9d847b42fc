"""Loading environment files: values, derived names, and every problem at once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from promotion.config import (
    WorkloadEnvironment,
    load_environment,
    load_environments,
    load_registry,
    load_workload,
)
from promotion.errors import ConfigError

Edit = Callable[[str, Callable[[dict[str, Any]], object]], Path]
PROD = "environments/prod.tfvars.json"


def problems_of(project: Path, name: str = "prod") -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load_environment(project, name)
    assert caught.value.exit_code == 2
    return caught.value.problems


def test_load_workload__valid_file__derives_names_and_arns(project: Path) -> None:
    prod = load_workload(project, "prod")
    assert (
        prod.deploy_role_arn,
        prod.plan_role_arn,
        prod.execution_role_arn("mammography"),
        prod.events_role_arn,
        prod.jenkins_role_arn,
        prod.approver_role_arn,
        prod.kms_key_arn,
        prod.alerts_topic_arn,
        prod.function_arn("resolve-model"),
        prod.model_package_group_arn("mammography"),
        prod.pipeline_arn("mammography", "train"),
        prod.registry_account_id,
        prod.state_key,
    ) == (
        "arn:aws:iam::444444444444:role/cross-account-jenkins-role",
        "arn:aws:iam::444444444444:role/jenkins-plan-role",
        "arn:aws:iam::444444444444:role/sagemaker-execution-role-mammography",
        "arn:aws:iam::444444444444:role/eventbridge-sagemaker-role",
        "arn:aws:iam::111111111111:role/jenkins-role",
        "arn:aws:iam::222222222222:role/model-approver-role",
        "arn:aws:kms:eu-west-1:444444444444:alias/acme-ml-prod",
        "arn:aws:sns:eu-west-1:444444444444:acme-ml-alerts",
        "arn:aws:lambda:eu-west-1:444444444444:function:acme-ml-prod-resolve-model",
        "arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography",
        "arn:aws:sagemaker:eu-west-1:444444444444:pipeline/mammography-train",
        "222222222222",
        "accounts/prod/terraform.tfstate",
    )


def test_load_registry__valid_file__owns_its_groups(project: Path) -> None:
    registry = load_registry(project)
    assert registry.registry_account_id == "222222222222"
    assert registry.model_package_group_arn("mammography") == (
        "arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography"
    )
    assert (registry.approvers, registry.auditors, registry.break_glass, registry.ledger.table) == (
        ("arn:aws:iam::111111111111:user/approver",),
        ("arn:aws:iam::111111111111:user/auditor",),
        ("arn:aws:iam::111111111111:user/break-glass",),
        "acme-ml-ledger",
    )


@pytest.mark.parametrize(
    ("region", "partition"),
    [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("us-east-1", "aws")],
)
def test_environment__region_of_a_partition__is_in_the_arns(
    project: Path, edit: Edit, region: str, partition: str
) -> None:
    edit("prod", lambda d: d.update(region=region))
    arn = load_environment(project, "prod").deploy_role_arn
    assert arn == f"arn:{partition}:iam::444444444444:role/cross-account-jenkins-role"


def test_load_environments__committed_files__are_all_read_in_order(project: Path) -> None:
    environments = load_environments(project)
    assert list(environments) == ["dev", "prod", "registry", "tooling"]
    assert isinstance(environments["dev"], WorkloadEnvironment)


def test_load_environment__changed_afterwards__is_frozen(project: Path) -> None:
    prod = load_environment(project, "prod")
    with pytest.raises(ValueError, match="frozen"):
        prod.account_id = "1"  # type: ignore[misc]


def test_load_environment__many_problems__are_reported_at_once_with_key_paths(
    project: Path, edit: Edit
) -> None:
    def spoil(document: dict[str, Any]) -> None:
        document["account_id"] = "44444"
        document["external_id"] = "a b"
        document["studio"] = {"vpc_id": "vpc-1", "subnet_ids": []}
        document["ledger"] = {"table": "acme-ml-ledger"}
        document["buckets"]["data"] = "Under_Score"
        document["alerts"]["emails"] = ["nobody"]
        document["use_cases"]["mammography"]["parameters"]["train"]["Threshold"] = [0.5]
        document["images"]["xgboost"] = "xgboost:latest"
        document["regoin"] = "x"
        document["roles"]["extra"] = "x"
        del document["roles"]["lambda"]
        document["use_cases"]["mammography"]["schedule"]["expression"] = "cron(61 6 * * ? *)"
        document["use_cases"]["mammography"]["retrain"]["cooldown_minutes"] = "60"
        document["use_cases"]["mammography"]["pipelines"]["train"] = "-x"

    edit("prod", spoil)
    assert set(problems_of(project)) == {
        f"{PROD}: account_id: '44444' is not an account id (12 digits)",
        f"{PROD}: external_id: 'a b' is not an external id (2-1224 letters, digits and _+=,.@:/-)",
        f"{PROD}: studio.vpc_id: 'vpc-1' is not a VPC id such as vpc-0123456789abcdef0",
        f"{PROD}: studio.subnet_ids: has no item; one at least is needed",
        f"{PROD}: ledger: unknown key",
        f"{PROD}: buckets.data: 'Under_Score' is not an S3 bucket name (3-63 of a-z, 0-9 and "
        "hyphen)",
        f"{PROD}: alerts.emails.0: 'nobody' is not an e-mail address",
        f"{PROD}: images.xgboost: 'xgboost:latest' is not the URI of an ECR image with its tag or "
        "digest",
        f"{PROD}: use_cases.mammography.parameters.train.Threshold: is neither text nor a number "
        "nor true or false",
        f"{PROD}: regoin: unknown key (did you mean 'region'?)",
        f"{PROD}: roles.extra: unknown key",
        f"{PROD}: roles.lambda: is missing",
        f"{PROD}: use_cases.mammography.schedule.expression: 'cron(61 6 * * ? *)': '61' does not "
        "fit the field 'minutes'",
        f"{PROD}: use_cases.mammography.retrain.cooldown_minutes: Input should be a valid integer",
        f"{PROD}: use_cases.mammography.pipelines.train: '-x' is not a pipeline name (1-82 "
        "letters, digits and inner hyphens)",
    }


@pytest.mark.parametrize(
    ("drifted", "of", "problem"),
    [
        (2, 3, None),
        (3, 2, "use_cases.mammography.retrain: drifted_batches must be at most of_batches"),
        (0, 1, "use_cases.mammography.retrain.drifted_batches: Input should be greater than or "
         "equal to 1"),
    ],
)  # fmt: skip
def test_load_environment__retrain_policy__must_be_possible(
    project: Path, edit: Edit, drifted: int, of: int, problem: str | None
) -> None:
    def change(document: dict[str, Any]) -> None:
        policy = {"drifted_batches": drifted, "of_batches": of}
        document["use_cases"]["mammography"]["retrain"].update(policy)

    edit("prod", change)
    if problem is None:
        case = load_workload(project, "prod").use_cases["mammography"]
        assert case.retrain is not None
        assert (case.retrain.drifted_batches, case.retrain.of_batches) == (drifted, of)
    else:
        assert problems_of(project) == (f"{PROD}: {problem}",)


def test_load_environment__malformed_json__names_line_and_column(project: Path) -> None:
    (project / PROD).write_text('{\n  "project": "acme-ml",\n}\n')
    assert problems_of(project) == (
        f"{PROD}: line 3 column 1: not JSON: Expecting property name enclosed in double quotes",
    )


def test_load_environment__not_a_number__is_not_json(project: Path) -> None:
    (project / PROD).write_text('{"project": NaN}')
    assert problems_of(project) == (f"{PROD}: not JSON: NaN is not a number of JSON",)


def test_load_environment__duplicate_keys__are_named_with_their_path(project: Path) -> None:
    path = project / PROD
    text = path.read_text().replace(
        '"topic": "acme-ml-alerts",', '"topic": "acme-ml-alerts", "topic": "b",'
    )
    path.write_text(text)
    assert problems_of(project) == (f"{PROD}: alerts.topic: the key stands twice",)


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("other", "kind: is not one of tooling, registry, workload"),
        (None, "kind: is missing (one of tooling, registry, workload)"),
    ],
)
def test_load_environment__kind__is_needed_and_known(
    project: Path, edit: Edit, kind: str | None, problem: str
) -> None:
    edit("prod", lambda d: d.update(kind=kind) if kind else d.pop("kind"))
    assert problems_of(project) == (f"{PROD}: {problem}",)


def test_load_environment__links_and_pipeline_keys__must_fit(project: Path, edit: Edit) -> None:
    def spoil(document: dict[str, Any]) -> None:
        document["environment"] = "production"
        document["linked_accounts"] = {"registry": "444444444444", "production": "555555555555"}
        use_case = document["use_cases"]["mammography"]
        use_case["pipelines"] = {"train": "same", "inference": "same"}
        use_case["parameters"] = {"trian": {}}
        use_case["schedule"]["pipeline"] = "score"
        use_case["retrain"]["pipeline"] = "learn"
        use_case["start_on_approval"] = "serve"
        document["roles"]["plan"] = document["roles"]["lambda"] = "the-role"

    edit("prod", spoil)
    where = "use_cases.mammography"
    has = f"in {where}.pipelines (has inference, train)"
    assert set(problems_of(project)) == {
        f"{PROD}: environment: is 'production' in a file that is named for 'prod'",
        f"{PROD}: linked_accounts.tooling: is missing",
        f"{PROD}: linked_accounts.production: is this environment itself",
        f"{PROD}: linked_accounts.registry: is this environment's own account 444444444444",
        f"{PROD}: {where}.parameters.trian: no pipeline 'trian' {has}",
        f"{PROD}: {where}.schedule.pipeline: no pipeline 'score' {has}",
        f"{PROD}: {where}.retrain.pipeline: no pipeline 'learn' {has}",
        f"{PROD}: {where}.start_on_approval: no pipeline 'serve' {has}",
        f"{PROD}: roles.lambda: 'the-role' is roles.plan too",
        f"{PROD}: {where}.pipelines.inference: the pipeline name 'same' is used by "
        f"{where}.pipelines.train too",
    }


def test_load_environment__registrys_people_and_ledger__are_checked(
    project: Path, edit: Edit
) -> None:
    def spoil(document: dict[str, Any]) -> None:
        document["auditors"] = []
        document["break_glass"] = ["arn:aws:iam::111111111111:user/*"]
        document["ledger"]["table"] = "a"
        del document["alerts"]

    edit("registry", spoil)
    where = "environments/registry.tfvars.json"
    assert set(problems_of(project, "registry")) == {
        f"{where}: auditors: has no item; one at least is needed",
        f"{where}: break_glass.0: 'arn:aws:iam::111111111111:user/*' is not the ARN of an IAM role "
        "or user",
        f"{where}: ledger.table: 'a' is not a DynamoDB table name (3-255 letters, digits, _, . "
        "and -)",
        f"{where}: alerts: is missing",
    }


def test_load_workload__studio__is_optional(project: Path, edit: Edit) -> None:
    assert load_workload(project, "dev").studio is None
    subnet = "subnet-0123456789abcdef0"
    edit("dev", lambda d: d.update(studio={"vpc_id": "vpc-01234567", "subnet_ids": [subnet]}))
    studio = load_workload(project, "dev").studio
    assert studio is not None
    assert (studio.vpc_id, studio.subnet_ids) == ("vpc-01234567", (subnet,))


@pytest.mark.parametrize("name", ["xn--abc", "abc-s3alias"])
def test_load_environment__reserved_bucket_names__are_refused(
    project: Path, edit: Edit, name: str
) -> None:
    edit("prod", lambda d: d["buckets"].update(data=name))
    (problem,) = problems_of(project)
    assert problem.startswith(f"{PROD}: buckets.data: {name!r}: ")


def test_load_environment__bucket_name_with_a_dot__is_refused_as_terraform_does(
    project: Path, edit: Edit
) -> None:
    edit("prod", lambda d: d["buckets"].update(data="acme.data"))
    (problem,) = problems_of(project)
    assert problem.startswith(f"{PROD}: buckets.data: 'acme.data' is not an S3 bucket name")


def test_load_environment__unknown_name__lists_the_known(project: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_environment(project, "staging")
    assert caught.value.message == (
        "there is no environment 'staging': environments/staging.tfvars.json does not exist"
    )
    assert caught.value.hint == "environments here: dev, prod, registry, tooling"


def test_load_workload__registry__is_refused(project: Path) -> None:
    with pytest.raises(ConfigError, match=r"environment 'registry' runs no pipelines"):
        load_workload(project, "registry")


def test_load_environments__several_bad_files__lists_all(project: Path, edit: Edit) -> None:
    edit("prod", lambda d: d.pop("region"))
    edit("dev", lambda d: d.pop("project"))
    with pytest.raises(ConfigError) as caught:
        load_environments(project)
    assert caught.value.problems == (
        "environments/dev.tfvars.json: project: is missing",
        f"{PROD}: region: is missing",
    )


def test_load_environments__empty_folder__says_where_to_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_environments(tmp_path)
    assert caught.value.hint == "run in the project's folder, or pass --root"


def test_load_environment__not_text__is_reported(project: Path) -> None:
    (project / PROD).write_bytes(b"\xff\xfe")
    (problem,) = problems_of(project)
    assert problem.startswith(f"{PROD}: 'utf-8' codec can't decode byte 0xff")
