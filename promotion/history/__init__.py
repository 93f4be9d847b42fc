"""The ledger, told: which entries there are, and whether any is missing or altered.

Calls DynamoDB Query in the registry account, under the auditor role.
"""
