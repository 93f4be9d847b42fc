"""SageMaker: sends each operation to the engine, the model registry, the models or moto.

Calls nothing itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.model import Document, ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.model import PipelineEngine
    from sandbox.services.answer import Answer
    from sandbox.services.call import Call
    from sandbox.services.model_registry import ModelRegistry
    from sandbox.services.models import Models
    from sandbox.services.moto_server import MotoServer
    from sandbox.services.tags import Tags

_TAGGED = (
    "model/",
    "model-package/",
    "model-package-group/",
    "pipeline/",
    "processing-job/",
    "training-job/",
    "transform-job/",
)


class SageMakerApi:
    """Serves SageMaker operations.

    Args:
        registry: Model package groups and packages.
        models: Models.
        tags: Tags of these and of the engine's resources.
        moto: Everything that nobody here serves.
    """

    def __init__(
        self, registry: ModelRegistry, models: Models, tags: Tags, moto: MotoServer
    ) -> None:
        self._tags = tags
        self._moto = moto
        self._engine: PipelineEngine | None = None
        self._operations: dict[str, Callable[[Call], Document]] = {
            "CreateModelPackageGroup": registry.create_group,
            "DescribeModelPackageGroup": registry.describe_group,
            "DeleteModelPackageGroup": registry.delete_group,
            "ListModelPackageGroups": registry.list_groups,
            "PutModelPackageGroupPolicy": registry.put_policy,
            "GetModelPackageGroupPolicy": registry.get_policy,
            "DeleteModelPackageGroupPolicy": registry.delete_policy,
            "CreateModelPackage": registry.create_package,
            "DescribeModelPackage": registry.describe_package,
            "BatchDescribeModelPackage": registry.batch_describe_packages,
            "UpdateModelPackage": registry.update_package,
            "DeleteModelPackage": registry.delete_package,
            "ListModelPackages": registry.list_packages,
            "CreateModel": models.create,
            "DescribeModel": models.describe,
            "DeleteModel": models.delete,
            "ListModels": models.listing,
        }

    def use_engine(self, engine: PipelineEngine) -> None:
        """Send the engine's operations to it."""
        self._engine = engine

    def handle(self, call: Call) -> Document | Answer:
        """Serve one operation.

        Raises:
            ServiceError: As the operation's server says.
        """
        if call.operation in {"AddTags", "ListTags", "DeleteTags"}:
            return self._tagging(call)
        if call.operation in self._operations:
            return self._operations[call.operation](call)
        return self._engine_or_moto(call)

    def _engine_or_moto(self, call: Call) -> Document | Answer:
        if self._engine and call.operation in self._engine.OPERATIONS:
            answer = self._engine.handle(call.operation, call.parameters, call.principal)
            self._keep_tags(call, answer)
            return answer
        return self._moto.serve(call)

    def _keep_tags(self, call: Call, answer: Document) -> None:
        """Keep the tags that a resource of the engine was created with, or forget them."""
        arn = next((str(value) for name, value in answer.items() if name.endswith("Arn")), "")
        if call.operation.startswith("Create") and call.parameters.get("Tags"):
            self._tags.add(arn, call.parameters["Tags"])
        if call.operation.startswith("Delete"):
            self._tags.forget(arn)

    def _tagging(self, call: Call) -> Document | Answer:
        arn = str(call.parameters.get("ResourceArn", ""))
        if not arn.startswith("arn:"):
            raise ServiceError("ValidationException", f"ResourceArn {arn!r} is not an ARN")
        if not arn.split(":", 5)[-1].startswith(_TAGGED):
            return self._engine_or_moto(call)
        if call.operation == "AddTags":
            return {"Tags": self._tags.add(arn, call.parameters.get("Tags") or [])}
        if call.operation == "DeleteTags":
            self._tags.remove(arn, call.parameters.get("TagKeys") or [])
            return {}
        return {"Tags": self._tags.listed(arn)}
