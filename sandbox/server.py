"""The running sandbox: builds its parts, serves them over HTTP, stops them.

Listens on 127.0.0.1; keeps moto's stores, which are global to the process, so that one
process runs one sandbox at a time. In tests::

    with Sandbox(accounts=load_accounts(Path("environments"))) as sandbox:
        s3 = boto3.client("s3", **sandbox.client_arguments("dev-admin"))
"""

from __future__ import annotations

import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data

from sandbox.authorization.authorizer import Authorizer
from sandbox.authorization.identity import Identities
from sandbox.authorization.stored_policies import check_accounts
from sandbox.clock import VirtualClock
from sandbox.control import Control
from sandbox.events.api import EventsApi
from sandbox.events.bus import EventBuses
from sandbox.events.deliveries import Deliveries
from sandbox.events.schedule import Scheduler
from sandbox.gateway import Gateway
from sandbox.http_server import HttpServer
from sandbox.model import Document, SandboxError
from sandbox.principals import Credentials, Instance, principals_of, provision
from sandbox.services.access import ServerAccess
from sandbox.services.iam import IamApi
from sandbox.services.inbox import Inbox
from sandbox.services.lambda_api import LambdaApi
from sandbox.services.lambda_runtime import LambdaRuntime
from sandbox.services.model_registry import ModelRegistry
from sandbox.services.models import Models
from sandbox.services.moto_seams import seams
from sandbox.services.moto_server import MotoServer
from sandbox.services.quotas import QuotasApi
from sandbox.services.routes import routes
from sandbox.services.s3 import S3Api
from sandbox.services.sagemaker import SageMakerApi
from sandbox.services.sqs import SqsApi
from sandbox.services.sts import StsApi
from sandbox.services.tags import Tags

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from sandbox.accounts import Account
    from sandbox.model import AwsAccess, Clock, Emit, PipelineEngine

    EngineFactory = Callable[[AwsAccess, Clock, Emit, Path], PipelineEngine]

_ONE_AT_A_TIME = threading.Lock()
_POLL_SECONDS = 0.02


def pipeline_engine(aws: AwsAccess, clock: Clock, emit: Emit, workspace: Path) -> PipelineEngine:
    """Build the pipeline engine; imported here, when it is needed, because it is heavy."""
    from sandbox.pipelines.service import PipelineService

    return PipelineService(aws=aws, clock=clock, emit=emit, workspace=workspace)


