"""Acts of Jenkins: publishing, planning, applying and running, asking for the status, examining."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from botocore.exceptions import ClientError

from sandbox.demo.commands import DemoFailed
from sandbox.demo.story import USE_CASE
from sandbox.proof.acts import Act
from sandbox.proof.acts.people import served
from sandbox.proof.estate import lock_keys

if TYPE_CHECKING:
    from sandbox.demo.accounts import Account
    from sandbox.model import Document
    from sandbox.proof.estate import Estate

_WORKLOADS = ("dev", "prod")
_ENVIRONMENTS = ("tooling", "registry", *_WORKLOADS)
_DIFFERENCES = 3


def acts() -> tuple[Act, ...]:
    """Return the acts, those of each workload account in turn."""
    return (
        Act("publish a release", _publish, _without_published),
        Act("publish a release that is published already", _publish, _publish),
        Act("list the published releases", _releases),
        Act("withdraw a release", _withdraw),
        *(act for environment in _WORKLOADS for act in _of(environment)),
        Act("ask for the status of all environments", _status),
        Act("ask for the status of pipelines that others have made", _status, _foreign_everywhere),
        Act("examine all environments", _examine),
        *(
            Act(
                f"unlock {environment}",
                partial(_unlock, environment),
                partial(_locked, environment),
            )
            for environment in _ENVIRONMENTS
        ),
    )


def _of(environment: str) -> tuple[Act, ...]:
    return (
        Act(f"plan pipelines for {environment}", partial(_plan, environment, 0)),
        Act(
            f"create pipelines in {environment}",
            partial(_plan_and_apply, environment),
            partial(_without_pipelines, environment),
        ),
        Act(
            f"update pipelines in {environment}",
            partial(_plan_and_apply, environment),
            partial(_with_other_pipelines, environment),
        ),
        Act(
            f"take over pipelines that others have made in {environment}",
            partial(_adopt, environment),
            partial(_with_foreign_pipelines, environment),
        ),
        Act(
            f"train in {environment}",
            partial(_run, environment, "train"),
            partial(_with_data, environment),
        ),
        Act(
            f"score a batch in {environment}",
            partial(_run, environment, "inference"),
            partial(_with_batch, environment),
        ),
    )


def _plan(environment: str, expect: int, estate: Estate, *options: str) -> None:
    estate.story.commands.promote(
        "plan", environment, "--no-terraform", *_release(estate), *_out(estate), *options,
        principal="jenkins", expect=expect,
    )  # fmt: skip


def _plan_and_apply(environment: str, estate: Estate, *options: str) -> None:
    _plan(environment, _DIFFERENCES, estate, *options)
    plan_file = _out(estate)[1]
    estate.story.commands.promote("apply", plan_file, "--yes", principal="jenkins")


def _adopt(environment: str, estate: Estate) -> None:
    _plan_and_apply(environment, estate, "--override", "pipeline-ownership=proof")


def _run(environment: str, key: str, estate: Estate) -> None:
    estate.story.commands.promote("run", environment, USE_CASE, key, principal="jenkins")


def _status(estate: Estate) -> None:
    estate.story.commands.promote("status", principal="jenkins")


def _examine(estate: Estate) -> None:
    estate.story.commands.promote("doctor", "--probe-alerts", principal="jenkins")


def _publish(estate: Estate) -> None:
    estate.story.commands.promote(
        "publish", "--release", estate.story.release["path"], principal="jenkins"
    )


def _releases(estate: Estate) -> None:
    estate.story.commands.promote("releases", principal="jenkins")


def _withdraw(estate: Estate) -> None:
    """Withdraw a release that nobody has: those that are live stay usable."""
    digest = hashlib.sha256(uuid4().bytes).hexdigest()
    estate.story.commands.promote(
        "withdraw", USE_CASE, digest, "--reason", "proof", principal="jenkins"
    )


def _unlock(environment: str, estate: Estate) -> None:
    estate.story.commands.promote(
        "unlock", environment, "--reason", "proof", "--yes", principal="jenkins"
    )


def _locked(environment: str, estate: Estate) -> None:
    """Have another lock there, as an apply leaves it that is killed."""
    account = estate.story.accounts[environment]
    lock, _ = lock_keys(environment)
    account.client("s3").put_object(
        Bucket=account.settings["buckets"]["state"],
        Key=lock,
        # The ledger takes the removal of each lock once.
        Body=json.dumps({"id": uuid4().hex}),
    )


def _without_published(estate: Estate) -> None:
    """Remove the published releases as the registry's administrator."""
    registry = estate.story.accounts["registry"]
    s3, bucket = registry.client("s3"), registry.settings["buckets"]["artifacts"]
    for each in _stored(estate):
        s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])


