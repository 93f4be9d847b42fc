"""Lambda: runs the checks on an approval after the fact, however it was made.

`promote models approve` runs the checks before it approves. Who approves in SageMaker Studio or by
the bare API is not kept from it: this function then tells people at once that the approval would
have been refused. Overrides that stand in the version's life cycle count, as they do there.

Invoked by EventBridge with "SageMaker Model Package State Change". Calls what
`promotion.registry.collect` calls, sagemaker ListModelPackages and DescribeModelPackage, and sns
Publish; where the environment's file asks for it, sagemaker UpdateModelPackage puts the version
back to pending. Standard library, boto3 and those modules of `promotion` that need no more.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

import boto3

from promotion.aws.errors import RemoteMissing
from promotion.aws.ledger import LedgerItems
from promotion.aws.model_packages import LifeCycle, ModelPackage, ModelPackages
from promotion.aws.objects import Objects
from promotion.aws.releases import ReleaseStore
from promotion.handlers.resolve_model import RETIRED
from promotion.registry.checks import CheckResult, override, refusals, run_checks
from promotion.registry.checks.facts import Demands
from promotion.registry.collect import Sources, collect_facts
from promotion.registry.wording import overrides_in

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

APPROVED = "Approved"
# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
_SUBJECT_LIMIT = 100
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
_TEXT_LIMIT = 1024
_REOPENED = "Reopened"
_PERSON = re.compile(r"\[(arn:[^\]\s]+)\]")


class Reviewed(TypedDict, total=False):
    """What came of the review: `skipped` says why there was none."""

    skipped: str
    passed: list[str]
    overridden: list[str]
    refused: list[str]


@dataclass(frozen=True)
class Group:
    """A model package group.

    Attributes:
        name: its name.
        use_case: its use case.
        demands: what a version of it must fulfil.
        reopen: whether a version that the checks refuse is put back to pending.
    """

    name: str
    use_case: str
    demands: Demands
    reopen: bool


@dataclass(frozen=True)
class Review:
    """Reviews approvals.

    Attributes:
        groups: the groups by name.
        packages: gateway to the model packages.
        sources: where the facts come from.
        topic_arn: topic that is told.
        sns: SNS client.
    """

    groups: Mapping[str, Group]
    packages: ModelPackages
    sources: Sources
    topic_arn: str
    sns: "SNSClient"

    def of(self, event: Mapping[str, Any]) -> Reviewed:
        """Review the approval that an event tells of, and alert where it would have been refused.

        Raises:
            KeyError: the event is of no group of ours.
            RemoteError: AWS fails.
            ClientError: the alert cannot be published.
        """
        detail = event["detail"]
        arn, group = detail["ModelPackageArn"], self.groups[detail["ModelPackageGroupName"]]
        try:
            package = self.packages.describe(arn)
        except RemoteMissing:
            return Reviewed(skipped=f"{arn} does not exist any more")
        if package.approval_status != APPROVED:
            return Reviewed(skipped=f"{arn} is {package.approval_status} by now")
        results = self._results(package, group)
        refused = refusals(results)
        if refused and group.reopen:
            self._reopen(package, refused)
        if refused:
            self._alert(package, group, refused)
        return Reviewed(
            passed=[each.check for each in results if each.passed],
            overridden=[each.check for each in results if each.overridden],
            refused=[each.check for each in refused],
        )

    def _results(self, package: ModelPackage, group: Group) -> tuple[CheckResult, ...]:
        before = serving_beside(self.packages.versions(group.name), package.arn)
        facts = collect_facts(
            package,
            self.sources,
            use_case=group.use_case,
            demands=group.demands,
            deciders=deciders_of(package),
            serving_arn=before.arn if before else "",
        )
        return override(run_checks(facts), overrides_in(package.life_cycle.description))

    def _reopen(self, package: ModelPackage, refused: tuple[CheckResult, ...]) -> None:
        names = ", ".join(each.check for each in refused)
        by = ", ".join(deciders_of(package))
        self.packages.set_approval(
            package.arn,
            "PendingManualApproval",
            f"put back to pending: approved by {by} against the checks {names}"[:_TEXT_LIMIT],
            LifeCycle(_REOPENED, _REOPENED),
        )

    def _alert(self, package: ModelPackage, group: Group, refused: tuple[CheckResult, ...]) -> None:
        subject = f"{group.use_case} version {package.version}: approved against the checks"
        self.sns.publish(
            TopicArn=self.topic_arn,
            Subject=subject[:_SUBJECT_LIMIT],
            Message=alert_text(package, group, refused),
        )


def handler(event: dict[str, Any], context: object) -> Reviewed:
    """Review the approval that EventBridge tells of."""
    account_id = event["account"]
    s3 = boto3.client("s3")
    sources = Sources(
        objects=Objects(s3, account_id),
        items=LedgerItems(boto3.client("dynamodb"), account_id, os.environ["LEDGER_TABLE"]),
        store=ReleaseStore(s3, account_id, os.environ["ARTIFACT_BUCKET"]),
        environments=tuple(json.loads(os.environ["ENVIRONMENTS"])),
    )
    review = Review(
        groups=groups_from(json.loads(os.environ["USE_CASES"])),
        packages=ModelPackages(boto3.client("sagemaker"), account_id),
        sources=sources,
        topic_arn=os.environ["ALERTS_TOPIC_ARN"],
        sns=boto3.client("sns"),
    )
    return review.of(event)


def groups_from(use_cases: Mapping[str, Any]) -> dict[str, Group]:
    """Return the groups by name, from the use cases of the registry's environment file."""
    groups = {}
    for use_case, each in use_cases.items():
        name, approval = each["model_package_group"], each["approval"]
        demands = Demands(approval["minimum"], approval["maximum"], approval["margin"])
        groups[name] = Group(name, use_case, demands, approval["reopen"])
    return groups


def serving_beside(packages: tuple[ModelPackage, ...], arn: str) -> ModelPackage | None:
    """Return the version that would serve if another were not approved; None without one."""
    others = (
        package
        for package in packages
        if package.approval_status == APPROVED
        and package.life_cycle.stage != RETIRED
        and package.arn != arn
    )
    return max(others, key=lambda package: package.version, default=None)


def deciders_of(package: ModelPackage) -> tuple[str, ...]:
    """Return who decided: whom AWS names, and whom the description names."""
    named = _PERSON.findall(package.approval_description)
    return tuple(dict.fromkeys([package.changed_by or "nobody whom AWS names", *named]))


def alert_text(package: ModelPackage, group: Group, refused: tuple[CheckResult, ...]) -> str:
    """Return what people are told: what happened, where, by whom, and what to do."""
    use_case = group.use_case
    next_steps = [
        "It serves from the next inference run on. To take it out of service:",
        f'  promote models retire {use_case} {package.version} --reason "..."',
    ]
    if group.reopen:
        next_steps = [
            "It was put back to pending. To approve it all the same:",
            f'  promote models approve {use_case} {package.version} --reason "..." '
            "--override CHECK=REASON",
        ]
    return "\n".join(
        [
            f"Version {package.version} of {use_case} was approved, but the checks refuse it.",
            "",
            f"Approved by: {', '.join(deciders_of(package))}",
            f"Reason:      {package.approval_description or 'none was given'}",
            "Refused by:",
            *(f"  {each.check}: {each.message}" for each in refused),
            "",
            *next_steps,
            "To look at it:",
            f"  promote models show {use_case} {package.version}",
            "",
            package.arn,
        ]
    )
