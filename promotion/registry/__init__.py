"""Model versions of a use case in the central registry: list, approve, reject.

Calls SageMaker in the registry account; approve and reject mutate, under the approver role.
"""
