"""The audit ledger as values: records, the chain that they form, and the check of that chain.

Reads, writes and calls nothing, and imports the standard library only: the Lambda package carries
this folder (see `promotion.build.lambda_package`), because the function that writes the ledger and
the command that verifies it must agree on every byte.
"""
