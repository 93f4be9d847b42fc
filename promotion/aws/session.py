"""Sessions in AWS accounts, from the credentials of the process.

Calls STS GetCallerIdentity, and AssumeRole where the caller is not in the wanted account.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import ClientError
from botocore.session import get_session

from promotion.aws.errors import Call, RemoteDenied, remote_call
from promotion.aws.fanout import WORKERS
from promotion.aws.models import models
from promotion.aws.regions import check_region
from promotion.aws.throttling import retry_throttled
from promotion.errors import RemoteError

if TYPE_CHECKING:
    from botocore.session import Session as BotocoreSession
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient

    from promotion.aws.lending import Keys
    from promotion.config import Environment

# For what is no throttling (see `promotion.aws.throttling`). STS comes first, so that a cut network
# is told after seconds, not minutes.
_ATTEMPTS = 5
_STS_ATTEMPTS = 3
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
_MODE, _MAXIMUM = "AWS_RETRY_MODE", "AWS_MAX_ATTEMPTS"
_SESSION_NAME = "promote"


@dataclass(frozen=True)
class Caller:
    """Who AWS takes the caller for."""

    account_id: str
    arn: str


class AccountSession:
    """Clients of one account and region, each made when it is first asked for.

    Args:
        session: botocore session with credentials of the account.
        region: region of the clients.
        caller: whom AWS takes the caller for, and the account.
        environ: environment variables, which may say how to retry.
    """

    def __init__(
        self,
        session: "BotocoreSession",
        region: str,
        caller: Caller,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """Keep the session; nothing is called yet."""
        self._session = session
        self._environ = environ
        self.region = region
        self.account_id = caller.account_id
        self.caller_arn = caller.arn
        self._clients: dict[str, Any] = {}
        self._making = Lock()

    @property
    def sagemaker(self) -> "SageMakerClient":
        """The SageMaker client."""
        return cast("SageMakerClient", self._client("sagemaker"))

    @property
    def s3(self) -> "S3Client":
        """The S3 client."""
        return cast("S3Client", self._client("s3"))

    @property
    def iam(self) -> "IAMClient":
        """The IAM client."""
        return cast("IAMClient", self._client("iam"))

    @property
    def kms(self) -> "KMSClient":
        """The KMS client."""
        return cast("KMSClient", self._client("kms"))

    @property
    def lambda_(self) -> "LambdaClient":
        """The Lambda client."""
        return cast("LambdaClient", self._client("lambda"))

    @property
    def dynamodb(self) -> "DynamoDBClient":
        """The DynamoDB client."""
        return cast("DynamoDBClient", self._client("dynamodb"))

    @property
    def events(self) -> "EventBridgeClient":
        """The EventBridge client."""
        return cast("EventBridgeClient", self._client("events"))

    @property
    def sns(self) -> "SNSClient":
        """The SNS client."""
        return cast("SNSClient", self._client("sns"))

    @property
    def sqs(self) -> "SQSClient":
        """The SQS client."""
        return cast("SQSClient", self._client("sqs"))

    @property
    def service_quotas(self) -> Any:
        """The Service Quotas client."""
        return self._client("service-quotas")

    @contextmanager
    def lend(self) -> Iterator[dict[str, str]]:
        """Give child processes this session's credentials, which they renew while the block runs.

        Yields:
            The environment variables with which a child process acts as this session.
        """
        from promotion.aws.lending import lent  # only Terraform needs it

        region = {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region}
        with lent(self._keys) as variables:
            yield {**variables, **region}

    def _client(self, service: str) -> Any:
        # Threads may share a client, but not make clients at once:
        # https://docs.aws.amazon.com/boto3/latest/guide/clients.html
        with self._making:
            if service not in self._clients:
                self._clients[service] = self._make(service)
            return self._clients[service]

    def _make(self, service: str) -> Any:
        """Make a client that waits when it is throttled, unless the environment says otherwise."""
        client: Any = self._session.create_client(
            service, region_name=self.region, config=_config(_ATTEMPTS, self._environ)
        )
        if self._environ.keys().isdisjoint((_MODE, _MAXIMUM)):
            retry_throttled(client)
        return client

    def _keys(self) -> "Keys":
        from promotion.aws.lending import Keys

        call = Call(self.account_id, "sts.GetCredentials")
        with remote_call(call):
            found = self._session.get_credentials()
            if found is None:
                raise RemoteError(f"{call}: there are no AWS credentials", operation=call.operation)
            keys = found.get_frozen_credentials()
        # Renewed by botocore some minutes before they end; it keeps the time to itself.
        ends = getattr(found, "_expiry_time", None)
        return Keys(
            str(keys.access_key),
            str(keys.secret_key),
            str(keys.token or ""),
            ends.isoformat() if ends else "",
        )


class Accounts:
    """Opens sessions in accounts.

    Args:
        base: session with the credentials of the process; None makes one.
    """

    def __init__(self, base: "BotocoreSession | None" = None) -> None:
        """Keep the base session; nothing is called yet."""
        self._given = base
        self._callers: dict[str, Caller] = {}

    def caller(self, region: str) -> Caller:
        """Return whom AWS takes the process for.

        Raises:
            RemoteError: no credentials, expired ones, or AWS cannot be reached.
        """
        if region not in self._callers:
            with remote_call(Call(None, "sts.GetCallerIdentity")):
                answer = self._sts(self._base, region).get_caller_identity()
            self._callers[region] = Caller(answer["Account"], answer["Arn"])
        return self._callers[region]

    def is_jenkins(self, environment: "Environment") -> bool:
        """Return whether the process has Jenkins' own role."""
        return _role_arn(self.caller(environment.region).arn) == environment.jenkins_role_arn

    def open(self, environment: "Environment", *role_arns: str) -> AccountSession:
        """Return a session in an environment's account.

        A caller who is already in the account goes on as himself, Jenkins apart, whose own role
        may do nothing but assume others; anybody else assumes the first of the roles that lets
        him in.

        Args:
            environment: whose account.
            role_arns: roles in the account, in the order in which to try them; without any, only
                a caller of the account gets in.

        Raises:
            ConfigError: there is no such region.
            RemoteError: no usable credentials, no role lets the caller in, or the role leads to
                another account.
        """
        check_region(environment)
        caller = self.caller(environment.region)
        is_own = caller.account_id == environment.account_id
        if is_own and not (role_arns and self.is_jenkins(environment)):
            return AccountSession(self._base, environment.region, caller)
        denials: list[RemoteDenied] = []
        for role_arn in role_arns:
            try:
                return self._assume(environment, role_arn)
            except RemoteDenied as denied:
                denials.append(denied)
        raise RemoteDenied(
            f"{caller.arn} (account {caller.account_id}) cannot act in account "
            f"{environment.account_id}",
            account_id=environment.account_id,
            operation="sts.AssumeRole",
            resource=", ".join(role_arns),
            problems=[denied.message for denied in denials],
            hint="use credentials of that account or of a principal that the role trusts, or "
            f"correct account_id in environments/{environment.environment}.tfvars.json; if the "
            "role does not exist yet, an administrator of the account runs "
            f"`promote bootstrap {environment.environment}` first",
        ) from (denials[-1] if denials else None)

    def admits(self, environment: "Environment", role_arn: str, external_id: str | None) -> bool:
        """Return whether a role lets the process in, which gives up the session at once.

        Args:
            environment: whose account.
            role_arn: role in the account.
            external_id: what to state; None states nothing.

        Raises:
            RemoteError: anything but a denial.
        """
        sts = self._sts(self._base, environment.region)
        stated: dict[str, Any] = {} if external_id is None else {"ExternalId": external_id}
        try:
            with remote_call(Call(environment.account_id, "sts.AssumeRole", role_arn)):
                sts.assume_role(RoleArn=role_arn, RoleSessionName=_SESSION_NAME, **stated)
        except RemoteDenied:
            return False
        return True

    def server_time(self, region: str) -> datetime | None:
        """Return what time it is for AWS, aware; None when the answer does not say.

        A refusal says it too, which is what a wrong clock leads to.

        Raises:
            RemoteError: AWS cannot be reached, or there are no credentials.
        """
        with remote_call(Call(None, "sts.GetCallerIdentity")):
            try:
                answer: Mapping[str, Any] = self._sts(self._base, region).get_caller_identity()
            except ClientError as error:
                answer = error.response
        stated = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
        return parsedate_to_datetime(stated) if stated else None

    @cached_property
    def _base(self) -> "BotocoreSession":
        if self._given is not None:
            return self._given
        with remote_call(Call(None, "sts.GetCredentials")):
            return _core()

    def _assume(self, environment: "Environment", role_arn: str) -> AccountSession:
        account_id, region = environment.account_id, environment.region
        sts = self._sts(self._base, region)

        def credentials() -> dict[str, str]:
            with remote_call(Call(account_id, "sts.AssumeRole", role_arn)):
                answer = sts.assume_role(
                    RoleArn=role_arn,
                    RoleSessionName=_SESSION_NAME,
                    ExternalId=environment.external_id,
                )
            keys = answer["Credentials"]
            return {
                "access_key": keys["AccessKeyId"],
                "secret_key": keys["SecretAccessKey"],
                "token": keys["SessionToken"],
                "expiry_time": keys["Expiration"].isoformat(),
            }

        session = _core()
        # A chained session ends after an hour, a training run may not: botocore asks again.
        # botocore has no public way to set credentials that renew themselves.
        renewing = RefreshableCredentials.create_from_metadata(
            metadata=credentials(), refresh_using=credentials, method="sts-assume-role"
        )
        session._credentials = renewing  # type: ignore[attr-defined]
        with remote_call(Call(account_id, "sts.GetCallerIdentity", role_arn)):
            identity = self._sts(session, region).get_caller_identity()
        if identity["Account"] != account_id:
            raise RemoteError(
                f"role {role_arn} leads to account {identity['Account']}, not to {account_id}",
                account_id=account_id,
                operation="sts.AssumeRole",
                resource=role_arn,
                hint="correct account_id in the environment's file",
            )
        return AccountSession(session, region, Caller(account_id, identity["Arn"]))

    @staticmethod
    def _sts(session: "BotocoreSession", region: str) -> "STSClient":
        found: Any = session.create_client("sts", region_name=region, config=_config(_STS_ATTEMPTS))
        return cast("STSClient", found)


def _role_arn(caller_arn: str) -> str:
    """Return the ARN of the role that an assumed-role session is of; other ARNs unchanged."""
    session = re.fullmatch(r"(arn:[^:]+):sts::([0-9]{12}):assumed-role/([^/]+)/.+", caller_arn)
    return f"{session[1]}:iam::{session[2]}:role/{session[3]}" if session else caller_arn


def _core() -> "BotocoreSession":
    core = get_session()
    core.register_component("data_loader", models(core.get_config_variable("data_path")))
    return core


def _config(attempts: int, environ: Mapping[str, str] = os.environ) -> Config:
    retries: dict[str, Any] = {}
    # What the environment says goes first; botocore would let the code win.
    if _MODE not in environ:
        retries["mode"] = "standard"
    if _MAXIMUM not in environ:
        retries["total_max_attempts"] = attempts
    return Config(
        retries=retries,  # type: ignore[arg-type]
        connect_timeout=10,
        read_timeout=70,
        max_pool_connections=WORKERS,
        user_agent_extra="sagemaker-promotion",
    )
