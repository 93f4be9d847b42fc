"""Acts of people in the registry account: approver, auditor, break-glass."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
from moto.sts.models import sts_backends

from sandbox.demo.commands import DemoFailed
from sandbox.demo.story import USE_CASE
from sandbox.proof.acts import Act

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.proof.estate import Estate

_SETTLE_SECONDS = 120
# As `promotion.registry.checks` has them, which the sandbox does not import.
_CHECKS = ("artifact", "baseline", "four-eyes", "metrics", "not-worse", "release")


def acts() -> tuple[Act, ...]:
    """Return the acts."""
    return (
        Act("list model versions", _list),
        Act("see which model version serves", _serving),
        Act("look at a model version and its card", _show),
        Act("compare two model versions", _compare),
        Act("approve a model version", partial(decide, "approve"), rejected),
        Act("reject a model version", partial(decide, "reject"), approved),
        Act("retire a model version", partial(decide, "retire"), approved),
        Act("roll back to the model version before", _roll_back, _approved_beside_another),
        Act("read the history", partial(_audit, ())),
        Act("verify the ledger", partial(_audit, ("--verify",))),
        Act("look at who may decide on a model", _look),
        Act("correct a record of the ledger", _correct),
    )


def _list(estate: Estate) -> None:
    estate.story.commands.promote("models", "list", USE_CASE, principal="approver")


def _serving(estate: Estate) -> None:
    estate.story.commands.promote("models", "serving", USE_CASE, principal="approver")


def _show(estate: Estate) -> None:
    version = str(newest(estate)["ModelPackageVersion"])
    estate.story.commands.promote(
        "models", "show", USE_CASE, version, "--html", str(estate.story.build / "card.html"),
        principal="approver",
    )  # fmt: skip


def _compare(estate: Estate) -> None:
    version = str(newest(estate)["ModelPackageVersion"])
    estate.story.commands.promote("models", "compare", USE_CASE, "1", version, principal="approver")


def _roll_back(estate: Estate) -> None:
    """Roll back, and remove the version that was made for it, also when the act is robbed."""
    latest = newest(estate)
    try:
        estate.story.commands.promote(
            "models", "rollback", USE_CASE, "--reason", "proof", principal="approver"
        )
        estate.sandbox.settle(_SETTLE_SECONDS)
    finally:
        _remove_version(estate, latest["ModelPackageArn"])


def _approved_beside_another(estate: Estate) -> None:
    """Approve a version that has no files, made for this, beside one that serves."""
    served(estate)
    _add_version(estate)
    approved(estate)


@contextmanager
def version_without_files(estate: Estate) -> Iterator[str]:
    """Register a pending version that has no files, return its ARN, and remove it in the end."""
    arn = _add_version(estate)
    try:
        yield arn
    finally:
        _remove_version(estate, arn)


def _add_version(estate: Estate) -> str:
    group = estate.story.accounts["registry"].settings["use_cases"][USE_CASE]
    made = estate.client("sagemaker", "registry").create_model_package(
        ModelPackageGroupName=group["model_package_group"],
        ModelApprovalStatus="PendingManualApproval",
    )
    return str(made["ModelPackageArn"])


def _remove_version(estate: Estate, arn: str) -> None:
    """Delete a version, as an administrator."""
    estate.client("sagemaker", "registry").delete_model_package(ModelPackageName=arn)


def decide(verb: str, estate: Estate) -> None:
    """Approve, reject or retire the newest version, as the approver does.

    What serves beside it, and whether the ledger has its training yet, is accidental there: the
    approver answers for each check, all of which are made.
    """
    version = str(newest(estate)["ModelPackageVersion"])
    answers = [f"--override={check}=proof" for check in _CHECKS] if verb == "approve" else []
    estate.story.commands.promote(
        "models", verb, USE_CASE, version, "--reason", "proof", *answers, principal="approver"
    )


def _audit(options: tuple[str, ...], estate: Estate) -> None:
    estate.story.commands.promote("history", *options, principal="auditor")


def _look(estate: Estate) -> None:
    """Read a version and its group's policy, as the auditor does with the AWS CLI."""
    sagemaker = acting_as(estate, "auditor", "sagemaker")
    group = estate.story.accounts["registry"].settings["use_cases"][USE_CASE]
    name = group["model_package_group"]
    versions = sagemaker.list_model_packages(ModelPackageGroupName=name)
    newest_arn = versions["ModelPackageSummaryList"][0]["ModelPackageArn"]
    sagemaker.describe_model_package(ModelPackageName=newest_arn)
    sagemaker.describe_model_package_group(ModelPackageGroupName=name)
    sagemaker.get_model_package_group_policy(ModelPackageGroupName=name)


