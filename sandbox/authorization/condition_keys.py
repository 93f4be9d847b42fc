"""Condition keys that a policy may use in the sandbox.

A key that is missing here is an error when the policy is parsed: a condition that nobody
evaluates would otherwise decide silently. A key belongs here once ``context.py`` gives it
to the requests that carry it on AWS, or when no request in the sandbox can carry it (there
is no organization, no VPC and no MFA device).

Types: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
and the condition keys of each service in
https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sandbox.authorization.errors import PolicyError

KeyType = Literal["String", "ARN", "Bool", "Numeric", "Date", "Epoch", "IPAddress", "Binary"]


@dataclass(frozen=True)
class Key:
    """A condition key.

    Attributes:
        type: Which operators fit. ``Epoch`` takes those for dates and for numbers.
        multi_valued: A request may carry several values, so that a condition needs
            ``ForAllValues`` or ``ForAnyValue``.
    """

    type: KeyType = "String"
    multi_valued: bool = False


_TEXT, _ARN, _BOOL, _NUMBER = Key(), Key("ARN"), Key("Bool"), Key("Numeric")
_TEXTS = Key(multi_valued=True)

_GLOBAL = {
    "aws:CalledVia": _TEXTS,
    "aws:CalledViaFirst": _TEXT,
    "aws:CalledViaLast": _TEXT,
    "aws:CurrentTime": Key("Date"),
    "aws:EpochTime": Key("Epoch"),
    "aws:MultiFactorAuthAge": _NUMBER,
    "aws:MultiFactorAuthPresent": _BOOL,
    "aws:PrincipalAccount": _TEXT,
    "aws:PrincipalArn": _ARN,
    "aws:PrincipalIsAWSService": _BOOL,
    "aws:PrincipalOrgID": _TEXT,
    "aws:PrincipalOrgPaths": _TEXTS,
    "aws:PrincipalServiceName": _TEXT,
    "aws:PrincipalServiceNamesList": _TEXTS,
    "aws:PrincipalTag/": _TEXT,
    "aws:PrincipalType": _TEXT,
    "aws:RequestTag/": _TEXT,
    "aws:RequestedRegion": _TEXT,
    "aws:ResourceAccount": _TEXT,
    "aws:ResourceOrgID": _TEXT,
    "aws:ResourceOrgPaths": _TEXTS,
    "aws:ResourceTag/": _TEXT,
    "aws:SecureTransport": _BOOL,
    "aws:SourceAccount": _TEXT,
    "aws:SourceArn": _ARN,
    "aws:SourceIdentity": _TEXT,
    "aws:SourceIp": Key("IPAddress"),
    "aws:SourceOrgID": _TEXT,
    "aws:SourceOrgPaths": _TEXTS,
    # Deprecated, but still part of the policy that SNS gives a new topic:
    # https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
    "aws:SourceOwner": _TEXT,
    "aws:SourceVpc": _TEXT,
    "aws:SourceVpce": _TEXT,
    "aws:TagKeys": _TEXTS,
    "aws:TokenIssueTime": Key("Date"),
    "aws:UserAgent": _TEXT,
    "aws:ViaAWSService": _BOOL,
    "aws:VpcSourceIp": Key("IPAddress"),
    "aws:userid": _TEXT,
    "aws:username": _TEXT,
}

_SERVICE = {
    "cloudwatch:namespace": _TEXT,
    "dynamodb:Attributes": _TEXTS,
    "dynamodb:LeadingKeys": _TEXTS,
    # Lists for PutRule, one value for PutEvents; AWS's own examples use both forms:
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
    "events:creatorAccount": _TEXT,
    "events:detail-type": _TEXT,
    "events:eventBusInvocation": _TEXT,
    "events:source": _TEXT,
    "iam:AWSServiceName": _TEXT,
    "iam:PassedToService": _TEXT,
    "iam:PermissionsBoundary": _ARN,
    "iam:PolicyARN": _ARN,
    "iam:ResourceTag/": _TEXT,
    "kms:CallerAccount": _TEXT,
    # A text by the tables; CloudWatch Logs' own example compares it as an ARN:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    "kms:EncryptionContext:": _ARN,
    "kms:EncryptionContextKeys": _TEXTS,
    "kms:GrantIsForAWSResource": _BOOL,
    "kms:GrantOperations": _TEXTS,
    # The alias that a request names its key by, without the ARN around it:
    # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-request-alias
    "kms:RequestAlias": _TEXT,
    "kms:ResourceAliases": _TEXTS,
    "kms:ViaService": _TEXT,
    "lambda:FunctionArn": _ARN,
    "lambda:Principal": _TEXT,
    "s3:delimiter": _TEXT,
    # The header of a conditional write, which such a policy can enforce:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
    "s3:if-match": _TEXT,
    "s3:if-none-match": _TEXT,
    "s3:max-keys": _NUMBER,
    "s3:prefix": _TEXT,
    "s3:x-amz-acl": _TEXT,
    "s3:x-amz-server-side-encryption": _TEXT,
    "s3:x-amz-server-side-encryption-aws-kms-key-id": _ARN,
    "sagemaker:CustomerMetadataProperties/": _TEXT,
    "sagemaker:CustomerMetadataPropertiesToRemove": _TEXTS,
    "sagemaker:ModelApprovalStatus": _TEXT,
    "sagemaker:ModelLifeCycle:Stage": _TEXT,
    "sagemaker:ModelLifeCycle:StageStatus": _TEXT,
    "sns:Endpoint": _TEXT,
    "sns:Protocol": _TEXT,
    "sts:ExternalId": _TEXT,
    "sts:RoleSessionName": _TEXT,
    "sts:SourceIdentity": _TEXT,
}

KEYS: dict[str, Key] = {name.lower(): key for name, key in (_GLOBAL | _SERVICE).items()}
"""Every key, in lower case. A name that ends in ``/`` or ``:`` stands for all that begin so."""

_FAMILIES = tuple(name for name in KEYS if name[-1] in "/:")


def find_key(name: str) -> Key:
    """Return a key's type; names are not case-sensitive.

    Raises:
        PolicyError: The sandbox does not evaluate the key.
    """
    wanted = name.lower()
    if wanted in KEYS and wanted not in _FAMILIES:
        return KEYS[wanted]
    for family in _FAMILIES:
        if wanted.startswith(family) and wanted != family:
            return KEYS[family]
    raise PolicyError(f"condition key {name} is not evaluated by the sandbox")