class Sandbox:
    """The offline AWS.

    Args:
        accounts: Accounts to emulate.
        port: TCP port on 127.0.0.1; 0 takes a free one.
        workspace: Directory for unpacked code and job files; a temporary one by default.
        engine: Builds the pipeline engine.
        clock: The virtual clock.
    """

    def __init__(
        self,
        accounts: tuple[Account, ...],
        *,
        port: int = 0,
        workspace: Path | None = None,
        engine: EngineFactory = pipeline_engine,
        clock: VirtualClock | None = None,
    ) -> None:
        self.accounts = accounts
        self.principals = principals_of(accounts)
        self.clock = clock or VirtualClock()
        self.inbox = Inbox(self.clock)
        self.deliveries = Deliveries(self.clock)
        self.authorizer = Authorizer(self.clock)
        self._port = port
        self._workspace = workspace
        self._engine_factory = engine
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start serving.

        Raises:
            SandboxError: The port is in use, or this process runs a sandbox already.
        """
        if not _ONE_AT_A_TIME.acquire(blocking=False):
            raise SandboxError("this process runs a sandbox already: moto's stores are global")
        with ExitStack() as stack:
            stack.callback(_ONE_AT_A_TIME.release)
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop serving and forget everything."""
        self._stack.close()

    @property
    def endpoint_url(self) -> str:
        """Address for ``AWS_ENDPOINT_URL``."""
        return self._http.url

    def environment(self, principal: str) -> dict[str, str]:
        """Return the environment variables with which a process acts as a principal."""
        return self._principal(principal).environment(self.endpoint_url)

    def client_arguments(self, principal: str) -> dict[str, Any]:
        """Return the arguments with which ``boto3.client`` acts as a principal."""
        known = self._principal(principal)
        return {
            "endpoint_url": self.endpoint_url,
            "region_name": known.account.region,
            "aws_access_key_id": known.access_key_id,
            "aws_secret_access_key": known.secret_access_key,
            "aws_session_token": known.session_token or None,
        }

    def client(self, service: str, principal: str) -> Any:
        """Return a boto3 client that acts as a principal."""
        import boto3

        factory: Any = boto3.client
        return factory(service, **self.client_arguments(principal))

    def settle(self, timeout_seconds: float = 60) -> None:
        """Return once no delivery, invocation, execution or job runs.

        Raises:
            SandboxError: Something still runs after the timeout.
        """
        deadline = time.monotonic() + timeout_seconds
        while True:
            self.deliveries.wait_idle(max(deadline - time.monotonic(), 0))
            self._engine.wait_idle(max(deadline - time.monotonic(), 0))
            # What the engine did last may have sent events.
            time.sleep(_POLL_SECONDS)
            if self.deliveries.is_idle() and self._engine_is_idle():
                return
            if time.monotonic() > deadline:
                raise SandboxError(f"still busy after {timeout_seconds:.0f} s")

    def description(self) -> Document:
        """Return accounts and principals, ready for JSON."""
        return {
            "accounts": [
                {"environment": a.environment, "kind": a.kind, "account_id": a.account_id,
                 "region": a.region}
                for a in self.accounts
            ],
            "principals": [{"name": each.name, "arn": each.arn} for each in self.principals],
        }  # fmt: skip

    def _engine_is_idle(self) -> bool:
        try:
            self._engine.wait_idle(0)
        except SandboxError:
            return False
        return True

    def _principal(self, principal: str) -> Credentials:
        for each in self.principals:
            if each.name == principal:
                return each
        known = ", ".join(each.name for each in self.principals)
        raise SandboxError(f"no principal {principal!r}: there are {known}")

    def _start(self, stack: ExitStack) -> None:
        workspace = self._workspace
        if workspace is None:
            temporary = tempfile.TemporaryDirectory(prefix="sandbox-", ignore_cleanup_errors=True)
            workspace = Path(stack.enter_context(temporary))
        BackendDict.reset()
        reset_model_data()
        provision(self.principals)
        check_accounts(account.account_id for account in self.accounts)
        instances = [each for each in self.principals if isinstance(each, Instance)]
        identities = Identities(self.accounts, self.authorizer.judge, instances)
        # The server's address is needed by its own parts: it listens first, answers later.
        self._http = HttpServer(self._port)
        stack.callback(self._http.close)
        regions = {account.account_id: account.region for account in self.accounts}
        aws = ServerAccess(self._http.url, identities, regions)
        self._http.application = self._build(stack, identities, aws, workspace)
        self._http.start()
        self.scheduler.start()

    def _build(
        self, stack: ExitStack, identities: Identities, aws: ServerAccess, workspace: Path
    ) -> Gateway:
        stack.callback(self.deliveries.close)
        judge = self.authorizer.judge
        buses = EventBuses(self.accounts, self.clock, self.deliveries, aws, judge)
        self.scheduler = Scheduler(self.clock, buses, self.settle)
        stack.callback(self.scheduler.close)
        moto, tags = MotoServer(), Tags()
        registry = ModelRegistry(self.clock, buses.emit, tags)
        judge.use_sagemaker(registry.policy_of, tags.by_key)
        models = Models(registry, self.clock, tags, judge)
        sagemaker = SageMakerApi(registry, models, tags, moto)
        functions = LambdaApi(moto, LambdaRuntime(aws, self.clock, workspace), self.deliveries, aws)
        self._engine = self._engine_factory(aws, self.clock, buses.emit, workspace / "jobs")
        sagemaker.use_engine(self._engine)
        stack.enter_context(
            seams(emit=buses.emit, inbox=self.inbox, invoke_later=functions.invoke_later)
        )
        return Gateway(
            identities=identities,
            authorizer=self.authorizer,
            accounts=frozenset(account.account_id for account in self.accounts),
            moto=moto,
            handlers=routes(
                events=EventsApi(buses, self.scheduler, moto, self.authorizer),
                functions=functions,
                iam=IamApi(moto),
                quotas=QuotasApi(moto),
                s3=S3Api(moto),
                sagemaker=sagemaker,
                sqs=SqsApi(moto),
                sts=StsApi(moto, self.authorizer.sessions),
            ),
            control=Control(self),
        )
