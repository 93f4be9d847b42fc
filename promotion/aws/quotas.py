"""What an account may run at most. Calls Service Quotas ListServiceQuotas and
ListAWSDefaultServiceQuotas.
"""

from dataclasses import dataclass
from typing import Any

from promotion.aws.errors import Call, remote_call


@dataclass(frozen=True)
class Quota:
    """A quota.

    Attributes:
        code: `L-` and eight hex digits; what an increase is asked for by.
        value: how many at once.
    """

    code: str
    value: float


def sagemaker_quotas(client: Any, account_id: str) -> dict[str, Quota]:
    """Return SageMaker's quotas by name; those that AWS applies go before its defaults.

    ListServiceQuotas leaves out what has a default value only:
    https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html

    Args:
        client: Service Quotas client of the account.
        account_id: the account, for messages.
    """
    found: dict[str, Quota] = {}
    for operation in ("ListAWSDefaultServiceQuotas", "ListServiceQuotas"):
        with remote_call(Call(account_id, f"servicequotas.{operation}", "sagemaker")):
            method = {
                "ListAWSDefaultServiceQuotas": "list_aws_default_service_quotas",
                "ListServiceQuotas": "list_service_quotas",
            }[operation]
            for page in client.get_paginator(method).paginate(ServiceCode="sagemaker"):
                for quota in page["Quotas"]:
                    found[quota["QuotaName"]] = Quota(quota["QuotaCode"], quota["Value"])
    return dict(sorted(found.items()))