def _published(estate: Estate) -> None:
    """Have the release published and signed; an act that was robbed may have left it otherwise."""
    if not any(each["Key"].endswith(".intoto.json") for each in _stored(estate)):
        _publish(estate)


def _stored(estate: Estate) -> list[Document]:
    registry = estate.story.accounts["registry"]
    found: Document = registry.client("s3").list_object_versions(
        Bucket=registry.settings["buckets"]["artifacts"], Prefix="releases/"
    )
    versions: list[Document] = found.get("Versions", [])
    return versions


def _release(estate: Estate) -> tuple[str, str]:
    return "--release", estate.story.release["path"]


def _out(estate: Estate) -> tuple[str, str]:
    path = estate.story.build / "act.plan"
    return "--out", str(path.relative_to(estate.story.root))


def _without_pipelines(environment: str, estate: Estate) -> None:
    """Remove the pipelines, and the code that the release uploaded."""
    _published(estate)
    account = estate.story.accounts[environment]
    s3 = account.client("s3")
    for key in ("train", "inference"):
        remove(account, key)
    bucket = account.settings["buckets"]["data"]
    for found in s3.list_object_versions(Bucket=bucket, Prefix="code/").get("Versions", []):
        s3.delete_object(Bucket=bucket, Key=found["Key"], VersionId=found["VersionId"])


def remove(account: Account, key: str) -> None:
    """Remove a pipeline, if it is there, as the account's administrator."""
    try:
        account.client("sagemaker").delete_pipeline(
            PipelineName=account.pipeline_name(USE_CASE, key),
            # A token that was used before would delete nothing.
            ClientRequestToken=uuid4().hex,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFound":
            raise


def _with_other_pipelines(environment: str, estate: Estate) -> None:
    """Have the pipelines there, but not as the release wants them."""
    account = estate.story.accounts[environment]
    sagemaker = account.client("sagemaker")
    present(environment, estate)
    for key in ("train", "inference"):
        name = account.pipeline_name(USE_CASE, key)
        definition = json.loads(
            sagemaker.describe_pipeline(PipelineName=name)["PipelineDefinition"]
        )
        definition["Parameters"][0]["DefaultValue"] = "changed-by-hand"
        sagemaker.update_pipeline(
            PipelineName=name,
            PipelineDefinition=json.dumps(definition),
            PipelineDescription="changed by hand",
        )


def _with_foreign_pipelines(environment: str, estate: Estate) -> None:
    """Have pipelines of the same names there that promote did not write: no mark and no tags."""
    account = estate.story.accounts[environment]
    sagemaker = account.client("sagemaker")
    present(environment, estate)
    for key in ("train", "inference"):
        found = sagemaker.describe_pipeline(PipelineName=account.pipeline_name(USE_CASE, key))
        remove(account, key)
        sagemaker.create_pipeline(
            PipelineName=found["PipelineName"],
            PipelineDefinition=found["PipelineDefinition"],
            RoleArn=found["RoleArn"],
            ClientRequestToken=uuid4().hex,
        )


def _foreign_everywhere(estate: Estate) -> None:
    for environment in _WORKLOADS:
        _with_foreign_pipelines(environment, estate)


def present(environment: str, estate: Estate) -> None:
    """Have the release's pipelines in an account; an act before may have left others, or none."""
    _published(estate)
    try:
        _plan(environment, 0, estate)
    except DemoFailed:
        _adopt(environment, estate)


def _with_data(environment: str, estate: Estate) -> None:
    present(environment, estate)
    _put(environment, f"{USE_CASE}/training/part-1.csv", "training/part-1.csv", estate)


def _with_batch(environment: str, estate: Estate) -> None:
    present(environment, estate)
    served(estate)
    date = estate.story.now().date().isoformat()
    _put(environment, f"{USE_CASE}/batches/{date}/batch.csv", "batches/clean-1.csv", estate)


def with_drifted_batch(estate: Estate) -> None:
    """Have dev's pipelines, and a batch of today that has drifted."""
    present("dev", estate)
    served(estate)
    date = estate.story.now().date().isoformat()
    _put("dev", f"{USE_CASE}/batches/{date}/batch.csv", "batches/drifted-age.csv", estate)


def _put(environment: str, key: str, file: str, estate: Estate) -> None:
    estate.story.accounts[environment].put(key, estate.story.build / "data" / file)
