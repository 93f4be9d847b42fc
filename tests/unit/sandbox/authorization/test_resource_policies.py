"""What holds a resource's policy: the name under which decisions and proofs know it."""

from __future__ import annotations

import pytest

from sandbox.authorization.resource_policies import holder_arn

GROUP = "arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography"
TABLE = "arn:aws:dynamodb:eu-west-1:222222222222:table/ledger"
FUNCTION = "arn:aws:lambda:eu-west-1:222222222222:function:ledger"
KEY = "arn:aws:kms:eu-west-1:222222222222:key/11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize(
    ("arn", "holder"),
    [
        ("arn:aws:s3:::data/some/key", "arn:aws:s3:::data"),
        ("arn:aws:s3:::data", "arn:aws:s3:::data"),
        ("arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/3", GROUP),
        (GROUP, GROUP),
        (f"{TABLE}/index/by-time", TABLE),
        (TABLE, TABLE),
        (f"{FUNCTION}:live", FUNCTION),
        (FUNCTION, FUNCTION),
        (KEY, KEY),
        ("*", "*"),
    ],
)
def test_holder__of_a_part__is_the_whole(arn: str, holder: str) -> None:
    assert holder_arn(arn) == holder
