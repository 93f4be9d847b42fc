"""The version of a Terraform state, as the state bucket has it. Calls S3 GetObject.

`lineage` and `serial` are what Terraform itself compares, also when it calls a saved plan stale:
https://developer.hashicorp.com/terraform/cli/commands/state/push
"""

import json

from promotion.aws.errors import RemoteMissing
from promotion.aws.objects import Objects
from promotion.errors import RemoteError
from promotion.terraform.root import TerraformRoot
from promotion.terraform.summary import StateVersion


def read_state_version(objects: Objects, root: TerraformRoot) -> StateVersion | None:
    """Return the version of a root's state, or None when there is no state yet.

    Args:
        objects: gateway to the account's objects.
        root: which Terraform.

    Raises:
        RemoteError: the state may not be read, or is none.
    """
    place = f"s3://{root.state_bucket}/{root.state_key}"
    try:
        content = objects.read(root.state_bucket, root.state_key)
    except RemoteMissing:
        return None
    try:
        document = json.loads(content)
        return StateVersion(lineage=str(document["lineage"]), serial=int(document["serial"]))
    except (ValueError, KeyError, TypeError) as error:
        raise RemoteError(
            f"{place} in account {root.account_id} is no Terraform state: {error!r}",
            account_id=root.account_id,
            operation="s3.GetObject",
            resource=place,
            hint="the bucket keeps earlier versions: restore the last good one",
        ) from error
