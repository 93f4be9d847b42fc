"""The Training step: one training job.

Calls CreateTrainingJob and, when the execution is stopped, StopTrainingJob.
"""

from functools import partial

from sandbox.pipelines.steps import StepType
from sandbox.pipelines.steps._jobs import run_job

STEP_TYPE = StepType(
    name="Training",
    run=partial(run_job, "Training"),
    operation="CreateTrainingJob",
    filled_in=("TrainingJobName", "RoleArn"),
    described_by="DescribeTrainingJob",
    cacheable=True,
)
