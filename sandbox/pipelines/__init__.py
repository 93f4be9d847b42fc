"""The pipeline engine: stored SageMaker pipeline definitions, really executed."""