def _correct(estate: Estate) -> None:
    """Find, change and remove a record: one beside the chain, which stays whole."""
    table = estate.story.accounts["registry"].settings["ledger"]["table"]
    dynamodb = _as_break_glass(estate, "dynamodb")
    key = {"series": {"S": "proof"}, "place": {"S": "1"}}
    dynamodb.update_item(
        TableName=table, Key=key, UpdateExpression="SET reason = :reason",
        ExpressionAttributeValues={":reason": {"S": "corrected"}},
    )  # fmt: skip
    found = dynamodb.query(
        TableName=table, KeyConditionExpression="series = :series",
        ExpressionAttributeValues={":series": key["series"]},
    )  # fmt: skip
    dynamodb.delete_item(TableName=table, Key=key)
    if found["Items"] != [{**key, "reason": {"S": "corrected"}}]:
        raise DemoFailed(f"found {found['Items']}, not the record that was written")


def acting_as(estate: Estate, role: str, service: str) -> Any:
    """Return a client of the first of a role's people, in that role: approver or auditor."""
    settings = estate.story.accounts["registry"].settings
    factory: Any = boto3.client
    person = settings[f"{role}s"][0].rsplit("/", 1)[-1]
    keys = factory("sts", **estate.sandbox.client_arguments(person)).assume_role(
        RoleArn=_role_arn(estate, role), RoleSessionName="proof"
    )["Credentials"]
    return _client(
        estate, service, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]
    )


def _as_break_glass(estate: Estate, service: str) -> Any:
    """Return a client of the break-glass role; its trust policy asks for MFA, which nobody has."""
    settings = estate.story.accounts["registry"].settings
    minted = sts_backends[settings["account_id"]]["aws"].assume_role(
        region_name=settings["region"],
        role_session_name="proof",
        role_arn=_role_arn(estate, "break_glass"),
        policy="",
        duration=3600,
        external_id="",
    )
    return _client(
        estate, service, minted.access_key_id, minted.secret_access_key, minted.session_token
    )


def _role_arn(estate: Estate, role: str) -> str:
    settings = estate.story.accounts["registry"].settings
    return f"arn:aws:iam::{settings['account_id']}:role/{settings['roles'][role]}"


def _client(estate: Estate, service: str, key_id: str, secret: str, token: str) -> Any:
    factory: Any = boto3.client
    return factory(
        service,
        region_name=estate.story.accounts["registry"].settings["region"],
        endpoint_url=estate.sandbox.endpoint_url,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )


def rejected(estate: Estate) -> None:
    """Have a newest version that does not serve, beside one that does, and its news told.

    Nobody may put a version back to pending: whoever decides anew decides the other way.
    """
    decide("reject", estate)
    estate.sandbox.settle(_SETTLE_SECONDS)


def approved(estate: Estate) -> None:
    """Have the newest version approved, and its news told."""
    decide("approve", estate)
    estate.sandbox.settle(_SETTLE_SECONDS)


def served(estate: Estate) -> None:
    """Have a version that serves: an act before may have rejected the only one."""
    if not _versions(estate, ModelApprovalStatus="Approved"):
        approved(estate)


def newest(estate: Estate) -> Any:
    """Return the newest version of the use case's model package group."""
    return _versions(estate)[0]


def _versions(estate: Estate, **further: str) -> Any:
    settings = estate.story.accounts["registry"].settings
    found = estate.client("sagemaker", "registry").list_model_packages(
        ModelPackageGroupName=settings["use_cases"][USE_CASE]["model_package_group"],
        SortBy="CreationTime", SortOrder="Descending", **further,
    )  # fmt: skip
    return found["ModelPackageSummaryList"]
