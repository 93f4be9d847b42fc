"""An account with the functions that start training and tell people, on the real bus and engine.

What the modules `pipeline-triggers`, `audit-ledger` and `pipeline-functions` make, without their
Terraform (which tests of its own apply): the same handlers, the same rules, the same permissions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from promotion.build import package_handlers
from sandbox.accounts import load_accounts
from sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
PROD, REGISTRY = "444444444444", "222222222222"
BUCKET = "acme-ml-prod-data"
REGION = "eu-west-1"
LEDGER = f"arn:aws:lambda:{REGION}:{REGISTRY}:function:acme-ml-registry-ledger-prod"
TABLE = f"arn:aws:dynamodb:{REGION}:{REGISTRY}:table/acme-ml-ledger"
GROUP = f"arn:aws:sagemaker:{REGION}:{REGISTRY}:model-package-group/mammography"
PACKAGES = f"arn:aws:sagemaker:{REGION}:{REGISTRY}:model-package/mammography/*"
TRAIN = f"arn:aws:sagemaker:{REGION}:{PROD}:pipeline/mammography-train"
EXECUTION = f"arn:aws:iam::{PROD}:role/execution"
FAILED = "SageMaker Model Building Pipeline Execution Step Status Change"


def allow(actions: list[str], *resources: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources), **more}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@dataclass
class Loop:
    """The running loop.

    Attributes:
        sandbox: Four accounts.
        package: The handlers' package.
    """

    sandbox: Sandbox
    package: bytes

    def client(self, service: str, account: str = "prod") -> Any:
        return self.sandbox.client(service, f"{account}-admin")

    def role(self, account: str, name: str, service: str, *allowed: dict[str, Any]) -> str:
        trusted = {"Service": f"{service}.amazonaws.com"}
        trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
        iam = self.client("iam", account)
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
        logs = allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], "*")
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(logs, *allowed))
        return str(made["Role"]["Arn"])

    def function(
        self, account: str, name: str, handler: str, *allowed: dict[str, Any], **env: str
    ) -> str:
        made = self.client("lambda", account).create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=self.role(account, f"{name}-role", "lambda", *allowed),
            Handler=f"promotion.handlers.{handler}",
            Code={"ZipFile": self.package},
            Timeout=60,
            Environment={"Variables": env},
        )
        return str(made["FunctionArn"])

    def rule(self, name: str, function_arn: str, **pattern: Any) -> None:
        wanted = {key.replace("_", "-"): value for key, value in pattern.items()}
        made = self.client("events").put_rule(Name=name, EventPattern=json.dumps(wanted))
        self.client("events").put_targets(Rule=name, Targets=[{"Id": "f", "Arn": function_arn}])
        self.client("lambda").add_permission(
            FunctionName=function_arn,
            StatementId=name,
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=made["RuleArn"],
        )

    def pipeline(self, name: str, *steps: dict[str, Any], parameters: tuple[str, ...] = ()) -> None:
        declared = [{"Name": p, "Type": "String", "DefaultValue": "none"} for p in parameters]
        definition = {"Version": "2020-12-01", "Parameters": declared, "Steps": list(steps)}
        self.client("sagemaker").create_pipeline(
            PipelineName=name,
            PipelineDefinition=json.dumps(definition),
            ClientRequestToken=f"{name:x<32}",
            RoleArn=EXECUTION,
        )

    def run(self, name: str) -> str:
        """Run a pipeline, and all that follows, to the end; return how it ended."""
        sagemaker = self.client("sagemaker")
        arn = sagemaker.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"]
        self.sandbox.settle(60)
        found = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        return str(found["PipelineExecutionStatus"])

    def trainings(self) -> list[str]:
        found = self.client("sagemaker").list_pipeline_executions(PipelineName="mammography-train")
        return [one["PipelineExecutionArn"] for one in found["PipelineExecutionSummaries"]]

    def mails(self) -> list[Any]:
        return list(self.sandbox.inbox.mails)


def furnish_registry(loop: Loop) -> None:
    keys = {"series": "HASH", "place": "RANGE"}
    loop.client("dynamodb", "registry").create_table(
        TableName="acme-ml-ledger",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    loop.function(
        "registry",
        "acme-ml-registry-ledger-prod",
        "ledger.stated",
        allow(["dynamodb:PutItem", "dynamodb:Query"], TABLE),
        LEDGER_TABLE="acme-ml-ledger",
        STATED_ENVIRONMENT="prod",
        STATED_ACCOUNT_ID=PROD,
    )
    loop.client("lambda", "registry").add_permission(
        FunctionName=LEDGER,
        StatementId="prod",
        Action="lambda:InvokeFunction",
        Principal=f"arn:aws:iam::{PROD}:root",
    )
    sagemaker = loop.client("sagemaker", "registry")
    sagemaker.create_model_package_group(ModelPackageGroupName="mammography")
    reading = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
    sharing = allow(reading, GROUP, PACKAGES, Principal={"AWS": f"arn:aws:iam::{PROD}:root"})
    sagemaker.put_model_package_group_policy(
        ModelPackageGroupName="mammography", ResourcePolicy=document(sharing)
    )


def furnish_prod(loop: Loop) -> None:
    loop.client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    topic = loop.client("sns").create_topic(Name="alerts")["TopicArn"]
    loop.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="ml@example.com")
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    loop.role("prod", "execution", "sagemaker", everything)
    target = {
        "pipeline_name": "mammography-train",
        "cooldown_seconds": 3600,
        "model_package_group_arn": GROUP,
        "drifted_batches": 1,
        "of_batches": 1,
        "watched_pipelines": [],
        "drift_step": "DataDriftDetected",
    }
    start = loop.function(
        "prod",
        "start-retrain",
        "start_retrain.handler",
        allow(["sagemaker:ListPipelineExecutions", "sagemaker:StartPipelineExecution"], TRAIN),
        allow(["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"], GROUP, PACKAGES),
        allow(["lambda:InvokeFunction"], LEDGER),
        ENVIRONMENT="prod",
        RETRAIN=json.dumps({"mammography": target}),
        LEDGER_FUNCTION_ARN=LEDGER,
    )
    notify = loop.function(
        "prod",
        "notify",
        "notify.handler",
        allow(["sns:Publish"], topic),
        allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{BUCKET}/alerts/*"),
        NAME_PREFIX="acme-ml-prod",
        TOPIC_ARN=topic,
        DATA_BUCKET=BUCKET,
        USE_CASES=json.dumps({"mammography-inference": "mammography"}),
        RETRAINED='["mammography"]',
        APPROVED="{}",
    )
    loop.function(
        "prod",
        "resolve-batch",
        "resolve_batch.handler",
        allow(["s3:GetObject"], f"arn:aws:s3:::{BUCKET}/mammography/*"),
        allow(["s3:ListBucket"], f"arn:aws:s3:::{BUCKET}"),
    )
    loop.function(
        "prod",
        "resolve-model",
        "resolve_model.handler",
        allow(["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"], GROUP, PACKAGES),
    )
    drift = {"source": ["promotion.data-quality"], "account": [PROD]}
    loop.rule("drift", start, detail_type=["Data Drift Detected"], **drift)
    told = ["Data Drift Detected", "Data Quality Warning"]
    loop.rule("drift-alert", notify, detail_type=told, **drift)
    failed = {
        "currentStepStatus": ["Failed"],
        "stepName": [{"anything-but": ["DataDriftDetected"]}],
    }
    loop.rule("failure", notify, detail_type=[FAILED], source=["aws.sagemaker"], detail=failed)
    trained = {"Name": "Done", "Type": "Condition"}
    same = {"Type": "Equals", "LeftValue": "a", "RightValue": "a"}
    trained["Arguments"] = {"Conditions": [same], "IfSteps": [], "ElseSteps": []}  # type: ignore[assignment]
    loop.pipeline(
        "mammography-train", trained, parameters=("DriftedBatchUri", "DriftedBatchVersion")
    )


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    accounts = load_accounts(ROOT / "tests" / "environments")
    with Sandbox(accounts, workspace=tmp_path_factory.mktemp("sandbox")) as sandbox:
        package = package_handlers(ROOT, tmp_path_factory.mktemp("package")).read_bytes()
        loop = Loop(sandbox, package)
        furnish_registry(loop)
        furnish_prod(loop)
        yield loop
