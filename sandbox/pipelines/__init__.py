"""The pipeline engine: stored SageMaker pipeline definitions, really executed."""

from sandbox.pipelines.service import PipelineService

__all__ = ["PipelineService"]
