"""Choice of local runners by image URI, and what they run."""

from __future__ import annotations

import pytest

from sandbox.images import PROGRAMS, find_image, repository
from sandbox.pipelines.errors import JobFailure

REGISTRY = "141502667606.dkr.ecr.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        (f"{REGISTRY}/sagemaker-xgboost:1.7-1", "sagemaker-xgboost"),
        (f"{REGISTRY}/sagemaker-xgboost@sha256:abc", "sagemaker-xgboost"),
        (f"{REGISTRY}/team/model:2", "team/model"),
        ("localhost:5000/model:2", "model"),
        ("team/model", "team/model"),
        ("model:latest", "model"),
    ],
)
def test_repository__forms_of_uri__name_only(uri, name):
    assert repository(uri) == name


def test_find_image__xgboost__algorithm_or_script_by_hyperparameters():
    image = find_image(f"{REGISTRY}/sagemaker-xgboost:1.7-1")
    algorithm = image.training({"num_round": "1"})
    assert algorithm.arguments == ("python3", str(PROGRAMS / "xgboost_training.py"))
    script = image.training({"sagemaker_program": '"train.py"'})
    assert script.arguments == ("python3", str(PROGRAMS / "script_training.py"))
    assert image.serving({}).arguments == ("python3", str(PROGRAMS / "xgboost_serving.py"))


def test_find_image__every_program__exists():
    names = {path.name for path in PROGRAMS.glob("*.py")}
    assert {"xgboost_training.py", "xgboost_serving.py", "script_training.py"} <= names


def test_xgboost__serving_with_a_script__refused():
    image = find_image("sagemaker-xgboost:1.7-1")
    with pytest.raises(
        JobFailure, match=r"algorithm mode only, not with the inference script i.py"
    ):
        image.serving({"SAGEMAKER_PROGRAM": "i.py"})


def test_scikit_learn__without_a_script__refused():
    image = find_image("sagemaker-scikit-learn:1.2-1")
    with pytest.raises(JobFailure, match="trains with a script only"):
        image.training({})
    with pytest.raises(JobFailure, match="cannot serve models of this image"):
        image.serving({})


def test_find_image__unknown__names_it_and_where_to_add_one():
    with pytest.raises(JobFailure) as caught:
        find_image(f"{REGISTRY}/own:1")
    assert str(caught.value) == (
        f"ClientError: The sandbox has no local runner for image {REGISTRY}/own:1 (repository "
        "'own'; known: sagemaker-scikit-learn, sagemaker-xgboost, xgboost). Add a module with "
        "IMAGE to sandbox/images/"
    )
