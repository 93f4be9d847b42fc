"""How two environments differ: their live pipelines, but for what environments differ in by right.

Calls SageMaker and S3 in both accounts under their plan roles; writes nothing.
"""
