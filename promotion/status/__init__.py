"""How the environments stand: what is deployed, what ran last, which model serves.

Calls SageMaker in the workload accounts and in the registry account; writes nothing.
"""
