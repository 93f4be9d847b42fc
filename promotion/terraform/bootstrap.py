"""The bare state bucket of an account, which Terraform needs before it can run.

Calls S3 ListBuckets; mutates with CreateBucket. The account's Terraform root adopts the bucket
with an `import` block and hardens it.
"""

from promotion.aws.objects import Objects
from promotion.config import Environment
from promotion.errors import RemoteError


def create_state_bucket(environment: Environment, objects: Objects) -> bool:
    """Create the state bucket where the account lacks it. Mutates the account.

    Returns:
        Whether it was created.

    Raises:
        RemoteError: the name belongs to another account.
    """
    bucket = environment.buckets.state
    if objects.owns_bucket(bucket):
        return False
    if not objects.create_bucket(bucket, environment.region):
        raise RemoteError(
            f"the bucket name {bucket} is taken by another account than {environment.account_id}",
            account_id=environment.account_id,
            operation="s3.CreateBucket",
            resource=f"s3://{bucket}",
            hint="bucket names are global: choose another buckets.state in the environment's file",
        )
    return True
