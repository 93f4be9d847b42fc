"""An engine over in-memory stand-ins of S3, Lambda, SQS and SageMaker's own stores.

The stand-ins keep what they are given and answer as botocore's clients do; jobs are real
processes. What the stand-ins cannot show (signatures, roles, the wire) the end-to-end tests do.
"""

from __future__ import annotations

import io
import json
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from sandbox.model import Principal, ServiceError
from sandbox.pipelines.jobs.isolation import Isolation
from sandbox.pipelines.service import PipelineService

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ACCOUNT = "333333333333"
REGION = "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/execution"
MODEL_ROLE = f"arn:aws:iam::{ACCOUNT}:role/model"
IMAGE = f"141502667606.dkr.ecr.{REGION}.amazonaws.com/sagemaker-xgboost:1.7-1"
USER = Principal(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/admin", "AKIA")
BUCKET = "data"


def client_error(operation: str, code: str, message: str, status: int = 400) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status},
        },
        operation,
    )


class FakeS3:
    """Buckets of one world; pages are small so that paging is exercised."""

    PAGE = 2

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.encryption: dict[tuple[str, str], str] = {}
        self.denied: set[str] = set()

    def put(self, uri: str, body: str | bytes) -> None:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        self.objects[bucket, key] = body.encode() if isinstance(body, str) else body

    def get(self, uri: str) -> bytes:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return self.objects[bucket, key]

    def keys(self, prefix: str = "") -> list[str]:
        return sorted(key for _, key in self.objects if key.startswith(prefix))

    def put_object(self, Bucket: str, Key: str, Body: Any, **extra: str) -> None:
        if Bucket in self.denied:
            raise client_error("PutObject", "AccessDenied", "Access Denied", 403)
        self.objects[Bucket, Key] = Body.read()
        if extra:
            assert extra["ServerSideEncryption"] == "aws:kms"
            self.encryption[Bucket, Key] = extra["SSEKMSKeyId"]

    def get_object(self, Bucket: str, Key: str, **_: str) -> dict[str, Any]:
        if (Bucket, Key) not in self.objects:
            message = "The specified key does not exist."
            raise client_error("GetObject", "NoSuchKey", message, 404)
        return {"Body": io.BytesIO(self.objects[Bucket, Key])}

    def list_objects_v2(
        self, Bucket: str, Prefix: str, ContinuationToken: str = ""
    ) -> dict[str, Any]:
        if Bucket in self.denied:
            raise client_error("ListObjectsV2", "AccessDenied", "Access Denied", 403)
        found = sorted(k for b, k in self.objects if b == Bucket and k.startswith(Prefix))
        rest = [key for key in found if key > ContinuationToken]
        rows, more = rest[: self.PAGE], len(rest) > self.PAGE
        token = {"NextContinuationToken": rows[-1]} if more else {}
        return {"Contents": [{"Key": key} for key in rows], "IsTruncated": more, **token}


@dataclass
class World:
    """What the stand-ins hold and what the engine did."""

    s3: FakeS3 = field(default_factory=FakeS3)
    functions: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    messages: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    packages: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    sessions: list[tuple[str, str]] = field(default_factory=list)
    failures: dict[str, list[Exception]] = field(default_factory=dict)
    untrusting: set[str] = field(default_factory=set)
    skew: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.skew


class FakeAws:
    """``AwsAccess`` over a ``World``."""

    endpoint_url = "http://127.0.0.1:9"

    def __init__(self, world: World) -> None:
        self.world = world
        self.service: PipelineService | None = None

    def client(
        self,
        service: str,
        *,
        role_arn: str | None = None,
        account_id: str | None = None,
        region: str | None = None,
        service_principal: str | None = None,
    ) -> Any:
        if role_arn is None:
            assert account_id is not None
        else:
            assert service_principal == "sagemaker.amazonaws.com"
            self.check(role_arn)
            self.world.sessions.append((service, role_arn))
        makers = {
            "s3": lambda: self.world.s3,
            "lambda": lambda: FakeLambda(self.world),
            "sqs": lambda: FakeSqs(self.world),
            "sagemaker": lambda: FakeSageMaker(self, role_arn or "root"),
        }
        return makers[service]()

    def environment(
        self, *, role_arn: str, service_principal: str, region: str | None = None
    ) -> dict[str, str]:
        assert service_principal == "sagemaker.amazonaws.com"
        self.check(role_arn)
        return {"AWS_ACCESS_KEY_ID": "ASIA", "AWS_ENDPOINT_URL": self.endpoint_url}

    def check(self, role_arn: str) -> None:
        if role_arn in self.world.untrusting:
            message = f"User: sagemaker.amazonaws.com is not authorized to assume {role_arn}"
            raise ServiceError("AccessDenied", message, 403)


