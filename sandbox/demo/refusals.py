"""The attacks that the demo makes, and their refusals as AWS words them.

Calls the accounts as the attackers, who have real credentials; nothing of it may succeed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sandbox.demo.accounts import assume, client_of, session_of
from sandbox.demo.commands import DemoFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.demo.story import Story

NEWEST_VERSION = 2


@dataclass(frozen=True)
class Attack:
    """Something that somebody tries and may not.

    Attributes:
        who: Who tries it, as people call him.
        tries: What he tries, to be read after "may not".
        environment: Whose resource it is.
        action: The IAM action that the denial has to name.
        make: Makes the request.
    """

    who: str
    tries: str
    environment: str
    action: str
    make: Callable[[], object]


@dataclass(frozen=True)
class Refusal:
    """A refused attack.

    Attributes:
        who: Who tried.
        tried: What he tried.
        environment: Whose resource it is.
        arn: The principal that the denial names.
        action: The IAM action that it names.
        resource: The resource that it names.
        reason: Why not, in the denial's own words.
    """

    who: str
    tried: str
    environment: str
    arn: str
    action: str
    resource: str
    reason: str


_DENIAL = re.compile(
    r'User: (?P<arn>\S+) is not authorized to perform: (?P<action>\S+) on resource: "?'
    r'(?P<resource>[^\s"]+)"? (?P<reason>.+)',
    re.DOTALL,
)


def refused(attack: Attack) -> Refusal:
    """Make an attack and return how it was refused.

    Raises:
        DemoFailed: It was not, or for another reason than permissions.
    """
    message = _error(attack.make)
    if not message:
        raise DemoFailed(f"{attack.who} was not refused: {attack.tries} ({attack.action})")
    found = _DENIAL.search(message)
    if found is None or found["action"] != attack.action:
        raise DemoFailed(
            f"{attack.who} failed to {attack.tries}, but not for {attack.action}: {message}"
        )
    return Refusal(attack.who, attack.tries, attack.environment, **found.groupdict())


def _error(make: Callable[[], Any]) -> str:
    """Return what a request failed with; PutEvents tells it in an answer that is no error."""
    try:
        answer = make()
    except ClientError as error:
        return str(error.response["Error"]["Message"])
    if isinstance(answer, dict) and answer.get("FailedEntryCount"):
        return str(answer["Entries"][0]["ErrorMessage"])
    return ""


@dataclass(frozen=True)
class Attackers:
    """Clients of those who attack.

    Attributes:
        story: The story.
        use_case: Name of the use case that is attacked.
    """

    story: Story
    use_case: str

    def person(self, principal: str, service: str) -> Any:
        """Return a client of one of the sandbox's principals."""
        variables = self._variables(principal)
        return client_of(session_of(variables), service, variables["AWS_ENDPOINT_URL"])

    def under(self, role: str, environment: str, principal: str, service: str) -> Any:
        """Return a client of a principal under a role of an account that he may assume."""
        settings = self.story.accounts[environment].settings
        variables = self._variables(principal)
        session = assume(variables, self._role_arn(role, environment), settings["external_id"])
        return client_of(session, service, variables["AWS_ENDPOINT_URL"])

    def attacks(self) -> tuple[Attack, ...]:
        """Return the attacks, in the order in which they are told."""
        return (*self._on_approvals(), *self._on_prod(), *self._on_the_ledger())

    def _on_approvals(self) -> tuple[Attack, ...]:
        registry = self.story.accounts["registry"]
        group = registry.settings["use_cases"][self.use_case]["model_package_group"]
        arn = _arn(registry.settings, "sagemaker", f"model-package/{group}/{NEWEST_VERSION}")

        def attack(who: str, client: Callable[[], Any]) -> Attack:
            return Attack(
                who, f"approve version {NEWEST_VERSION}", "registry",
                "sagemaker:UpdateModelPackage",
                lambda: client().update_model_package(
                    ModelPackageArn=arn, ModelApprovalStatus="Approved"
                ),
            )  # fmt: skip

        return (
            attack("the data scientist", lambda: self.person("data-scientist", "sagemaker")),
            attack("dev's administrator", lambda: self.person("dev-admin", "sagemaker")),
            attack(
                "Jenkins under its deploy role",
                lambda: self.under("deploy", "registry", "jenkins", "sagemaker"),
            ),
        )

    def _on_prod(self) -> tuple[Attack, ...]:
        prod = self.story.prod
        bus = _arn(prod.settings, "events", "event-bus/default")
        forged = {
            "Source": "promotion.data-quality",
            "DetailType": "Data Drift Detected",
            "EventBusName": bus,
            "Detail": json.dumps({"use_case": self.use_case, "batch_uri": "s3://forged/batch.csv"}),
        }
        inference = prod.pipeline_name(self.use_case, "inference")
        train = prod.pipeline_name(self.use_case, "train")
        train_arn = _arn(prod.settings, "sagemaker", f"pipeline/{train}")
        rows = {
            "Bucket": prod.settings["buckets"]["data"],
            "Key": f"{self.use_case}/training/part-1.csv",
        }
        deploy = self._role_arn("deploy", "prod")
        return (
            Attack(
                "dev's administrator", "announce a drift to prod", "prod", "events:PutEvents",
                lambda: self.person("dev-admin", "events").put_events(Entries=[forged]),
            ),
            Attack(
                "the data scientist", "start prod's training", "prod",
                "sagemaker:StartPipelineExecution",
                lambda: self.person("data-scientist", "sagemaker").start_pipeline_execution(
                    PipelineName=train_arn
                ),
            ),
            Attack(
                "Jenkins under its plan role", "delete prod's inference pipeline", "prod",
                "sagemaker:DeletePipeline",
                lambda: self.under("plan", "prod", "jenkins", "sagemaker").delete_pipeline(
                    PipelineName=inference
                ),
            ),
            Attack(
                "Jenkins under its deploy role", "read prod's training data", "prod",
                "s3:GetObject",
                lambda: self.under("deploy", "prod", "jenkins", "s3").get_object(**rows),
            ),
            Attack(
                "Jenkins without the external id", "assume prod's deploy role", "prod",
                "sts:AssumeRole",
                lambda: assume(self._variables("jenkins"), deploy),
            ),
        )  # fmt: skip

    def _on_the_ledger(self) -> tuple[Attack, ...]:
        registry = self.story.accounts["registry"]
        table = registry.settings["ledger"]["table"]
        dynamodb = registry.client("dynamodb")
        names = [
            part["AttributeName"]
            for part in dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
        ]
        item = dynamodb.scan(TableName=table, Limit=1)["Items"][0]
        key = {name: item[name] for name in names}
        return (
            Attack(
                "the auditor", "remove an entry of the ledger", "registry", "dynamodb:DeleteItem",
                lambda: self.under("auditor", "registry", "auditor", "dynamodb").delete_item(
                    TableName=table, Key=key
                ),
            ),
        )  # fmt: skip

    def _variables(self, principal: str) -> Mapping[str, str]:
        return self.story.commands.variables(principal)

    def _role_arn(self, role: str, environment: str) -> str:
        settings = self.story.accounts[environment].settings
        return f"arn:aws:iam::{settings['account_id']}:role/{settings['roles'][role]}"


def _arn(settings: Mapping[str, Any], service: str, rest: str) -> str:
    return f"arn:aws:{service}:{settings['region']}:{settings['account_id']}:{rest}"
