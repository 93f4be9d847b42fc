"""Acts of people in the registry account: approver, auditor, break-glass."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox.demo.story import USE_CASE
from sandbox.proof.acts import Act

if TYPE_CHECKING:
    from sandbox.proof.estate import Estate

PENDING = "PendingManualApproval"


def acts() -> tuple[Act, ...]:
    """Return the acts."""
    return (
        Act("list model versions", _list),
        Act("approve a model version", partial(_decide, "approve"), undecided),
        Act("reject a model version", partial(_decide, "reject"), undecided),
        Act("read the history", partial(_audit, ())),
        Act("verify the ledger", partial(_audit, ("--verify",))),
    )


def _list(estate: Estate) -> None:
    estate.story.commands.promote("models", "list", USE_CASE, principal="approver")


def _decide(verb: str, estate: Estate) -> None:
    version = str(newest(estate)["ModelPackageVersion"])
    estate.story.commands.promote(
        "models", verb, USE_CASE, version, "--reason", "proof", principal="approver"
    )


def _audit(options: tuple[str, ...], estate: Estate) -> None:
    estate.story.commands.promote("history", *options, principal="auditor")


def undecided(estate: Estate) -> None:
    """Have a version that nobody has decided on, beside one that serves."""
    sagemaker = estate.client("sagemaker", "registry")
    sagemaker.update_model_package(
        ModelPackageArn=newest(estate)["ModelPackageArn"], ModelApprovalStatus=PENDING
    )


def newest(estate: Estate) -> Any:
    """Return the newest version of the use case's model package group."""
    settings = estate.story.accounts["registry"].settings
    found = estate.client("sagemaker", "registry").list_model_packages(
        ModelPackageGroupName=settings["use_cases"][USE_CASE]["model_package_group"],
        SortBy="CreationTime", SortOrder="Descending",
    )  # fmt: skip
    return found["ModelPackageSummaryList"][0]
