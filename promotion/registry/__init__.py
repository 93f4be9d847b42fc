"""Model versions of a use case in the central registry: list, show, check, decide.

Calls SageMaker, S3 and DynamoDB in the registry account; only decisions mutate, with SageMaker
UpdateModelPackage under the approver role.
"""