class FakeLambda:
    def __init__(self, world: World) -> None:
        self.world = world

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:
        try:
            result = self.world.functions[FunctionName](json.loads(Payload))
            error = {}
        except KeyError:
            text = f"Function not found: {FunctionName}"
            raise client_error("Invoke", "ResourceNotFoundException", text, 404) from None
        except ValueError as failure:
            result = {"errorType": type(failure).__name__, "errorMessage": str(failure)}
            error = {"FunctionError": "Unhandled"}
        return {"Payload": io.BytesIO(json.dumps(result).encode()), "StatusCode": 200, **error}


class FakeSqs:
    def __init__(self, world: World) -> None:
        self.world = world

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:
        self.world.messages.append((QueueUrl, json.loads(MessageBody)))


class FakeSageMaker:
    """Jobs go to the engine, as over the wire; models and packages are kept."""

    def __init__(self, aws: FakeAws, who: str) -> None:
        self.aws = aws
        self.meta = SimpleNamespace(region_name=REGION)
        self.principal = Principal(ACCOUNT, f"{who}/session", "ASIA")

    def _serve(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        planned = self.aws.world.failures.get(operation)
        if planned:
            raise planned.pop(0)
        assert self.aws.service is not None
        try:
            return self.aws.service.handle(operation, request, self.principal)
        except ServiceError as error:
            raise client_error(operation, error.code, error.message, error.status) from error

    def create_processing_job(self, **request: Any) -> dict[str, Any]:
        return self._serve("CreateProcessingJob", request)

    def create_training_job(self, **request: Any) -> dict[str, Any]:
        return self._serve("CreateTrainingJob", request)

    def create_transform_job(self, **request: Any) -> dict[str, Any]:
        return self._serve("CreateTransformJob", request)

    def stop_processing_job(self, **request: Any) -> dict[str, Any]:
        return self._serve("StopProcessingJob", request)

    def create_model(self, ModelName: str, **request: Any) -> dict[str, Any]:
        self.aws.world.models[ModelName] = {"ModelName": ModelName, **request}
        return {"ModelArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/{ModelName}"}

    def describe_model(self, ModelName: str) -> dict[str, Any]:
        if ModelName not in self.aws.world.models:
            raise client_error("DescribeModel", "ValidationException", "Could not find model")
        return self.aws.world.models[ModelName]

    def create_model_package(self, **request: Any) -> dict[str, Any]:
        group = request["ModelPackageGroupName"].replace("model-package-group", "model-package")
        arn = f"{group}/{len(self.aws.world.packages) + 1}"
        self.aws.world.packages[arn] = request
        return {"ModelPackageArn": arn}

    def describe_model_package(self, ModelPackageName: str) -> dict[str, Any]:
        return self.aws.world.packages[ModelPackageName]


class Engine:
    """The service with the calls that the tests repeat."""

    def __init__(self, workspace: Path, method: str | None = None) -> None:
        self.world = World()
        self.aws = FakeAws(self.world)
        self.workspace = workspace
        self.isolation = Isolation(workspace, method)
        self.service = PipelineService(
            aws=self.aws,
            clock=self.world,
            emit=lambda account, event: self.world.events.append((account, event)),
            workspace=workspace,
            isolation=self.isolation,
        )
        self.aws.service = self.service
        self._count = 0

    def call(self, operation: str, /, **request: Any) -> dict[str, Any]:
        return self.service.handle(operation, request, USER)

    def token(self) -> str:
        self._count += 1
        return f"{self._count:032d}"

    def create(
        self, steps: list[dict[str, Any]], parameters: list[dict[str, Any]] | None = None
    ) -> str:
        definition = {"Version": "2020-12-01", "Parameters": parameters or [], "Steps": steps}
        name = f"p{self.token()[-4:]}"
        self.call(
            "CreatePipeline",
            PipelineName=name,
            PipelineDefinition=json.dumps(definition),
            ClientRequestToken=self.token(),
            RoleArn=ROLE,
        )
        return name

    def start(self, pipeline: str, parameters: dict[str, str] | None = None, **more: Any) -> str:
        rows = [{"Name": name, "Value": value} for name, value in (parameters or {}).items()]
        request = {"ClientRequestToken": self.token(), **more}
        arn: str = self.call(
            "StartPipelineExecution", PipelineName=pipeline, PipelineParameters=rows, **request
        )["PipelineExecutionArn"]
        return arn

    def wait(self, arn: str, timeout: float = 60) -> dict[str, Any]:
        self.service.wait_idle(timeout)
        return self.call("DescribePipelineExecution", PipelineExecutionArn=arn)

    def run(
        self,
        steps: list[dict[str, Any]],
        parameters: list[dict[str, Any]] | None = None,
        values: dict[str, str] | None = None,
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Create, start and wait; return the description and the steps by name."""
        arn = self.start(self.create(steps, parameters), values)
        return self.wait(arn), self.steps(arn)

    def steps(self, arn: str) -> dict[str, dict[str, Any]]:
        rows = self.call(
            "ListPipelineExecutionSteps",
            PipelineExecutionArn=arn,
            SortOrder="Ascending",
            MaxResults=100,
        )["PipelineExecutionSteps"]
        return {row["StepName"]: row for row in rows}

    def until(self, condition: Callable[[], bool], timeout: float = 20) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, "the condition did not come true"
            time.sleep(0.01)

    def script(self, name: str, text: str) -> str:
        uri = f"s3://{BUCKET}/code/{name}.py"
        self.world.s3.put(uri, text)
        return uri


def processing(
    name: str,
    code: str,
    inputs: dict[str, Any] | None = None,
    outputs: dict[str, Any] | None = None,
    arguments: list[Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return a Processing step that runs a script; inputs and outputs by name to S3 URI."""
    script = code.rpartition("/")[2]
    source = {"S3DataType": "S3Prefix", "S3InputMode": "File"}
    rows = [
        {
            "InputName": key,
            "S3Input": {"S3Uri": uri, "LocalPath": f"/opt/ml/processing/input/{key}", **source},
        }
        for key, uri in {"code": code, **(inputs or {})}.items()
    ]
    targets = [
        {
            "OutputName": key,
            "S3Output": {
                "S3Uri": uri,
                "LocalPath": f"/opt/ml/processing/output/{key}",
                "S3UploadMode": "EndOfJob",
            },
        }
        for key, uri in (outputs or {}).items()
    ]
    application: dict[str, Any] = {
        "ImageUri": IMAGE,
        "ContainerEntrypoint": ["python3", f"/opt/ml/processing/input/code/{script}"],
    }
    if arguments:
        application["ContainerArguments"] = arguments
    step: dict[str, Any] = {
        "Name": name,
        "Type": "Processing",
        "Arguments": {
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceType": "ml.m5.large",
                    "InstanceCount": 1,
                    "VolumeSizeInGB": 30,
                }
            },
            "AppSpecification": application,
            "RoleArn": ROLE,
            "ProcessingInputs": rows,
        },
        **more,
    }
    if targets:
        step["Arguments"]["ProcessingOutputConfig"] = {"Outputs": targets}
    return step


