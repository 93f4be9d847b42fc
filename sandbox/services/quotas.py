"""Service Quotas of SageMaker's instances, which moto lacks; its other services go to moto.

Keeps nothing. The codes and names are AWS's, the values the sandbox's own: it runs as many jobs as
the machine does. A new account on AWS may run none of these types
(https://docs.aws.amazon.com/general/latest/gr/sagemaker.html). An instance type that is not in the
table has no quota here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.model import Document
    from sandbox.services.answer import Answer
    from sandbox.services.call import Call
    from sandbox.services.moto_server import MotoServer

_SERVICE = "sagemaker"
_VALUE = 4.0
_CODES = {
    "ml.m5.large for processing job usage": "L-8541302D",
    "ml.m5.large for training job usage": "L-611FA074",
    "ml.m5.large for transform job usage": "L-236AE59F",
    "ml.m5.xlarge for processing job usage": "L-0307F515",
    "ml.m5.xlarge for training job usage": "L-CCE2AFA6",
    "ml.m5.xlarge for transform job usage": "L-7939E4EC",
}


class QuotasApi:
    """Serves ListServiceQuotas and ListAWSDefaultServiceQuotas.

    Args:
        moto: Serves what is about other services.
    """

    def __init__(self, moto: MotoServer) -> None:
        self._moto = moto

    def list_quotas(self, call: Call) -> Document | Answer:
        """Serve both operations: the account applies the defaults."""
        if call.parameters.get("ServiceCode") != _SERVICE:
            return self._moto.serve(call)
        return {"Quotas": [_quota(call, name, code) for name, code in _CODES.items()]}


def _quota(call: Call, name: str, code: str) -> Document:
    return {
        "ServiceCode": _SERVICE,
        "ServiceName": "Amazon SageMaker",
        "QuotaArn": f"arn:aws:servicequotas:{call.region}:{call.account_id}:{_SERVICE}/{code}",
        "QuotaCode": code,
        "QuotaName": name,
        "Value": _VALUE,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }
