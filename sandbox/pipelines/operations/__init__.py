"""The SageMaker operations on pipelines, versions and executions."""