def fail(name: str, message: Any, **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "Fail", "Arguments": {"ErrorMessage": message}, **more}


def lambda_step(
    name: str,
    function: str,
    arguments: dict[str, Any] | None = None,
    outputs: dict[str, str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    return {
        "Name": name,
        "Type": "Lambda",
        "Arguments": arguments or {},
        "FunctionArn": function_arn(function),
        "OutputParameters": [
            {"OutputName": key, "OutputType": kind} for key, kind in (outputs or {}).items()
        ],
        **more,
    }


def function_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def condition(
    name: str,
    conditions: list[dict[str, Any]],
    then: list[dict[str, Any]] | None = None,
    otherwise: list[dict[str, Any]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    arguments = {"Conditions": conditions, "IfSteps": then or [], "ElseSteps": otherwise or []}
    return {"Name": name, "Type": "Condition", "Arguments": arguments, **more}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine(tmp_path)
    yield made
    for thread in threading.enumerate():
        assert thread is threading.current_thread() or thread.daemon


@pytest.fixture
def make() -> SimpleNamespace:
    """The builders of steps and the constants of this world."""
    return SimpleNamespace(
        processing=processing,
        fail=fail,
        lambda_step=lambda_step,
        condition=condition,
        function_arn=function_arn,
        client_error=client_error,
        engine=Engine,
        ACCOUNT=ACCOUNT,
        REGION=REGION,
        ROLE=ROLE,
        MODEL_ROLE=MODEL_ROLE,
        IMAGE=IMAGE,
        USER=USER,
        BUCKET=BUCKET,
    )
