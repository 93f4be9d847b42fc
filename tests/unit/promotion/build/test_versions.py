"""Which versions a release names."""

from importlib.metadata import version

from promotion.build.versions import built_with

PROMOTE = version("sagemaker-promotion")


def test_built_with__python_source__names_the_sdk_too() -> None:
    assert built_with(["train.py:pipeline", "score.json"]) == {
        "sagemaker-promotion": PROMOTE,
        "sagemaker": version("sagemaker"),
    }


def test_built_with__definitions_only__names_promote_alone() -> None:
    assert built_with(["train.json"]) == {"sagemaker-promotion": PROMOTE}
