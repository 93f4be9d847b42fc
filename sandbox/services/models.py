"""SageMaker models: what a transform job loads.

Keeps its own store, because moto takes no container that names a model package. Reads the
model registry and the emulator's IAM store.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sandbox.authorization.trust import require_service_trust
from sandbox.model import Document, ServiceError
from sandbox.services.listing import page

if TYPE_CHECKING:
    from sandbox.authorization.judge import Judge
    from sandbox.model import Clock
    from sandbox.services.call import Call
    from sandbox.services.model_registry import ModelRegistry
    from sandbox.services.tags import Tags

_PRINCIPAL = "sagemaker.amazonaws.com"
_FIELDS = (
    "ModelName",
    "PrimaryContainer",
    "Containers",
    "InferenceExecutionConfig",
    "ExecutionRoleArn",
    "VpcConfig",
    "EnableNetworkIsolation",
)


class Models:
    """Serves CreateModel, DescribeModel, ListModels and DeleteModel.

    Args:
        registry: Where model packages are looked up, whatever their account.
        clock: Virtual time of creation.
        tags: Tags of models.
        judge: Decides whether execution roles trust SageMaker.
    """

    def __init__(self, registry: ModelRegistry, clock: Clock, tags: Tags, judge: Judge) -> None:
        self._judge = judge
        self._registry = registry
        self._clock = clock
        self._tags = tags
        self._models: dict[str, Document] = {}
        self._lock = threading.Lock()

    def create(self, call: Call) -> Document:
        """Serve CreateModel.

        Raises:
            ServiceError: The name is taken, the role cannot be assumed by SageMaker, there
                is no container, or a container's model package is not approved.
        """
        given = call.parameters
        arn = _arn(call, given["ModelName"])
        containers = [given["PrimaryContainer"]] if given.get("PrimaryContainer") else []
        containers += given.get("Containers") or []
        if not containers:
            raise ServiceError("ValidationException", "give PrimaryContainer or Containers")
        for container in containers:
            self._check_container(call, container)
        self._check_role(given.get("ExecutionRoleArn"))
        with self._lock:
            if arn in self._models:
                raise ServiceError(
                    "ValidationException", f'Cannot create already existing model "{arn}".'
                )
            model = {name: given[name] for name in _FIELDS if given.get(name) is not None}
            self._models[arn] = {
                "EnableNetworkIsolation": False,
                **model,
                "ModelArn": arn,
                "CreationTime": self._clock.now(),
            }
            self._tags.add(arn, given.get("Tags") or [])
        return {"ModelArn": arn}

    def describe(self, call: Call) -> Document:
        """Serve DescribeModel."""
        with self._lock:
            return dict(self._find(call))

    def delete(self, call: Call) -> Document:
        """Serve DeleteModel."""
        with self._lock:
            arn = str(self._find(call)["ModelArn"])
            del self._models[arn]
            self._tags.forget(arn)
        return {}

    def listing(self, call: Call) -> Document:
        """Serve ListModels."""
        prefix = _arn(call, "")
        with self._lock:
            mine = [model for arn, model in self._models.items() if arn.startswith(prefix)]
        found, token = page(mine, call.parameters, name="ModelName")
        members = ("ModelName", "ModelArn", "CreationTime")
        return {
            "Models": [{name: model[name] for name in members} for model in found],
            "NextToken": token,
        }

    def _check_container(self, call: Call, container: Document) -> None:
        name = container.get("ModelPackageName")
        if not name:
            if not container.get("Image"):
                raise ServiceError(
                    "ValidationException", "a container needs an Image or a ModelPackageName"
                )
            return
        package = self._registry.package(name, call)
        status = package.get("ModelApprovalStatus", "Approved")
        if status != "Approved":
            raise ServiceError(
                "ValidationException",
                f"Model package {package['ModelPackageArn']} is {status}: "
                "a model can be created from an Approved model package only.",
            )

    def _check_role(self, role_arn: str | None) -> None:
        if role_arn is None:
            return
        try:
            require_service_trust(self._judge, role_arn, _PRINCIPAL)
        except ServiceError as error:
            raise ServiceError(
                "ValidationException",
                f"Could not assume role {role_arn}. Please ensure that the role exists and "
                f"allows principal '{_PRINCIPAL}' to assume the role ({error.message}).",
            ) from error

    def _find(self, call: Call) -> Document:
        arn = _arn(call, call.parameters["ModelName"])
        if arn not in self._models:
            raise ServiceError("ValidationException", f'Could not find model "{arn}".')
        return self._models[arn]


def _arn(call: Call, name: str) -> str:
    return f"arn:aws:sagemaker:{call.region}:{call.account_id}:model/{name}"
