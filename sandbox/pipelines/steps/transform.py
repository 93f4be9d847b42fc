"""The Transform step: one transform job.

Calls CreateTransformJob and, when the execution is stopped, StopTransformJob.
"""

from functools import partial

from sandbox.pipelines.steps import StepType
from sandbox.pipelines.steps._jobs import run_job

STEP_TYPE = StepType(
    name="Transform",
    run=partial(run_job, "Transform"),
    operation="CreateTransformJob",
    filled_in=("TransformJobName", "RoleArn"),
    described_by="DescribeTransformJob",
    cacheable=True,
)
