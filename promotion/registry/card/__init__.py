"""The model card: a version as one self-contained HTML page, for the approver's screen or phone.

Calls S3 GetObject and SageMaker DescribeModelPackage in the registry account; mutates nothing.
"""
