"""Execution of pipelines: expressions, retries, cache and the scheduler of steps."""
