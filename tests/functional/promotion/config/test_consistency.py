"""What environment files say about each other, and about pipelines/."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from promotion.config import (
    check_consistency,
    check_roots,
    check_use_cases,
    load_environments,
    load_use_case,
)
from promotion.errors import ConfigError

Edit = Callable[[str, Callable[[dict[str, Any]], object]], Path]
DEV, PROD, REGISTRY = (f"environments/{n}.tfvars.json" for n in ("dev", "prod", "registry"))
USE_CASE = "pipelines/mammography/use_case.toml"


def found(project: Path) -> list[str]:
    return check_consistency(load_environments(project))


def test_consistency__committed_files__agree(project: Path) -> None:
    assert found(project) == []
    assert check_use_cases(project, load_environments(project)) == []


def test_consistency__changed_account_id__contradicts_every_link(project: Path, edit: Edit) -> None:
    edit("prod", lambda d: d.update(account_id="555555555555"))
    assert found(project) == [
        f"environments/{name}.tfvars.json: linked_accounts.prod: is 444444444444 but account_id of "
        f"{PROD} is 555555555555"
        for name in ("dev", "registry", "tooling")
    ]


def test_consistency__same_account_and_buckets_twice__are_named(project: Path, edit: Edit) -> None:
    def copy(document: dict[str, Any]) -> None:
        document["account_id"] = "333333333333"
        document["linked_accounts"].pop("dev")
        document["buckets"].update(state="acme-ml-dev-tfstate", data="acme-ml-dev-data")

    edit("prod", copy)
    problems = found(project)
    assert problems[:3] == [
        f"{PROD}: account_id: '333333333333' is account_id of {DEV} too",
        f"{PROD}: buckets.state: 'acme-ml-dev-tfstate' is buckets.state of {DEV} too",
        f"{PROD}: buckets.data: 'acme-ml-dev-data' is buckets.data of {DEV} too",
    ]
    assert f"{PROD}: linked_accounts.dev: is missing ({DEV} exists)" in problems


def test_consistency__log_bucket__belongs_to_one_account_and_purpose(
    project: Path, edit: Edit
) -> None:
    edit("prod", lambda d: d["buckets"].update(logs="acme-ml-dev-logs"))
    edit("registry", lambda d: d["buckets"].update(logs="acme-ml-registry-tfstate"))
    assert found(project) == [
        f"{PROD}: buckets.logs: 'acme-ml-dev-logs' is buckets.logs of {DEV} too",
        f"{REGISTRY}: buckets.logs: 'acme-ml-registry-tfstate' is buckets.state of {REGISTRY} too",
    ]


def test_consistency__one_bucket_for_two_purposes__is_named(project: Path, edit: Edit) -> None:
    edit("prod", lambda d: d["buckets"].update(data="acme-ml-model-artifacts"))
    assert found(project) == [
        f"{REGISTRY}: buckets.artifacts: 'acme-ml-model-artifacts' is buckets.data of {PROD} too"
    ]


def test_consistency__project_region_and_roles__are_the_same_everywhere(
    project: Path, edit: Edit
) -> None:
    def differ(document: dict[str, Any]) -> None:
        document.update(project="other", region="eu-west-2", external_id="other-id")
        document["roles"]["lambda"] = "other-role"

    edit("prod", differ)
    assert found(project) == [
        f"{PROD}: project: is 'other' but 'acme-ml' in {DEV}",
        f"{PROD}: region: is 'eu-west-2' but 'eu-west-1' in {DEV}",
        f"{PROD}: external_id: is 'other-id' but 'acme-ml-jenkins' in {DEV}",
        f"{PROD}: roles.lambda: is 'other-role' but 'lambda-sagemaker-role' in {DEV}",
        f"{PROD}: images.xgboost: is in eu-west-1, but SageMaker takes images of the "
        "environment's region eu-west-2 only",
    ]


def test_check_roots__environment_without_root__is_named(tmp_path: Path, project: Path) -> None:
    environments = load_environments(project)
    assert check_roots(tmp_path, environments) == []
    for name in ("tooling", "registry", "dev"):
        (tmp_path / "mlops-infra" / "accounts" / name).mkdir(parents=True)
    assert check_roots(tmp_path, environments) == [
        "mlops-infra/accounts/prod: does not exist: the roots of workload accounts are copies of "
        "each other"
    ]


def test_consistency__artifact_bucket_of_tooling__is_the_registrys(
    project: Path, edit: Edit
) -> None:
    edit("tooling", lambda d: d["buckets"].update(artifacts="another-bucket"))
    assert found(project) == [
        "environments/tooling.tfvars.json: buckets.artifacts: is 'another-bucket' but "
        "'acme-ml-model-artifacts' in the registry"
    ]


@pytest.mark.parametrize("source", ["prod", "registry", "staging"])
def test_consistency__evidence_from__is_another_workload(
    project: Path, edit: Edit, source: str
) -> None:
    edit("prod", lambda d: d["promotion"].update(evidence_from=source))
    assert found(project) == [
        f"{PROD}: promotion.evidence_from: {source!r} is no other environment that runs pipelines"
    ]


def test_consistency__registry__has_bucket_and_group(project: Path, edit: Edit) -> None:
    edit("prod", lambda d: d["buckets"].update(artifacts="another-bucket"))
    edit("registry", lambda d: d.update(use_cases={"other": {"model_package_group": "x"}}))
    assert found(project) == [
        f"{DEV}: use_cases.mammography: {REGISTRY} has no use_cases.mammography",
        f"{PROD}: buckets.artifacts: is 'another-bucket' but 'acme-ml-model-artifacts' in the "
        "registry",
        f"{PROD}: use_cases.mammography: {REGISTRY} has no use_cases.mammography",
    ]


def test_consistency__group_name__is_the_registrys(project: Path, edit: Edit) -> None:
    edit("prod", lambda d: d["use_cases"]["mammography"].update(model_package_group="m2"))
    assert found(project) == [
        f"{PROD}: use_cases.mammography.model_package_group: is 'm2' but 'mammography' in the "
        "registry"
    ]


def test_consistency__missing_files__are_named(project: Path) -> None:
    for name in ("dev", "prod", "registry"):
        (project / "environments" / f"{name}.tfvars.json").unlink()
    assert found(project)[:2] == [
        f"{REGISTRY}: does not exist",
        'environments/: no file is of the kind "workload"',
    ]


def test_use_cases__folder_and_files__name_the_same_pipelines(project: Path, edit: Edit) -> None:
    def differ(document: dict[str, Any]) -> None:
        use_cases = document["use_cases"]
        use_cases["mammography"]["pipelines"] = {"train": "a", "score": "b"}
        use_cases["mammography"]["parameters"] = {}
        use_cases["unheard-of"] = {"model_package_group": "u", "pipelines": {"train": "c"}}

    edit("dev", differ)
    assert check_use_cases(project, load_environments(project)) == [
        f"{DEV}: use_cases.mammography.pipelines.score: {USE_CASE} does not declare it",
        f"{DEV}: use_cases.mammography.pipelines: 'inference' of {USE_CASE} is missing",
        f"{DEV}: use_cases.unheard-of: there is no pipelines/unheard-of/use_case.toml",
    ]


def test_use_cases__broken_declaration__is_reported_once(project: Path) -> None:
    (project / USE_CASE).write_text("name = ")
    (problem,) = check_use_cases(project, load_environments(project))
    assert problem == f"{USE_CASE}: not TOML: Invalid value (at end of document)"


def test_load_use_case__many_problems__are_reported_at_once(project: Path) -> None:
    (project / USE_CASE).write_text(
        'name = "mammography"\nowner = ""\n[pipelines]\ntrain = "train"\n'
    )
    with pytest.raises(ConfigError) as caught:
        load_use_case(project, "mammography")
    assert caught.value.message == f"{USE_CASE} is not valid"
    assert caught.value.problems == (
        "title: is missing",
        "owner: String should have at least 1 character",
        "pipelines.train: 'train' is not a pipeline's source: \"module.py:callable\" or "
        '"definition.json", in the folder',
    )


def test_load_use_case__folder_name_and_files__must_fit(project: Path) -> None:
    (project / USE_CASE).write_text(
        'name = "other"\ntitle = "t"\nowner = "o"\n[pipelines]\ntrain = "gone.py:pipeline"\n'
    )
    with pytest.raises(ConfigError) as caught:
        load_use_case(project, "mammography")
    assert caught.value.problems == (
        "name: is 'other' in the folder 'mammography'",
        "pipelines.train: the file 'gone.py' does not exist in the folder",
    )


def test_load_use_case__requirements_files__must_be_there_and_well_named(project: Path) -> None:
    text = (
        'name = "mammography"\ntitle = "t"\nowner = "o"\nbuild_requirements = "{}"\n'
        '[pipelines]\ntrain = "train.json"\n[wheels.processing]\n'
        'requirements = "steps.txt"\npython = "{}"\n'
    )
    (project / USE_CASE).with_name("train.json").write_text("{}")
    (project / USE_CASE).write_text(text.format("build.txt", "3.9"))
    with pytest.raises(ConfigError) as caught:
        load_use_case(project, "mammography")
    assert caught.value.problems == (
        "wheels.processing.requirements: the file 'steps.txt' does not exist in the folder",
        "build_requirements: the file 'build.txt' does not exist in the folder",
    )
    (project / USE_CASE).write_text(text.format("../build.txt", "three"))
    with pytest.raises(ConfigError) as caught:
        load_use_case(project, "mammography")
    assert caught.value.problems == (
        "build_requirements: '../build.txt' is not the path of a requirements file (.txt) in the "
        "folder",
        "wheels.processing.python: 'three' is not a version of Python such as \"3.9\"",
    )
    (project / USE_CASE).with_name("steps.txt").touch()
    (project / USE_CASE).with_name("build.txt").touch()
    (project / USE_CASE).write_text(text.format("build.txt", "3.9"))
    declared = load_use_case(project, "mammography")
    assert declared.wheels["processing"].platforms == ("manylinux2014_x86_64",)


def test_load_use_case__unknown_name__lists_the_known(project: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_use_case(project, "other")
    assert caught.value.hint == "use cases: mammography"
