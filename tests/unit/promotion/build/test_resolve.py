"""Filling an environment's values into a release."""

import hashlib
import json
from typing import Any

import pytest

from promotion.build import CodeObject, Release, resolve
from promotion.build.archive import new_release
from promotion.config import WorkloadEnvironment
from promotion.errors import BuildError

SHA = hashlib.sha256(b"print('checked')\n").hexdigest()


def test_resolve__release__has_the_environments_values(
    release: Release, prod: WorkloadEnvironment
) -> None:
    resolved = resolve(release, prod)
    (pipeline,) = resolved.pipelines
    definition = json.loads(pipeline.definition_json)
    check = definition["Steps"][1]["Arguments"]
    assert resolved.code_objects == (
        CodeObject("acme-ml-prod-data", f"code/{SHA}/check.py", SHA, 17, "steps/check.py"),
    )
    assert (pipeline.key, pipeline.name, pipeline.role_arn) == (
        "train",
        "mammography-train",
        "arn:aws:iam::444444444444:role/sagemaker-execution-role-mammography",
    )
    assert definition["Parameters"][0]["DefaultValue"] == "s3://acme-ml-prod-data/in/"
    assert definition["Steps"][0]["FunctionArn"] == (
        "arn:aws:lambda:eu-west-1:444444444444:function:acme-ml-prod-resolve-model"
    )
    assert check["AppSpecification"]["ImageUri"] == prod.images["xgboost"]
    assert check["ProcessingInputs"][0]["S3Input"]["S3Uri"] == (
        f"s3://acme-ml-prod-data/code/{SHA}/check.py"
    )
    assert check["Environment"] == {"COMMIT": "c" * 40, "DIGEST": release.digest}
    assert "${" not in pipeline.definition_json


def test_resolve__wheels__lie_together_under_the_digest_of_their_set(
    release: Release, prod: WorkloadEnvironment
) -> None:
    wheels = {"a-1-py3-none-any.whl": b"a", "requirements.txt": b"a==1"}
    step = {**release.definitions["train"]["Steps"][1]}
    text = json.dumps(step).replace("${code.steps/check.py}", "${wheels.scoring}")
    with_wheels = new_release(
        use_case=release.use_case,
        git_commit=release.git_commit,
        dirty=release.dirty,
        built_with=release.built_with,
        definitions={"train": {**release.definitions["train"], "Steps": [
            release.definitions["train"]["Steps"][0], json.loads(text)
        ]}},
        code={**release.code, **{f"wheels/scoring/{n}": body for n, body in wheels.items()}},
        declaration=release.declaration,
        functions=release.functions,
    )  # fmt: skip
    resolved = resolve(with_wheels, prod)
    digests = {name: hashlib.sha256(body).hexdigest() for name, body in wheels.items()}
    listed = "".join(f"{digests[name]} {name}\n" for name in sorted(wheels))
    folder = f"code/{hashlib.sha256(listed.encode()).hexdigest()}"
    assert set(resolved.code_objects) == {
        CodeObject("acme-ml-prod-data", f"code/{SHA}/check.py", SHA, 17, "steps/check.py"),
        *(
            CodeObject(
                "acme-ml-prod-data",
                f"{folder}/{name}",
                digests[name],
                len(body),
                f"wheels/scoring/{name}",
            )
            for name, body in wheels.items()
        ),
    }
    check = json.loads(resolved.pipelines[0].definition_json)["Steps"][1]["Arguments"]
    assert check["ProcessingInputs"][0]["S3Input"]["S3Uri"] == f"s3://acme-ml-prod-data/{folder}/"


def test_resolve__definition_json__is_canonical_and_the_same_each_time(
    release: Release, prod: WorkloadEnvironment
) -> None:
    (pipeline,) = resolve(release, prod).pipelines
    assert pipeline.definition_json == json.dumps(
        json.loads(pipeline.definition_json), sort_keys=True, separators=(",", ":")
    )
    assert resolve(release, prod) == resolve(release, prod)


def test_resolve__parameters_of_the_environment__replace_defaults_only(
    release: Release, environment_document: dict[str, Any]
) -> None:
    given = {"train": {"Count": 3, "MinimumAuc": 1, "Mode": "b"}}
    environment_document["use_cases"]["mammography"]["parameters"] = given
    environment = WorkloadEnvironment.model_validate_json(json.dumps(environment_document))
    (pipeline,) = resolve(release, environment).pipelines
    definition = json.loads(pipeline.definition_json)
    assert definition["Parameters"] == [
        {"Name": "InputUri", "Type": "String", "DefaultValue": "s3://acme-ml-prod-data/in/"},
        {"Name": "Count", "Type": "Integer", "DefaultValue": 3},
        {"Name": "MinimumAuc", "Type": "Float", "DefaultValue": 1},
        {"Name": "Mode", "Type": "String", "DefaultValue": "b", "EnumValues": ["a", "b"]},
    ]
    assert release.definitions["train"]["Parameters"][1]["DefaultValue"] == 1


def test_resolve__everything_that_does_not_fit__is_listed(
    release: Release, environment_document: dict[str, Any]
) -> None:
    environment_document["images"] = {"other": environment_document["images"]["xgboost"]}
    environment_document["use_cases"]["mammography"].update(
        pipelines={"train": "t", "score": "s"},
        parameters={"train": {"Count": "3", "Mode": "c", "Unknown": 1}},
    )
    environment = WorkloadEnvironment.model_validate_json(json.dumps(environment_document))
    with pytest.raises(BuildError) as caught:
        resolve(release, environment)
    where = "use_cases.mammography.parameters.train"
    assert caught.value.message == (
        f"release mammography {release.digest[:12]} does not fit environment 'prod'"
    )
    assert caught.value.problems == (
        "pipeline score: the environment names it but the release does not have it",
        "pipeline train: step Check: Arguments.AppSpecification.ImageUri: ${image.xgboost}: the "
        "environment has no image 'xgboost'",
        f"{where}.Count: '3' is not of the type Integer",
        f"{where}.Mode: 'c' is not one of 'a', 'b'",
        f"{where}.Unknown: the pipeline has no such parameter (it has Count, InputUri, "
        "MinimumAuc, Mode)",
    )


def test_resolve__unnamed_pipeline__is_refused(
    release: Release, environment_document: dict[str, Any]
) -> None:
    environment_document["use_cases"]["mammography"]["pipelines"] = {"score": "s"}
    environment = WorkloadEnvironment.model_validate_json(json.dumps(environment_document))
    with pytest.raises(BuildError) as caught:
        resolve(release, environment)
    assert caught.value.problems[0] == (
        "pipeline train: the environment gives it no name (use_cases.pipelines.train)"
    )


def test_resolve__use_case_not_in_the_environment__says_what_to_add(
    release: Release, environment_document: dict[str, Any]
) -> None:
    environment_document["use_cases"] = {}
    environment = WorkloadEnvironment.model_validate_json(json.dumps(environment_document))
    with pytest.raises(BuildError) as caught:
        resolve(release, environment)
    assert (caught.value.message, caught.value.hint) == (
        "environment 'prod' does not run 'mammography'",
        "add use_cases.mammography to environments/prod.tfvars.json",
    )


def test_resolve__oversized_definition__is_refused(
    release: Release, prod: WorkloadEnvironment
) -> None:
    release.definitions["train"]["Metadata"]["x"] = "y" * 1_048_576
    with pytest.raises(BuildError, match=r"SageMaker takes 1048576"):
        resolve(release, prod)
