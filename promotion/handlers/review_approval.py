"""Lambda: tells people of decisions, and checks approvals after the fact, however they were made.

`promote models approve` runs the checks before it approves. Who approves in SageMaker Studio or by
the bare API is not kept from it: this function then tells people at once that the approval would
have been refused. Overrides that stand in the version's life cycle count, as they do there.

Invoked by EventBridge with "SageMaker Model Package State Change". Calls what
`promotion.registry.collect` and `promotion.handlers.telling` call, and sagemaker ListModelPackages
and DescribeModelPackage; where the environment's file asks for it, sagemaker UpdateModelPackage
puts the version back to pending. Standard library, boto3 and those modules of `promotion` that need
no more.
"""

import json
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

import boto3

from promotion.aws.errors import RemoteMissing
from promotion.aws.ledger import LedgerItems
from promotion.aws.model_packages import LifeCycle, ModelPackage, ModelPackages
from promotion.aws.objects import Objects
from promotion.aws.releases import ReleaseStore
from promotion.handlers.alert_links import registry_link
from promotion.handlers.alert_texts import Alert, Habits, alert_of, worded
from promotion.handlers.model_decision import KINDS
from promotion.handlers.resolve_model import may_serve
from promotion.handlers.telling import Memory, Told, tell, unwrapped
from promotion.registry.checks import CheckResult, override, refusals, run_checks
from promotion.registry.checks.facts import Demands
from promotion.registry.collect import Sources, collect_facts, last_decision
from promotion.registry.wording import overrides_in

APPROVED = "Approved"
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
_TEXT_LIMIT = 1024
_REOPENED = "Reopened"
# The ledger's function is called for the same event; it takes a second or two.
_LEDGER_ATTEMPTS, _LEDGER_WAIT_SECONDS = 30, 2.0
_PERSON = re.compile(r"\[(arn:[^\]\s]+)\]")


class NotRecorded(Exception):
    """The ledger does not have the approval yet."""


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
    """Tells of decisions, and reviews approvals.

    Attributes:
        groups: the groups by name.
        packages: gateway to the model packages.
        sources: where the facts come from.
        name: name of the project and the environment.
        say: tells people of something, once.
        sleep: waits some seconds.
    """

    groups: Mapping[str, Group]
    packages: ModelPackages
    sources: Sources
    name: str
    say: Callable[[Alert], Told]
    sleep: Callable[[float], None]

    def of(self, event: Mapping[str, Any]) -> Reviewed:
        """Tell of a decision, and review it if it is an approval; alert where checks refuse it.

        Raises:
            KeyError: the event is of no group of ours.
            RemoteError: AWS fails.
            ClientError: people cannot be told.
            NotRecorded: the ledger does not have an approval that is to be put back.
        """
        detail = event["detail"]
        arn, group = detail["ModelPackageArn"], self.groups[detail["ModelPackageGroupName"]]
        # First, so that people are told whatever becomes of the review.
        self.say(alert_of(event, self._habits))
        if detail["ModelApprovalStatus"] != APPROVED:
            return Reviewed(skipped=f"{arn} was not approved")
        try:
            package = self.packages.describe(arn)
        except RemoteMissing:
            return Reviewed(skipped=f"{arn} does not exist any more")
        if package.approval_status != APPROVED:
            return Reviewed(skipped=f"{arn} is {package.approval_status} by now")
        results = self._results(package, group)
        refused = refusals(results)
        if refused:
            self.say(alert_against(package, group, refused, event=event, habits=self._habits))
        if refused and group.reopen:
            self._await_record(package)
            self._reopen(package, refused)
        return Reviewed(
            passed=[each.check for each in results if each.passed],
            overridden=[each.check for each in results if each.overridden],
            refused=[each.check for each in refused],
        )

    @property
    def _habits(self) -> Habits:
        """Nothing starts by itself in the registry account."""
        return Habits(self.name, {}, frozenset(), {})

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

    def _await_record(self, package: ModelPackage) -> None:
        """Wait until the ledger has the approval: it cannot prove one that was taken back."""
        for _ in range(_LEDGER_ATTEMPTS):
            decided = last_decision(package.arn, self.sources.items, KINDS.values())
            if decided == KINDS[APPROVED]:
                return
            self.sleep(_LEDGER_WAIT_SECONDS)
        raise NotRecorded(
            f"the ledger does not have the approval of {package.arn} yet: it is not put back to "
            "pending; Lambda tries again"
        )

    def _reopen(self, package: ModelPackage, refused: tuple[CheckResult, ...]) -> None:
        names = ", ".join(each.check for each in refused)
        by = ", ".join(deciders_of(package))
        self.packages.set_approval(
            package.arn,
            "PendingManualApproval",
            f"put back to pending: approved by {by} against the checks {names}"[:_TEXT_LIMIT],
            LifeCycle(_REOPENED, _REOPENED),
        )


def handler(event: dict[str, Any], context: Any) -> Reviewed:
    """Tell of the decision that EventBridge tells of, and review it."""
    first, request_id = unwrapped(event, context.aws_request_id)
    account_id, bucket = first["account"], os.environ["ARTIFACT_BUCKET"]
    s3, sns = boto3.client("s3"), boto3.client("sns")
    memory = Memory(s3, bucket, request_id)
    sources = Sources(
        objects=Objects(s3, account_id),
        items=LedgerItems(boto3.client("dynamodb"), account_id, os.environ["LEDGER_TABLE"]),
        store=ReleaseStore(s3, account_id, bucket),
        environments=tuple(json.loads(os.environ["ENVIRONMENTS"])),
    )
    review = Review(
        groups=groups_from(json.loads(os.environ["USE_CASES"])),
        packages=ModelPackages(boto3.client("sagemaker"), account_id),
        sources=sources,
        name=os.environ["NAME_PREFIX"],
        say=lambda alert: tell(alert, memory, sns, os.environ["ALERTS_TOPIC_ARN"]),
        sleep=time.sleep,
    )
    return review.of(first)


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
        if may_serve(package.approval_status, package.life_cycle.stage) and package.arn != arn
    )
    return max(others, key=lambda package: package.version, default=None)


def deciders_of(package: ModelPackage) -> tuple[str, ...]:
    """Return who decided: whom AWS names, and whom the description names."""
    named = _PERSON.findall(package.approval_description)
    return tuple(dict.fromkeys([package.changed_by or "nobody whom AWS names", *named]))


def alert_against(
    package: ModelPackage,
    group: Group,
    refused: tuple[CheckResult, ...],
    *,
    event: Mapping[str, Any],
    habits: Habits,
) -> Alert:
    """Return what people are told of an approval that the checks refuse."""
    version = f"{group.use_case} {package.version}"
    pending = ": back to pending" if group.reopen else ""
    todo = (
        f'To approve it all the same: promote models approve {version} --reason "..." '
        "--override CHECK=REASON"
        if group.reopen
        else "It serves from the next inference run on. To take it out of service: "
        f'promote models retire {version} --reason "..."'
    )
    return worded(
        f"{group.use_case}: version {package.version} was approved against the checks{pending}.",
        event=event,
        habits=habits,
        facts=[
            f"Approved by: {', '.join(deciders_of(package))}",
            f"Reason: {package.approval_description or 'none was given'}",
            *(f"Refused by {each.check}: {each.message}" for each in refused),
            f"Model: {package.arn}",
        ],
        todo=f"{todo}. To look at it: promote models show {version}",
        link=registry_link(event["region"]),
        fact=f"against the checks|{package.arn}|{event['time']}",
    )
