"""Executions of pipelines: parameters checked, started, followed to their end.

Calls SageMaker with the deploy role of the environment; mutates with StartPipelineExecution only.
"""
