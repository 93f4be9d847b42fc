"""The Processing step: one processing job.

Calls CreateProcessingJob and, when the execution is stopped, StopProcessingJob.
"""

from functools import partial

from sandbox.pipelines.steps import StepType
from sandbox.pipelines.steps._jobs import run_job

STEP_TYPE = StepType(
    name="Processing",
    run=partial(run_job, "Processing"),
    operation="CreateProcessingJob",
    filled_in=("ProcessingJobName", "RoleArn"),
    described_by="DescribeProcessingJob",
    cacheable=True,
)
