"""Gateways to objects and pipelines against moto: what the commands do not reach easily."""

import hashlib
from dataclasses import replace

import pytest

from promotion.apply.executor import AccountExecutor, DisplayExecutor
from promotion.aws.objects import Objects
from promotion.aws.pipelines import Pipelines
from promotion.errors import RemoteError
from promotion.plan.actions import ApplyTerraform, UploadCode
from promotion.plan.model import CodeUpload, PipelineState
from promotion.plan.ownership import mark_of, tags_for
from promotion.plan.remote import read_pipelines, state_of

DEV = "333333333333"
TAGS = tags_for("m", "ab" * 32, "c" * 40, '{"Steps":[]}')
OLD = PipelineState('{"Steps":[]}', "arn:aws:iam::333333333333:role/old", TAGS, mark_of(TAGS))


def create(pipelines, state, tags):
    pipelines.create("p", state.definition_json, state.role_arn, tags, state.description)


@pytest.fixture
def pipelines(aws):
    return Pipelines(aws.client("sagemaker", DEV), DEV)


@pytest.fixture
def objects(aws):
    client = aws.client("s3", DEV)
    client.create_bucket(
        Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    return Objects(client, DEV)


@pytest.fixture
def executor(pipelines, objects):
    return AccountExecutor(pipelines, objects, {}, None)


def test_objects__written_without_a_checksum__is_downloaded_to_compare(aws, objects):
    aws.client("s3", DEV).put_object(Bucket="data", Key="k", Body=b"old")
    assert objects.sha256("data", "k") == hashlib.sha256(b"old").hexdigest()
    assert objects.put_new("data", "k", b"old") is False


def test_objects__no_object_or_no_bucket__is_none(objects):
    assert (objects.sha256("data", "k"), objects.sha256("nowhere", "k")) == (None, None)


def test_objects__first_region__is_created_without_a_constraint(aws):
    import boto3

    client = boto3.client("s3", region_name="us-east-1")
    assert Objects(client, "123456789012").create_bucket("first", "us-east-1")
    assert [found["Name"] for found in client.list_buckets()["Buckets"]] == ["first"]


def test_objects__created_by_ourselves_meanwhile__counts_as_there(objects):
    assert objects.create_bucket("data", "eu-west-1") is True


def test_read_pipelines__deleted_since_it_was_listed__is_left_out(pipelines):
    assert read_pipelines(pipelines, ["gone"]) == {}


def test_restore__only_mark_and_tags_were_written__puts_ours_back_and_leaves_others(
    aws, pipelines, executor
):
    create(pipelines, OLD, {"team": "x", **TAGS})
    new = tags_for("m", "cd" * 32, "d" * 40, "{}")
    pipelines.update("p", None, OLD.role_arn, mark_of(new))
    arn = pipelines.describe("p").arn
    pipelines.add_tags(arn, new)
    aws.start_recording()
    assert executor.restore("p", OLD) == "p: changed and restored"
    assert aws.writes() == ["UpdatePipeline", "AddTags"]
    assert state_of(pipelines.describe("p")) == OLD
    assert pipelines.tags(arn) == {"team": "x", **TAGS}


def test_restore__adopted_from_somebody_else__loses_our_tags_again(aws, pipelines, executor):
    foreign = replace(OLD, tags={}, description="Tuned on Friday")
    create(pipelines, foreign, {"team": "x"})
    pipelines.update("p", "{}", OLD.role_arn, OLD.description)
    arn = pipelines.describe("p").arn
    pipelines.add_tags(arn, TAGS)
    aws.start_recording()
    assert executor.restore("p", foreign) == "p: changed and restored"
    assert aws.writes() == ["UpdatePipeline", "DeleteTags"]
    assert state_of(pipelines.describe("p")) == foreign
    assert pipelines.tags(arn) == {"team": "x"}


def test_restore__nothing_was_written__writes_nothing(aws, pipelines, executor):
    create(pipelines, OLD, TAGS)
    aws.start_recording()
    assert executor.restore("p", OLD) == "p: was not changed"
    assert executor.restore("new", None) == "new: was not created"
    assert aws.writes() == []


def test_restore__only_tags_were_written__puts_ours_back_alone(aws, pipelines, executor):
    create(pipelines, OLD, {"team": "x", **TAGS})
    arn = pipelines.describe("p").arn
    pipelines.add_tags(arn, tags_for("m", "cd" * 32, "d" * 40, "{}"))
    aws.start_recording()
    assert executor.restore("p", OLD) == "p: changed and restored"
    assert aws.writes() == ["AddTags"]
    assert pipelines.tags(arn) == {"team": "x", **TAGS}


def test_restore__deleted_meanwhile__creates_it_again_and_says_so(aws, pipelines, executor):
    aws.start_recording()
    assert executor.restore("p", OLD) == (
        "p: deleted and created again, without the record of its executions"
    )
    assert aws.writes() == ["CreatePipeline"]
    assert state_of(pipelines.describe("p")) == OLD


def test_upload__release_lacks_the_code__says_so(aws, executor):
    aws.start_recording()
    upload = CodeUpload("data", "code/k", "a" * 64, 1, present=False)
    with pytest.raises(RemoteError, match="releases lack the code object code/k"):
        executor.upload(UploadCode(upload))
    with pytest.raises(RemoteError, match="has no Terraform plan for dev"):
        executor.apply_terraform(ApplyTerraform("dev", ""))
    assert aws.calls() == []


def test_display__everything__is_only_told():
    told = []
    display = DisplayExecutor(told.append)
    display.upload(UploadCode(CodeUpload("data", "code/k", "a" * 64, 1, present=False)))
    display.apply_terraform(ApplyTerraform("dev", "1 to add"))
    assert display.restore("p", None) == "p: not changed"
    assert told == [
        "would upload s3://data/code/k (1 bytes)",
        "would terraform apply dev: 1 to add",
    ]
