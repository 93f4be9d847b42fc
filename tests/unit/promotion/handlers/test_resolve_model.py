"""The Lambda that finds the model that serves."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from promotion.handlers.resolve_model import (
    AllVersionsRetired,
    BaselineMissing,
    ModelArtifactChanged,
    ModelArtifactMissing,
    NoApprovedModel,
    RegistryNotPermitted,
    champion,
    resolve,
)

MakeStub = Callable[[str], tuple[Any, Stubber]]
GROUP = "arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography"
VERSION = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/7"
LIST = {
    "ModelPackageGroupName": GROUP,
    "ModelApprovalStatus": "Approved",
    "SortBy": "CreationTime",
    "SortOrder": "Descending",
}
LIST_ALL = {key: value for key, value in LIST.items() if key != "ModelApprovalStatus"}
SUMMARY = {
    "ModelPackageArn": VERSION,
    "ModelPackageName": "mammography/7",
    "CreationTime": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    "ModelPackageStatus": "Completed",
}
PACKAGE = {
    **SUMMARY,
    "ModelPackageVersion": 7,
    "ModelPackageStatusDetails": {"ValidationStatuses": []},
    "InferenceSpecification": {
        "Containers": [{"Image": "image", "ModelDataUrl": "s3://models/a/model.tar.gz"}]
    },
    "ModelMetrics": {
        "ModelDataQuality": {
            "Statistics": {"ContentType": "application/json", "S3Uri": "s3://models/a/s.json"},
            "Constraints": {"ContentType": "application/json", "S3Uri": "s3://models/a/c.json"},
        }
    },
}


def page(*summaries: dict[str, Any], token: str | None = None) -> dict[str, Any]:
    return {
        "ModelPackageSummaryList": list(summaries),
        **({"NextToken": token} if token else {}),
    }


def test_resolve__approved_version_after_empty_pages__is_returned(stub: MakeStub) -> None:
    sagemaker, calls = stub("sagemaker")
    s3, objects = stub("s3")
    calls.add_response("list_model_packages", page(token="1"), LIST)
    calls.add_response("list_model_packages", page(token="2"), {**LIST, "NextToken": "1"})
    calls.add_response("list_model_packages", page(SUMMARY), {**LIST, "NextToken": "2"})
    calls.add_response("describe_model_package", PACKAGE, {"ModelPackageName": VERSION})
    for key in ("a/model.tar.gz", "a/s.json", "a/c.json"):
        objects.add_response("head_object", {}, {"Bucket": "models", "Key": key})
    assert resolve(GROUP, sagemaker, s3) == {
        "model_package_arn": VERSION,
        "model_version": "7",
        "model_data_uri": "s3://models/a/model.tar.gz",
        "statistics_uri": "s3://models/a/s.json",
        "constraints_uri": "s3://models/a/c.json",
    }
    calls.assert_no_pending_responses()
    objects.assert_no_pending_responses()


def test_resolve__nothing_approved__says_what_to_do(stub: MakeStub) -> None:
    sagemaker, calls = stub("sagemaker")
    s3, _ = stub("s3")
    calls.add_response("list_model_packages", page(token="1"), LIST)
    calls.add_response("list_model_packages", page(), {**LIST, "NextToken": "1"})
    calls.add_response("list_model_packages", page(), LIST_ALL)
    with pytest.raises(NoApprovedModel) as caught:
        resolve(GROUP, sagemaker, s3)
    assert str(caught.value) == (
        f"no version of {GROUP} is approved: approve one with `promote models approve`, then "
        "start the pipeline again"
    )


@pytest.mark.parametrize(
    ("present", "error", "message"),
    [
        (
            0,
            ModelArtifactMissing,
            f"the model data of {VERSION} does not exist or cannot be read: "
            "s3://models/a/model.tar.gz; restore it, or approve another version",
        ),
        (
            1,
            BaselineMissing,
            f"the baseline statistics of {VERSION} do not exist or cannot be read: "
            "s3://models/a/s.json; restore them, or approve another version",
        ),
        (
            2,
            BaselineMissing,
            f"the baseline constraints of {VERSION} do not exist or cannot be read: "
            "s3://models/a/c.json; restore them, or approve another version",
        ),
    ],
)
@pytest.mark.parametrize("code", ["404", "403"])
def test_resolve__missing_object__is_named(
    stub: MakeStub, present: int, error: type[Exception], message: str, code: str
) -> None:
    sagemaker, calls = stub("sagemaker")
    s3, objects = stub("s3")
    calls.add_response("list_model_packages", page(SUMMARY), LIST)
    calls.add_response("describe_model_package", PACKAGE, {"ModelPackageName": VERSION})
    for _ in range(present):
        objects.add_response("head_object", {})
    objects.add_client_error("head_object", code, http_status_code=int(code))
    with pytest.raises(error) as caught:
        resolve(GROUP, sagemaker, s3)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("dropped", "error"),
    [("InferenceSpecification", ModelArtifactMissing), ("ModelMetrics", BaselineMissing)],
)
def test_resolve__version_that_records_no_object__is_refused(
    stub: MakeStub, dropped: str, error: type[Exception]
) -> None:
    sagemaker, calls = stub("sagemaker")
    s3, objects = stub("s3")
    calls.add_response("list_model_packages", page(SUMMARY), LIST)
    package = {key: value for key, value in PACKAGE.items() if key != dropped}
    calls.add_response("describe_model_package", package, {"ModelPackageName": VERSION})
    objects.add_response("head_object", {})
    with pytest.raises(error, match="recorded"):
        resolve(GROUP, sagemaker, s3)


def test_resolve__other_s3_failure__is_not_taken_for_a_missing_object(stub: MakeStub) -> None:
    sagemaker, calls = stub("sagemaker")
    s3, objects = stub("s3")
    calls.add_response("list_model_packages", page(SUMMARY), LIST)
    calls.add_response("describe_model_package", PACKAGE, {"ModelPackageName": VERSION})
    objects.add_client_error("head_object", "SlowDown", http_status_code=503)
    with pytest.raises(ClientError, match="SlowDown"):
        resolve(GROUP, sagemaker, s3)


def package_with_etag(etag: str) -> dict[str, Any]:
    container = {**PACKAGE["InferenceSpecification"]["Containers"][0], "ModelDataETag": etag}
    return {**PACKAGE, "InferenceSpecification": {"Containers": [container]}}


def test_resolve__model_data_overwritten__is_refused_by_name(stub: MakeStub) -> None:
    sagemaker, calls = stub("sagemaker")
    s3, objects = stub("s3")
    calls.add_response("list_model_packages", page(SUMMARY))
    calls.add_response("describe_model_package", package_with_etag("abc"))
    objects.add_response("head_object", {"ETag": '"def"'})
    with pytest.raises(ModelArtifactChanged) as caught:
        resolve(GROUP, sagemaker, s3)
    assert str(caught.value) == (
        f"the model data of {VERSION} was overwritten after it was registered: "
        "s3://models/a/model.tar.gz has ETag def, not abc; restore it, or approve another version"
    )


def test_resolve__model_data_as_registered__is_returned(stub: MakeStub) -> None:
    sagemaker, calls = stub("sagemaker")
    s3, objects = stub("s3")
    calls.add_response("list_model_packages", page(SUMMARY))
    calls.add_response("describe_model_package", package_with_etag("abc"))
    for _ in range(3):
        objects.add_response("head_object", {"ETag": '"abc"'})
    assert resolve(GROUP, sagemaker, s3)["model_version"] == "7"


RETIRED = {"Stage": "Retired", "StageStatus": "Retired"}


def numbered(version: int, **more: Any) -> dict[str, Any]:
    arn = f"{VERSION.rpartition('/')[0]}/{version}"
    return {**SUMMARY, "ModelPackageArn": arn, **more}


@pytest.mark.parametrize(("count", "size"), [(1, 1), (2, 100), (500, 100)])
def test_resolve__many_versions__newest_is_described_and_no_other(
    stub: MakeStub, count: int, size: int
) -> None:
    sagemaker, calls = stub("sagemaker")
    s3, objects = stub("s3")
    first = [numbered(version) for version in range(count, max(count - size, 0), -1)]
    # Only the first page with versions is read: the newest stands in it.
    calls.add_response("list_model_packages", page(token="1"), LIST)
    more = page(*first, token="2") if count > size else page(*first)
    calls.add_response("list_model_packages", more, {**LIST, "NextToken": "1"})
    described = {**PACKAGE, **numbered(count), "ModelPackageVersion": count}
    calls.add_response(
        "describe_model_package", described, {"ModelPackageName": described["ModelPackageArn"]}
    )
    for _ in range(3):
        objects.add_response("head_object", {})
    assert resolve(GROUP, sagemaker, s3)["model_version"] == str(count)
    calls.assert_no_pending_responses()


def test_resolve__500_retired_before_one_in_service__is_found_over_the_pages(
    stub: MakeStub,
) -> None:
    sagemaker, calls = stub("sagemaker")
    s3, objects = stub("s3")
    for start in range(500, 0, -100):
        request = LIST if start == 500 else {**LIST, "NextToken": str(start)}
        versions = [numbered(version) for version in range(start, start - 100, -1)]
        token = {"token": str(start - 100)} if start > 100 else {}
        calls.add_response("list_model_packages", page(*versions, **token), request)
        for version in range(start, start - 100, -1):
            stage = {"ModelLifeCycle": RETIRED} if version > 1 else {}
            calls.add_response(
                "describe_model_package",
                {**PACKAGE, **numbered(version), "ModelPackageVersion": version, **stage},
            )
    for _ in range(3):
        objects.add_response("head_object", {})
    assert resolve(GROUP, sagemaker, s3)["model_version"] == "1"
    calls.assert_no_pending_responses()


def test_resolve__approved_ones_retired__says_that_all_are(stub: MakeStub) -> None:
    sagemaker, calls = stub("sagemaker")
    s3, _ = stub("s3")
    calls.add_response("list_model_packages", page(numbered(2)), LIST)
    calls.add_response("describe_model_package", {**PACKAGE, "ModelLifeCycle": RETIRED})
    calls.add_response("list_model_packages", page(token="1"), LIST_ALL)
    rejected = numbered(2, ModelApprovalStatus="Rejected", ModelLifeCycle=RETIRED)
    calls.add_response(
        "list_model_packages", page(rejected, numbered(1)), {**LIST_ALL, "NextToken": "1"}
    )
    with pytest.raises(AllVersionsRetired) as caught:
        resolve(GROUP, sagemaker, s3)
    assert str(caught.value) == (
        f"every version of {GROUP} that was approved is retired: approve one with "
        "`promote models approve`, then start the pipeline again"
    )


def test_resolve__registry_denies__names_group_and_next_step(stub: MakeStub) -> None:
    sagemaker, calls = stub("sagemaker")
    s3, _ = stub("s3")
    calls.add_client_error("list_model_packages", "AccessDeniedException", "not authorized")
    with pytest.raises(RegistryNotPermitted) as caught:
        resolve(GROUP, sagemaker, s3)
    assert str(caught.value) == (
        f"the registry does not let this function read {GROUP}: not authorized; apply the "
        "registry's Terraform, whose group policy names the role of this function"
    )


def test_resolve__registry_fails_otherwise__is_raised_as_it_is(stub: MakeStub) -> None:
    sagemaker, calls = stub("sagemaker")
    s3, _ = stub("s3")
    calls.add_client_error("list_model_packages", "ThrottlingException")
    with pytest.raises(ClientError, match="ThrottlingException"):
        resolve(GROUP, sagemaker, s3)


def test_champion__a_version_serves__is_returned(stub: MakeStub) -> None:
    sagemaker, calls = stub("sagemaker")
    s3, objects = stub("s3")
    calls.add_response("list_model_packages", page(SUMMARY), LIST)
    calls.add_response("describe_model_package", PACKAGE)
    for _ in range(3):
        objects.add_response("head_object", {})
    assert champion(GROUP, "s3://models/new", sagemaker, s3) == {
        "champion_model_package_arn": VERSION,
        "model_data_uri": "s3://models/a/model.tar.gz",
        "reason": "none",
    }


def test_champion__none_serves__names_why_and_returns_the_other_model(stub: MakeStub) -> None:
    sagemaker, calls = stub("sagemaker")
    s3, _ = stub("s3")
    calls.add_response("list_model_packages", page(), LIST)
    calls.add_response("list_model_packages", page(), LIST_ALL)
    assert champion(GROUP, "s3://models/new", sagemaker, s3) == {
        "champion_model_package_arn": "none",
        "model_data_uri": "s3://models/new",
        "reason": "NoApprovedModel",
    }
