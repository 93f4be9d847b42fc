"""AWS as the rest of `promotion` sees it: sessions by account, and one gateway for each service.

The only package beside `promotion.handlers` that calls AWS, with botocore's clients: what boto3
adds to them (transfers, resources) nothing here uses, and it takes long to import. Every gateway
paginates, and turns what botocore raises into `RemoteError` with account, operation and resource.
"""
