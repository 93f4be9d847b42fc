"""Step types, one a module of this package, found by folder.

Reads the package's own folder. Adding a step type is adding a module here that holds
``STEP_TYPE: StepType``, and its test; ``_`` names are not step types.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.model import Document
    from sandbox.pipelines.execution.context import StepContext

SAGEMAKER_STEP_TYPES = frozenset(
    {
        "AutoML",
        "BedrockCustomModel",
        "Callback",
        "ClarifyCheck",
        "Cleanup",
        "Condition",
        "EMR",
        "EMRServerless",
        "Endpoint",
        "EndpointConfig",
        "Fail",
        "ForEach",
        "InferenceComponent",
        "Job",
        "Lambda",
        "Lineage",
        "Model",
        "NotebookJob",
        "Processing",
        "QualityCheck",
        "RegisterModel",
        "Training",
        "Transform",
        "Tuning",
    }
)
"""The types that the SageMaker SDK writes (``StepTypeEnum``), executable here or not."""


@dataclass(frozen=True)
class StepOutcome:
    """What a succeeded step leaves behind.

    Attributes:
        properties: What ``Steps.NAME.…`` reads.
        branch: Outcome of a condition step, None of any other.
    """

    properties: Document
    branch: bool | None = None


@dataclass(frozen=True)
class StepType:
    """How one type of step is checked and executed.

    Attributes:
        name: The Type of the definition.
        run: Executes the step; raises ``StepFailure`` or ``StepStopped``.
        operation: SageMaker operation whose request the Arguments are.
        filled_in: Required members of that request that the engine fills in.
        described_by: Operation whose response the step's properties are.
        properties: Top-level properties, where no operation describes them.
        required: Members beside Arguments that the step must have.
        has_outputs: The step declares OutputParameters.
        cacheable: CacheConfig is allowed.
    """

    name: str
    run: Callable[[StepContext], StepOutcome]
    operation: str = ""
    filled_in: tuple[str, ...] = ()
    described_by: str = ""
    properties: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    has_outputs: bool = False
    cacheable: bool = False


@functools.cache
def step_types() -> Mapping[str, StepType]:
    """Return the executable step types by name."""
    found: dict[str, StepType] = {}
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("_"):
            step_type: StepType = importlib.import_module(f"{__name__}.{module.name}").STEP_TYPE
            found[step_type.name] = step_type
    return found
