"""AWS as the rest of `promotion` sees it: sessions by account, and one gateway for each service.

The only package beside `promotion.handlers` that imports boto3. Every gateway paginates, and
turns what botocore raises into `RemoteError` with account, operation and resource.
"""
